//! The simulated org: what it is, what was done to it, and what it has seen.

pub mod change;
mod edit;
mod infrastructure;
mod rights;
pub mod state;
mod truth;
mod truth_of_trust;
pub mod view;

use std::sync::{Arc, PoisonError, RwLock};

use crate::auth::Caller;
use crate::clock::Clock;
use crate::config::Config;
use crate::counters::{Counters, Counts};
use crate::error::Refusal;
use crate::generate::Base;
use crate::generate::people::DAY;
use crate::generate::tokens::Tokens;
use crate::limits::{Bucket, Limiter};
use crate::oauth;
use crate::routes::{Call, Router};
use crate::story;
use change::{By, Change};
pub use rights::{Administration, OneRight};
use state::State;
pub use truth::{Kind, Record, Relation, Truth};
use view::View;

/// A simulated org. Made by [`crate::Sim::start`], or without a network by [`Org::new`].
#[derive(Debug)]
pub struct Org {
    base: Base,
    state: RwLock<State>,
    tokens: Tokens,
    clock: Arc<dyn Clock>,
    pub(crate) router: Router,
    pub(crate) limiter: Limiter,
    pub(crate) counters: Counters,
    pub(crate) oauth: oauth::Server,
}

impl Org {
    /// The org of a config, its situations played. `Err` says what is wrong with the config.
    pub fn new(config: Config, clock: Arc<dyn Clock>) -> Result<Self, String> {
        config.check()?;
        let now = clock.now();
        let as_of = config.as_of.unwrap_or(now / DAY * DAY);
        let (limits, time_scale, seed) = (config.limits, config.time_scale, config.seed);
        let story = config.story.clone();
        let base = Base::new(config, as_of);
        let mut state = State::new(&base, now);
        for told in story::STORIES.iter().filter(|s| story.as_ref().is_none_or(|name| name == s.name)) {
            (told.play)(&mut Change { base: &base, state: &mut state, now: as_of, by: By::system() });
        }
        // What the stories did was long ago: search knows it.
        state.shadows.clear();
        Ok(Self {
            base,
            state: RwLock::new(state),
            tokens: Tokens::new(seed),
            clock,
            router: Router::new(),
            limiter: Limiter::new(limits, time_scale),
            counters: Counters::default(),
            oauth: oauth::Server::default(),
        })
    }

    /// The beginning, which never changes.
    pub fn base(&self) -> &Base {
        &self.base
    }

    /// The config.
    pub fn config(&self) -> &Config {
        &self.base.config
    }

    /// The token values.
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// The counters now.
    pub fn counts(&self) -> Counts {
        self.counters.read()
    }

    /// The org's time: milliseconds since the epoch.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Looks at the org as it is now. Nothing changes meanwhile.
    pub fn read<T>(&self, look: impl FnOnce(View<'_>) -> T) -> T {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        look(View { base: &self.base, state: &state })
    }

    /// Changes the org on behalf of somebody, with the System Log events that Okta would write.
    pub fn write<T>(
        &self,
        by: By,
        act: impl FnOnce(&mut Change<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        act(&mut Change { base: &self.base, state: &mut state, now: self.clock.now(), by })
    }

    /// Ends what takes time and is due.
    pub(crate) fn settle(&self) {
        let now = self.clock.now();
        if self.read(|view| view.state.leaving.values().any(|leaving| leaving.until <= now)) {
            // Nothing that is due can be refused.
            let _ = self.write(By::system(), |change| {
                change.settle();
                Ok(())
            });
        }
    }

    /// Ends every access token, as Okta may at any time: their holders have to ask anew.
    pub fn end_access_tokens(&self) {
        self.oauth.forget();
    }

    /// Lets others spend so many calls of what remains of a rate limit at this moment.
    pub fn crowd(&self, bucket: Bucket, calls: u64) {
        if self.limiter.crowd(bucket, calls, self.clock.now()) {
            self.counters.emptied();
        }
    }

    /// What a super admin would see: to compare a client's copy with.
    pub fn truth<'a>(&'a self, origin: &'a str) -> Truth<'a> {
        Truth::new(self, origin)
    }
}

impl Call<'_> {
    /// On whose behalf this call changes things.
    pub(crate) fn by(&self) -> By {
        let request = self.request_id.to_owned();
        match self.caller {
            None => By::system(),
            Some(Caller::Token { id, owner, .. }) => By::token(*owner, id.clone(), request),
            Some(Caller::Client { app, .. }) => By::client(*app, request),
        }
    }
}
