//! Lists of entities, sorted and filtered, a page at a time, in both directions.
//!
//! What a page costs is bounded at any size. By name, the entities of a facet stand in the list's own order (see `facet`), so
//! a page of them is read as it is, and the rarest facet's are asked for the rest. Where no facet leads, those of a rare
//! condition are looked up and sorted; otherwise the index of the order is walked and each entity on the way asked: many fit,
//! so a page is soon full. Where they don't, though each condition alone holds for many, the walk ends after [`WALK`]
//! entities, and the page holds what was found till then with a mark to go on.
//!
//! Measured on SQLite at 100,000 users: a page of a facet by name takes 0.03 ms, of two that seldom meet 2 ms, in another
//! order up to 3 ms; that last grows with the root of the number of entities.

use serde::{Deserialize, Serialize};
use transom_core::{KindCode, OrgId};

use crate::{
    EntityRow, ListFilter, Result, Sort, Store,
    filter::{By, Condition, one_of},
    mark::{Mark, Turned, turn},
    matches,
    query::{Sql, sql},
    read::LIVE,
};

/// Which page of a list, in which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging<'a> {
    /// What it is sorted by.
    pub sort: Sort,
    /// Whether the greatest comes first.
    pub descending: bool,
    /// The mark that came with another page; `None` for the first page.
    pub at: Option<&'a str>,
    /// How many rows at most.
    pub limit: u32,
}

/// A page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPage {
    /// The entities. Fewer than asked for, or none, may come with a `next`: many were looked through, and few fit.
    pub rows: Vec<EntityRow>,
    /// What asks for the next page; `None` on the last.
    pub next: Option<String>,
    /// What asks for the page before; `None` on the first.
    pub prev: Option<String>,
}

/// So many entities are asked on the way before a page ends unfilled.
pub(crate) const WALK: i64 = 10_000;
/// Facets with more values chosen than this are not walked value by value.
const ARMS: usize = 8;

/// A row's place in an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Place {
    /// Whether it is among those that have no such value.
    none: bool,
    first: Option<String>,
    second: Option<String>,
    number: Option<i64>,
    id: i64,
}

type PlaceTuple = (i64, Option<String>, Option<String>, Option<i64>);

impl<'a> Paging<'a> {
    /// A page by name.
    pub fn by_name(at: Option<&'a str>, limit: u32) -> Self {
        Self { sort: Sort::Name, descending: false, at, limit }
    }
}

/// How the entities of a list are come by.
enum Way {
    /// Those that a condition holds for, all of them.
    From(Condition),
    /// Along the entities that have one of a facet's values, which stand by name.
    Facet(String, Vec<String>),
    /// Along the index of the order.
    Along,
}

/// A list in one order and direction.
struct Listing<'s> {
    store: &'s Store,
    org: OrgId,
    kind: KindCode,
    sort: Sort,
    /// Whether greater ones come first, on the way that is gone.
    falling: bool,
    way: Way,
    rest: Vec<(Condition, By)>,
    /// Whether the way may be longer than [`WALK`].
    long: bool,
}

impl Store {
    /// A page of the live entities of a kind.
    ///
    /// # Errors
    /// [`Error::Mark`](crate::Error::Mark) for a mark that is none of this list; [`Error::Sort`](crate::Error::Sort) for an order that the kind has not: login
    /// where nobody signs in; login, created and updated of nested kinds unless the filter names a parent.
    pub async fn list(
        &self,
        org: OrgId,
        kind: KindCode,
        filter: &ListFilter,
        paging: &Paging<'_>,
    ) -> Result<ListPage> {
        self.can_sort(kind, paging.sort, filter.parent.is_some())?;
        let Paging { descending, limit, .. } = *paging;
        let sort = filter.order(paging.sort);
        if let Some(prefix) = filter.prefix().filter(|_| sort == Sort::Name) {
            return self.list_matches(org, kind, filter, prefix, paging).await;
        }
        let of = of(sort, descending);
        let mark = paging.at.map(|text| Mark::<Place>::read(text, &of)).transpose()?;
        let (back, place) = mark.map_or((false, None), |m| (m.back, m.place));
        let (way, rest, long) = self.way(org, kind, filter, sort).await?;
        let listing = Listing { store: self, org, kind, sort, falling: descending != back, way, rest, long };
        let (mut found, mut cut) = (Vec::new(), None);
        let mut parts = if sort.may_lack().is_some() { vec![false, true] } else { vec![false] };
        if back {
            parts.reverse();
        }
        let wanted = i64::from(limit) + 1;
        let begins =
            parts.iter().position(|none| place.as_ref().is_some_and(|p| p.none == *none)).unwrap_or(0);
        for none in parts.into_iter().skip(begins) {
            let room = wanted - found.len() as i64;
            if room == 0 || cut.is_some() {
                break;
            }
            let after = place.as_ref().filter(|p| p.none == none);
            let (rows, until) = listing.part(none, after, room).await?;
            cut = if rows.len() as i64 == room { None } else { until };
            found.extend(rows);
        }
        let Turned { found, next, prev } = turn(&of, found, limit, cut, back, place.is_some());
        let rows = self.rows(org, found.into_iter().map(|p| p.id).collect()).await?;
        Ok(ListPage { rows, next, prev })
    }

    /// The mark that asks for the last page of a list.
    pub fn last_page(filter: &ListFilter, sort: Sort, descending: bool) -> String {
        let sort = filter.order(sort);
        match filter.prefix() {
            Some(_) if sort == Sort::Name => {
                Mark::<(String, i64)>::new(matches::of(descending), true, None).write()
            }
            _ => Mark::<Place>::new(&of(sort, descending), true, None).write(),
        }
    }

    async fn way(
        &self,
        org: OrgId,
        kind: KindCode,
        filter: &ListFilter,
        sort: Sort,
    ) -> Result<(Way, Vec<(Condition, By)>, bool)> {
        let leads = |c: &Condition| {
            sort == Sort::Name && matches!(c, Condition::Facet(_, values) if values.len() <= ARMS)
        };
        let mut conditions = filter.conditions();
        match conditions.as_slice() {
            [] => return Ok((Way::Along, Vec::new(), false)),
            [only] if leads(only) || matches!(only, Condition::Parent(_)) => {
                return Ok((way_of(conditions.remove(0), leads), Vec::new(), false));
            }
            _ => {}
        }
        let mut weighed = self.weigh(org, kind, conditions).await?;
        let parent = weighed.place(|c| matches!(c, Condition::Parent(_)));
        let first = parent.or(Some(0).filter(|_| weighed.is_few(0))).or_else(|| weighed.place(leads));
        Ok(match first {
            Some(n) => {
                let (weight, first) = weighed.conditions.remove(n);
                (way_of(first, leads), weighed.asked(true), weight > WALK)
            }
            None => {
                let long = weighed.all > WALK;
                (Way::Along, weighed.asked(matches!(sort, Sort::Name | Sort::Status)), long)
            }
        })
    }
}

fn way_of(condition: Condition, leads: impl Fn(&Condition) -> bool) -> Way {
    match condition {
        Condition::Facet(name, values) if leads(&Condition::Facet(name.clone(), values.clone())) => {
            Way::Facet(name, values)
        }
        other => Way::From(other),
    }
}

impl Listing<'_> {
    /// The next places among those that have a value to sort by, or that have none; and how far was looked where that is
    /// not to the end.
    async fn part(
        &self,
        none: bool,
        after: Option<&Place>,
        room: i64,
    ) -> Result<(Vec<Place>, Option<Place>)> {
        let mut until = None;
        if self.long && !matches!(self.way, Way::From(_)) && !self.rest.is_empty() {
            let ahead = self.query(none, (1, WALK / self.arms() as i64 - 1), |query, arm| {
                self.select(query, arm, none, after);
            });
            until = ahead.optional::<PlaceTuple>(&self.store.reader).await?.map(|t| place(none, t));
        }
        let query = self.query(none, (room, 0), |query, arm| {
            self.select(query, arm, none, after);
            if let Some(until) = &until {
                self.compare(query, none, until, if self.falling { ">=" } else { "<=" });
            }
            for (condition, by) in &self.rest {
                condition.probe(query, *by, self.store.reader.is_sqlite());
            }
        });
        let rows: Vec<PlaceTuple> = query.all(&self.store.reader).await?;
        Ok((rows.into_iter().map(|t| place(none, t)).collect(), until))
    }

    /// How many stretches of an index, each in the list's order, hold it together.
    fn arms(&self) -> usize {
        match &self.way {
            Way::Facet(_, values) => values.len(),
            _ => 1,
        }
    }

    /// The first rows of what `arm` appends for each stretch, in the list's order. Of each no more than those are read; an
    /// entity that stands in several comes once.
    fn query(
        &self,
        none: bool,
        (rows, past): (i64, i64),
        arm: impl Fn(&mut Sql<'static>, usize),
    ) -> Sql<'static> {
        let mut query = sql("").int(self.org.0).int(i64::from(self.kind.0));
        let arms = self.arms();
        if arms > 1 {
            query.push("SELECT e.id, e.name_key, e.second, e.number FROM (");
        }
        for n in 0..arms {
            query.push(if n > 0 { " UNION " } else { "" });
            query.push(if arms > 1 { "SELECT * FROM (" } else { "" });
            arm(&mut query, n);
            self.order(&mut query, none);
            query.push(&format!(" LIMIT {rows} OFFSET {past}"));
            if arms > 1 {
                query.push(&format!(") AS a{n}"));
            }
        }
        if arms > 1 {
            query.push(") AS e");
            self.order(&mut query, none);
            query.push(&format!(" LIMIT {rows}"));
        }
        query
    }

    fn select(&self, query: &mut Sql<'_>, arm: usize, none: bool, after: Option<&Place>) {
        let (texts, number) = self.sort.keys(none);
        let text = |n: usize| texts.get(n).map_or("CAST(NULL AS TEXT)", |c| *c);
        query.push(&format!(
            "SELECT e.id AS id, {} AS name_key, {} AS second, {} AS number FROM ",
            text(0),
            text(1),
            number.unwrap_or("CAST(NULL AS BIGINT)")
        ));
        match &self.way {
            Way::From(condition) => {
                query.push("(");
                condition.ids(query);
                // It holds the name, so that no row is looked at, where SQLite would take the rows themselves.
                let sqlite = self.store.reader.is_sqlite() && self.sort == Sort::Name;
                let by = if sqlite { "INDEXED BY entity_live" } else { "" };
                query.push(&format!(
                    ") AS w CROSS JOIN entity e {by} WHERE e.org = $1 AND e.kind = $2 AND e.id = w.id AND {LIVE}"
                ));
            }
            Way::Facet(name, values) => {
                // What has a facet is live.
                query.push("facet e WHERE e.org = $1 AND e.kind = $2 AND e.name = ").push_text(name);
                one_of(query, " AND e.value", values.get(arm..=arm).unwrap_or_default());
            }
            Way::Along => {
                // SQLite may take another index that begins alike, and sort; PostgreSQL knows what that costs.
                let index = self.sort.index();
                let by =
                    if self.store.reader.is_sqlite() { format!("INDEXED BY {index}") } else { String::new() };
                query.push(&format!("entity e {by} WHERE e.org = $1 AND e.kind = $2 AND {LIVE}"));
                if matches!(self.sort, Sort::Login | Sort::Created | Sort::Updated) {
                    query.push(" AND e.parent = 0");
                }
            }
        }
        if let Some(column) = self.sort.may_lack() {
            query.push(&format!(" AND {column} IS {}NULL", if none { "" } else { "NOT " }));
        }
        if let Some(after) = after {
            self.compare(query, none, after, if self.falling { "<" } else { ">" });
        }
    }

    fn compare(&self, query: &mut Sql<'_>, none: bool, with: &Place, how: &str) {
        let (texts, number) = self.sort.keys(none);
        let columns: Vec<&str> = texts.iter().copied().chain(number).chain(["e.id"]).collect();
        query.push(&format!(" AND ({}) {how} (", columns.join(", ")));
        for text in [&with.first, &with.second].into_iter().take(texts.len()) {
            query.push_text(text.as_deref().unwrap_or_default()).push(", ");
        }
        if number.is_some() {
            query.push_int(with.number.unwrap_or_default()).push(", ");
        }
        query.push_int(with.id).push(")");
    }

    fn order(&self, query: &mut Sql<'_>, none: bool) {
        let (texts, number) = self.sort.keys(none);
        let falling = if self.falling { " DESC" } else { "" };
        let columns = texts.iter().copied().chain(number).chain(["e.id"]).map(|c| format!("{c}{falling}"));
        query.push(&format!(" ORDER BY {}", columns.collect::<Vec<_>>().join(", ")));
    }
}

/// Which list a mark belongs to.
fn of(sort: Sort, descending: bool) -> String {
    format!("{}{}", sort.as_str(), if descending { "-" } else { "" })
}

fn place(none: bool, (id, first, second, number): PlaceTuple) -> Place {
    Place { none, first, second, number, id }
}
