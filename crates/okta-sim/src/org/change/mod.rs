//! Everything that can be done to the org, each with the System Log event that Okta writes for it.

mod administration;
mod apps;
mod clients;
mod groups;
mod iam;
mod users;

use crate::error::Refusal;
use crate::generate::Base;
use crate::log::{Actor, Event, LogTarget};
use crate::org::state::State;
use crate::org::view::View;
pub use iam::Wanted;

/// On whose behalf.
#[derive(Debug, Clone)]
pub struct By {
    actor: Actor,
    token: Option<String>,
    request: Option<String>,
}

impl By {
    /// Okta itself.
    pub fn system() -> Self {
        Self { actor: Actor::System, token: None, request: None }
    }

    /// A user, by the console.
    pub fn user(user: u32) -> Self {
        Self { actor: Actor::User(user), token: None, request: None }
    }

    /// A user, by API: the token's id and the request's.
    pub fn token(owner: u32, token_id: String, request_id: String) -> Self {
        Self { actor: Actor::User(owner), token: Some(token_id), request: Some(request_id) }
    }

    /// A service app, by API.
    pub fn client(app: u32, request_id: String) -> Self {
        Self { actor: Actor::App(app), token: None, request: Some(request_id) }
    }
}

/// A change under way. Numbers of users, groups and apps are those of [`View`].
#[derive(Debug)]
pub struct Change<'a> {
    /// The beginning.
    pub base: &'a Base,
    /// The changes so far.
    pub state: &'a mut State,
    /// When it happens.
    pub now: i64,
    /// On whose behalf.
    pub by: By,
}

/// What a change without a result returns.
type Done = Result<(), Refusal>;

impl Change<'_> {
    /// The org as it is now.
    pub fn view(&self) -> View<'_> {
        View { base: self.base, state: self.state }
    }

    fn log(&mut self, kind: &'static str, message: &'static str, targets: Vec<LogTarget>) {
        let n = self.state.log.len(self.base);
        self.state.log.append(Event {
            at: self.now,
            stored: self.now.max(self.base.as_of),
            n,
            kind,
            message,
            actor: self.by.actor,
            targets,
            result: "SUCCESS",
            reason: None,
            token: self.by.token.clone(),
            request: self.by.request.clone(),
        });
    }

    fn user_target(&self, user: u32) -> LogTarget {
        let view = self.view();
        let found = view.user(user);
        LogTarget {
            id: view.user_id(user),
            kind: "User",
            alternate: found.as_ref().map_or_else(String::new, |u| u.login().to_owned()),
            display: found.map_or_else(String::new, |u| u.display_name()),
        }
    }

    fn group_target(&self, group: u32) -> LogTarget {
        let name = self.view().group(group).map_or_else(String::new, |g| g.name.clone());
        LogTarget {
            id: self.view().group_id(group),
            kind: "UserGroup",
            alternate: "unknown".into(),
            display: name,
        }
    }

    fn app_target(&self, app: u32) -> LogTarget {
        let label = self.view().app(app).map_or_else(String::new, |a| a.label.clone());
        LogTarget {
            id: self.view().app_id(app),
            kind: "AppInstance",
            alternate: label.clone(),
            display: label,
        }
    }
}
