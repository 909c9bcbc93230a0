//! `bench read`: what lists, searches and detail pages wait for in the database, by the store's own measurement.

use std::process::Command;

use anyhow::Result;

use crate::cargo::run;

const SIZES: &[&str] = &["r10k", "r100k", "r1m"];

/// Builds the store's tests with optimisation and runs the one that measures.
pub fn command(args: &[&str]) -> Result<bool> {
    let size = match args {
        [] => "r100k",
        ["--size", size] if SIZES.contains(size) => size,
        _ => {
            let sizes = SIZES.join(", ");
            return Err(crate::usage(format!(
                "`bench read` takes --size, one of {sizes}; got `{}`",
                args.join(" ")
            )));
        }
    };
    let mut test = Command::new("cargo");
    test.args(["test", "--release", "--locked", "-p", "transom-store", "--test", "it", "speed::speed"]);
    test.args(["--", "--ignored", "--exact", "--nocapture"]).env("TRANSOM_BENCH_SIZE", size);
    run(&mut test)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    #[test]
    fn other_sizes_are_refused() {
        let error = super::command(&["--size", "r5"]).expect_err("refused").to_string();
        assert!(error.contains("r100k") && error.contains("r5"), "{error}");
    }
}
