//! The options of `bench sync`.

use std::path::PathBuf;

use anyhow::Result;

#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The simulator's reference org: `small`, `r10k`, `r100k` or `r1m`.
    pub size: String,
    /// Pairs of a sync and a bare fetch.
    pub runs: u64,
    /// How long the simulator takes for an answer, in milliseconds.
    pub latency: u64,
    /// Whether the simulator refuses as Okta does.
    pub limits_real: bool,
    pub time_scale: f64,
    /// Only this tier, where the program can do that: `core`, `factors` or `deep`.
    pub tier: Option<String>,
    /// How the sync chooses where a data set can be read in several ways, where it is told: `fewest` or `shortest`.
    pub route: Option<String>,
    /// A program that is measured instead of one built now.
    pub binary: Option<PathBuf>,
    pub json: Option<PathBuf>,
}

impl Default for Options {
    /// R10k, without limits.
    fn default() -> Options {
        Options {
            size: "r10k".to_string(),
            runs: 2,
            latency: 0,
            limits_real: false,
            time_scale: 1.0,
            tier: None,
            route: None,
            binary: None,
            json: None,
        }
    }
}

/// Tiers of `transom sync --tier`.
const TIERS: &[&str] = &["core", "factors", "deep"];

/// Choices of `transom sync --route`.
const ROUTES: &[&str] = &["fewest", "shortest"];

/// Sizes of `transom sim`.
pub const SIZES: &[&str] = &["small", "r10k", "r100k", "r1m"];

impl Options {
    pub fn parse(args: &[&str]) -> Result<Options> {
        let mut options = Options::default();
        let mut rest = args.iter();
        while let Some(name) = rest.next() {
            let Some(value) = rest.next() else {
                return Err(crate::usage(format!("`{name}` needs a value")));
            };
            match *name {
                "--size" => options.size = one_of(SIZES, name, value)?,
                "--runs" => options.runs = number::<u64>(name, value)?.max(1),
                "--latency" => options.latency = number(name, value)?,
                "--time-scale" => options.time_scale = number(name, value)?,
                "--tier" => options.tier = Some(one_of(TIERS, name, value)?),
                "--route" => options.route = Some(one_of(ROUTES, name, value)?),
                "--binary" => options.binary = Some(value.into()),
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

    /// The tiers that are read.
    pub fn tiers(&self) -> Vec<&str> {
        self.tier.as_deref().map_or_else(|| TIERS.to_vec(), |tier| vec![tier])
    }

    /// What `transom sync` is told beside its connection; each pair is an argument and its value.
    pub fn sync_args(&self) -> Vec<(&'static str, &str)> {
        let told = [("--tier", &self.tier), ("--route", &self.route)];
        told.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect()
    }

    /// As arguments of `transom sim`.
    pub fn simulator_args(&self) -> Vec<String> {
        let limits = if self.limits_real { "real" } else { "off" };
        [
            ("--size", self.size.clone()),
            ("--latency", self.latency.to_string()),
            ("--limits", limits.to_string()),
            ("--time-scale", self.time_scale.to_string()),
        ]
        .into_iter()
        .flat_map(|(name, value)| [name.to_string(), value])
        .collect()
    }
}

pub fn one_of(known: &[&str], name: &str, value: &str) -> Result<String> {
    if known.contains(&value) {
        return Ok(value.to_string());
    }
    Err(crate::usage(format!("`{name} {value}`: expected one of {}", known.join(", "))))
}

pub fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T> {
    value.parse().map_err(|_| crate::usage(format!("`{name} {value}`: expected a number")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_and_passed_on() {
        let options =
            Options::parse(&["--size", "small", "--limits", "real", "--time-scale", "60"]).expect("valid");
        assert_eq!((options.size.as_str(), options.limits_real), ("small", true));
        let args = options.simulator_args().join(" ");
        assert_eq!(args, "--size small --latency 0 --limits real --time-scale 60");
    }

    #[test]
    fn the_sync_is_told_its_tier_and_its_route() {
        assert_eq!(Options::default().sync_args(), []);
        let options = Options::parse(&["--route", "shortest", "--tier", "core"]).expect("valid");
        assert_eq!(options.sync_args(), [("--tier", "core"), ("--route", "shortest")]);
        let error = Options::parse(&["--route", "long"]).expect_err("refused").to_string();
        assert!(error.contains("`--route long`: expected one of fewest, shortest"), "{error}");
    }

    #[test]
    fn mistakes_are_named() {
        for args in [
            &["--size"][..],
            &["--size", "x"],
            &["--runs", "x"],
            &["--limits", "some"],
            &["--tier", "x"],
            &["--route", "x"],
            &["--colour", "1"],
        ] {
            let error = Options::parse(args).expect_err("refused").to_string();
            assert!(error.contains(args[0]), "{error}");
        }
    }
}
