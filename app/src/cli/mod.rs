//! The commands, one file each.

mod completions;
mod coverage;
mod data;
mod demo;
mod docs;
mod doctor;
mod finding;
mod forecast;
mod gaps;
mod key;
mod org;
mod queries;
mod remote;
mod serve;
mod setup;
mod sim;
mod status;
mod sync;
mod under;
mod uninstall;
mod verification;

use clap::{Parser, Subcommand};
use secrecy::SecretString;
use transom_engine::{Class, Engine, Problem};
use transom_store::DatabaseUrl;

use crate::config::Global;
use crate::out::{Failure, Out};
use crate::secret::Environment;

/// The open, self-hosted Okta connected app.
#[derive(Debug, Parser)]
#[command(
    name = "transom",
    version,
    about,
    long_about = "Transom connects an Okta org with a credential that can only read, verifies what that may see, and keeps a \
                  complete copy of what decides who can get in.\n\nStart with: transom demo",
    after_help = "Exit codes: 0 done · 1 done, something is partial · 2 wrong usage · 3 connection or permission · \
                  4 internal\nThat a token sees only its owner's API tokens does not count as partial.\nSecrets come by standard input, a file or the environment, never as an argument."
)]
pub struct Cli {
    /// Options every command takes.
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Try it: a simulated org, connected, verified and synced.
    Demo(demo::Demo),
    /// Connect an Okta org and look after the connection.
    Org(org::OrgCommand),
    /// Give an org what a connection needs: as a guide, as Terraform, as a script, or done by Transom.
    Setup(setup::Setup),
    /// Does the work of `setup` for the process that starts it.
    #[command(hide = true)]
    SetupWorker,
    /// Read a connected org into the database.
    Sync(sync::Sync),
    /// Say how each connection is, and what is known of each data set.
    Status(status::Status),
    /// List objects of a kind.
    List(data::List),
    /// Show one object: what it is connected to, and its document.
    Show(data::Show),
    /// Run a read-only SQL query over the copy.
    Sql(data::Sql),
    /// Write the copy out.
    Export(data::Export),
    /// Check this installation: database, key, connections, audit log.
    Doctor(doctor::Doctor),
    /// Put another master key in force.
    Key(key::Key),
    /// Run the web app.
    Serve(serve::Serve),
    /// Make a link that makes an owner of the web app: the first one, or where nobody can sign in any more.
    OwnerLink(serve::OwnerLink),
    /// Run a simulated Okta org alone.
    Sim(sim::Sim),
    /// Remove Transom's files from this machine.
    Uninstall(uninstall::Uninstall),
    /// Print what a shell needs to complete commands and options.
    Completions(completions::Completions),
    /// Print a page of the reference.
    #[command(hide = true)]
    Docs(docs::Docs),
}

/// Runs the command; the answer is the exit code.
pub async fn run(cli: Cli, out: &Out, environment: Environment) -> Result<u8, Failure> {
    let (global, out) = (cli.global, *out);
    let Environment { master_key: key, token, api_token } = environment;
    // These have nothing to do with a database, here or there.
    let alone = matches!(
        cli.command,
        Command::Demo(_)
            | Command::Sim(_)
            | Command::Docs(_)
            | Command::Completions(_)
            | Command::Uninstall(_)
            | Command::SetupWorker
    ) || matches!(&cli.command, Command::Setup(c) if c.is_paper());
    if global.server.is_some() && !alone {
        return remote::run(cli.command, &global, out, token, api_token).await;
    }
    match cli.command {
        Command::Demo(c) => c.run(&global, out).await,
        Command::Sim(c) => c.run(out).await,
        Command::Completions(c) => c.run(out),
        Command::Docs(c) => c.run(out),
        Command::Setup(c) => c.run(&global, out, key).await,
        Command::SetupWorker => setup::work().await,
        Command::Org(c) if c.begins() => {
            on_engine(global.engine(key, out).await?, async |engine| c.run(engine, out, token).await).await
        }
        Command::Org(c) => on_copy(&global, key, out, async |engine| c.run(engine, out, token).await).await,
        Command::Serve(c) => {
            on_engine(global.engine(key, out).await?, async |engine| c.run(engine, &global, out).await).await
        }
        Command::OwnerLink(c) => on_copy(&global, key, out, async |engine| c.run(engine, out).await).await,
        Command::Sync(c) => on_copy(&global, key, out, async |engine| c.run(engine, out).await).await,
        Command::Status(c) => on_copy(&global, key, out, async |engine| c.run(engine, out).await).await,
        Command::List(c) => on_copy(&global, key, out, async |engine| c.run(engine, out).await).await,
        Command::Show(c) => on_copy(&global, key, out, async |engine| c.run(engine, out).await).await,
        Command::Sql(c) if c.lists_examples() => Ok(data::examples(out)),
        Command::Sql(c) => on_copy(&global, key, out, async |engine| c.run(engine, out).await).await,
        Command::Export(c) => on_copy(&global, key, out, async |engine| c.run(engine, out).await).await,
        Command::Doctor(c) => {
            let exposed = global.exposed_key(key.is_some())?;
            on_copy(&global, key, out, async |engine| c.run(&global, exposed, engine, out).await).await
        }
        Command::Key(c) => {
            let given = key.is_some();
            on_copy(&global, key, out, async |engine| c.run(&global, given, engine, out).await).await
        }
        Command::Uninstall(c) => c.run(&global, out, key).await,
    }
}

/// Opens the database that is there for a command: reading must not leave an empty one where somebody mistyped a path.
async fn on_copy(
    global: &Global,
    key: Option<SecretString>,
    out: Out,
    command: impl AsyncFnOnce(&Engine) -> Result<u8, Failure>,
) -> Result<u8, Failure> {
    if let DatabaseUrl::Sqlite(path) = global.database()?
        && matches!(path.try_exists(), Ok(false))
    {
        return Err(Problem::new(
            Class::Name,
            format!("There is no Transom database at {}.", path.display()),
            "Nothing has been connected there yet.",
            "Check --data-dir and --database, or connect an org first: transom org connect --domain acme.okta.com",
        )
        .into());
    }
    on_engine(global.engine(key, out).await?, command).await
}

/// Runs a command and closes the database afterwards: between commands SQLite's copy is one file, as people expect who
/// copy it.
async fn on_engine(
    engine: Engine,
    command: impl AsyncFnOnce(&Engine) -> Result<u8, Failure>,
) -> Result<u8, Failure> {
    let done = command(&engine).await;
    engine.store.close().await;
    done
}

/// Asks on the terminal; without one the answer is no, and the flag that answers in advance is named.
fn confirm(question: &str, flag: &str) -> Result<bool, Failure> {
    use std::io::{BufRead, IsTerminal, Write};
    if !std::io::stdin().is_terminal() {
        return Err(Failure::Usage(format!("{question} There is no terminal to ask on. Say it by {flag}.")));
    }
    let mut err = std::io::stderr();
    let _ = write!(err, "{question} [y/N] ");
    let _ = err.flush();
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
