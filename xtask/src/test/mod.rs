//! `cargo xtask test`: the CI, as rings around the code. To add a ring, add a row to [`ring::table`].

mod e2e;
mod peers;
mod ring;
mod smoke;

use std::time::Duration;

use anyhow::Result;

use crate::clock::{Stopwatch, human};
use ring::{Outcome, Ring, Shared, When};

pub fn command(args: &[&str]) -> Result<bool> {
    let (mut all, mut list, mut only) = (false, false, Vec::new());
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match *arg {
            "--all" => all = true,
            "--list" => list = true,
            "--ring" => only.push(*rest.next().ok_or_else(|| crate::usage("`--ring` needs a name"))?),
            other => return Err(crate::usage(format!("`test` takes no argument `{other}`"))),
        }
    }
    let rings = ring::table()?;
    if list {
        for ring in &rings {
            let when = if ring.when == When::All { "--all only" } else { "" };
            println!("{:<24}{:<12}{}", ring.name, when, ring.what);
        }
        return Ok(true);
    }
    if let Some(unknown) = only.iter().find(|name| !rings.iter().any(|r| r.name == **name)) {
        return Err(crate::usage(format!(
            "there is no ring `{unknown}`; `cargo xtask test --list` names them"
        )));
    }
    // A ring asked for by name runs whether or not it belongs to `--all`, and brings the build it needs.
    let chosen = |ring: &Ring| match only.is_empty() {
        true => all || ring.when == When::Always,
        false => only.contains(&ring.name.as_str()),
    };
    let needs_build = rings.iter().any(|r| chosen(r) && r.needs_build);
    let wanted: Vec<&Ring> =
        rings.iter().filter(|r| chosen(r) || r.name == ring::BUILD && needs_build).collect();
    Ok(report(&run(&wanted)))
}

/// Builds the program and leaves pictures of the web app's pages in a folder.
pub fn shots(args: &[&str]) -> Result<bool> {
    let folder = match args {
        [] => crate::cargo::Metadata::load()?.target.join("shots"),
        [folder] => std::path::absolute(folder)?,
        [_, other, ..] => return Err(crate::usage(format!("`shots` takes no argument `{other}`"))),
    };
    crate::cargo::run(&mut crate::cargo::command([
        "build",
        "--release",
        "--package",
        "transom",
        "--locked",
    ]))?;
    match e2e::shots(&folder)? {
        Outcome::Passed => println!("the pictures are in {}", folder.display()),
        Outcome::Skipped(why) => anyhow::bail!("no picture was taken: {why}"),
    }
    Ok(true)
}

/// How one ring ended.
struct Line<'a> {
    ring: &'a Ring,
    result: Result<Outcome>,
    time: Duration,
}

/// Runs the rings one after the other; a failure stops none but those that need what could not be built.
fn run<'a>(rings: &[&'a Ring]) -> Vec<Line<'a>> {
    let shared = Shared::new();
    let mut built = true;
    let mut lines = Vec::new();
    for ring in rings {
        println!("\n== {}: {}", ring.name, ring.what);
        let watch = Stopwatch::start();
        let result = if ring.needs_build && !built {
            Err(anyhow::anyhow!("not run: the build failed"))
        } else {
            (ring.run)(&shared)
        };
        let time = watch.elapsed();
        match &result {
            Ok(Outcome::Passed) => println!("== {} passed in {}", ring.name, human(time)),
            Ok(Outcome::Skipped(why)) => println!("== {} skipped: {why}", ring.name),
            Err(error) => println!("== {} FAILED after {}: {error:#}", ring.name, human(time)),
        }
        built &= ring.name != ring::BUILD || result.is_ok();
        lines.push(Line { ring, result, time });
    }
    lines
}

/// The table at the end, and the one line that machines read. True when nothing failed.
fn report(lines: &[Line]) -> bool {
    let (mut passed, mut failed, mut total) = (0, 0, Duration::ZERO);
    println!("\n{:<24}{:<10}{:>14}", "ring", "result", "time");
    for line in lines {
        total += line.time;
        let (verdict, note) = match &line.result {
            Ok(Outcome::Passed) => ("passed", String::new()),
            Ok(Outcome::Skipped(why)) => ("skipped", format!("  {why}")),
            Err(error) => ("FAILED", format!("  {}", error.to_string().lines().next().unwrap_or_default())),
        };
        passed += usize::from(verdict == "passed");
        failed += usize::from(verdict == "FAILED");
        println!("{:<24}{verdict:<10}{:>14}{note}", line.ring.name, human(line.time));
    }
    println!("{:<34}{:>14}", "all", human(total));
    println!("{passed} passed, {failed} failed");
    failed == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::rc::Rc;

    fn ring(name: &str, needs_build: bool, ok: bool, ran: &Rc<Cell<u32>>) -> Ring {
        let ran = ran.clone();
        Ring {
            name: name.into(),
            what: "",
            when: When::Always,
            needs_build,
            run: Box::new(move |_| {
                ran.set(ran.get() + 1);
                if ok { Ok(Outcome::Passed) } else { anyhow::bail!("broken on purpose") }
            }),
        }
    }

    fn verdicts(rings: &[Ring]) -> Vec<bool> {
        let rings: Vec<&Ring> = rings.iter().collect();
        run(&rings).iter().map(|l| l.result.is_ok()).collect()
    }

    #[test]
    fn a_failed_ring_does_not_stop_the_next() {
        let ran = Rc::new(Cell::new(0));
        let rings = [
            ring("fmt", false, false, &ran),
            ring(ring::BUILD, false, true, &ran),
            ring("tests", true, true, &ran),
        ];
        assert_eq!(verdicts(&rings), [false, true, true]);
        assert_eq!(ran.get(), 3);
    }

    #[test]
    fn a_failed_build_fails_what_needs_it_without_running_it() {
        let ran = Rc::new(Cell::new(0));
        let rings = [
            ring(ring::BUILD, false, false, &ran),
            ring("tests", true, true, &ran),
            ring("fmt", false, true, &ran),
        ];
        assert_eq!(verdicts(&rings), [false, false, true]);
        assert_eq!(ran.get(), 2);
    }

    #[test]
    fn names_are_unique_and_there_is_a_build() {
        let rings = ring::table().expect("the table");
        let mut names: Vec<&str> = rings.iter().map(|r| r.name.as_str()).collect();
        assert!(names.contains(&ring::BUILD));
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
