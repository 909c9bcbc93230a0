//! People and programs that use this installation, and what owners set: one file each. Every change is in the audit
//! chain of the installation, written in the same transaction.

mod access_request;
mod account;
mod api_token;
mod draft;
mod feedback;
mod identity;
mod invitation;
mod oidc_state;
mod opaque;
mod owner_link;
mod provider;
pub(crate) use provider::rewrap as rewrap_provider;
mod saved_view;
mod session;
mod setting;
mod throttle;
mod used;

pub use access_request::{AccessRequest, RequestState};
pub use account::{Account, NewAccount};
pub use api_token::{ApiToken, NewApiToken};
pub use draft::Draft;
pub use feedback::{Feedback, FeedbackCount};
pub use identity::{Admission, Person};
pub use invitation::Invitation;
pub use oidc_state::{OidcState, Purpose, Return};
pub use opaque::fresh_secret;
pub use provider::{Mapping, Provider};
pub use saved_view::{NewView, SavedView, VIEWS};
pub use session::Session;
pub use throttle::Attempt;
pub(crate) use used::Used;
