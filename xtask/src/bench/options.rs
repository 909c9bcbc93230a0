//! The options of `bench sync`.

use std::path::PathBuf;

use anyhow::Result;

#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    pub users: u64,
    pub groups: u64,
    pub apps: u64,
    /// Pairs of a sync and a bare fetch.
    pub runs: u64,
    /// How long the simulator takes for an answer, in milliseconds.
    pub latency: u64,
    /// Whether the simulator refuses as Okta does.
    pub limits_real: bool,
    pub time_scale: f64,
    pub json: Option<PathBuf>,
}

impl Default for Options {
    /// R10k, without limits.
    fn default() -> Options {
        Options {
            users: 10_000,
            groups: 500,
            apps: 300,
            runs: 2,
            latency: 0,
            limits_real: false,
            time_scale: 1.0,
            json: None,
        }
    }
}

impl Options {
    pub fn parse(args: &[&str]) -> Result<Options> {
        let mut options = Options::default();
        let mut rest = args.iter();
        while let Some(name) = rest.next() {
            let Some(value) = rest.next() else {
                return Err(crate::usage(format!("`{name}` needs a value")));
            };
            match *name {
                "--users" => options.users = number(name, value)?,
                "--groups" => options.groups = number(name, value)?,
                "--apps" => options.apps = number(name, value)?,
                "--runs" => options.runs = number::<u64>(name, value)?.max(1),
                "--latency" => options.latency = number(name, value)?,
                "--time-scale" => options.time_scale = number(name, value)?,
                "--json" => options.json = Some(value.into()),
                "--limits" => {
                    options.limits_real = match *value {
                        "real" => true,
                        "off" => false,
                        _ => {
                            return Err(crate::usage(format!(
                                "`--limits {value}`: expected `off` or `real`"
                            )));
                        }
                    }
                }
                _ => return Err(crate::usage(format!("`bench sync` takes no argument `{name}`"))),
            }
        }
        Ok(options)
    }

    /// As arguments of `transom sim`.
    pub fn simulator_args(&self) -> Vec<String> {
        let limits = if self.limits_real { "real" } else { "off" };
        [
            ("--users", self.users.to_string()),
            ("--groups", self.groups.to_string()),
            ("--apps", self.apps.to_string()),
            ("--latency", self.latency.to_string()),
            ("--limits", limits.to_string()),
            ("--time-scale", self.time_scale.to_string()),
        ]
        .into_iter()
        .flat_map(|(name, value)| [name.to_string(), value])
        .collect()
    }
}

fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T> {
    value.parse().map_err(|_| crate::usage(format!("`{name} {value}`: expected a number")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_and_passed_on() {
        let options =
            Options::parse(&["--users", "100", "--limits", "real", "--time-scale", "60"]).expect("valid");
        assert_eq!((options.users, options.limits_real, options.groups), (100, true, 500));
        let args = options.simulator_args().join(" ");
        assert_eq!(args, "--users 100 --groups 500 --apps 300 --latency 0 --limits real --time-scale 60");
    }

    #[test]
    fn mistakes_are_named() {
        for args in [&["--users"][..], &["--users", "x"], &["--limits", "some"], &["--colour", "1"]] {
            let error = Options::parse(args).expect_err("refused").to_string();
            assert!(error.contains(args[0]), "{error}");
        }
    }
}
