//! Measurements that are compared with something in the same run: numbers alone say little on a shared machine.

mod access_log;
mod bare;
mod bars;
mod bound;
mod census;
mod disk;
mod http;
mod installation;
mod manifest;
mod options;
mod pages;
mod process;
mod read;
mod readers;
mod report;
mod sync;
mod told;
mod web;

use anyhow::Result;

struct Bench {
    name: &'static str,
    run: fn(&[&str]) -> Result<bool>,
}

/// To add a bench, add a row and a file.
const BENCHES: &[Bench] = &[
    Bench { name: "sync", run: sync::command },
    Bench { name: "read", run: read::command },
    Bench { name: "web", run: web::command },
];

pub fn command(args: &[&str]) -> Result<bool> {
    let names = || BENCHES.iter().map(|b| b.name).collect::<Vec<_>>().join(", ");
    let Some((name, rest)) = args.split_first() else {
        return Err(crate::usage(format!("`bench` needs a name: {}", names())));
    };
    match BENCHES.iter().find(|b| b.name == *name) {
        Some(bench) => (bench.run)(rest),
        None => Err(crate::usage(format!("there is no bench `{name}`; there are: {}", names()))),
    }
}
