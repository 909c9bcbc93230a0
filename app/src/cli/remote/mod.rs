//! `--server URL`: the same commands, done by a running server through its API. With `--json` the answer is what the API
//! says.

mod copy;
mod org;
mod server;
mod sync;

use secrecy::SecretString;

use super::Command;
use crate::config::Global;
use crate::out::{Failure, Out};

use server::Server;

/// Runs the command on the server; `token` is Okta's, `key` the server's, where the environment held them.
pub async fn run(
    command: Command,
    global: &Global,
    out: Out,
    token: Option<SecretString>,
    key: Option<SecretString>,
) -> Result<u8, Failure> {
    let server = Server::new(global, key)?;
    match command {
        Command::Org(c) => c.remote(&server, out, token).await,
        Command::Sync(c) => c.remote(&server, out).await,
        Command::Status(c) => c.remote(&server, out).await,
        Command::List(c) => c.remote(&server, out).await,
        Command::Show(c) => c.remote(&server, out).await,
        _ => Err(Failure::Usage(
            "This command works on the database itself, so it runs where the database is. With --server go: org, sync, \
             status, list, show."
                .to_string(),
        )),
    }
}
