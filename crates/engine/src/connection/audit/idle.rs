//! What is to be said of a connection that calls Okta no longer: why it does not, and how long its token lives.

use serde_json::Value;
use transom_core::{ConnectionState, Millis};
use transom_store::Org;

use super::{Finding, Severity};
use crate::connection::{PROBLEM, Verification};
use crate::{Class, Engine, Problem};

const DAY: Millis = 86_400_000;

/// Days that a token lives unused; each call renews it [docs create-an-api-token].
const TOKEN_DAYS: Millis = 30;

impl Engine {
    /// What the last verification of a connection found, in the state that the connection is in now, with all that the audit
    /// of its credential has to say; `None` where it was never verified, or by a version that wrote it otherwise.
    ///
    /// # Errors
    /// Problems of the database.
    pub async fn verification(&self, org: &Org) -> Result<Option<Verification>, Problem> {
        let kept = org.settings.get("verification").cloned().unwrap_or(Value::Null);
        let Ok(mut found) = serde_json::from_value::<Verification>(kept) else { return Ok(None) };
        found.state = org.state;
        let mut findings =
            standing(org, &found, self.last_answer(org, &found).await?, self.store.clock().now());
        findings.append(&mut found.findings);
        findings.sort_by_key(|finding| finding.severity);
        found.findings = findings;
        Ok(Some(found))
    }

    /// When Okta last answered this connection, as far as the database knows: the last verification, the last run that began
    /// or ended, the data set that was read last.
    async fn last_answer(&self, org: &Org, found: &Verification) -> Result<Option<Millis>, Problem> {
        let runs = self.store.runs(org.id, 1).await?;
        // A run is written down once Okta has said whose the credential is.
        let run = runs.first().map(|run| run.finished.unwrap_or(run.started));
        let read = self.store.coverage(org.id).await?.into_iter().filter_map(|c| c.at).max();
        Ok([found.at, run, read].into_iter().flatten().max())
    }
}

fn standing(org: &Org, found: &Verification, last: Option<Millis>, now: Millis) -> Vec<Finding> {
    let mut out = Vec::new();
    if org.state == ConnectionState::Failed {
        out.push(failing(org));
    }
    let rests = matches!(org.state, ConnectionState::Failed | ConnectionState::Paused);
    if let Some(last) = last.filter(|_| rests && found.app.is_none()) {
        out.extend(idle(org, (now - last) / DAY));
    }
    out
}

/// Why nothing is read any more.
fn failing(org: &Org) -> Finding {
    let problem = org.settings.get(PROBLEM).cloned().and_then(|p| serde_json::from_value::<Problem>(p).ok());
    let problem = problem.unwrap_or_else(|| {
        let todo = "Verify the connection again to see whether it still does.";
        Problem::new(Class::State, "The connection fails.", org.state_reason.clone(), todo)
    });
    let title = problem.what.trim_end_matches('.').to_string();
    Finding::new("failing", Severity::High, title, problem.why, problem.todo)
}

/// How long the token lives, where that is not long.
fn idle(org: &Org, days: Millis) -> Option<Finding> {
    let left = TOKEN_DAYS - days;
    let since = format!("Okta last answered this connection {days} days ago, as far as Transom knows");
    let again = match org.state {
        ConnectionState::Paused => format!(
            "Resume the connection, or verify it, which renews the token: transom org verify '{}'.",
            org.label
        ),
        _ => "Put right what it fails for; any call that Okta answers renews the token.".to_string(),
    };
    if left <= 0 {
        let text = format!(
            "{since}. A token that is not used for {TOKEN_DAYS} days lapses, unless somebody else uses it."
        );
        let todo = "Verify the connection; where the token is gone, make a new one and rotate it in.";
        return Some(
            Finding::new("token_lapsed", Severity::High, "Its token has lapsed", text, todo).assumed(),
        );
    }
    let severity = match left {
        ..=1 => Severity::High,
        2..=5 => Severity::Medium,
        6..=10 => Severity::Low,
        _ => return None,
    };
    let title = if left == 1 {
        "Its token lapses in 1 day".to_string()
    } else {
        format!("Its token lapses in {left} days")
    };
    let text =
        format!("{since}. A token that is not used for {TOKEN_DAYS} days lapses, and can't be revived.");
    Some(Finding::new("token_idle", severity, title, text, again))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_warns_at_ten_five_and_one() {
        let org = Org { state: ConnectionState::Paused, ..org() };
        let at = |days| idle(&org, days).map(|f| (f.id, f.severity));
        assert_eq!(at(19), None);
        assert_eq!(at(20), Some(("token_idle".to_string(), Severity::Low)));
        assert_eq!(at(25), Some(("token_idle".to_string(), Severity::Medium)));
        assert_eq!(at(28), Some(("token_idle".to_string(), Severity::Medium)));
        assert_eq!(at(29), Some(("token_idle".to_string(), Severity::High)));
        assert_eq!(at(30), Some(("token_lapsed".to_string(), Severity::High)));
    }

    fn org() -> Org {
        Org {
            id: transom_core::OrgId(1),
            label: "Acme".to_string(),
            origin: "https://acme.okta.com".to_string(),
            okta_id: None,
            simulator: false,
            state: ConnectionState::Connected,
            state_reason: String::new(),
            state_at: 0,
            created: 0,
            settings: Value::Null,
        }
    }
}
