//! `cargo xtask dist`: release archives. The same tree packed twice gives the same bytes.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::cargo::{self, Metadata};

/// The targets that a release is for, each with the C compiler that links for it on a machine of another kind.
const TARGETS: &[(&str, &str)] = &[
    ("x86_64-unknown-linux-gnu", "x86_64-linux-gnu-gcc"),
    ("aarch64-unknown-linux-gnu", "aarch64-linux-gnu-gcc"),
];

/// What an archive holds beside the program and the completions: where it lies from the root, and as what.
const FILES: &[(&str, &str)] = &[
    ("README.md", "README.md"),
    ("LICENSE", "LICENSE"),
    ("CHANGELOG.md", "CHANGELOG.md"),
    ("packaging/transom.service", "transom.service"),
];

/// Shells, and what each calls the file that completes for it.
const SHELLS: &[(&str, &str)] = &[("bash", "transom.bash"), ("zsh", "_transom"), ("fish", "transom.fish")];

#[derive(Default)]
struct Options {
    targets: Vec<&'static str>,
    binary: Option<PathBuf>,
}

impl Options {
    fn read(args: &[&str]) -> Result<Options> {
        let mut options = Options::default();
        let mut rest = args.iter();
        while let Some(word) = rest.next() {
            let mut value =
                || rest.next().copied().ok_or_else(|| crate::usage(format!("`{word}` takes a value")));
            match *word {
                "--target" => {
                    let named = value()?;
                    let Some((target, _)) = TARGETS.iter().find(|(t, _)| *t == named) else {
                        let have: Vec<&str> = TARGETS.iter().map(|(t, _)| *t).collect();
                        return Err(crate::usage(format!(
                            "no release is for `{named}`, but for {}",
                            have.join(", ")
                        )));
                    };
                    options.targets.push(target);
                }
                "--binary" => options.binary = Some(value()?.into()),
                other => return Err(crate::usage(format!("`dist` takes no argument `{other}`"))),
            }
        }
        if options.binary.is_some() && !options.targets.is_empty() {
            return Err(crate::usage("`--binary` packs for this machine: leave `--target` out"));
        }
        Ok(options)
    }
}

/// `cargo xtask dist`: true when every target that was asked for has its archive. Without `--target` those are all that
/// can be built here, and what can't is said.
pub fn command(args: &[&str]) -> Result<bool> {
    let options = Options::read(args)?;
    let host = cargo::host()?;
    let version = Metadata::load()?.packages.into_iter().find(|p| p.ours && p.name == "transom");
    let version = version.context("there is no package `transom`")?.version;
    let out = cargo::root().join("dist");
    std::fs::create_dir_all(&out)?;

    // What can't be built is said before anything is.
    let (mut wanted, mut all) = (Vec::new(), true);
    for (target, compiler) in TARGETS {
        let asked = options.targets.contains(target);
        if !(asked || options.targets.is_empty()) || (options.binary.is_some() && *target != host) {
            continue;
        }
        match if *target == host { None } else { lacks(target, compiler)? } {
            Some(missing) => {
                println!("no archive for {target}: {missing}");
                all &= !asked;
            }
            None => wanted.push((*target, *compiler)),
        }
    }
    if wanted.is_empty() {
        println!("nothing is packed: this machine is {host}, and releases are for Linux on x86-64 and arm64");
        return Ok(false);
    }
    // Its completions are those of every target, so that it is needed for others, too.
    let here = match options.binary {
        Some(file) => file,
        None => built(None)?,
    };
    let mut archives = Vec::new();
    for (target, compiler) in wanted {
        let program = if target == host { here.clone() } else { built(Some((target, compiler)))? };
        archives.push(archive(&out, &format!("transom-{version}-{target}"), &program, &here)?);
    }
    let sums = cargo::output(Command::new("sha256sum").current_dir(&out).args(&archives))?;
    std::fs::write(out.join("SHA256SUMS"), &sums)?;
    for (name, sum) in archives.iter().zip(sums.lines()) {
        let bytes = std::fs::metadata(out.join(name))?.len();
        println!("dist/{name}  {:.1} MB  {}", bytes as f64 / 1e6, sum.split(' ').next().unwrap_or_default());
    }
    Ok(all)
}

/// Builds the program: for this machine, or for another with its compiler.
fn built(other: Option<(&str, &str)>) -> Result<PathBuf> {
    let mut command = cargo::command(["build", "--release", "--locked", "--package", "transom"]);
    let mut folder = Metadata::load()?.target;
    if let Some((target, compiler)) = other {
        let name = target.replace('-', "_");
        command.args(["--target", target]);
        command.env(format!("CARGO_TARGET_{}_LINKER", name.to_uppercase()), compiler);
        command.env(format!("CC_{name}"), compiler);
        folder.push(target);
    }
    if other.map_or(std::env::consts::ARCH, |(target, _)| target).starts_with("aarch64") {
        // Kernels for it have pages of 4, 16 or 64 kB; jemalloc is built for the largest that it may meet.
        command.env("JEMALLOC_SYS_WITH_LG_PAGE", "16");
    }
    cargo::run(&mut command)?;
    Ok(folder.join("release").join("transom"))
}

/// What this machine lacks to build for another, and what brings it.
fn lacks(target: &str, compiler: &str) -> Result<Option<String>> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let library = cargo::output(Command::new(rustc).args(["--print", "target-libdir", "--target", target]))?;
    if !Path::new(library.trim()).is_dir() {
        return Ok(Some(format!(
            "Rust's standard library for it is not installed (rustup target add {target})"
        )));
    }
    if Command::new(compiler).arg("--version").output().is_err() {
        let package = compiler.replace('_', "-");
        return Ok(Some(format!(
            "there is no {compiler} (Debian: apt install {package} libc6-dev-arm64-cross)"
        )));
    }
    Ok(None)
}

/// Packs `program` into `NAME.tar.gz` and returns that name. `here` is a program that runs on this machine.
fn archive(out: &Path, name: &str, program: &Path, here: &Path) -> Result<String> {
    let stage = out.join(name);
    if stage.exists() {
        std::fs::remove_dir_all(&stage)?;
    }
    let completions = stage.join("completions");
    std::fs::create_dir_all(&completions)?;
    let copy = |from: &Path, to: &str| {
        std::fs::copy(from, stage.join(to)).with_context(|| format!("packing {}", from.display()))
    };
    copy(program, "transom")?;
    for (from, to) in FILES {
        copy(&cargo::root().join(from), to)?;
    }
    for (shell, file) in SHELLS {
        let script = cargo::output(Command::new(here).args(["completions", shell]))?;
        std::fs::write(completions.join(file), script)?;
    }
    let file = format!("{name}.tar.gz");
    pack(out, name, &out.join(&file), moment())?;
    std::fs::remove_dir_all(&stage)?;
    Ok(file)
}

/// The time that every file of an archive bears: what `SOURCE_DATE_EPOCH` says [reproducible-builds.org], or that of the
/// commit; where there is neither, the beginning of time.
fn moment() -> String {
    let said = std::env::var("SOURCE_DATE_EPOCH").ok();
    let commit =
        || cargo::output(Command::new("git").current_dir(cargo::root()).args(["log", "-1", "--format=%ct"]));
    let found = said.or_else(|| commit().ok()).unwrap_or_default();
    let digits = found.trim();
    let number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if number { digits.to_string() } else { "0".to_string() }
}

/// Packs the folder `name` of `from`: sorted, of one time, owned by nobody in particular, so that it depends on the
/// content alone. By GNU tar and gzip, which are on every Linux that releases are made on.
fn pack(from: &Path, name: &str, file: &Path, at: String) -> Result<()> {
    let tar = file.with_extension("");
    let mut command = Command::new("tar");
    command.args(["--create", "--sort=name", "--format=ustar", "--owner=0", "--group=0", "--numeric-owner"]);
    // Whoever packs it may have an umask of their own; what can be run stays so.
    command.args(["--mode=u=rwX,go=rX", &format!("--mtime=@{at}")]);
    cargo::run(command.arg("--file").arg(&tar).arg("--directory").arg(from).arg(name))?;
    // Without name and time of the packed file, which gzip would write, too.
    cargo::run(Command::new("gzip").args(["--no-name", "--best", "--force"]).arg(&tar))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_same_tree_gives_the_same_archive() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("transom-dist-{}", std::process::id()));
        let mut packed = Vec::new();
        for (turn, mode) in [("one", 0o600), ("two", 0o644)] {
            let tree = folder.join(turn).join("t-1");
            std::fs::create_dir_all(tree.join("sub"))?;
            // In another order, with other rights, at another time.
            let mut names = vec!["b", "a", "sub/c"];
            if turn == "two" {
                names.reverse();
            }
            for name in names {
                let file = std::fs::File::create(tree.join(name))?;
                let long_ago =
                    std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(mode.into());
                file.set_modified(long_ago)?;
                file.set_permissions(std::fs::Permissions::from_mode(mode))?;
                std::fs::write(tree.join(name), name)?;
            }
            std::fs::set_permissions(tree.join("a"), std::fs::Permissions::from_mode(mode | 0o100))?;
            let file = folder.join(format!("{turn}.tar.gz"));
            pack(&folder.join(turn), "t-1", &file, "86400".to_string())?;
            packed.push(std::fs::read(&file)?);
        }
        assert_eq!(packed[0], packed[1]);
        let file = folder.join("one.tar.gz");
        let list = cargo::output(
            Command::new("tar").env("TZ", "UTC").args(["--list", "--verbose", "--file"]).arg(&file),
        )?;
        let seen: Vec<(&str, &str, &str)> = list
            .lines()
            .map(|line| {
                let words: Vec<&str> = line.split_whitespace().collect();
                (words[0], words[1], words[words.len() - 1])
            })
            .collect();
        let expected = [
            ("drwxr-xr-x", "0/0", "t-1/"),
            ("-rwxr-xr-x", "0/0", "t-1/a"),
            ("-rw-r--r--", "0/0", "t-1/b"),
            ("drwxr-xr-x", "0/0", "t-1/sub/"),
            ("-rw-r--r--", "0/0", "t-1/sub/c"),
        ];
        assert_eq!(seen, expected);
        assert!(list.lines().all(|line| line.contains("1970-01-02 00:00")), "{list}");
        std::fs::remove_dir_all(folder)?;
        Ok(())
    }

    #[test]
    fn what_is_asked_for_is_told_apart() {
        assert_eq!(
            Options::read(&["--target", TARGETS[1].0]).map(|o| o.targets).unwrap_or_default(),
            [TARGETS[1].0]
        );
        for wrong in [
            &["--target"][..],
            &["--target", "mips"],
            &["--what"],
            &["--binary", "x", "--target", TARGETS[0].0],
        ] {
            assert!(Options::read(wrong).is_err_and(|e| e.is::<crate::Usage>()), "{wrong:?}");
        }
    }

    #[test]
    fn what_is_packed_is_there() {
        for (from, _) in FILES {
            assert!(cargo::root().join(from).is_file(), "{from}");
        }
    }
}
