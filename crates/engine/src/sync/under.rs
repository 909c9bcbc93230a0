//! What is read only when asked for, read of one object now: outside of a run, under the lease that a run has, and written as
//! a run leaves it.

use okta_client::{Client, Error};
use transom_core::{Coverage, CoverageState, KindCode, OrgId, PageRecord};
use transom_store::{EntityRow, Lease, Org, Under};

use super::listing::whole;
use super::reading::{inherited, stops_all};
use super::run::{never, not_paused, stays};
use super::stubs::by_id;
use super::summary::{DatasetSummary, summary};
use crate::connection::{OwnerRoles, Subject, check_sight, read_roles, state_of_error, unreadable};
use crate::dataset::{Dataset, Over, Scope, Tier};
use crate::entity::{catalogue, dataset, datasets};
use crate::{Class, Engine, Problem};

/// The data sets that can be read of one object of this kind by itself.
pub fn under(kind: KindCode) -> impl Iterator<Item = &'static Dataset> {
    let over = move |d: &&Dataset| matches!(d.over, Over::Each(selector) if selector.kind() == kind);
    datasets().filter(|d| d.tier == Tier::OnDemand && d.lists().is_some()).filter(over)
}

/// What people call the kind in a sentence.
fn word(kind: KindCode) -> String {
    catalogue().kind(kind).map_or_else(|| "object".to_string(), |k| k.title.to_lowercase())
}

impl Engine {
    /// What is known under one object of the data sets that are read only when asked for: as they were read of it by itself,
    /// or of all, whichever is newer. What is held is what it has. Empty where there are no such data sets.
    ///
    /// # Errors
    /// The database's.
    pub async fn known_under(&self, org: OrgId, row: &EntityRow) -> Result<Vec<DatasetSummary>, Problem> {
        if under(row.kind).next().is_none() {
            return Ok(Vec::new());
        }
        let (all, own) = (self.coverage(org).await?, self.store.coverage_under(org, row.id).await?);
        let held = self.store.child_counts(org, row.id, row.kind).await?;
        let one = |d: &'static Dataset| {
            let of = |known: &[Coverage]| known.iter().find(|c| c.dataset == d.name).cloned();
            let known = newer(of(&own), of(&all)).unwrap_or_else(|| Coverage {
                reason: format!("Not read of this {} yet.", word(row.kind)),
                ..never(d.name)
            });
            let objects =
                held.iter().find(|(kind, _)| Some(*kind) == d.lists()).map_or(0, |(_, n)| n.least());
            summary(d, Coverage { objects, ..known })
        };
        Ok(under(row.kind).map(one).collect())
    }

    /// Reads these data sets (all that can be where none is named) of one object now. What Okta does not show is taken away
    /// below this object, and below no other; of the data set as a whole nothing more is known than before. A refusal is no
    /// error: it is what is known then. Returns what is known afterwards, as [`Self::known_under`].
    ///
    /// # Errors
    /// [`Class::Name`] where a data set can't be read of one such object, or Okta has the object no more; [`Class::Busy`] while
    /// somebody works on the org; and what stops a sync.
    pub async fn read_under(
        &self,
        org: &Org,
        row: &EntityRow,
        only: &[String],
    ) -> Result<Vec<DatasetSummary>, Problem> {
        let wanted = wanted(row.kind, only)?;
        not_paused(org)?;
        let lease = self.lease_now(org.id).await?;
        let alive = self.heartbeat(&lease);
        let outcome = self.under_now(org.id, row, &wanted, &lease).await;
        if let Err(problem) = &outcome
            && stays(problem)
        {
            self.conclude_failed(org.id, problem).await?;
        }
        drop(alive);
        // As after a sync: a lease that can't be given back runs out by itself.
        if let Err(error) = self.store.release(lease).await {
            tracing::debug!(%error, "the lease was not released");
        }
        outcome?;
        self.known_under(org.id, row).await
    }

    /// The same with the lease in hand: by now the connection may have been paused, or given another token.
    async fn under_now(
        &self,
        org: OrgId,
        row: &EntityRow,
        wanted: &[&'static Dataset],
        lease: &Lease,
    ) -> Result<(), Problem> {
        let org = self.store.org(org).await?;
        not_paused(&org)?;
        let client = self.client_of(&org).await?;
        let subject = Subject::of(&client).await?;
        let roles = read_roles(&client, &subject).await?;
        check_sight(&client, &roles, &subject).await?;
        // What a run that was cut off had stored and not placed yet.
        self.store.place(lease).await?;
        let all = self.store.coverage(org.id).await?;
        let own = self.store.coverage_under(org.id, row.id).await?;
        let asking = Asking { engine: self, client: &client, roles: &roles, org: &org, row, all: &all };
        for dataset in wanted {
            let (under, mut coverage) = asking.read(dataset).await?;
            if under.is_none() {
                // What is held is as old as the last reading.
                coverage.at = own.iter().find(|c| c.dataset == dataset.name).and_then(|c| c.at);
            }
            self.store.record_under(lease, row.id, under, &coverage).await?;
        }
        Ok(())
    }
}

/// What is newer: the reading of the object by itself, or that of all. Where some could not be read of all, nobody knows
/// whether this one was among them.
fn newer(own: Option<Coverage>, all: Option<Coverage>) -> Option<Coverage> {
    use CoverageState::{Complete, NeverCollected, PartialByRight};
    let all = all.filter(|c| c.state != NeverCollected);
    let Some(own) = own else { return all };
    let newer = |all: &Coverage| matches!(all.state, Complete | PartialByRight) && all.at >= own.at;
    Some(all.filter(newer).unwrap_or(own))
}

fn wanted(kind: KindCode, only: &[String]) -> Result<Vec<&'static Dataset>, Problem> {
    let (have, word): (Vec<_>, _) = (under(kind).collect(), word(kind));
    if have.is_empty() {
        return Err(Problem::new(
            Class::Name,
            format!("There is nothing that is read of one {word} by itself."),
            "All that Transom reads of it, a sync reads.",
            "Sync to have it read anew.",
        ));
    }
    if let Some(other) = only.iter().find(|name| have.iter().all(|d| d.name != name.as_str())) {
        let names = have.iter().map(|d| d.name).collect::<Vec<_>>().join(", ");
        return Err(Problem::new(
            Class::Name,
            format!("{other} can't be read of one {word}."),
            format!("What can be is: {names}."),
            "Name one of these, or none, to read all of them.",
        ));
    }
    Ok(have.into_iter().filter(|d| only.is_empty() || only.iter().any(|name| name == d.name)).collect())
}

/// Whoever asks Okta for what one object has.
struct Asking<'a> {
    engine: &'a Engine,
    client: &'a Client,
    roles: &'a OwnerRoles,
    org: &'a Org,
    row: &'a EntityRow,
    /// What is known of all data sets.
    all: &'a [Coverage],
}

impl Asking<'_> {
    /// What the object has of a data set, where Okta shows it, and what is known of it then.
    async fn read(&self, dataset: &'static Dataset) -> Result<(Option<Under>, Coverage), Problem> {
        let bases = self.bases(dataset);
        let at = Some(self.engine.store.clock().now());
        let known = |state, reason, assumed| Coverage { state, reason, assumed, at, ..never(dataset.name) };
        if let Some(base) = bases.iter().find(|b| unreadable(b.state)) {
            return Ok((None, known(base.state, inherited(base), self.roles.assumed(dataset))));
        }
        let record = match self.listed(dataset).await {
            Ok(record) => record,
            Err(Refused::Ours(problem)) => return Err(problem),
            Err(Refused::Okta(error)) if stops_all(&error) => return Err(error.into()),
            Err(Refused::Okta(error)) => {
                let (state, reason) = state_of_error(dataset, &error, self.roles);
                return Ok((None, known(state, reason, self.roles.assumed(dataset))));
            }
        };
        let (mut state, mut reason, assumed) = self.roles.sight(dataset);
        // What this owner may not see is not gone; and an odd record may be what is missing.
        let listed = by_id(self.row.kind).map(|parents| self.roles.sight(parents).0);
        let mut narrowed = [state].into_iter().chain(listed).chain(bases.iter().map(|b| b.state));
        let whole = !narrowed.any(|s| s == CoverageState::PartialByRight) && record.odd.is_empty();
        if let Some(base) = bases.iter().find(|b| b.state != CoverageState::Complete) {
            (state, reason) = (base.state, inherited(base));
        }
        if !record.odd.is_empty() {
            state = CoverageState::Partial;
            let aside = format!("{} of its records could not be read and are left out.", record.odd.len());
            reason = format!("{reason} {aside}").trim_start().to_string();
        }
        let under = dataset.lists().map(|kind| Under { kind, record, whole });
        Ok((under, known(state, reason, assumed)))
    }

    /// What is known of what the data set is listed over, besides the object itself.
    fn bases(&self, of: &Dataset) -> Vec<Coverage> {
        let lists_it = |name: &str| dataset(name).and_then(Dataset::lists) == Some(self.row.kind);
        let known = |name: &&str| self.all.iter().find(|c| c.dataset == **name).cloned();
        of.after.iter().filter(|name| !lists_it(name)).map(|n| known(n).unwrap_or_else(|| never(n))).collect()
    }

    /// Lists the data set under the object, from the first part's first page to the last one's last.
    async fn listed(&self, of: &'static Dataset) -> Result<PageRecord, Refused> {
        let per = match of.per.and_then(dataset).and_then(Dataset::lists) {
            Some(kind) => self.engine.store.okta_ids(self.org.id, kind).await.map_err(Problem::from)?,
            None => Vec::new(),
        };
        let per: Vec<&str> = per.iter().map(String::as_str).collect();
        let scope = Scope {
            id: self.row.id,
            okta_id: &self.row.okta_id,
            status: self.row.status.as_deref(),
            per: &per,
            ..Scope::of_org(self.org.okta_id.as_deref().unwrap_or_default())
        };
        let mut all = PageRecord::default();
        for (number, listing) in (of.parts)(&scope).iter().enumerate() {
            let scope = Scope { part: i16::try_from(number).unwrap_or(i16::MAX), ..scope };
            match whole(self.client, of, scope, listing).await {
                Ok(part) => all.append(part),
                // There is none here, or there is no such object any more: only asking for that tells.
                Err(error) if (of.none)(&error) => self.still_there().await?,
                Err(error) => return Err(Refused::Okta(error)),
            }
        }
        Ok(all)
    }

    async fn still_there(&self) -> Result<(), Refused> {
        let Some(again) = by_id(self.row.kind).and_then(|d| d.again) else { return Ok(()) };
        match self.client.page(&again(&self.row.okta_id), None).await {
            Ok(_) => Ok(()),
            Err(Error::NotFound(_)) => Err(Refused::Ours(self.gone())),
            Err(error) => Err(Refused::Okta(error)),
        }
    }

    fn gone(&self) -> Problem {
        let name = self.row.login.as_ref().or(self.row.name.as_ref()).unwrap_or(&self.row.okta_id);
        Problem::new(
            Class::Name,
            format!("Okta has the {} {name} no more.", word(self.row.kind)),
            "It was deleted since the last sync. Until the next one, what is held of it stays.",
            "Sync, and it goes here, too.",
        )
    }
}

/// Why there is no answer.
enum Refused {
    /// Okta's; the data set decides what it means.
    Okta(Error),
    Ours(Problem),
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Ours(problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::{group::GROUP, user::USER};

    #[test]
    fn what_is_newer_is_told_but_not_what_may_have_left_this_one_out() {
        use CoverageState::{Complete, NeverCollected, NotPermitted, Partial};
        let known = |state, at| Some(Coverage { state, at: Some(at), ..never("user_grant") });
        assert_eq!(newer(None, None), None);
        assert_eq!(newer(None, known(NeverCollected, 1)), None);
        assert_eq!(newer(None, known(NotPermitted, 1)), known(NotPermitted, 1));
        assert_eq!(newer(known(Complete, 1), known(Complete, 2)), known(Complete, 2));
        assert_eq!(newer(known(Complete, 3), known(Complete, 2)), known(Complete, 3));
        assert_eq!(newer(known(Complete, 1), known(Partial, 2)), known(Complete, 1));
        assert_eq!(newer(known(Complete, 1), known(NeverCollected, 2)), known(Complete, 1));
    }

    #[test]
    fn only_what_can_be_read_of_one_is_wanted() {
        let names = |only: &[&str]| {
            let only: Vec<String> = only.iter().map(ToString::to_string).collect();
            wanted(USER.code, &only).map(|all| all.iter().map(|d| d.name).collect::<Vec<_>>())
        };
        let mut all = names(&[]).expect("all");
        all.sort_unstable();
        assert_eq!(all, ["linked_user", "user_grant"]);
        assert_eq!(names(&["user_grant"]).expect("one"), ["user_grant"]);
        let problem = names(&["user_grant", "factor"]).expect_err("read with every sync").to_string();
        assert!(problem.contains("factor") && problem.contains("user_grant"), "{problem}");
        let problem = wanted(GROUP.code, &["user_grant".to_string()]).expect_err("of users").to_string();
        assert!(problem.contains("nothing that is read of one group"), "{problem}");
    }
}
