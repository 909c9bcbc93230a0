//! What an answer does not know: the data sets behind it that are not complete. Unknown is not pass, and empty is not
//! zero, in whatever command somebody reads.

use transom_core::{Catalogue, CoverageState, Kind, OrgId, RelCode};
use transom_engine::Engine;
use transom_engine::connection::is_limit;
use transom_engine::dataset::Tier;
use transom_engine::entity::{dataset, datasets};
use transom_engine::sync::{DatasetSummary, UNASKED, dataset_summaries};
use transom_store::Target;

use crate::out::{DONE, Failure, Out, PARTIAL};

/// The data sets of an org that are not complete, in the order and words of `status`.
pub async fn of_org(engine: &Engine, org: OrgId) -> Result<Vec<DatasetSummary>, Failure> {
    let mut all = dataset_summaries(&engine.coverage(org).await?);
    all.retain(|d| d.coverage.state != CoverageState::Complete);
    Ok(all)
}

/// Whether a data set lists the objects of the kind.
pub fn lists(name: &str, kind: &Kind) -> bool {
    matches!(dataset(name).map(|d| d.target), Some(Target::Children(code)) if code == kind.code)
}

/// Whether a data set lists objects of the kind, or what they are connected to.
pub fn concerns(catalogue: &Catalogue, name: &str, kind: &Kind) -> bool {
    let ends = |code: RelCode| {
        catalogue.relation(code).map_or(&[][..], |r| if r.from.contains(&kind.name) { r.from } else { r.to })
    };
    match dataset(name).map(|d| d.target) {
        Some(Target::Into(rel) | Target::From(rel)) => ends(rel).contains(&kind.name),
        Some(Target::Children(code)) => {
            let other = catalogue.kind(code).map_or("", |k| k.name);
            let joins = |a: &[&str], b: &[&str]| a.contains(&kind.name) && b.contains(&other);
            code == kind.code
                || catalogue.relations.iter().any(|r| joins(r.from, r.to) || joins(r.to, r.from))
        }
        Some(Target::None) | None => false,
    }
}

/// The exit code of an answer that rests on these.
pub fn code<'a>(gaps: impl IntoIterator<Item = &'a DatasetSummary>) -> u8 {
    let counts = |d: &DatasetSummary| is_limit(&d.coverage.dataset, d.coverage.state);
    if gaps.into_iter().any(counts) { PARTIAL } else { DONE }
}

/// How many are held, where that is known: `None` where nothing is held because nothing could be read.
pub fn held<'a>(n: u64, mut gaps: impl Iterator<Item = &'a DatasetSummary>) -> Result<u64, CoverageState> {
    match gaps.next() {
        Some(gap) if n == 0 => Err(gap.coverage.state),
        _ => Ok(n),
    }
}

/// The lines people read below an answer: one for each reason, with the data sets it holds for.
pub fn lines(gaps: &[DatasetSummary]) -> Vec<String> {
    let rows = gaps.iter().map(|d| (d.title.as_str(), d.coverage.state, d.coverage.reason.as_str()));
    grouped(rows)
        .into_iter()
        .map(|(titles, state, reason)| format!("{titles} — {}: {reason}{}", state.label(), how(reason)))
        .collect()
}

/// How to ask for what nobody asked for; of any other reason nothing.
pub fn how(reason: &str) -> String {
    if reason != UNASKED {
        return String::new();
    }
    let names = datasets().filter(|d| d.tier == Tier::OnDemand).map(|d| format!(" --with {}", d.name));
    format!(" Ask by transom sync{}.", names.collect::<String>())
}

/// Writes the lines to standard error: the answer itself is for programs.
pub fn note(out: Out, gaps: &[DatasetSummary]) {
    for line in lines(gaps) {
        out.note(line);
    }
}

/// Equal reasons once, with the titles they hold for: `Users, Groups`.
pub fn grouped<'a>(
    rows: impl Iterator<Item = (&'a str, CoverageState, &'a str)>,
) -> Vec<(String, CoverageState, &'a str)> {
    let mut groups: Vec<(Vec<&str>, CoverageState, &str)> = Vec::new();
    for (title, state, reason) in rows {
        match groups.iter_mut().find(|(_, s, r)| *s == state && *r == reason) {
            Some((titles, ..)) => titles.push(title),
            None => groups.push((vec![title], state, reason)),
        }
    }
    // What is read only when asked for has a reason of its own.
    let unasked: Vec<&str> = datasets().filter(|d| d.tier != Tier::OnDemand).map(|d| d.title).collect();
    let named = |titles: Vec<&str>| match titles.len() {
        n if n == datasets().count() => "Every data set".to_string(),
        n if n == unasked.len() && titles.iter().all(|t| unasked.contains(t)) => {
            "Every data set that is read unasked".to_string()
        }
        _ => titles.join(", "),
    };
    groups.into_iter().map(|(titles, state, reason)| (named(titles), state, reason)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use transom_engine::entity::{api_token::API_TOKEN, catalogue, group::GROUP, user::USER};

    #[test]
    fn what_stands_behind_an_answer() {
        let catalogue = catalogue();
        assert!(lists("api_token", &API_TOKEN) && !lists("api_token", &USER));
        assert!(concerns(&catalogue, "api_token", &USER), "a user's tokens are shown with the user");
        assert!(concerns(&catalogue, "group_member", &USER) && concerns(&catalogue, "group_member", &GROUP));
        assert!(!concerns(&catalogue, "network_zone", &USER));
    }

    #[test]
    fn what_counts_as_partial() {
        let gap = |name: &str, state| {
            let mut all = dataset_summaries(&[]);
            all.retain(|d| d.coverage.dataset == name);
            all.iter_mut().for_each(|d| d.coverage.state = state);
            all
        };
        assert_eq!(code(&gap("user", CoverageState::NotPermitted)), PARTIAL);
        assert_eq!(code(&gap("user", CoverageState::PartialByRight)), PARTIAL);
        assert_eq!(
            code(&gap("api_token", CoverageState::PartialByRight)),
            DONE,
            "what the least privilege shows"
        );
        assert_eq!(code(&gap("authorization_server", CoverageState::NotLicensed)), DONE);
        assert_eq!(
            held(0, gap("user", CoverageState::NotPermitted).iter()),
            Err(CoverageState::NotPermitted)
        );
        assert_eq!(held(3, gap("user", CoverageState::Partial).iter()), Ok(3));
        let told = lines(&dataset_summaries(&[]));
        let unasked = "Every data set that is read unasked — Never collected: No sync has read it yet.";
        assert_eq!(told[0], unasked);
        let of_users = "Linked users — Never collected: It is read only when asked for. Ask by transom sync";
        assert!(told.len() == 2 && told[1].contains(of_users), "{told:?}");
        assert!(told[1].ends_with(" --with user_grant --with linked_user."), "{told:?}");
    }

    #[test]
    fn equal_reasons_are_told_once() {
        let never = CoverageState::NeverCollected;
        let rows = [
            ("Users", never, "Not yet."),
            ("Apps", CoverageState::Partial, "Half."),
            ("Groups", never, "Not yet."),
        ];
        let told = grouped(rows.into_iter());
        assert_eq!(told[0], ("Users, Groups".to_string(), never, "Not yet."));
        assert_eq!(told.len(), 2);
    }
}
