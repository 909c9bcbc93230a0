//! Why the provider's word was not taken, or what it said instead: three parts for people, a word for the audit.

use transom_engine::Problem;

/// Why somebody is not let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What the audit and the log call it.
    pub word: &'static str,
    /// What happened.
    pub what: String,
    /// Why.
    pub why: String,
    /// What to do.
    pub todo: String,
    /// Whether the provider, or the way there, is what failed.
    pub provider_failed: bool,
}

impl Refusal {
    /// One in three parts.
    pub fn new(
        word: &'static str,
        what: impl Into<String>,
        why: impl Into<String>,
        todo: impl Into<String>,
    ) -> Self {
        let (what, why, todo) = (what.into(), why.into(), todo.into());
        Self { word, what, why, todo, provider_failed: false }
    }

    /// An ID token that is not good.
    pub fn token(why: impl Into<String>) -> Self {
        Self::new(
            "token",
            "The provider's answer is not good.",
            why,
            "Sign in again. If it stays, an owner looks at Settings › Sign-in, and at the provider's settings of this app.",
        )
    }

    /// An answer of the provider that is not what OpenID Connect promises.
    pub fn answer(why: impl Into<String>) -> Self {
        let todo = "Try again. If it stays, an owner looks at Settings › Sign-in and tests it there.";
        let refusal = Self::new("answer", "The provider's answer can't be used.", why, todo);
        Self { provider_failed: true, ..refusal }
    }

    /// For a field: all of it in one line.
    pub fn line(&self) -> String {
        [self.what.as_str(), &self.why, &self.todo]
            .into_iter()
            .filter(|t| !t.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let refusal = Self::new("unreachable", problem.what, problem.why, problem.todo);
        Self { provider_failed: true, ..refusal }
    }
}

/// What a provider says, fit to be shown: one line, not too long, no control characters.
pub(super) fn shown(said: &str) -> String {
    let mut text: String = said.chars().filter(|c| !c.is_control()).take(300).collect();
    if text.is_empty() {
        text.push_str("nothing");
    }
    text
}
