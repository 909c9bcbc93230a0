//! A sync that this server runs, as far as it can be watched.

use std::sync::{Arc, Mutex};

use transom_core::{Millis, OrgId};
use transom_engine::sync::plan::Options;
use transom_engine::sync::{Event, Extent, Summary};
use transom_engine::{Engine, Problem};
use transom_store::Org;

use super::{Jobs, held};
use crate::App;
use crate::auth::Who;
use crate::ui::Count;

/// A sync.
#[derive(Debug)]
pub(crate) struct Syncing {
    /// When it was started here.
    pub started: Millis,
    seen: Mutex<Seen>,
}

/// What was seen of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// Something to know before it goes on.
    pub note: Option<String>,
    /// Whether it goes on where an earlier run stopped.
    pub resumed: bool,
    /// The data sets that have begun, in the order in which they did.
    pub readings: Vec<Reading>,
    /// How it ended; `None` while it goes on.
    pub outcome: Option<Result<Box<Summary>, Problem>>,
}

/// A data set on its way.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Objects or edges read.
    pub items: u64,
    /// Of so many steps, where something is known of it. More may be done: there may be more objects than the last time, and
    /// what is read by two routes is counted by both.
    pub all: Option<u64>,
    /// Steps done.
    pub done: u64,
    over_parents: bool,
    /// Whether it has ended.
    pub ended: bool,
}

impl Reading {
    /// How far it is, for people. What is passed was no whole, but what was expected.
    pub fn says(&self) -> String {
        match self.all {
            None => Count(self.items).to_string(),
            Some(all) if self.done > all => format!("{}, expected {}", Count(self.done), Count(all)),
            Some(all) => format!("{} of {}", Count(self.done), Count(all)),
        }
    }
}

impl Jobs {
    /// The sync of an org that this server runs, or ran last.
    pub fn syncing(&self, org: OrgId) -> Option<Arc<Syncing>> {
        held(&self.syncing).get(&org).cloned()
    }

    /// What follows on a connection that was made: whoever made it may see it, and the org is read for the first time.
    ///
    /// # Errors
    /// Problems of the database.
    pub async fn begin_reading(
        &self,
        app: &App,
        engine: &Engine,
        who: &Who,
        org: Org,
    ) -> Result<(), transom_store::Error> {
        app.store().add_to_reach(who.account, org.id, &who.actor).await?;
        self.sync(app, engine.clone(), org, Options::default());
        Ok(())
    }

    /// Starts a sync of `org` as `options` say, unless this server runs one already.
    pub fn sync(&self, app: &App, engine: Engine, org: Org, options: Options) -> Arc<Syncing> {
        let mut all = held(&self.syncing);
        if let Some(running) = all.get(&org.id).filter(|s| s.goes_on()) {
            return Arc::clone(running);
        }
        let job = Arc::new(Syncing { started: app.now(), seen: Mutex::default() });
        all.insert(org.id, Arc::clone(&job));
        let watched = Ending(Arc::clone(&job));
        self.spawn(async move {
            let seen = Arc::clone(&watched.0);
            let outcome = engine.sync_with(&org, &options, Arc::new(move |event| seen.see(event))).await;
            if let Err(problem) = &outcome {
                tracing::warn!(org = org.id.0, problem = %problem, "a sync ended early");
            }
            held(&watched.0.seen).outcome = Some(outcome.map(Box::new));
        });
        job
    }
}

/// However its task ends, the sync does: also where it panicked.
struct Ending(Arc<Syncing>);

impl Drop for Ending {
    fn drop(&mut self) {
        held(&self.0.seen).outcome.get_or_insert_with(|| Err(super::fell("sync")));
    }
}

impl Syncing {
    /// What was seen of it so far.
    pub fn seen(&self) -> Seen {
        held(&self.seen).clone()
    }

    /// Whether it goes on.
    pub fn goes_on(&self) -> bool {
        held(&self.seen).outcome.is_none()
    }

    fn see(&self, event: Event) {
        let mut seen = held(&self.seen);
        match event {
            Event::Note(text) => seen.note = Some(text),
            Event::Started { resumed } => {
                seen.note = None;
                seen.resumed = resumed;
            }
            Event::Dataset { name, title, extent } => {
                let reading = seen.reading(name, title);
                match extent {
                    Extent::Items { expected } => reading.all = expected,
                    Extent::Parents { all, done } => {
                        (reading.all, reading.done, reading.over_parents) = (all, done, true);
                    }
                }
            }
            Event::Page { name, items, parent_done } => {
                if let Some(reading) = seen.readings.iter_mut().find(|r| r.name == name) {
                    reading.items += items;
                    reading.done += if reading.over_parents { u64::from(parent_done) } else { items };
                }
            }
            Event::Finished { name, coverage } => {
                if let Some(reading) = seen.readings.iter_mut().find(|r| r.name == name) {
                    (reading.ended, reading.items) = (true, coverage.objects);
                }
            }
        }
    }
}

impl Seen {
    fn reading(&mut self, name: &'static str, title: &'static str) -> &mut Reading {
        let at = self.readings.iter().position(|r| r.name == name).unwrap_or_else(|| {
            let (items, done) = (0, 0);
            self.readings.push(Reading {
                name,
                title,
                items,
                all: None,
                done,
                over_parents: false,
                ended: false,
            });
            self.readings.len() - 1
        });
        &mut self.readings[at]
    }
}

#[cfg(test)]
mod tests {
    use super::Reading;

    #[test]
    fn what_was_expected_is_no_whole_once_it_is_passed() {
        let says = |done, all| {
            let (title, over_parents, ended) = ("Users", false, false);
            Reading { name: "user", title, items: done, all, done, over_parents, ended }.says()
        };
        assert_eq!(says(1_012, None), "1,012");
        assert_eq!([says(41, Some(41)), says(12, Some(1_041))], ["41 of 41", "12 of 1,041"]);
        assert_eq!(says(82, Some(41)), "82, expected 41");
    }
}
