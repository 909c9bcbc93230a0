//! Connecting by the service app that a set-up made: its key is sealed here, so there is nothing for a person to copy.

use std::sync::Arc;

use transom_core::{OrgId, Role};
use transom_engine::connection::{AcceptLess, Connect, Rotation, by_app, find};
use transom_engine::{Class, Engine, Problem};
use transom_store::Org;

use super::{Chosen, Ending, Phase, SettingUp, Work, begin, held};
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

/// A connection that is to read by the service app, in place of what it has by now.
#[derive(Debug, Clone)]
pub(crate) struct Over {
    /// Its number.
    pub id: OrgId,
    /// What it is called.
    pub label: String,
    /// Whether what it has by now is the key of a service app.
    pub by_app: bool,
}

impl Over {
    /// What is told of a connection before it is changed.
    pub(super) fn of(org: &Org) -> Self {
        Self { id: org.id, label: org.label.clone(), by_app: by_app(org) }
    }
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
        let (job, _) = begin(who.account, chosen, Work::Connect)?;
        let (watched, app) = (Ending(Arc::clone(&job)), app.clone());
        self.keep(&self.setting_up, &job.id, Arc::clone(&job), async move {
            watched.0.connect(&app, &engine, &who, watched.0.chosen.over).await;
            let linked = match held(&watched.0.seen).link.take() {
                Some(Link::Failed(problem)) => Err(problem),
                link => Ok(link),
            };
            let phase = linked.map(|link| {
                held(&watched.0.seen).link = link;
                Phase::Connected
            });
            watched.0.end(phase);
        });
        Ok(job)
    }
}

impl SettingUp {
    /// Connects by the service app, and tells how far it is. `shown` is the connection that `who` was told will read by it.
    pub(super) async fn connect(&self, app: &App, engine: &Engine, who: &Who, shown: Option<OrgId>) {
        held(&self.seen).link = Some(Link::Busy);
        let linked = self.linked(app, engine, who, shown).await;
        let link = linked.map_or_else(Link::Failed, |org| Link::Made(Box::new(org)));
        held(&self.seen).link = Some(link);
    }

    async fn linked(
        &self,
        app: &App,
        engine: &Engine,
        who: &Who,
        shown: Option<OrgId>,
    ) -> Result<Org, Problem> {
        let found = find(&self.chosen.domain, None, &engine.http, engine.allow_loopback, &|_| ()).await?;
        let credential = engine.setup_credential(&found).await?;
        let origin = found.origin.to_string();
        let there = as_shown(engine, (&found.org_id, &origin), shown, who).await?;
        held(&self.seen).takes_over = there.as_ref().map(Over::of);
        Ok(match there {
            Some(org) => {
                let accept_less = AcceptLess::Only(self.chosen.agreed.clone());
                let how = Rotation { accept_less, ..Rotation::default() };
                engine.rotate(&org, credential, how).await?;
                engine.store.org(org.id).await?
            }
            None => {
                let label = self.chosen.label.clone();
                let given = Connect { domain: origin, okta_host: None, label, credential };
                let org = engine.connect(given, &|_| ()).await?.org;
                app.jobs.begin_reading(app, engine, who, org.clone()).await?;
                org
            }
        })
    }
}

/// The connection of an org, where it is still the one that was shown, or there is still none: nobody gave leave to change
/// another.
pub(super) async fn as_shown(
    engine: &Engine,
    (org_id, origin): (&str, &str),
    shown: Option<OrgId>,
    who: &Who,
) -> Result<Option<Org>, Problem> {
    let there = engine.connection_of(org_id, origin).await?;
    if let Some(org) = &there {
        rotatable(org, who)?;
    }
    if there.as_ref().map(|org| org.id) != shown {
        return Err(Problem::new(
            Class::State,
            "The connection of this org is not the one that was shown.",
            "One was made or removed since then. Its credential is left as it is.",
            "Begin again, and look at what is shown by now.",
        ));
    }
    Ok(there)
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
