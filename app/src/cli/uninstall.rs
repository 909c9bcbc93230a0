//! `transom uninstall`: say what there is, offer to disconnect, then remove it.

use std::path::{Path, PathBuf};

use clap::Args;
use secrecy::SecretString;
use serde_json::json;
use transom_engine::Engine;
use transom_engine::connection::{Data, by_app};
use transom_store::DatabaseUrl;

use super::org::{KEY_WORKS_ON, label};
use crate::config::Global;
use crate::out::{DONE, Failure, Out, PARTIAL};

#[derive(Debug, Args)]
pub struct Uninstall {
    /// Disconnect every org first and revoke its token in Okta; the key of a service app works on.
    #[arg(long, conflicts_with = "keep_tokens")]
    revoke: bool,
    /// Leave the tokens working in Okta.
    #[arg(long)]
    keep_tokens: bool,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    /// Only list what there is.
    #[arg(long)]
    dry_run: bool,
}

impl Uninstall {
    pub async fn run(self, global: &Global, out: Out, key: Option<SecretString>) -> Result<u8, Failure> {
        let dir = global.data_dir()?;
        let url = global.database()?;
        let files = files(&dir, &url);
        let engine = match &url {
            DatabaseUrl::Sqlite(path) if !path.exists() => None,
            _ => match global.engine(key, out).await {
                Ok(engine) => Some(engine),
                // A lost key or a damaged database must not keep anybody from removing it.
                Err(Failure::Problem(problem)) if self.keep_tokens => {
                    out.note(format!(
                        "What is connected can't be told: {problem} Its tokens stay valid in Okta."
                    ));
                    None
                }
                Err(failure) => return Err(failure),
            },
        };
        let agreed = self.disconnect(engine.as_ref(), &url, &files, out).await;
        if let Some(engine) = engine {
            engine.store.close().await;
        }
        let Some(code) = agreed? else {
            if out.is_json() && !self.dry_run {
                out.json(&json!({ "removed": [] }));
            }
            return Ok(DONE);
        };
        for file in &files {
            remove(file)?;
        }
        // Only an empty directory goes: what else is in there is not ours.
        let _ = std::fs::remove_dir(&dir);
        if out.is_json() {
            out.json(&json!({ "removed": files }));
        } else {
            out.line(
                "Removed. The program itself is the file you started; delete it to be rid of all of Transom.",
            );
        }
        Ok(code)
    }

    /// Says what there is and, where it is to go, disconnects every org. `None`: nothing is to be removed.
    async fn disconnect(
        &self,
        engine: Option<&Engine>,
        url: &DatabaseUrl,
        files: &[PathBuf],
        out: Out,
    ) -> Result<Option<u8>, Failure> {
        let orgs = match engine {
            Some(engine) => engine.store.orgs().await?,
            None => Vec::new(),
        };
        if out.is_json() && self.dry_run {
            let labels: Vec<_> = orgs.iter().map(|o| &o.label).collect();
            out.json(&json!({ "connections": labels, "files": files }));
            return Ok(None);
        }
        for org in &orgs {
            out.note(format!("Connection  {} ({}), {}", org.label, org.origin, label(org)));
        }
        for file in files {
            out.note(format!("File        {}", file.display()));
        }
        if matches!(url, DatabaseUrl::Postgres(_)) {
            out.note(format!("Database    {url} (its tables stay; drop the database to remove them)"));
        }
        if orgs.is_empty() && files.is_empty() {
            out.note("There is nothing of Transom here.");
            return Ok(None);
        }
        if self.dry_run {
            return Ok(None);
        }
        let revoke = self.revoke_tokens(!orgs.is_empty())?;
        if !self.yes && !super::confirm("Remove all of this?", "--yes")? {
            return Ok(None);
        }
        let mut code = DONE;
        for (engine, org) in engine.iter().flat_map(|engine| orgs.iter().map(move |org| (engine, org))) {
            let done = engine.disconnect(org, revoke, Data::Delete).await?;
            if done.held && by_app(org) {
                out.note(format!("{}: {KEY_WORKS_ON}", org.label));
            }
            if let Some(problem) = done.revoke_problem {
                code = PARTIAL;
                out.note(format!(
                    "The token of {} could not be revoked: {problem} Revoke it in Okta under Security > API > Tokens.",
                    org.label
                ));
            }
        }
        Ok(Some(code))
    }

    fn revoke_tokens(&self, any: bool) -> Result<bool, Failure> {
        if !any || self.keep_tokens {
            return Ok(false);
        }
        if self.revoke {
            return Ok(true);
        }
        super::confirm("Revoke the tokens in Okta too?", "--revoke or --keep-tokens")
    }
}

/// Transom's files: the database with its side files and backups, the key, the demo.
fn files(dir: &Path, url: &DatabaseUrl) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut databases = vec![dir.join(crate::config::DATABASE)];
    if let DatabaseUrl::Sqlite(path) = url {
        databases.push(path.clone());
    }
    databases.dedup();
    for database in databases {
        let (Some(parent), Some(name)) = (database.parent(), database.file_name()) else { continue };
        let name = name.to_string_lossy().into_owned();
        let Ok(entries) = std::fs::read_dir(parent) else { continue };
        found.extend(entries.flatten().map(|e| e.path()).filter(|p| {
            let file = p.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            p.is_file() && is_of(&name, &file)
        }));
    }
    let keys = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path());
    found.extend(keys.filter(|p| p.is_file() && p.file_name().is_some_and(|n| is_key(&n.to_string_lossy()))));
    found.extend([dir.join("demo"), dir.join(super::demo::LOCK)].into_iter().filter(|p| p.exists()));
    found.sort();
    found.dedup();
    found
}

/// Whether `file` is the master key, one that waits to take its place, or an earlier one, named by its id.
fn is_key(file: &str) -> bool {
    match file.strip_prefix(crate::config::KEY) {
        Some("" | ".next") => true,
        Some(rest) => rest
            .strip_prefix('.')
            .is_some_and(|id| id.len() == 12 && id.bytes().all(|b| b.is_ascii_hexdigit())),
        None => false,
    }
}

/// Whether `file` belongs to the database `name`: itself, SQLite's side files, and the copies made before migrations
/// (`transom.db.v1-1767323045000.copy`). Nothing else that merely begins alike.
fn is_of(name: &str, file: &str) -> bool {
    match file.strip_prefix(name) {
        Some("" | "-wal" | "-shm" | "-journal") => true,
        Some(rest) => rest
            .strip_prefix(".v")
            .and_then(|rest| rest.strip_suffix(".copy"))
            .is_some_and(|middle| middle.bytes().all(|b| b.is_ascii_digit() || b == b'-')),
        None => false,
    }
}

fn remove(path: &Path) -> Result<(), Failure> {
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match removed {
        // SQLite removes its side files itself when the database is closed.
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(anyhow::anyhow!("{} could not be removed: {e}", path.display()).into())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_of_the_database_goes_with_it() {
        for file in ["acme", "acme-wal", "acme-shm", "acme-journal", "acme.v1-1767323045000.copy"] {
            assert!(is_of("acme", file), "{file}");
        }
        for file in ["acme.tar.gz", "acme-backup", "acme.v1.copy.txt", "acme.vault.copy", "acme2", "other"] {
            assert!(!is_of("acme", file), "{file}");
        }
    }
}
