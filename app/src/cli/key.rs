//! `transom key`: another master key.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use transom_engine::Engine;
use transom_store::next_key;

use crate::config::Global;
use crate::out::{DONE, Failure, Out, counted, quoted};

#[derive(Debug, Args)]
pub struct Key {
    #[command(subcommand)]
    command: Sub,
}

#[derive(Debug, Subcommand)]
enum Sub {
    /// Put another master key in force. Stored credentials need not be entered again.
    Rotate {
        /// The file with the new key, made where it is not there [default: takes the place of the key file in use, and the old key
        /// stays beside it]
        #[arg(long, value_name = "FILE")]
        new_key_file: Option<PathBuf>,
    },
}

impl Key {
    /// Runs it; `given` says that the key in use came from the environment.
    pub async fn run(self, global: &Global, given: bool, engine: &Engine, out: Out) -> Result<u8, Failure> {
        let Sub::Rotate { new_key_file } = self.command;
        let mut store = engine.store.clone();
        let in_use = global.key_file()?.filter(|_| !given);
        let new = match (&new_key_file, &in_use) {
            (Some(file), _) => file.clone(),
            (None, Some(in_use)) => next_key(in_use),
            (None, None) => {
                return Err(Failure::Usage(
                    "The key in use was given by TRANSOM_MASTER_KEY, so the new one needs a place: --new-key-file FILE. It is \
                     made there, readable by you alone."
                        .to_string(),
                ));
            }
        };
        let rotated = store.rotate_master_key(&new, &engine.actor).await?;
        let mut file = new;
        if let (None, Some(in_use)) = (new_key_file, in_use) {
            store.finish_rotation(&in_use).await?;
            file = in_use;
        }
        if out.is_json() {
            out.json(
                &serde_json::json!({ "from": rotated.from, "to": rotated.to, "secrets": rotated.secrets,
                "key_file": file }),
            );
            return Ok(DONE);
        }
        let file = file.display().to_string();
        if rotated.from == rotated.to {
            out.line(format!("Master key {} is in force already; its file is {file}.", rotated.to));
            return Ok(DONE);
        }
        out.line(format!(
            "Master key {} is in force, in the place of {}. {} sealed with it; its file is {file}.",
            rotated.to,
            rotated.from,
            counted(rotated.secrets, "secret is", "secrets are")
        ));
        out.line(
            "Backups made before need the old key: keep it as long as you keep them. Start a running server again with the \
             new key; until then it can neither call Okta nor change anything.",
        );
        if given || global.key_file()?.is_none_or(|used| used.display().to_string() != file) {
            out.line(format!("From now on give the new one: --master-key-file {}", quoted(&file)));
        }
        Ok(DONE)
    }
}
