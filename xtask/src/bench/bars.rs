//! The bars of a bench: what a figure may be at most. A figure above its bar fails the run and is named; one without a bar
//! is said to be not judged, and why. A run that waited for the simulator is not judged at all.

use super::options::Options;
use super::report::Report;

/// Calls of the core at R10k by each choice of routes.
const CORE_CALLS: &[(&str, f64)] = &[("fewest", 1_650.0), ("shortest", 1_800.0)];
/// Wall of a sync of every tier, or of the core, that nothing holds back, over the bare fetch of the same pages.
const OVER_BARE: f64 = 1.5;
/// Wall under limits over the bound.
const OVER_BOUND: f64 = 1.05;
/// Peak memory in MB.
const MEMORY: &[(&str, f64)] = &[("r10k", 96.0), ("r100k", 160.0), ("r1m", 160.0)];
/// Sizes whose time is judged: a smaller org is all beginning and end, a larger one is for plan, memory and disk.
const TIMED: &[&str] = &["r10k", "r100k"];

/// A figure above its bar, both as they are told, in a sentence.
pub fn above(figure: f64, bar: f64, told: &str, allowed: &str) -> Option<String> {
    (figure > bar).then(|| format!("{told}, where {allowed} are allowed"))
}

/// What became of one figure.
#[derive(Debug, PartialEq)]
pub enum Judged {
    Within(String),
    Above(String),
    Not(String),
}

impl Judged {
    fn of(what: &str, figure: f64, bar: f64, decimals: usize) -> Judged {
        let told = format!("{what}: {figure:.decimals$}");
        match above(figure, bar, &told, &bar.to_string()) {
            Some(says) => Judged::Above(says),
            None => Judged::Within(format!("{told}, where {bar} are allowed")),
        }
    }

    /// Whether this fails the run.
    pub fn fails(&self) -> bool {
        matches!(self, Judged::Above(_))
    }

    pub fn line(&self) -> String {
        match self {
            Judged::Within(says) => format!("within: {says}"),
            Judged::Above(says) => format!("over: {says}"),
            Judged::Not(why) => format!("not judged: {why}"),
        }
    }
}

/// What the syncs of a report came to; nothing of a run that waited for the simulator.
#[derive(Debug, Default)]
pub struct Figures {
    /// The most calls of the core, where they are known.
    pub core_calls: Option<u64>,
    /// The highest peak memory in bytes.
    pub memory: Option<u64>,
    /// The mean of wall over bare.
    pub over_bare: Option<f64>,
    /// The mean of wall over bound.
    pub over_bound: Option<f64>,
    /// Answers 429 of all runs: there is nobody else whom the simulator would refuse.
    pub refused: u64,
    /// Syncs that are counted in this.
    pub syncs: usize,
}

/// Judges a bench of syncs.
pub fn of(report: &Report) -> Vec<Judged> {
    judge(&report.options, &report.figures())
}

fn judge(options: &Options, figures: &Figures) -> Vec<Judged> {
    if figures.syncs == 0 {
        return vec![Judged::Not("no run in which the simulator was not what it waited for".into())];
    }
    let mut judged = vec![calls(options, figures), memory(options, figures)];
    if options.limits_real {
        judged.push(bound(options, figures));
        judged.push(Judged::of("answers 429", figures.refused as f64, 0.0, 0));
    } else {
        judged.push(bare(options, figures));
    }
    judged
}

fn calls(options: &Options, figures: &Figures) -> Judged {
    let what = "calls of the core";
    let route = options.route.as_deref().unwrap_or("fewest");
    let bar = CORE_CALLS.iter().find(|(name, _)| options.size == "r10k" && *name == route);
    // Of every tier by the shortest route, what follows the first answer is asked by the core's own route.
    let told = options.tier.as_deref() == Some("core") || options.tier.is_none() && route == "fewest";
    match (bar, figures.core_calls) {
        (Some((_, bar)), Some(calls)) if told => Judged::of(what, calls as f64, *bar, 0),
        _ => Judged::Not(format!(
            "{what}: their bars are those of r10k, of the core alone or, on the fewest calls, of every tier"
        )),
    }
}

fn memory(options: &Options, figures: &Figures) -> Judged {
    let what = "peak memory in MB";
    match (MEMORY.iter().find(|(size, _)| *size == options.size), figures.memory) {
        (Some((_, bar)), Some(bytes)) => Judged::of(what, bytes as f64 / 1e6, *bar, 1),
        _ => Judged::Not(format!("{what}: there is a bar for r10k, r100k and r1m")),
    }
}

fn bare(options: &Options, figures: &Figures) -> Judged {
    let what = "wall over the bare fetch, in the mean";
    let timed =
        TIMED.contains(&options.size.as_str()) && options.tier.as_deref().is_none_or(|tier| tier == "core");
    match figures.over_bare.filter(|_| timed) {
        Some(ratio) => Judged::of(what, ratio, OVER_BARE, 2),
        None => Judged::Not(format!(
            "{what}: the bar is that of every tier, or the core, at r10k and r100k, of a valid pair"
        )),
    }
}

fn bound(options: &Options, figures: &Figures) -> Judged {
    let what = "wall over the bound, in the mean";
    match figures.over_bound.filter(|_| TIMED.contains(&options.size.as_str())) {
        Some(ratio) => Judged::of(what, ratio, OVER_BOUND, 2),
        None => Judged::Not(format!("{what}: the bar is that of r10k and r100k")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(args: &[&str], figures: &Figures) -> Vec<String> {
        let options = Options::parse(args).expect("valid");
        judge(&options, figures).iter().map(Judged::line).collect()
    }

    fn figures() -> Figures {
        Figures {
            core_calls: Some(1_650),
            memory: Some(96_000_000),
            over_bare: Some(1.5),
            over_bound: Some(1.05),
            refused: 0,
            syncs: 2,
        }
    }

    #[test]
    fn a_figure_fails_only_above_its_bar() {
        let fails = |args: &[&str], figures: &Figures| {
            let options = Options::parse(args).expect("valid");
            judge(&options, figures).iter().filter(|j| j.fails()).count()
        };
        let more = Figures {
            core_calls: Some(1_801),
            memory: Some(160_100_000),
            over_bare: Some(1.51),
            over_bound: Some(1.06),
            refused: 1,
            syncs: 1,
        };
        let core = ["--tier", "core"];
        let limited = ["--tier", "core", "--route", "shortest", "--limits", "real", "--size", "r10k"];
        assert_eq!((fails(&core, &figures()), fails(&core, &more)), (0, 3));
        assert_eq!((fails(&limited, &figures()), fails(&limited, &more)), (0, 4));
        assert_eq!(fails(&["--size", "r100k"], &more), 2, "memory and wall have a bar, calls have none");
        assert_eq!(fails(&["--size", "small", "--limits", "real"], &more), 1, "nobody may be refused");
        assert_eq!(fails(&core, &Figures { syncs: 0, ..more }), 0, "void");
    }

    #[test]
    fn what_fails_is_named_with_figure_and_bar() {
        let more = Figures { core_calls: Some(1_702), over_bare: Some(1.618), ..figures() };
        assert_eq!(
            lines(&["--tier", "core"], &more),
            [
                "over: calls of the core: 1702, where 1650 are allowed",
                "within: peak memory in MB: 96.0, where 96 are allowed",
                "over: wall over the bare fetch, in the mean: 1.62, where 1.5 are allowed",
            ]
        );
    }

    #[test]
    fn a_combination_without_a_bar_is_not_judged() {
        let of = |args: &[&str]| {
            let lines = lines(args, &figures());
            lines.iter().map(|line| line.starts_with("not judged: ")).collect::<Vec<_>>()
        };
        assert_eq!(of(&["--tier", "core", "--route", "shortest"]), [false, false, false]);
        assert_eq!(of(&[]), [false, false, false]);
        assert_eq!(of(&["--route", "shortest"]), [true, false, false]);
        assert_eq!(of(&["--tier", "deep"]), [true, false, true]);
        assert_eq!(of(&["--size", "small", "--limits", "real"]), [true, true, true, false]);
        assert_eq!(of(&["--size", "r1m", "--tier", "core"]), [true, false, true]);
    }
}
