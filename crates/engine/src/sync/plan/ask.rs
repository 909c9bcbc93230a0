//! Where counts come from: the copy and the last run; where nothing has been read yet, a few calls.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures_util::future::join_all;
use okta_client::Client;
use serde_json::Value;
use transom_core::{Coverage, CoverageState, KindCode, Link, Millis, Object, PageRecord, RelCode};
use transom_store::{Alike, Org, Selector, Store};

use super::super::summary::with_refusals;
use super::DAY;
use super::reckon::{Counts, Known, Source, key};
use crate::Problem;
use crate::dataset::{Dataset, Over, Scope, Yields};
use crate::entity::group::GROUP;
use crate::entity::user::USER;
use crate::entity::{dataset, datasets};

/// Data sets that are cheap to list and tell how much else there is.
const TELLING: [&str; 3] = ["group", "app", "admin_user"];
/// Pages of each of them at most: more is no forecast but half a sync.
const PAGES: u64 = 10;
/// How long a way of reading that fell short is not taken again, in milliseconds: Okta may have become quicker.
const AVOIDED: Millis = 7 * DAY;
/// Readings by group whose pages a group's statistics tell, and where they tell it.
const COUNTED: [(&str, &str); 2] =
    [("group_member", "/_embedded/stats/usersCount"), ("app_group_edge", "/_embedded/stats/appsCount")];

/// Whom to ask where the copy knows nothing.
#[derive(Debug, Clone, Copy)]
pub(in crate::sync) enum Asking<'a> {
    /// Okta, by a few calls.
    Okta(&'a Client),
    /// Nobody: a plan then rests on guesses.
    Nobody,
}

/// Every way to read every data set.
fn readings() -> impl Iterator<Item = &'static Dataset> {
    datasets().flat_map(|d| std::iter::once(d).chain(d.routes.iter().map(|route| route.reading)))
}

/// The numbers that a plan for `org` reckons with, and what earlier runs left behind.
///
/// # Errors
/// The database's. What Okta does not answer is not known, and no error.
pub(in crate::sync) async fn counts(
    store: &Store,
    org: &Org,
    coverage: &[Coverage],
    asking: Asking<'_>,
) -> Result<(Counts, Known), Problem> {
    let known = known(store, org).await?;
    let read = |name: &str| coverage.iter().any(|c| c.dataset == name && c.objects > 0);
    let mut counts = if read("user") || read("group") {
        let mut counts = of_copy(store, org, coverage).await?;
        counts.calls.clone_from(&known.calls);
        counts
    } else {
        match asking {
            Asking::Okta(client) => ask(client, org.okta_id.as_deref().unwrap_or_default()).await,
            Asking::Nobody => Counts::default(),
        }
    };
    let refused = |c: &&Coverage| matches!(c.state, CoverageState::NotPermitted | CoverageState::NotLicensed);
    let unasked = |d: &&Dataset| d.opt_in.is_some_and(|opt_in| !opt_in.given(&org.settings));
    let recent = |at: &Millis| store.clock().now() - at < AVOIDED;
    counts.avoided = known.short.iter().filter(|(_, at)| recent(at)).map(|(key, _)| key.clone()).collect();
    for of in coverage.iter().filter(|c| c.sweep_refused).filter_map(|c| dataset(&c.dataset)) {
        let under = store.missed_under(org.id, of.name).await?;
        let ways = of.routes.iter().filter(|r| r.yields == Yields::Documents).map(|r| r.reading);
        let by = |way: &&Dataset| matches!(way.over, Over::Each(of) if Some(of.kind()) == under);
        let way = std::iter::once(of).chain(ways).find(by);
        counts.again.extend(way.map(|way| (of.name.to_string(), key(way))));
    }
    counts.unasked = datasets().filter(unasked).map(|d| d.name).collect();
    let coverage = with_refusals(coverage.to_vec(), &org.settings);
    counts.refused = coverage.iter().filter(refused).map(|c| c.dataset.clone()).collect();
    Ok((counts, known))
}

/// What the last finished run left for the next.
///
/// # Errors
/// The database's.
pub(in crate::sync) async fn known(store: &Store, org: &Org) -> Result<Known, Problem> {
    let runs = store.runs(org.id, 5).await?;
    let left = runs.iter().filter(|run| run.finished.is_some()).filter_map(|run| run.summary.get("known"));
    Ok(left.filter_map(|known| serde_json::from_value(known.clone()).ok()).next().unwrap_or_default())
}

async fn of_copy(store: &Store, org: &Org, coverage: &[Coverage]) -> Result<Counts, Problem> {
    let at = coverage.iter().filter_map(|c| c.at).max().unwrap_or_default();
    let mut counts = Counts { source: Source::Copy { at }, ..Counts::default() };
    counts.items = coverage.iter().map(|c| (c.dataset.clone(), c.objects)).collect();
    // Several are listed over the same parents; each is counted once.
    let mut counted: Vec<(Selector, Vec<Alike>)> = Vec::new();
    for reading in readings() {
        let Over::Each(selector) = reading.over else { continue };
        let alike = match counted.iter().find(|(other, _)| *other == selector) {
            Some((_, alike)) => alike.clone(),
            None => {
                let alike = store.parents_alike(org.id, &selector).await?;
                counted.push((selector, alike.clone()));
                alike
            }
        };
        counts.parents.insert(key(reading), alike);
    }
    Ok(counts)
}

/// Asks for the lists that tell how much there is, a few pages of each; side by side, since everything else waits for it.
async fn ask(client: &Client, org: &str) -> Counts {
    let lists = TELLING.into_iter().filter_map(dataset).map(|dataset| Told::list(client, dataset, org));
    let mut told = Told::default();
    for list in join_all(lists).await {
        told.calls += list.calls;
        told.more |= list.more;
        told.pages.extend(list.pages);
        told.kinds.extend(list.kinds);
        told.objects.extend(list.objects);
        told.links.extend(list.links);
    }
    told.counts()
}

/// What the few calls told.
#[derive(Default)]
struct Told {
    calls: u64,
    more: bool,
    /// Pages of each data set that was listed to its end.
    pages: BTreeMap<String, u64>,
    /// Kinds of which something is known: those that could be listed.
    kinds: BTreeSet<KindCode>,
    objects: Vec<Object>,
    links: Vec<Link>,
}

impl Told {
    async fn list(client: &Client, dataset: &'static Dataset, org: &str) -> Self {
        let (mut told, scope) = (Self::default(), Scope::of_org(org));
        for listing in (dataset.parts)(&scope) {
            let (mut cursor, mut pages) = (None, 0);
            loop {
                told.calls += 1;
                // What can't be read now is not known; the sync itself will say why.
                let Ok(page) = client.page(&listing, cursor.as_ref()).await else { return told };
                pages += 1;
                let mut record = PageRecord::default();
                for item in &page.items {
                    (dataset.read)(item, &scope, &mut record);
                }
                told.kinds.extend(record.objects.first().map(|o| o.key.kind));
                told.objects.append(&mut record.objects);
                told.links.append(&mut record.links);
                cursor = page.next;
                if cursor.is_none() {
                    *told.pages.entry(key(dataset)).or_default() += pages;
                    break;
                }
                if pages == PAGES {
                    told.more = true;
                    break;
                }
            }
        }
        told
    }

    fn counts(self) -> Counts {
        let mut counts =
            Counts { source: Source::Asked { calls: self.calls, more: self.more }, ..Counts::default() };
        for reading in readings() {
            let Over::Each(selector) = reading.over else { continue };
            if let Some(alike) = self.alike(&selector) {
                counts.parents.insert(key(reading), alike);
            }
        }
        counts.items.extend(self.users().map(|users| ("user".to_string(), users)));
        counts.calls.clone_from(&self.pages);
        // Group by group, the statistics tell each page.
        for (name, path) in COUNTED {
            let by_group = readings()
                .find(|r| r.name == name && matches!(r.over, Over::Each(s) if s.kind() == GROUP.code));
            let Some(reading) = by_group.filter(|_| self.kinds.contains(&GROUP.code)) else { continue };
            let listing = (reading.parts)(&Scope::any()).pop();
            let size = listing.and_then(|l| l.page_size).map_or(u64::MAX, |size| u64::from(size.ask));
            let groups = self.objects.iter().filter(|o| o.key.kind == GROUP.code);
            let pages =
                |o: &Object| o.doc.value().pointer(path).and_then(Value::as_u64).map(|n| n.div_ceil(size));
            // One group without statistics, and the sum is not known.
            counts.calls.extend(groups.map(pages).sum::<Option<u64>>().map(|calls| (key(reading), calls)));
        }
        counts
    }

    /// Users who are not deactivated: those of Everyone, the largest of the built-in groups.
    fn users(&self) -> Option<u64> {
        let built_in = |o: &&Object| o.key.kind == GROUP.code && o.doc.value()["type"] == "BUILT_IN";
        let count = |o: &Object| o.doc.value().pointer("/_embedded/stats/usersCount").and_then(Value::as_u64);
        self.objects.iter().filter(built_in).filter_map(count).max()
    }

    /// Those of the listed objects that a selector chooses; `None` where their kind was not listed.
    fn alike(&self, selector: &Selector) -> Option<Vec<Alike>> {
        let status = |status: &str| Some(status.to_string());
        if let Selector::SourceOf { rel, kind, .. } = selector {
            let count = self.sources(*rel, *kind)?;
            return Some(vec![Alike { status: None, mark: None, count }]);
        }
        let kind = selector.kind();
        if kind == USER.code {
            let count = self.users()?;
            return Some(vec![Alike { status: status("ACTIVE"), mark: None, count }]);
        }
        if !self.kinds.contains(&kind) {
            return None;
        }
        let marks: HashMap<&str, i32> = match selector {
            Selector::Marked { rel, .. } => {
                let of = self.links.iter().filter(|l| l.rel == *rel);
                of.map(|l| (l.src.okta_id.as_str(), l.attr)).collect()
            }
            _ => HashMap::new(),
        };
        let mut alike: BTreeMap<(Option<String>, Option<i32>), u64> = BTreeMap::new();
        for object in self.objects.iter().filter(|o| o.key.kind == kind) {
            let shown = object.projected.clone();
            let chosen = match selector {
                Selector::Kind { status, status_not, .. } => {
                    status.is_none_or(|s| shown.status.as_deref() == Some(s))
                        && status_not.is_none_or(|s| shown.status.as_deref() != Some(s))
                }
                Selector::Facet { name, value, .. } => {
                    shown.facets.iter().any(|(n, v)| n == name && value.is_none_or(|value| v == value))
                }
                Selector::Marked { .. } | Selector::SourceOf { .. } => true,
            };
            if chosen {
                let mark = marks.get(object.key.okta_id.as_str()).copied();
                *alike.entry((shown.status, mark)).or_default() += 1;
            }
        }
        Some(alike.into_iter().map(|((status, mark), count)| Alike { status, mark, count }).collect())
    }

    /// How many objects of a kind have an edge of a relation, where something has.
    fn sources(&self, rel: RelCode, kind: KindCode) -> Option<u64> {
        let of_objects = self
            .objects
            .iter()
            .filter(|o| o.key.kind == kind && o.out.iter().any(|out| out.rel == rel))
            .map(|o| &o.key.okta_id);
        let of_links =
            self.links.iter().filter(|l| l.rel == rel && l.src.kind == kind).map(|l| &l.src.okta_id);
        let found: BTreeSet<&String> = of_objects.chain(of_links).collect();
        (!found.is_empty() || self.kinds.contains(&kind)).then_some(found.len() as u64)
    }
}
