//! `transom setup`: what a credential needs, as a guide, as Terraform and as a script; and done by Transom itself.

mod told;
mod watch;
mod worker;

use clap::{Args, Subcommand};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use transom_core::ConnectionState;
use transom_engine::Problem;
use transom_engine::connection::{address, find};
use transom_engine::setup::{
    Choice, Job, Model, Names, Outcome, Profile, Record, Task, Thing, configuration, features, markdown,
    script,
};
use transom_store::DatabaseUrl;

use super::{confirm, on_engine};
use crate::config::{Global, allow_loopback};
use crate::out::{DONE, Failure, Out, PARTIAL};
use crate::secret::OneTime;
use watch::{Kept, watched};

pub use worker::work;

#[derive(Debug, Args)]
pub struct Setup {
    #[command(subcommand)]
    command: Sub,
}

#[derive(Debug, Subcommand)]
enum Sub {
    /// Print the clicks that set an org up, and why each right is needed, as Markdown.
    Guide {
        /// The Okta domain, for links into its Admin Console.
        #[arg(long)]
        domain: Option<String>,
        #[command(flatten)]
        named: Named,
    },
    /// Print the set-up as Terraform, for the official provider okta/okta.
    Terraform {
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        named: Named,
    },
    /// Print the set-up as a shell script that calls curl.
    Curl {
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        named: Named,
    },
    /// Compare an org with what Transom needs, and show every call that would be made. Reads only.
    Plan {
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        named: Named,
        #[command(flatten)]
        how: How,
        #[command(flatten)]
        token: OneTime,
    },
    /// Set the org up: custom role, resource set, user and both role assignments.
    Apply {
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        named: Named,
        #[command(flatten)]
        how: How,
        #[command(flatten)]
        token: OneTime,
        /// Do not revoke the one-time token at the end.
        #[arg(long)]
        keep_token: bool,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Check that the org still has what was set up, and that its connection can do what is needed and no more.
    Verify {
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        named: Named,
        #[command(flatten)]
        how: How,
        /// Only where the org is not connected.
        #[command(flatten)]
        token: OneTime,
    },
    /// Remove what apply made, and nothing else.
    Teardown {
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        token: OneTime,
        /// Do not revoke the one-time token at the end.
        #[arg(long)]
        keep_token: bool,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

/// Which org.
#[derive(Debug, Args)]
struct OrgArgs {
    /// The Okta domain in any form: acme, acme.okta.com, https://acme-admin.okta.com/admin/…
    #[arg(long)]
    domain: String,
    /// The org's own Okta address, where the domain is a custom one that does not tell it.
    #[arg(long, value_name = "HOST")]
    okta_host: Option<String>,
}

/// What is set up, and what it is called.
#[derive(Debug, Args)]
struct Named {
    /// Make this readable too, beyond the profile Read [possible values: api_token]
    #[arg(long, value_name = "DATASET")]
    with: Vec<String>,
    /// What to call the custom role [default: Transom Read]
    #[arg(long, value_name = "NAME")]
    role: Option<String>,
    /// What to call the resource set [default: Transom Resources]
    #[arg(long, value_name = "NAME")]
    resource_set: Option<String>,
    /// The user's login [default: svc-transom@ and the org's address]
    #[arg(long)]
    login: Option<String>,
    /// A mailbox that Okta sends the activation to. Without one the user gets a password, which is shown once.
    #[arg(long)]
    email: Option<String>,
}

/// How it is set up.
#[derive(Debug, Args)]
struct How {
    /// Use a user with that login that is there already.
    #[arg(long)]
    adopt_user: bool,
    /// Keep Okta's e-mails to administrators from the user.
    #[arg(long)]
    quiet_notifications: bool,
}

impl Named {
    /// The names: as given, else as recorded, else as usual.
    fn names(&self, before: Names) -> Names {
        let login = self.login.clone().unwrap_or(before.login.clone());
        // An address that was never given follows the login.
        let email = if before.email == before.login { login.clone() } else { before.email };
        Names {
            role: self.role.clone().unwrap_or(before.role),
            set: self.resource_set.clone().unwrap_or(before.set),
            email: self.email.clone().unwrap_or(email),
            login,
        }
    }

    fn choice(&self, record: &Record, usual: Names, how: &How) -> Choice {
        let names = self.names(record.names_or(usual));
        let with = if self.with.is_empty() { record.with.clone() } else { self.with.clone() };
        let password = names.email == names.login;
        Choice { with, names, adopt_user: how.adopt_user, quiet: how.quiet_notifications, password }
    }
}

impl Setup {
    /// Runs it; `key` is the master key from the environment.
    pub async fn run(self, global: &Global, out: Out, key: Option<SecretString>) -> Result<u8, Failure> {
        // The token passes through this process on its way to the worker.
        worker::no_core()?;
        match self.command {
            Sub::Guide { domain, named } => guide(out, domain.as_deref(), &named),
            Sub::Terraform { org, named } => paper(out, &org, &named, "terraform"),
            Sub::Curl { org, named } => paper(out, &org, &named, "curl"),
            Sub::Plan { org, named, how, token } => {
                plan(global, out, key, &Asked { org: &org, named: &named, how: &how }, &token).await
            }
            Sub::Apply { org, named, how, token, keep_token, yes } => {
                let asked = Asked { org: &org, named: &named, how: &how };
                on_engine(global.engine(key, out).await?, async |engine| {
                    let kept = Kept::of(engine, global, &org.domain, org.okta_host.as_deref(), out).await?;
                    apply(kept, out, &asked, &token, keep_token, yes).await
                })
                .await
            }
            Sub::Verify { org, named, how, token } => {
                let asked = Asked { org: &org, named: &named, how: &how };
                on_engine(global.engine(key, out).await?, async |engine| {
                    let kept = Kept::of(engine, global, &org.domain, org.okta_host.as_deref(), out).await?;
                    verify(kept, out, &asked, &token).await
                })
                .await
            }
            Sub::Teardown { org, token, keep_token, yes } => {
                on_engine(global.engine(key, out).await?, async |engine| {
                    let kept = Kept::of(engine, global, &org.domain, org.okta_host.as_deref(), out).await?;
                    teardown(kept, out, &token, keep_token, yes).await
                })
                .await
            }
        }
    }
}

/// What was asked for.
struct Asked<'a> {
    org: &'a OrgArgs,
    named: &'a Named,
    how: &'a How,
}

fn guide(out: Out, domain: Option<&str>, named: &Named) -> Result<u8, Failure> {
    let origin = domain.map(|d| address(d, None, allow_loopback())).transpose()?;
    let model = Model::with(&named.with)?;
    let names = named.names(origin.as_ref().map_or_else(Names::example, Names::usual));
    let text = markdown(&model, &names, origin.as_ref());
    if out.is_json() {
        let act = Profile::Act.says();
        out.json(&json!({
            "profile": model.profile, "says": model.profile.says(), "names": names, "model": model,
            "features": features(), "act": act, "guide": text,
        }));
    } else {
        out.document(text.trim_end());
    }
    Ok(DONE)
}

fn paper(out: Out, org: &OrgArgs, named: &Named, kind: &str) -> Result<u8, Failure> {
    let origin = address(&org.domain, org.okta_host.as_deref(), allow_loopback())?;
    let (model, names) = (Model::with(&named.with)?, named.names(Names::usual(&origin)));
    let text = match kind {
        "terraform" => configuration(&model, &names, &origin),
        _ => script(&model, &names, &origin),
    };
    if out.is_json() {
        out.json(&json!({ "names": names, "model": model, kind: text }));
    } else {
        out.document(text.trim_end());
    }
    Ok(DONE)
}

async fn plan(
    global: &Global,
    out: Out,
    key: Option<SecretString>,
    asked: &Asked<'_>,
    token: &OneTime,
) -> Result<u8, Failure> {
    let host = asked.org.okta_host.as_deref();
    // Looking leaves no database where there is none.
    let nothing_yet = match global.database()? {
        DatabaseUrl::Sqlite(path) => matches!(path.try_exists(), Ok(false)),
        DatabaseUrl::Postgres(_) => false,
    };
    let (found, record) = if nothing_yet {
        let tell = move |step| super::org::told_step(out, step);
        let found = find(&asked.org.domain, host, &global.http(), allow_loopback(), &tell).await?;
        (found, Record::default())
    } else {
        let engine = global.engine(key, out).await?;
        let kept = Kept::of(&engine, global, &asked.org.domain, host, out).await;
        engine.store.close().await;
        let kept = kept?;
        (kept.found.clone(), kept.record)
    };
    let choice = asked.named.choice(&record, Names::usual(&found.origin), asked.how);
    choice.wanted()?;
    let mut record = record;
    if record.mark.is_empty() {
        record.mark = "NEW".to_string();
    }
    let job = job(global, &found, Task::Plan, choice, record, true);
    let outcome = watched(&job, &token.read()?, None, out, None, async |_| Ok(None)).await?;
    let Outcome::Planned(plan) = outcome else { return Err(unexpected()) };
    if out.is_json() {
        out.json(&plan);
    } else {
        told::plan(out, &plan);
    }
    Ok(if plan.is_done() { DONE } else { PARTIAL })
}

async fn apply(
    mut kept: Kept<'_>,
    out: Out,
    asked: &Asked<'_>,
    token: &OneTime,
    keep_token: bool,
    yes: bool,
) -> Result<u8, Failure> {
    let choice = asked.named.choice(&kept.record, Names::usual(&kept.found.origin), asked.how);
    let wanted = choice.wanted()?;
    kept.mark()?;
    let token = token.read()?;
    let password = if choice.password { Some(password()?) } else { None };
    let job = job(kept.global, &kept.found, Task::Apply, choice.clone(), kept.record.clone(), keep_token);
    let mut sent_user = false;
    let outcome = {
        let go = async |plan: &transom_engine::setup::Plan| {
            if !out.is_json() {
                told::plan(out, plan);
            }
            if let Some(problem) = told::refusal(plan) {
                return Err(Failure::from(problem));
            }
            if !plan.is_done() && !yes && !confirm("Carry this out?", "--yes")? {
                return Ok(None);
            }
            Ok(Some(plan.clone()))
        };
        let listening = watch::Listening { kept: &mut kept, wanted: &wanted, sent_user: &mut sent_user };
        watched(&job, &token, password.as_ref(), out, Some(listening), go).await
    };
    drop(token);
    // The user may be there also where the rest failed: the password is shown in any case, and only now.
    let shown = password.filter(|_| sent_user);
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(failure) => {
            if let Some(password) = &shown {
                out.note(told::password(&choice.names, password.expose_secret()));
            }
            if !keep_token {
                out.note(
                    "The one-time token was not revoked: run this again with it, which goes on where it stopped, or revoke it \
                     under Security > API > Tokens.",
                );
            }
            return Err(failure);
        }
    };
    let Outcome::Applied { plan, token: problem } = outcome else { return Err(unexpected()) };
    let ids = &kept.record.made;
    kept.engine
        .keep_setup(
            &kept.found.org_id,
            &kept.record,
            "applied",
            json!({ "made": ids, "token_revoked": !keep_token && problem.is_none() }),
        )
        .await?;
    if out.is_json() {
        out.json(&json!({
            "plan": plan, "made": ids, "names": choice.names, "token_revoked": !keep_token && problem.is_none(),
            "token_problem": problem, "password": shown.as_ref().map(|p| p.expose_secret()),
        }));
    } else {
        told::applied(out, &kept.found.origin, &choice, shown.as_ref().map(|p| p.expose_secret()));
        told::token(out, keep_token, problem.as_ref());
    }
    Ok(if problem.is_some() { PARTIAL } else { DONE })
}

async fn verify(kept: Kept<'_>, out: Out, asked: &Asked<'_>, token: &OneTime) -> Result<u8, Failure> {
    let choice = asked.named.choice(&kept.record, Names::usual(&kept.found.origin), asked.how);
    let wanted = choice.wanted()?;
    let origin = kept.found.origin.to_string();
    let org = kept.engine.connection_of(&kept.found.org_id, &origin).await?;
    let Some(org) = org.filter(|o| o.state != ConnectionState::NotConnected) else {
        let job = job(kept.global, &kept.found, Task::Plan, choice, kept.record, true);
        let outcome = watched(&job, &token.read()?, None, out, None, async |_| Ok(None)).await?;
        let Outcome::Planned(plan) = outcome else { return Err(unexpected()) };
        if out.is_json() {
            out.json(&json!({ "plan": plan, "connection": null }));
        } else {
            told::plan(out, &plan);
            out.prose("The org is not connected, so what its token can read was not verified.", 2);
        }
        return Ok(if plan.is_done() { DONE } else { PARTIAL });
    };
    let proved = kept.engine.verify_setup(&org, &wanted, &kept.record).await?;
    let state = proved.verification.state;
    let right = proved.plan.is_done() && proved.owner && state == ConnectionState::Connected;
    if out.is_json() {
        out.json(&json!({
            "plan": proved.plan, "owner_is_the_user": proved.owner, "connection": org.label,
            "verification": proved.verification,
        }));
    } else {
        told::plan(out, &proved.plan);
        let user = proved.plan.item(Thing::User).map_or("", |i| &i.name);
        out.prose(
            if proved.owner {
                format!("The token of {} belongs to {user}.", org.label)
            } else {
                format!(
                    "The token of {} does not belong to {user}: create one as that user, and rotate it in.",
                    org.label
                )
            },
            2,
        );
        for warning in &proved.verification.warnings {
            out.prose(format!("Warning: {}", warning.text), 2);
        }
        out.prose(format!("{}: {}.", org.label, state.label()), 2);
    }
    Ok(if right { DONE } else { PARTIAL })
}

async fn teardown(
    mut kept: Kept<'_>,
    out: Out,
    token: &OneTime,
    keep_token: bool,
    yes: bool,
) -> Result<u8, Failure> {
    let origin = kept.found.origin.to_string();
    if kept.record.is_empty() {
        if out.is_json() {
            out.json(&json!({ "removed": {}, "left": [] }));
        } else {
            out.line("Nothing is recorded that set-up made in this org, so there is nothing to remove.");
        }
        return Ok(DONE);
    }
    let before = kept.record.made.clone();
    told::made(out, &kept.record);
    let user = kept.record.made(Thing::User).map(|m| m.id.clone());
    let org = kept.engine.connection_of(&kept.found.org_id, &origin).await?;
    let owner = |o: &transom_store::Org| {
        o.settings.pointer("/verification/owner/id").and_then(|v| v.as_str()).map(str::to_string)
    };
    if let Some(org) = org.filter(|o| user.is_some() && owner(o) == user) {
        out.note(format!(
            "The connection {} uses a token of this user, and stops working with it.",
            org.label
        ));
    }
    if !yes && !confirm("Remove this from the org?", "--yes")? {
        out.note("Nothing was removed.");
        return Ok(DONE);
    }
    let names = kept.record.names_or(Names::usual(&kept.found.origin));
    let choice = Choice { with: Vec::new(), names, adopt_user: false, quiet: false, password: false };
    let wanted = choice.wanted()?;
    let token = token.read()?;
    let detail = json!({ "made": before });
    kept.engine.keep_setup(&kept.found.org_id, &kept.record, "teardown", detail).await?;
    let job = job(kept.global, &kept.found, Task::Teardown, choice, kept.record.clone(), keep_token);
    let mut sent_user = false;
    let listening = watch::Listening { kept: &mut kept, wanted: &wanted, sent_user: &mut sent_user };
    let outcome = watched(&job, &token, None, out, Some(listening), async |_| Ok(None)).await?;
    drop(token);
    let Outcome::Torn { torn, token: problem } = outcome else { return Err(unexpected()) };
    if torn.left.is_empty() {
        kept.record = Record::default();
    }
    let removed: Vec<_> =
        before.iter().filter(|(thing, _)| torn.left.iter().all(|l| l.thing != **thing)).collect();
    let detail = json!({ "removed": removed, "left": torn.left });
    kept.engine.keep_setup(&kept.found.org_id, &kept.record, "torn_down", detail).await?;
    if out.is_json() {
        out.json(&json!({
            "removed": removed, "left": torn.left, "token_revoked": !keep_token && problem.is_none(),
            "token_problem": problem,
        }));
    } else {
        for left in &torn.left {
            out.prose(format!("Left: {} {}. {}", left.thing.title(), left.id, left.why), 2);
        }
        out.line(if torn.left.is_empty() { "All of it is removed." } else { "The rest is removed." });
        told::token(out, keep_token, problem.as_ref());
    }
    Ok(if torn.left.is_empty() && problem.is_none() { DONE } else { PARTIAL })
}

fn job(
    global: &Global,
    found: &okta_client::Discovered,
    task: Task,
    choice: Choice,
    record: Record,
    keep_token: bool,
) -> Job {
    Job {
        task,
        origin: found.origin.to_string(),
        org_id: found.org_id.clone(),
        proxy: global.proxy.as_ref().map(ToString::to_string),
        ca_file: global.ca_file.clone(),
        choice,
        record,
        keep_token,
    }
}

/// A password that the usual policies take: long, with letters of both cases, digits and a sign.
fn password() -> Result<SecretString, Failure> {
    let random = transom_store::fresh_secret()?;
    let text: String = random.expose_secret().chars().take(32).collect();
    Ok(SecretString::from(format!("{text}-aZ9")))
}

fn unexpected() -> Failure {
    Problem::new(
        transom_engine::Class::Internal,
        "The set-up ended in another way than it was asked to.",
        "",
        "Report this with the command that you gave.",
    )
    .into()
}
