//! The web app as a browser meets it, without a socket.

#![expect(clippy::expect_used, reason = "tests")]

mod api;
mod browser;
mod canaries;
mod connecting;
mod coverage;
mod domains;
mod doors;
mod headers;
mod help;
mod inventory;
mod matrix;
mod oidc;
mod service_app;
mod settings;
mod setup;
mod tables;
mod under;
