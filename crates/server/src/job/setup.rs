//! A set-up on its way. The one-time token goes through to the worker, a process that lives for this alone; what is held here
//! is what may be seen, and the password of a user that was made, until somebody looks at it.

mod connect;

use std::sync::{Arc, Mutex};

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::sync::oneshot;
use transom_core::{ConnectionState, OrgId};
use transom_engine::connection::{Loss, find};
use transom_engine::setup::{
    Choice, Event, Job, Names, Outcome, Plan, Reader, Record, Said, Task, Thing, Torn, Worker,
    fresh_password, tokens_page,
};
use transom_engine::{Class, Engine, Problem};

use self::connect::Over;
use super::kept::KEPT;
use super::{Jobs, held};
use crate::auth::Who;
use crate::{App, Error};

pub(crate) use connect::Link;

/// What was chosen on the page.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chosen {
    /// The Okta domain, as typed.
    pub domain: String,
    /// Whether a service app is to read, in place of a user.
    pub by_app: bool,
    /// The service app's label; as usual where none was typed.
    pub app: Option<String>,
    /// What to call the connection that is made by the service app; the org's name where none was typed.
    pub label: Option<String>,
    /// The custom role's name; as usual where none was typed.
    pub role: Option<String>,
    /// The resource set's name; as usual where none was typed.
    pub set: Option<String>,
    /// The user's login; as usual where none was typed.
    pub login: Option<String>,
    /// The mailbox that Okta sends the activation to; a password is made where there is none.
    pub email: Option<String>,
    /// Whether a user with that login may be used that was there before.
    pub adopt_user: bool,
    /// Whether Okta's e-mails to administrators are kept from the user.
    pub quiet: bool,
    /// Whether the one-time token is left as it is at the end.
    pub keep_token: bool,
    /// To connect by a service app: the connection that was shown as the one that will read by it; `None` where one is made.
    pub over: Option<OrgId>,
    /// What that connection may lose by it: what somebody was shown, and agreed to.
    pub agreed: Box<[Loss]>,
}

/// What is done with a set-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// It is planned and, once somebody agrees, carried out.
    SetUp,
    /// What is recorded of it is compared with the org, and its connection is verified.
    Prove,
    /// A connection is made by its service app.
    Connect,
    /// What is recorded of it is removed.
    TakeDown,
}

/// Work on the set-up of an org.
#[derive(Debug)]
pub(crate) struct SettingUp {
    /// What its page's address calls it.
    pub id: String,
    /// The account that began it: nobody else sees it.
    pub account: i64,
    /// What was chosen.
    pub chosen: Chosen,
    /// What it does.
    pub work: Work,
    seen: Mutex<Seen>,
    leave: Mutex<Option<oneshot::Sender<Who>>>,
    password: Mutex<Option<SecretString>>,
}

/// What was seen of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// Where Okta is called.
    pub origin: String,
    /// The org's page on which people create API tokens.
    pub tokens: String,
    /// What is chosen, once the org is found.
    pub choice: Option<Choice>,
    /// The difference, once it was looked at.
    pub plan: Option<Plan>,
    /// What happened to each thing, in the order in which it began.
    pub steps: Vec<(Thing, Step)>,
    /// Whether the call that makes the user left from here: only then it has the password of here.
    pub sent_user: bool,
    /// The connection by the service app that was made, once that is begun.
    pub link: Option<Link>,
    /// The connection that the service app will read for in place of what it has by now.
    pub takes_over: Option<Over>,
    /// Whether the service app's key is here, to connect by.
    pub has_key: bool,
    /// Where it is.
    pub phase: Phase,
}

/// What happened to a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A call that makes, changes or removes it is on its way, or Okta is at work on it.
    Busy,
    /// It is there; Okta's id of it.
    Made(String),
    /// It is gone; the id that it had.
    Removed(String),
}

/// Where a set-up is.
#[derive(Debug, Clone, Default)]
pub(crate) enum Phase {
    /// It asks the org.
    #[default]
    Looking,
    /// The plan waits for leave; without it the worker is ended, where it may not be carried out at once.
    Planned,
    /// It changes the org.
    Writing,
    /// It was carried out; why the one-time token could not be revoked.
    Applied(Option<Problem>),
    /// It was taken down; what was left, and why the one-time token could not be revoked.
    Torn(Torn, Option<Problem>),
    /// It was connected by its service app.
    Connected,
    /// It was verified by its connection.
    Proved {
        /// The connection.
        label: String,
        /// Whether its credential is the one of the set-up.
        owner: bool,
        /// How it is.
        state: ConnectionState,
    },
    /// Nobody gave leave.
    Left,
    /// It stopped.
    Failed(Problem),
}

impl Phase {
    /// Whether something goes on that a page follows.
    pub fn goes_on(&self) -> bool {
        matches!(self, Self::Looking | Self::Writing)
    }
}

impl Jobs {
    /// Begins to set an org up: it is looked at, and what would be done waits for leave.
    pub fn set_up(
        &self,
        app: &App,
        engine: Engine,
        chosen: Chosen,
        token: SecretString,
        who: Who,
    ) -> Result<Arc<SettingUp>, Error> {
        let asks = !chosen.by_app && chosen.email.is_none();
        let password = if asks { Some(fresh_password()?) } else { None };
        let (job, asked) = begin(who.account, chosen, Work::SetUp)?;
        *held(&job.password) = password;
        let (watched, app) = (Ending(Arc::clone(&job)), app.clone());
        self.keep(&self.setting_up, &job.id, Arc::clone(&job), async move {
            let outcome = watched.0.set_up(&app, &engine, token, asked, &who).await;
            watched.0.end(outcome);
        });
        Ok(job)
    }

    /// Begins to take down what is recorded of the set-up of an org.
    pub fn take_down(
        &self,
        app: &App,
        engine: Engine,
        chosen: Chosen,
        token: SecretString,
        account: i64,
    ) -> Result<Arc<SettingUp>, Error> {
        let (job, _) = begin(account, chosen, Work::TakeDown)?;
        let (watched, app) = (Ending(Arc::clone(&job)), app.clone());
        self.keep(&self.setting_up, &job.id, Arc::clone(&job), async move {
            let outcome = watched.0.take_down(&app, &engine, token).await;
            watched.0.end(outcome);
        });
        Ok(job)
    }

    /// Begins to verify what is recorded of the set-up of an org, by its connection.
    pub fn prove(&self, engine: Engine, chosen: Chosen, account: i64) -> Result<Arc<SettingUp>, Error> {
        let (job, _) = begin(account, chosen, Work::Prove)?;
        let watched = Ending(Arc::clone(&job));
        self.keep(&self.setting_up, &job.id, Arc::clone(&job), async move {
            let outcome = watched.0.prove(&engine).await;
            watched.0.end(outcome);
        });
        Ok(job)
    }

    /// The set-up called `id`, of this account.
    pub fn setting_up(&self, id: &str, account: i64) -> Option<Arc<SettingUp>> {
        self.setting_up.get(id).filter(|job| job.account == account)
    }
}

fn begin(
    account: i64,
    chosen: Chosen,
    work: Work,
) -> Result<(Arc<SettingUp>, oneshot::Receiver<Who>), Error> {
    let (leave, asked) = oneshot::channel();
    let job = Arc::new(SettingUp {
        id: transom_store::fresh_secret()?.expose_secret().to_string(),
        account,
        chosen,
        work,
        seen: Mutex::default(),
        leave: Mutex::new(Some(leave)),
        password: Mutex::default(),
    });
    Ok((job, asked))
}

/// However its task ends, the set-up does: also where it panicked.
struct Ending(Arc<SettingUp>);

impl Drop for Ending {
    fn drop(&mut self) {
        let phase = &mut held(&self.0.seen).phase;
        if phase.goes_on() {
            *phase = Phase::Failed(super::fell("set-up"));
        }
    }
}

impl SettingUp {
    /// What was seen so far.
    pub fn seen(&self) -> Seen {
        held(&self.seen).clone()
    }

    /// Carries the plan out, with what `who` may do by now; nothing where there is none that waits: what nobody has seen,
    /// nobody agrees to.
    pub fn agree(&self, who: Who) {
        // Held while leave is given: what the task sees afterwards comes later.
        let mut seen = held(&self.seen);
        if !matches!(seen.phase, Phase::Planned) {
            return;
        }
        if held(&self.leave).take().is_some_and(|leave| leave.send(who).is_ok()) {
            seen.phase = Phase::Writing;
        }
    }

    /// Leaves the org as it is: the worker is ended.
    pub fn leave(&self) {
        let mut seen = held(&self.seen);
        if held(&self.leave).take().is_some() && matches!(seen.phase, Phase::Planned) {
            seen.phase = Phase::Left;
        }
    }

    /// Whether there is a password to look at: of a user that was made, or may have been.
    pub fn has_password(&self) -> bool {
        held(&self.seen).sent_user && held(&self.password).is_some()
    }

    /// The password: once.
    pub fn password(&self) -> Option<SecretString> {
        if self.has_password() { held(&self.password).take() } else { None }
    }

    fn end(&self, outcome: Result<Phase, Problem>) {
        held(&self.seen).phase = outcome.unwrap_or_else(Phase::Failed);
    }

    async fn set_up(
        &self,
        app: &App,
        engine: &Engine,
        token: SecretString,
        leave: oneshot::Receiver<Who>,
        who: &Who,
    ) -> Result<Phase, Problem> {
        let found = find(&self.chosen.domain, None, &engine.http, engine.allow_loopback, &|_| ()).await?;
        let mut record = engine.setup_record(&found.org_id).await?;
        let (app_key, pair) = if self.chosen.by_app {
            let (public, pair) = engine.setup_key(&found.org_id, &record).await?;
            (Some(public), pair)
        } else {
            record.check(Reader::User)?;
            (None, None)
        };
        let choice = self.choice(&record, Names::usual(&found.origin), app_key);
        let wanted = choice.wanted()?;
        record.mark()?;
        self.found(found.origin.to_string(), tokens_page(&found.origin), Some(choice.clone()));
        let origin = found.origin.to_string();
        let there = engine.connection_of(&found.org_id, &origin).await?.filter(|_| pair.is_some());
        if let Some(org) = &there {
            connect::rotatable(org, who)?;
            held(&self.seen).takes_over = Some(Over::of(org));
        }
        let shown = there.map(|org| org.id);
        let mut job = Job::of(&engine.http, Task::Apply, &found, choice, record, self.chosen.keep_token);
        let password = held(&self.password).clone().filter(|_| job.choice.password);
        let mut worker = app.program()?.work(&job, &token, password.as_ref()).await?;
        // From here on the worker alone has it.
        drop(token);
        let plan = match worker.next().await? {
            Said::Event(Event::Planned { plan }) => *plan,
            Said::Problem(problem) => return Err(problem),
            _ => return Err(super::fell("set-up")),
        };
        // Where nothing is to be made, what is left to do is to revoke the token.
        let nothing = plan.is_done() && self.chosen.keep_token;
        let may = plan.super_admin && plan.in_the_way().next().is_none() && !nothing;
        {
            let mut seen = held(&self.seen);
            (seen.plan, seen.phase, seen.has_key) = (Some(plan.clone()), Phase::Planned, pair.is_some());
        }
        if !may {
            return Ok(Phase::Planned);
        }
        let Ok(Ok(who)) = tokio::time::timeout(KEPT, leave).await else { return Ok(Phase::Left) };
        held(&self.seen).phase = Phase::Writing;
        if pair.is_some() {
            connect::as_shown(engine, (&found.org_id, &origin), shown, &who).await?;
        }
        engine.agree_to_setup(&mut worker, &mut job.record, &wanted, &plan, pair.as_ref()).await?;
        let phase = self.carried_through(engine, &mut worker, &mut job).await?;
        if pair.is_some() {
            self.connect(app, engine, &who, shown).await;
        }
        Ok(phase)
    }

    async fn take_down(&self, app: &App, engine: &Engine, token: SecretString) -> Result<Phase, Problem> {
        let found = find(&self.chosen.domain, None, &engine.http, engine.allow_loopback, &|_| ()).await?;
        let record = engine.setup_record(&found.org_id).await?;
        if record.is_empty() {
            return Err(Problem::new(
                Class::State,
                "There is nothing to remove.",
                "Nothing is recorded that set-up made in this org.",
                "",
            ));
        }
        self.found(found.origin.to_string(), tokens_page(&found.origin), None);
        let choice = Choice::of(record.names_or(Names::usual(&found.origin)));
        let keep_token = self.chosen.keep_token;
        let mut job = Job::of(&engine.http, Task::Teardown, &found, choice, record, keep_token);
        let detail = serde_json::json!({ "made": job.record.made });
        engine.keep_setup(&job.org_id, &job.record, "teardown", detail).await?;
        held(&self.seen).phase = Phase::Writing;
        let mut worker = app.program()?.work(&job, &token, None).await?;
        drop(token);
        self.carried_through(engine, &mut worker, &mut job).await
    }

    async fn prove(&self, engine: &Engine) -> Result<Phase, Problem> {
        let found = find(&self.chosen.domain, None, &engine.http, engine.allow_loopback, &|_| ()).await?;
        let record = engine.setup_record(&found.org_id).await?;
        let origin = found.origin.to_string();
        let org = engine.connection_of(&found.org_id, &origin).await?;
        let Some(org) = org.filter(|o| o.state != ConnectionState::NotConnected) else {
            return Err(Problem::new(
                Class::State,
                "The org is not connected.",
                "Without a connection there is no credential to verify.",
                "Connect it, or compare it by a plan, which takes a one-time token.",
            ));
        };
        let choice = self.choice(&record, Names::usual(&found.origin), record.app_key.clone());
        let wanted = choice.wanted()?;
        self.found(origin, tokens_page(&found.origin), Some(choice));
        let proved = engine.verify_setup(&org, &wanted, &record).await?;
        held(&self.seen).plan = Some(proved.plan);
        Ok(Phase::Proved { label: org.label, owner: proved.owner, state: proved.verification.state })
    }

    /// Listens until the last word; what was made or removed is kept as soon as it is told.
    async fn carried_through(
        &self,
        engine: &Engine,
        worker: &mut Worker,
        job: &mut Job,
    ) -> Result<Phase, Problem> {
        let before = job.record.made.clone();
        let outcome = loop {
            match worker.next().await? {
                Said::Done(outcome) => break outcome,
                Said::Problem(problem) => return Err(problem),
                Said::Event(event) => {
                    engine.keep_setup_event(&job.org_id, &mut job.record, &event).await?;
                    held(&self.seen).see(event);
                }
            }
        };
        let mut record = std::mem::take(&mut job.record);
        engine.end_setup(job, &mut record, &before, &outcome).await?;
        match outcome {
            Outcome::Applied { plan, token } => {
                held(&self.seen).plan = Some(plan);
                Ok(Phase::Applied(token))
            }
            Outcome::Torn { torn, token } => Ok(Phase::Torn(torn, token)),
            Outcome::Planned(_) => Err(super::fell("set-up")),
        }
    }

    fn found(&self, origin: String, tokens: String, choice: Option<Choice>) {
        let mut seen = held(&self.seen);
        (seen.origin, seen.tokens, seen.choice) = (origin, tokens, choice);
    }

    /// What was chosen, now or before.
    fn choice(&self, record: &Record, usual: Names, app_key: Option<Value>) -> Choice {
        let chosen = &self.chosen;
        let mut names = record.names_or(usual);
        if self.work == Work::SetUp {
            names.role = chosen.role.clone().unwrap_or(names.role);
            names.set = chosen.set.clone().unwrap_or(names.set);
            names.app = chosen.app.clone().unwrap_or(names.app);
            names.login = chosen.login.clone().unwrap_or(names.login);
            names.email = chosen.email.clone().unwrap_or_else(|| names.login.clone());
        }
        Choice {
            with: record.with.clone(),
            names,
            adopt_user: chosen.adopt_user,
            quiet: chosen.quiet,
            password: app_key.is_none() && chosen.email.is_none(),
            app_key,
        }
    }
}

impl Seen {
    fn see(&mut self, event: Event) {
        self.sent_user |= matches!(event, Event::Writing { thing: Thing::User });
        let (thing, step) = match event {
            Event::Writing { thing } | Event::Waiting { thing } => (thing, Step::Busy),
            Event::Made { thing, made } => (thing, Step::Made(made.id)),
            Event::Removed { thing, id } => (thing, Step::Removed(id)),
            Event::Revoked | Event::Planned { .. } => return,
        };
        match self.steps.iter_mut().find(|(known, _)| *known == thing) {
            Some(known) => known.1 = step,
            None => self.steps.push((thing, step)),
        }
    }
}
