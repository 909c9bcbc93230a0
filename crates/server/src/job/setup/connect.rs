//! Connecting by the service app that a set-up made: its key is sealed here, so there is nothing for a person to copy.

use std::sync::Arc;

use transom_core::Role;
use transom_engine::connection::{Connect, Rotation, find};
use transom_engine::{Class, Engine, Problem};
use transom_store::Org;

use super::{Chosen, Ending, Phase, SettingUp, Work, held};
use crate::auth::Who;
use crate::job::Jobs;
use crate::{App, Error};

/// How far it is.
#[derive(Debug, Clone)]
pub(crate) enum Link {
    /// The service app is verified.
    Busy,
    /// This connection reads by it.
    Made(Box<Org>),
    /// No connection reads by it, and why.
    Failed(Problem),
}

impl Jobs {
    /// Begins to connect an org by the service app of its set-up.
    pub fn connect_setup(
        &self,
        app: &App,
        engine: Engine,
        chosen: Chosen,
        who: Who,
    ) -> Result<Arc<SettingUp>, Error> {
        let (job, _) = self.begin_setup(app, who.account, chosen, Work::Connect)?;
        let (watched, app) = (Ending(Arc::clone(&job)), app.clone());
        self.spawn(async move {
            watched.0.connect(&app, &engine, &who).await;
            let linked = match held(&watched.0.seen).link.take() {
                Some(Link::Failed(problem)) => Err(problem),
                link => Ok(link),
            };
            let phase = linked.map(|link| {
                held(&watched.0.seen).link = link;
                Phase::Connected
            });
            watched.0.end(&app, phase);
        });
        Ok(job)
    }
}

impl SettingUp {
    /// Connects by the service app, and tells how far it is.
    pub(super) async fn connect(&self, app: &App, engine: &Engine, who: &Who) {
        held(&self.seen).link = Some(Link::Busy);
        let linked = self.linked(app, engine, who).await;
        let link = linked.map_or_else(Link::Failed, |org| Link::Made(Box::new(org)));
        held(&self.seen).link = Some(link);
    }

    async fn linked(&self, app: &App, engine: &Engine, who: &Who) -> Result<Org, Problem> {
        let found = find(&self.chosen.domain, None, &engine.http, engine.allow_loopback, &|_| ()).await?;
        let credential = engine.setup_credential(&found).await?;
        let origin = found.origin.to_string();
        let org = match engine.connection_of(&found.org_id, &origin).await? {
            Some(org) => {
                rotatable(&org, who)?;
                engine.rotate(&org, credential, Rotation::default()).await?;
                engine.store.org(org.id).await?
            }
            None => {
                let label = self.chosen.label.clone();
                let given = Connect { domain: origin, okta_host: None, label, credential };
                let org = engine.connect(given, &|_| ()).await?.org;
                app.jobs.begin_reading(app, engine, who, org.clone()).await?;
                org
            }
        };
        engine.forget_setup_key(&found.org_id).await?;
        Ok(org)
    }
}

/// Whoever may connect orgs may not for that change the connections of others.
pub(super) fn rotatable(org: &Org, who: &Who) -> Result<(), Problem> {
    if who.may(Role::Admin, org.id) {
        return Ok(());
    }
    Err(Problem::new(
        Class::State,
        "This org is connected already.",
        "Its connection reads by another credential, and you may not replace that.",
        "Ask one of its administrators to connect by the service app, under What was made.",
    ))
}
