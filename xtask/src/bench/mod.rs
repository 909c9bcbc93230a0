//! Measurements that are compared with something in the same run: numbers alone say little on a shared machine.

use anyhow::Result;

pub fn command(args: &[&str]) -> Result<bool> {
    match args.split_first() {
        Some((other, _)) => Err(crate::usage(format!("there is no bench `{other}`"))),
        None => Err(crate::usage("`bench` needs a name")),
    }
}
