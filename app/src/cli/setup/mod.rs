//! `transom setup`: what a credential needs, as a guide, as Terraform and as a script; and done by Transom itself.

mod apply;
mod key;
mod paper;
mod plan;
mod teardown;
mod told;
mod verify;
mod watch;
mod worker;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use secrecy::SecretString;
use serde_json::Value;
use transom_engine::Problem;
use transom_engine::setup::{Choice, Names, Reader, Record};

use super::on_engine;
use crate::config::Global;
use crate::out::{Failure, Out};
use crate::secret::OneTime;
use watch::Kept;

pub use worker::{no_core, work};

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
        #[command(flatten)]
        reader: Paper,
    },
    /// Print the set-up as Terraform, for the official provider okta/okta.
    Terraform {
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        named: Named,
        #[command(flatten)]
        reader: Paper,
    },
    /// Print the set-up as a shell script that calls curl.
    Curl {
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        named: Named,
        #[command(flatten)]
        reader: Paper,
    },
    /// Make a service app's key pair in a file, and print the public half as a JWK, for Terraform and the script.
    Key {
        /// The private key, as PEM; it is made where the file is not there, readable by you alone.
        #[arg(long, value_name = "FILE")]
        key_file: PathBuf,
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
    /// What to call the service app [default: Transom]
    #[arg(long, value_name = "NAME")]
    app: Option<String>,
    /// The user's login [default: svc-transom@ and the org's address]
    #[arg(long)]
    login: Option<String>,
    /// A mailbox that Okta sends the activation to. Without one the user gets a password, which is shown once.
    #[arg(long)]
    email: Option<String>,
}

/// Whom the guide, Terraform or the script is for.
#[derive(Debug, Clone, Copy, Args)]
struct Paper {
    /// For a service app that reads by a private key, in place of a user with a token.
    #[arg(long)]
    service_app: bool,
}

impl From<Paper> for Reader {
    fn from(paper: Paper) -> Self {
        if paper.service_app { Self::App } else { Self::User }
    }
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
    /// Make a service app that reads by a private key, in place of a user with a token.
    #[arg(long, requires = "key_file", conflicts_with_all = ["adopt_user", "quiet_notifications"])]
    service_app: bool,
    /// The service app's private key, as PEM; apply makes it where the file is not there.
    #[arg(long, value_name = "FILE", requires = "service_app")]
    key_file: Option<PathBuf>,
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
            app: self.app.clone().unwrap_or(before.app),
            email: self.email.clone().unwrap_or(email),
            login,
        }
    }

    /// What was chosen, now or before; `make` says that a private key may be made and kept.
    fn choice(&self, record: &Record, usual: Names, how: &How, make: bool) -> Result<Choice, Failure> {
        let app_key = how.app_key(record, make)?;
        let names = self.names(record.names_or(usual));
        let with = if self.with.is_empty() { record.with.clone() } else { self.with.clone() };
        let password = app_key.is_none() && names.email == names.login;
        let (adopt_user, quiet) = (how.adopt_user, how.quiet_notifications);
        Ok(Choice { with, names, adopt_user, quiet, password, app_key })
    }
}

impl How {
    /// The public key of the service app, where there is to be one.
    fn app_key(&self, record: &Record, make: bool) -> Result<Option<Value>, Failure> {
        let Some(path) = self.key_file.as_ref().filter(|_| self.service_app) else {
            return Ok(record.app_key.clone());
        };
        record.check(Reader::App)?;
        Ok(Some(key::public(path, make)?))
    }
}

impl Setup {
    /// Whether it only prints something: it has nothing to do with a database then.
    pub fn is_paper(&self) -> bool {
        matches!(self.command, Sub::Guide { .. } | Sub::Terraform { .. } | Sub::Curl { .. } | Sub::Key { .. })
    }

    /// Runs it; `key` is the master key from the environment.
    pub async fn run(self, global: &Global, out: Out, key: Option<SecretString>) -> Result<u8, Failure> {
        // The token passes through this process on its way to the worker.
        worker::no_core()?;
        match self.command {
            Sub::Guide { domain, named, reader } => {
                paper::guide(out, domain.as_deref(), &named, reader.into())
            }
            Sub::Terraform { org, named, reader } => {
                paper::paper(out, &org, &named, reader.into(), "terraform")
            }
            Sub::Curl { org, named, reader } => paper::paper(out, &org, &named, reader.into(), "curl"),
            Sub::Key { key_file } => paper::key(out, &key_file),
            Sub::Plan { org, named, how, token } => {
                plan::plan(global, out, key, &Asked { org: &org, named: &named, how: &how }, &token).await
            }
            Sub::Apply { org, named, how, token, keep_token, yes } => {
                let asked = Asked { org: &org, named: &named, how: &how };
                on_engine(global.engine(key, out).await?, async |engine| {
                    let kept = Kept::of(engine, global, &org.domain, org.okta_host.as_deref(), out).await?;
                    apply::apply(kept, out, &asked, &token, keep_token, yes).await
                })
                .await
            }
            Sub::Verify { org, named, how, token } => {
                let asked = Asked { org: &org, named: &named, how: &how };
                on_engine(global.engine(key, out).await?, async |engine| {
                    let kept = Kept::of(engine, global, &org.domain, org.okta_host.as_deref(), out).await?;
                    verify::verify(kept, out, &asked, &token).await
                })
                .await
            }
            Sub::Teardown { org, token, keep_token, yes } => {
                on_engine(global.engine(key, out).await?, async |engine| {
                    let kept = Kept::of(engine, global, &org.domain, org.okta_host.as_deref(), out).await?;
                    teardown::teardown(kept, out, &token, keep_token, yes).await
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

fn unexpected() -> Failure {
    Problem::new(
        transom_engine::Class::Internal,
        "The set-up ended in another way than it was asked to.",
        "",
        "Report this with the command that you gave.",
    )
    .into()
}
