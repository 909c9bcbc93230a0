//! A plan in the words in which every face tells it.

use transom_core::number;

use super::{Plan, Step};

/// Said of a plan that was made without counts.
pub const NOTHING_KNOWN: &str =
    "Nothing is known of the org yet: these numbers are guessed, or the least that it takes.";

/// How sure the calls of a step are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sure {
    /// Reckoned from what is held, or what it took the last time.
    Reckoned,
    /// The least that it takes.
    AtLeast,
    /// Guessed.
    Guessed,
}

impl Sure {
    /// What stands before the number.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Reckoned => "",
            Self::AtLeast => "≥",
            Self::Guessed => "~",
        }
    }

    /// What the sign means, in a line below the numbers; empty where there is none.
    pub fn means(self) -> &'static str {
        match self {
            Self::Reckoned => "",
            Self::AtLeast => "≥ at least: how many pages there are will be known after the first sync.",
            Self::Guessed => "~ guessed: how much there is will be known after the first sync.",
        }
    }
}

impl Step {
    /// How sure the number of calls is.
    pub fn sure(&self) -> Sure {
        match (self.at_least, self.guessed) {
            (true, _) => Sure::AtLeast,
            (false, true) => Sure::Guessed,
            (false, false) => Sure::Reckoned,
        }
    }
}

impl Plan {
    /// Calls, time, and what decides it: `at least 1,204 calls, about 3 min. The rate bucket …`.
    pub fn cost(&self) -> String {
        let least = |bucket: Option<&str>| {
            let mut of = self.steps.iter().filter(|s| bucket.is_none_or(|bucket| s.bucket == bucket));
            if of.any(|s| s.at_least) { "at least " } else { "" }
        };
        let mut text = format!("{}{}, {}", least(None), calls(self.calls), about(self.seconds));
        if self.core_seconds > 0 && self.core_seconds < self.seconds {
            text.push_str(&format!("; the core after {}", about(self.core_seconds)));
        }
        match self.buckets.iter().find(|b| b.decides) {
            Some(b) => text.push_str(&format!(
                ". The rate bucket {} decides: {}{} at {} a minute.",
                b.bucket,
                least(Some(&b.bucket)),
                calls(b.calls),
                number(b.spend.into())
            )),
            None => text.push_str(". No rate limit is reached."),
        }
        text
    }

    /// What the signs before the numbers of the steps mean, a line for each that there is.
    pub fn signs(&self) -> impl Iterator<Item = &'static str> {
        let there = move |sure: &Sure| self.steps.iter().any(|step| step.sure() == *sure);
        [Sure::Guessed, Sure::AtLeast].into_iter().filter(there).map(Sure::means)
    }
}

fn calls(n: u64) -> String {
    format!("{} {}", number(n), if n == 1 { "call" } else { "calls" })
}

/// A length of time as one plans by it.
pub fn about(seconds: u64) -> String {
    match seconds {
        0 => "less than 1 s".to_string(),
        1..90 => format!("about {seconds} s"),
        90..5_400 => format!("about {} min", seconds.div_ceil(60)),
        _ => format!("about {:.1} h", seconds as f64 / 3_600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::about;

    #[test]
    fn times_are_told_as_one_plans_by_them() {
        assert_eq!(about(0), "less than 1 s");
        assert_eq!(about(89), "about 89 s");
        assert_eq!(about(21 * 60 + 1), "about 22 min");
        assert_eq!(about(9_000), "about 2.5 h");
    }
}
