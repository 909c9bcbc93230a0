//! A set-up in a process of its own. The face starts the program again as a worker, writes it a job and the one-time token
//! into a pipe, and hears from it line by line; the token is in no argument, no variable and no file, and gone with the
//! process. What is made is recorded by the face: the worker has no database.
//!
//! Into the worker: the job as JSON, the token, the password or an empty line; later, to go ahead, the record as JSON. Out
//! of it: [`Said`] as JSON, a line each.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use okta_client::{Discovered, HttpOptions, Origin};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::model::Model;
use super::names::Names;
use super::plan::{Plan, Wanted};
use super::record::Record;
use super::session::{Event, Session};
use super::teardown::Torn;
use crate::{Class, Problem};

/// The command of the program that is the worker.
pub const WORKER: &str = "setup-worker";

/// What a worker is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Compare.
    Plan,
    /// Compare, wait for leave, and carry it out.
    Apply,
    /// Remove what the record holds.
    Teardown,
}

/// What was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What is read beyond the profile *Read*.
    pub with: Vec<String>,
    /// What things are called.
    pub names: Names,
    /// See [`Wanted::adopt_user`].
    pub adopt_user: bool,
    /// See [`Wanted::quiet`].
    pub quiet: bool,
    /// See [`Wanted::password`].
    pub password: bool,
    /// See [`Wanted::app_key`].
    pub app_key: Option<Value>,
}

impl Choice {
    /// Nothing but names: for a teardown, which goes by what is recorded.
    pub fn of(names: Names) -> Self {
        Self { with: Vec::new(), names, adopt_user: false, quiet: false, password: false, app_key: None }
    }

    /// What that is of the org.
    ///
    /// # Errors
    /// [`Class::Name`] for what can't be chosen.
    pub fn wanted(&self) -> Result<Wanted, Problem> {
        Ok(Wanted {
            model: Model::with(&self.with)?,
            names: self.names.clone(),
            adopt_user: self.adopt_user,
            quiet: self.quiet,
            password: self.password,
            app_key: self.app_key.clone(),
        })
    }
}

/// A worker's job. It holds no secret but, where one is set, the proxy's password.
#[derive(Clone, Serialize, Deserialize)]
pub struct Job {
    /// What to do.
    pub task: Task,
    /// The origin to call.
    pub origin: String,
    /// Okta's id of the org that has to answer there.
    pub org_id: String,
    /// The proxy, where one was named.
    pub proxy: Option<String>,
    /// Further certificates to trust.
    pub ca_file: Option<PathBuf>,
    /// What was chosen.
    pub choice: Choice,
    /// What was made before.
    pub record: Record,
    /// Whether the one-time token is left as it is at the end.
    pub keep_token: bool,
}

impl Job {
    /// A job for the org that was found, which is called by `http` as the face calls Okta.
    pub fn of(
        http: &HttpOptions,
        task: Task,
        found: &Discovered,
        choice: Choice,
        record: Record,
        keep_token: bool,
    ) -> Self {
        Self {
            task,
            origin: found.origin.to_string(),
            org_id: found.org_id.clone(),
            proxy: http.proxy.as_ref().map(ToString::to_string),
            ca_file: http.ca_file.clone(),
            choice,
            record,
            keep_token,
        }
    }

    fn http(&self) -> HttpOptions {
        let proxy = self.proxy.as_ref().and_then(|p| p.parse().ok());
        HttpOptions { proxy, ca_file: self.ca_file.clone(), ..HttpOptions::default() }
    }
}

/// What a worker says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// What happens.
    Event(Event),
    /// It is done; the last word.
    Done(Outcome),
    /// It went wrong; the last word.
    Problem(Problem),
}

/// What a job came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The difference.
    Planned(Plan),
    /// It was carried out: what is left to do, which is nothing, and why the one-time token was not revoked, where that
    /// failed.
    Applied {
        /// The difference afterwards.
        plan: Plan,
        /// Why the token could not be revoked.
        token: Option<Problem>,
    },
    /// It was taken down.
    Torn {
        /// What was left.
        torn: Torn,
        /// Why the token could not be revoked.
        token: Option<Problem>,
    },
}

/// Does a job: the worker's side. Whoever calls it has seen to it that the process leaves no core and shows its memory to
/// nobody.
pub async fn work(input: &mut (dyn BufRead + Send), output: &mut (dyn Write + Send)) {
    let last = match worked(input, output).await {
        Ok(Some(outcome)) => Said::Done(outcome),
        // Nobody gave leave: nothing was done, and nobody listens.
        Ok(None) => return,
        Err(problem) => Said::Problem(problem),
    };
    say(output, &last);
}

fn say(output: &mut (dyn Write + Send), said: &Said) {
    if let Ok(text) = serde_json::to_string(said) {
        // Who listened may be gone; what was begun is carried through all the same.
        let _ = writeln!(output, "{text}").and_then(|()| output.flush());
    }
}

async fn worked(
    input: &mut (dyn BufRead + Send),
    output: &mut (dyn Write + Send),
) -> Result<Option<Outcome>, Problem> {
    let job: Job = read(line(input)?.expose_secret())?;
    let token = line(input)?;
    let password = Some(line(input)?).filter(|p| !p.expose_secret().is_empty());
    let origin = Origin::stored(&job.origin).map_err(okta_client::Error::from)?;
    let wanted = job.choice.wanted()?;
    let session = Session::open(origin, &job.org_id, &job.http(), token).await?;
    let mut record = job.record.clone();
    match job.task {
        Task::Plan => Ok(Some(Outcome::Planned(session.plan(&wanted, &record).await?))),
        Task::Apply => {
            let plan = session.plan(&wanted, &record).await?;
            say(output, &Said::Event(Event::Planned { plan: Box::new(plan.clone()) }));
            let leave = line(input)?;
            if leave.expose_secret().is_empty() {
                return Ok(None);
            }
            record = read(leave.expose_secret())?;
            let mut on = |event| say(output, &Said::Event(event));
            let plan = session.apply(&wanted, &plan, password.as_ref(), &mut record, &mut on).await?;
            let token = revoke(&session, &job, output).await;
            Ok(Some(Outcome::Applied { plan, token }))
        }
        Task::Teardown => {
            let mut on = |event| say(output, &Said::Event(event));
            let torn = session.teardown(&mut record, &mut on).await?;
            let token = revoke(&session, &job, output).await;
            Ok(Some(Outcome::Torn { torn, token }))
        }
    }
}

/// Ends the one-time token; why it could not, where it could not.
async fn revoke(session: &Session, job: &Job, output: &mut (dyn Write + Send)) -> Option<Problem> {
    if job.keep_token {
        return None;
    }
    let problem = session.revoke().await.err();
    if problem.is_none() {
        say(output, &Said::Event(Event::Revoked));
    }
    problem
}

/// A line of the pipe; empty at its end. It may be a secret, so all of them are held as such.
fn line(input: &mut (dyn BufRead + Send)) -> Result<SecretString, Problem> {
    let mut text = String::new();
    input.read_line(&mut text).map_err(|e| broken(&e.to_string()))?;
    text.truncate(text.trim_end().len());
    Ok(SecretString::from(text))
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Problem> {
    // The message of a parser may quote what it read.
    serde_json::from_str(text).map_err(|e| broken(&format!("line {}, column {}", e.line(), e.column())))
}

fn broken(why: &str) -> Problem {
    Problem::new(
        Class::Internal,
        "The process that sets up can't be talked to.",
        format!("Its pipe broke: {why}."),
        "Run it again; it goes on where it stopped.",
    )
}

/// A worker, seen from the face that started it. It ends with this value.
#[derive(Debug)]
pub struct Worker {
    process: Child,
    into: ChildStdin,
    out: Lines<BufReader<ChildStdout>>,
}

impl Worker {
    /// Starts `program` as a worker, which logs as `log` says, and gives it its job and its secrets.
    ///
    /// # Errors
    /// [`Class::Internal`] where it can't be started or talked to.
    pub async fn start(
        program: &Path,
        log: &str,
        job: &Job,
        token: &SecretString,
        password: Option<&SecretString>,
    ) -> Result<Self, Problem> {
        let broke = |e: std::io::Error| broken(&e.to_string());
        let mut command = Command::new(program);
        command.args([WORKER, "--log", log]).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().map_err(broke)?;
        let (Some(mut into), Some(out)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(broken("it has none"));
        };
        let job = serde_json::to_string(job).map_err(|e| broken(&e.to_string()))?;
        let password = password.map_or("", |p| p.expose_secret());
        for text in [job.as_str(), token.expose_secret(), password] {
            into.write_all(text.as_bytes()).await.map_err(broke)?;
            into.write_all(b"\n").await.map_err(broke)?;
        }
        into.flush().await.map_err(broke)?;
        Ok(Self { process, into, out: BufReader::new(out).lines() })
    }

    /// The process's id.
    pub fn id(&self) -> Option<u32> {
        self.process.id()
    }

    /// What it says next. The last word is [`Said::Done`] or [`Said::Problem`].
    ///
    /// # Errors
    /// [`Class::Internal`] where it ends without a last word.
    pub async fn next(&mut self) -> Result<Said, Problem> {
        match self.out.next_line().await {
            Ok(Some(text)) => read(&text),
            Ok(None) => Err(broken("it ended without a word")),
            Err(e) => Err(broken(&e.to_string())),
        }
    }

    /// Gives leave to carry out the plan that it told, with the record as it was kept.
    ///
    /// # Errors
    /// As [`Worker::next`].
    pub async fn go(&mut self, record: &Record) -> Result<(), Problem> {
        let mut text = serde_json::to_string(record).map_err(|e| broken(&e.to_string()))?;
        text.push('\n');
        self.into.write_all(text.as_bytes()).await.map_err(|e| broken(&e.to_string()))?;
        self.into.flush().await.map_err(|e| broken(&e.to_string()))
    }
}
