//! What is known of the data sets of an org, as its connection's page has it: by area, with the worst state of each.

use std::collections::BTreeMap;

use transom_core::CoverageState;
use transom_engine::area::Area;
use transom_engine::connection::is_limit;
use transom_engine::entity::dataset;
use transom_engine::sync::{DatasetSummary, UNASKED};

use super::{Count, Moment, State};

/// An area of the org.
#[derive(Debug)]
pub(super) struct Covered {
    /// What tells it from others on the page.
    pub id: String,
    pub title: &'static str,
    /// The worst state in it: it stands where the area is folded, too.
    pub worst: State,
    /// `12 of 14 complete · 3 assumed`.
    pub says: String,
    /// Whether something in it limits the connection.
    pub open: bool,
    pub rows: Vec<Row>,
}

/// A data set.
#[derive(Debug)]
pub(super) struct Row {
    pub dataset: String,
    pub title: String,
    pub used_for: &'static str,
    pub objects: Option<Count>,
    pub fresh: Option<Moment>,
    pub state: State,
    pub reason: String,
    pub without: String,
    /// What the state rests on that is assumed.
    pub assumed: Vec<String>,
    /// Whether it was never read because it is read only when asked for.
    pub unasked: bool,
    /// Whether the state says that something is missing. Before the first sync it does not.
    pub gap: bool,
}

/// The areas, in their order. `begun`: something has been read.
pub(super) fn by_area(datasets: Vec<DatasetSummary>, begun: bool, now: i64) -> Vec<Covered> {
    let mut areas: BTreeMap<Area, Vec<DatasetSummary>> = BTreeMap::new();
    for d in datasets {
        let area = dataset(&d.coverage.dataset).map_or(Area::Settings, |d| d.right.area());
        areas.entry(area).or_default().push(d);
    }
    areas.into_iter().map(|(area, datasets)| covered(area, datasets, begun, now)).collect()
}

fn covered(area: Area, datasets: Vec<DatasetSummary>, begun: bool, now: i64) -> Covered {
    let limits = |d: &DatasetSummary| begun && is_limit(&d.coverage.dataset, d.coverage.state);
    let worst = datasets.iter().max_by_key(|d| (limits(d), rank(d.coverage.state)));
    let worst = worst.map_or(CoverageState::NeverCollected, |d| d.coverage.state);
    let complete = datasets.iter().filter(|d| d.coverage.state == CoverageState::Complete).count();
    let mut says = format!("{complete} of {} complete", datasets.len());
    match datasets.iter().filter(|d| !d.coverage.assumed.is_empty()).count() {
        0 => {}
        n => says.push_str(&format!(" · {n} assumed")),
    }
    Covered {
        id: area.title().to_lowercase().replace(' ', "-"),
        title: area.title(),
        worst: worst.into(),
        says,
        open: datasets.iter().any(limits),
        rows: datasets.into_iter().map(|d| row(d, begun, now)).collect(),
    }
}

/// The larger, the less is known.
fn rank(state: CoverageState) -> u8 {
    match state {
        CoverageState::Complete => 0,
        CoverageState::NotLicensed => 1,
        CoverageState::NeverCollected => 2,
        CoverageState::PartialByRight => 3,
        CoverageState::Partial => 4,
        CoverageState::NotPermitted => 5,
    }
}

fn row(d: DatasetSummary, begun: bool, now: i64) -> Row {
    let c = d.coverage;
    let known = c.state == CoverageState::Complete;
    // Where nothing could be read, 0 would be a claim.
    let held = known || c.objects > 0;
    Row {
        title: d.title,
        used_for: dataset(&c.dataset).map_or("", |d| d.used_for),
        objects: held.then_some(Count(c.objects)),
        fresh: c.at.map(|at| Moment::new(at, now)),
        state: c.state.into(),
        unasked: c.reason == UNASKED,
        reason: c.reason,
        without: d.without,
        assumed: c.assumed,
        dataset: c.dataset,
        gap: !known && begun,
    }
}

#[cfg(test)]
mod tests {
    use transom_core::Coverage;
    use transom_engine::sync::dataset_summaries;

    use super::*;

    /// The areas of an org in which every data set is complete but these.
    fn areas(but: &[(&str, CoverageState)]) -> Vec<Covered> {
        let summaries = dataset_summaries(&[]).into_iter().map(|d| {
            let state = but.iter().find(|(name, _)| *name == d.coverage.dataset);
            let state = state.map_or(CoverageState::Complete, |(_, state)| *state);
            DatasetSummary { coverage: Coverage { state, ..d.coverage }, ..d }
        });
        by_area(summaries.collect(), true, 0)
    }

    fn of<'a>(areas: &'a [Covered], title: &str) -> &'a Covered {
        areas.iter().find(|a| a.title == title).expect("an area")
    }

    #[test]
    fn what_limits_stands_open_and_the_worst_shows_when_folded() {
        use CoverageState::{NeverCollected, NotLicensed, NotPermitted, Partial};
        let fine = areas(&[]);
        assert!(fine.iter().all(|a| !a.open && a.worst.label == "Complete"), "{fine:?}");
        let all = dataset_summaries(&[]).len();
        assert_eq!(fine.iter().map(|a| a.rows.len()).sum::<usize>(), all, "none is left out");

        let some = areas(&[
            ("user", Partial),
            ("user_grant", NeverCollected),
            ("group_rule", NotPermitted),
            ("device", NotLicensed),
        ]);
        let users = of(&some, "Users");
        assert!(users.open && users.worst.label == "Partial" && users.says.contains(" of "), "{users:?}");
        assert_eq!((of(&some, "Groups").open, of(&some, "Groups").worst.label), (true, "Not permitted"));
        // Neither is a fault, and both are said.
        let devices = of(&some, "Devices");
        assert_eq!((devices.open, devices.worst.label), (false, "Not licensed"));
        let asked = areas(&[("user_grant", NeverCollected)]);
        let title = asked.iter().find(|a| a.worst.label == "Never collected").expect("an area");
        assert!(!title.open, "{title:?}");
    }

    #[test]
    fn before_the_first_sync_nothing_is_a_gap() {
        let areas = by_area(dataset_summaries(&[]), false, 0);
        assert!(areas.iter().all(|a| !a.open && a.worst.label == "Never collected"), "{areas:?}");
        assert!(areas.iter().flat_map(|a| &a.rows).all(|r| !r.gap));
    }
}
