//! Set-up as code.

mod renderings;
