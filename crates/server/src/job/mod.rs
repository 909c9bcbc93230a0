//! Work that goes on in the background, one file each: setting up, verifying, syncing. What a person watches is kept in memory; what
//! counts is in the database, where the engine puts it.

mod kept;
mod setup;
mod sync;
mod verify;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tokio::task::JoinSet;
use transom_core::OrgId;
use transom_engine::{Class, Problem};

use self::kept::Kept;
use crate::Error;

pub(crate) use setup::{Chosen, Link, Phase as SetupPhase, Seen as SetupSeen, SettingUp, Step, Work};
pub(crate) use sync::{Reading, Syncing};
pub(crate) use verify::{Found, Phase, Verifying};

/// What goes on in the background of a server.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    setting_up: Kept<SettingUp>,
    verifying: Kept<Verifying>,
    syncing: Mutex<HashMap<OrgId, Arc<Syncing>>>,
    tasks: Mutex<JoinSet<()>>,
}

impl Jobs {
    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = held(&self.tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(work);
    }

    /// Does work to its end, also where whoever asked for it goes away: what changes Okta and the database together is
    /// never left half-way.
    ///
    /// # Errors
    /// [`Error::Internal`] where it panicked, or the server is stopped.
    pub async fn whole<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Error> {
        let (send, done) = oneshot::channel();
        self.spawn(async move { drop(send.send(work.await)) });
        done.await.map_err(|_| Error::Internal("work that was to be done whole fell".to_string()))
    }

    /// Stops everything. What was read is stored; the next sync goes on from there.
    pub async fn stop(&self) {
        let mut tasks = std::mem::take(&mut *held(&self.tasks));
        tasks.shutdown().await;
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The problem of work whose task is gone without an answer.
fn fell(what: &str) -> Problem {
    Problem::new(
        Class::Internal,
        format!("The {what} fell."),
        "It is a fault of ours; the server's log has more.",
        "Try again; if it stays, report it.",
    )
}
