//! What every request shares.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use transom_core::Millis;
use transom_engine::setup::Program;
use transom_engine::{Class, Engine, Problem};
use transom_store::Store;

use crate::api::Limits;
use crate::job::Jobs;
use crate::oidc;
use crate::{Error, Site};

/// The state of the server. Clones share it.
#[derive(Debug, Clone)]
pub struct App(Arc<Shared>);

/// What [`App`] leads to.
#[derive(Debug)]
pub struct Shared {
    /// The product.
    pub engine: Engine,
    /// Where the server is reached.
    pub site: Site,
    /// What goes on in the background.
    pub(crate) jobs: Jobs,
    /// How much programs may ask.
    pub(crate) limits: Limits,
    /// What is known of the provider by which people sign in.
    pub(crate) providers: oidc::Cache,
    program: Option<Program>,
    owned: AtomicBool,
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl App {
    /// The state of a server for `engine` at `site`. `program` is what it starts as the worker of a set-up.
    pub fn new(engine: Engine, site: Site, program: Option<Program>) -> Self {
        let limits = Limits::new(engine.store.clock().clone());
        Self(Arc::new(Shared {
            engine,
            site,
            jobs: Jobs::default(),
            limits,
            providers: oidc::Cache::default(),
            program,
            owned: AtomicBool::new(false),
        }))
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.engine.store
    }

    /// The present moment.
    pub fn now(&self) -> Millis {
        self.store().clock().now()
    }

    /// The engine, to ask what is known.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The engine in the name of `actor`, for the audit log.
    pub fn engine_as(&self, actor: &str) -> Engine {
        Engine { actor: actor.to_string(), ..self.engine.clone() }
    }

    /// What is started as the worker of a set-up.
    pub(crate) fn program(&self) -> Result<&Program, Problem> {
        self.program.as_ref().ok_or_else(|| {
            Problem::new(
                Class::Internal,
                "This server can't set up.",
                "The system does not tell where its program is, which it would start again for that.",
                "Use the guide, the script or Terraform.",
            )
        })
    }

    /// Stops what goes on in the background. What was read is stored, and is gone on with another time.
    pub async fn stop(&self) {
        self.jobs.stop().await;
    }

    /// Whether somebody owns this installation. Once so, it stays so: the last owner can't be removed.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn is_owned(&self) -> Result<bool, Error> {
        if self.owned.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let owned = self.store().has_owner().await?;
        self.owned.store(owned, Ordering::Relaxed);
        Ok(owned)
    }
}
