//! An async client for the Okta Management API.
//!
//! What it does that a generated client does not:
//!
//! - **Spends rate limits well.** A [`governor`](governor::Governor) per client reads Okta's `x-rate-limit-*`
//!   headers and decides when each call may leave, so that many tasks together never take more than their share.
//! - **Keeps raw documents.** A [`View`] such as [`api::user::User`] is the JSON Okta sent plus accessors; unknown
//!   fields and unknown enum values survive.
//! - **Lets go of secrets at the boundary.** [`secrets`] removes client secrets, hook credentials and their like
//!   from every body before a caller can see it.
//! - **Calls only Okta.** [`OrgDomain`], [`discover()`] and an address filter in the resolver see to it that a
//!   credential never leaves for a host that is not an Okta org.
//! - **Is a token or a service app.** A [`ServiceApp`] signs for its access tokens with its [`PrivateKey`], proves
//!   possession (DPoP) where the app asks for it, and renews before the hour is over.
//! - **A call is a value.** A [`Listing`] can be stored, scheduled and resumed by its [`Cursor`].
//!
//! ```no_run
//! # async fn example() -> Result<(), okta_client::Error> {
//! use futures_util::{StreamExt, pin_mut};
//! use okta_client::{Client, HttpOptions, OrgDomain, api, discover};
//!
//! let domain = OrgDomain::parse("acme")?;
//! let org = discover(&domain, &HttpOptions::default(), None).await?;
//! let client = Client::builder(org.origin).token("00abc…".into()).build()?;
//! let users = client.stream(api::user::list());
//! pin_mut!(users);
//! while let Some(user) = users.next().await {
//!     let user = user?;
//!     println!("{} {}", user.id(), user.status());
//! }
//! # Ok(()) }
//! ```
//!
//! Facts about Okta carry a mark of where they come from: `[spec]` Okta's OpenAPI document, `[rec]` recorded
//! responses, `[docs]` Okta's documentation, `[inf]` our inference.

#![expect(rustdoc::broken_intra_doc_links, reason = "evidence marks such as [spec] look like links")]

mod address;
pub mod api;
mod body;
mod client;
mod clock;
mod discover;
mod domain;
mod error;
mod fetch;
pub mod governor;
mod link;
mod listing;
mod oauth;
mod page;
mod proxy;
pub mod secrets;
mod send;
mod transport;
mod view;
mod write;

pub use address::{AddressRefused, Resolver, SystemResolver, is_globally_routable};
pub use body::Sink;
pub use client::{Client, ClientBuilder, Response};
pub use clock::{Clock, SystemClock};
pub use discover::{Discovered, Pipeline, discover, discover_at};
pub use domain::{DomainError, DomainKind, DomainProblem, OrgDomain, Origin};
pub use error::{ApiError, Error, TransportKind};
pub use fetch::{Authorization, Fetch, Fetched};
pub use governor::{Governor, GovernorSettings, RateLimit};
pub use listing::{Items, List, Listing, PageSize};
pub use oauth::{Grant, KeyError, PrivateKey, ServiceApp};
pub use page::{Call, Cursor, CursorError, Page, PageRead};
pub use proxy::{ProxyEnvironment, ProxyInForce, ProxySource};
pub use reqwest::Method;
pub use secrets::DroppedSecret;
pub use send::RetrySettings;
pub use transport::HttpOptions;
pub use view::View;
pub use write::{Shown, Write};
