//! Calling cargo and understanding `cargo metadata`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The workspace's root folder.
pub fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().expect("xtask lies in the workspace").to_path_buf()
}

/// A cargo command at the root, with nothing on its standard input to wait for.
pub fn command<'a>(args: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root()).stdin(Stdio::null());
    // `cargo xtask` describes xtask in these; a build script that reads them would be rebuilt for nothing.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_")
            || text.starts_with("CARGO_MANIFEST_")
            || text.starts_with("CARGO_BIN_")
        {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs with output going straight to the terminal; an error names the command when it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("starting {}", line(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", line(command));
    }
    Ok(())
}

/// Runs and returns standard output; the error holds standard error.
pub fn output(command: &mut Command) -> Result<String> {
    let out = command.output().with_context(|| format!("starting {}", line(command)))?;
    if !out.status.success() {
        let said = String::from_utf8_lossy(&out.stderr);
        bail!("`{}` failed ({}):\n{}", line(command), out.status, said.trim());
    }
    String::from_utf8(out.stdout).with_context(|| format!("output of {}", line(command)))
}

/// The command as one would type it, for messages.
fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let args = command.get_args().map(|a| a.to_string_lossy());
    std::iter::once(program.to_string_lossy()).chain(args).collect::<Vec<_>>().join(" ")
}

/// The triple this toolchain builds for, such as `x86_64-unknown-linux-gnu`.
pub fn host() -> Result<String> {
    let text = output(Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())).arg("-vV"))?;
    let host = text.lines().find_map(|l| l.strip_prefix("host: ")).context("`rustc -vV` names no host")?;
    Ok(host.to_string())
}

/// What kind of dependency: decides which walls apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Normal,
    Dev,
    Build,
}

/// One `[dependencies]` line of a package.
#[derive(Clone, Debug)]
pub struct Dependency {
    pub name: String,
    pub kind: Kind,
}

/// One package of `cargo metadata`: ours or somebody else's.
#[derive(Clone, Debug)]
pub struct Package {
    pub name: String,
    pub version: String,
    pub license: Option<String>,
    /// In our workspace.
    pub ours: bool,
    pub dependencies: Vec<Dependency>,
    /// Names of its integration-test binaries.
    pub tests: Vec<String>,
}

/// The packages this workspace builds on this platform.
pub struct Metadata {
    pub packages: Vec<Package>,
    pub target: PathBuf,
}

impl Metadata {
    pub fn load() -> Result<Metadata> {
        let host = host()?;
        let ask = || {
            output(&mut command([
                "metadata",
                "--locked",
                "--offline",
                "--format-version",
                "1",
                "--filter-platform",
                &host,
            ]))
        };
        let text = match ask() {
            Ok(text) => text,
            Err(error) if format!("{error:#}").contains("lock file") => {
                return Err(
                    error.context("Cargo.lock is out of step: run `cargo check -p xtask` and commit it")
                );
            }
            // A fresh clone has none of the packages yet: fetch once what the lock file names.
            Err(_) => {
                run(&mut command(["fetch", "--locked", "--target", &host]))?;
                ask()?
            }
        };
        Metadata::parse(&text)
    }

    fn parse(text: &str) -> Result<Metadata> {
        let value: Value = serde_json::from_str(text).context("cargo metadata")?;
        let members: Vec<&str> = array(&value["workspace_members"]).filter_map(Value::as_str).collect();
        let packages = array(&value["packages"])
            .map(|p| {
                Ok(Package {
                    name: string(p, "name")?,
                    version: string(p, "version")?,
                    license: p["license"].as_str().map(str::to_string),
                    ours: members.contains(&p["id"].as_str().unwrap_or_default()),
                    dependencies: array(&p["dependencies"]).map(dependency).collect::<Result<_>>()?,
                    tests: array(&p["targets"])
                        .filter(|t| array(&t["kind"]).any(|k| k == "test"))
                        .map(|t| string(t, "name"))
                        .collect::<Result<_>>()?,
                })
            })
            .collect::<Result<_>>()?;
        Ok(Metadata { packages, target: string(&value, "target_directory")?.into() })
    }
}

fn dependency(value: &Value) -> Result<Dependency> {
    let kind = match value["kind"].as_str() {
        None => Kind::Normal,
        Some("dev") => Kind::Dev,
        Some("build") => Kind::Build,
        Some(other) => bail!("cargo metadata: a dependency kind `{other}` that we do not know"),
    };
    Ok(Dependency { name: string(value, "name")?, kind })
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn string(value: &Value, key: &str) -> Result<String> {
    let text = value[key].as_str().with_context(|| format!("cargo metadata: no `{key}`"))?;
    Ok(text.to_string())
}

/// `name version` of every package that gets compiled for the given edges (`normal,build`, `all`).
///
/// `cargo metadata` also lists what only a *weak* feature could switch on (ring under rustls-webpki, say), so what
/// is really built is asked from `cargo tree`. xtask is left out: it is not shipped.
pub fn tree(edges: &str) -> Result<Vec<(String, String)>> {
    let text = output(&mut command([
        "tree",
        "--locked",
        "--offline",
        "--workspace",
        "--exclude",
        "xtask",
        "--edges",
        edges,
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]))?;
    let mut packages: Vec<(String, String)> = text
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?.to_string(), words.next()?.trim_start_matches('v').to_string()))
        })
        .collect();
    packages.sort();
    packages.dedup();
    Ok(packages)
}

/// Where cargo puts the `transom` program of a profile: `debug` or `release`.
pub fn binary(profile: &str) -> Result<PathBuf> {
    Ok(Metadata::load()?.target.join(profile).join(format!("transom{}", std::env::consts::EXE_SUFFIX)))
}
