//! Lists of entities, sorted and filtered, a page at a time, in both directions.
//!
//! What a page costs is bounded at any size. Where one of the conditions holds for few entities, those are looked up and
//! sorted. Otherwise the index of the order is walked and each entity on the way asked for the rest: many fit, so a page is
//! soon full. Where they don't, though each condition alone holds for many, the walk ends after [`WALK`] entities, and the
//! page holds what was found till then with a mark to go on. Measured on SQLite: a condition that is asked on the way costs
//! 1.1 microseconds, an entity that is looked up and sorted up to 3. So the most that a page costs grows with the root of
//! the number of entities: 13 ms of one core at a million.

use serde::{Deserialize, Serialize};
use transom_core::{KindCode, OrgId};

use crate::{
    EntityRow, ListFilter, Result, Sort, Store,
    filter::Condition,
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

/// Most that are looked up and sorted, of however many; see [`few`].
const FEW: i64 = 5_000;
/// So many entities are asked on the way before a page ends unfilled.
pub(crate) const WALK: i64 = 10_000;

/// Up to how many of `all` entities are looked up and sorted: where that costs as much as to walk until a page of fifty is
/// full.
fn few(all: u64) -> i64 {
    i64::try_from((18 * all).isqrt()).map_or(FEW, |few| few.clamp(200, FEW))
}

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
    /// Along the index of the order; `of_status` where it begins with the status.
    Along { of_status: Option<String> },
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
    rest: Vec<Condition>,
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
        let Paging { sort, descending, limit, .. } = *paging;
        if let Some(prefix) = filter.prefix().filter(|_| sort == Sort::Name) {
            return self.list_matches(org, kind, filter, prefix, paging).await;
        }
        let of = of(sort, descending);
        let mark = paging.at.map(|text| Mark::<Place>::read(text, &of)).transpose()?;
        let (back, place) = mark.map_or((false, None), |m| (m.back, m.place));
        let (way, rest) = self.way(org, kind, filter, sort).await?;
        let listing = Listing { store: self, org, kind, sort, falling: descending != back, way, rest };
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
    ) -> Result<(Way, Vec<Condition>)> {
        let mut conditions = filter.conditions();
        let of_status = filter.status.clone().filter(|_| matches!(sort, Sort::Name | Sort::Status));
        let in_order = of_status.is_some() && conditions.len() == 1;
        let few = if in_order { None } else { self.few_of(org, kind, &conditions).await? };
        if let Some(few) = few {
            let from = conditions.remove(few);
            self.by_rarity(org, kind, &mut conditions).await?;
            return Ok((Way::From(from), conditions));
        }
        if of_status.is_some() {
            // Its conditions begin with the status where there is no parent.
            conditions.remove(0);
        }
        self.by_rarity(org, kind, &mut conditions).await?;
        Ok((Way::Along { of_status }, conditions))
    }

    /// The condition that holds for so few entities that they are looked up: a parent always, otherwise the rarest.
    pub(crate) async fn few_of(
        &self,
        org: OrgId,
        kind: KindCode,
        conditions: &[Condition],
    ) -> Result<Option<usize>> {
        match conditions {
            [] => Ok(None),
            [Condition::Parent(_), ..] => Ok(Some(0)),
            _ => {
                let few = few(self.kind_count(org, kind).await?);
                let weights = self.weigh(org, kind, conditions, few + 1).await?;
                let least = weights.into_iter().enumerate().min_by_key(|(_, weight)| *weight);
                Ok(least.filter(|(_, weight)| *weight <= few).map(|(n, _)| n))
            }
        }
    }

    /// Puts first what fewest pass, so that the others are seldom asked.
    pub(crate) async fn by_rarity(
        &self,
        org: OrgId,
        kind: KindCode,
        conditions: &mut Vec<Condition>,
    ) -> Result<()> {
        if conditions.len() > 1 {
            let weights = self.weigh(org, kind, conditions, FEW).await?;
            let mut weighed: Vec<(i64, Condition)> = weights.into_iter().zip(conditions.drain(..)).collect();
            weighed.sort_by_key(|(weight, _)| *weight);
            conditions.extend(weighed.into_iter().map(|(_, condition)| condition));
        }
        Ok(())
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
        if matches!(self.way, Way::Along { .. }) && !self.rest.is_empty() {
            let mut ahead = self.select(none, after);
            self.order(&mut ahead, none);
            ahead.push(&format!(" LIMIT 1 OFFSET {}", WALK - 1));
            until = ahead.optional::<PlaceTuple>(&self.store.reader).await?.map(|t| place(none, t));
        }
        let mut query = self.select(none, after);
        if let Some(until) = &until {
            self.compare(&mut query, none, until, if self.falling { ">=" } else { "<=" });
        }
        for condition in &self.rest {
            condition.probe(&mut query, self.store.reader.is_sqlite());
        }
        self.order(&mut query, none);
        query.push(" LIMIT ").push_int(room);
        let rows: Vec<PlaceTuple> = query.all(&self.store.reader).await?;
        Ok((rows.into_iter().map(|t| place(none, t)).collect(), until))
    }

    fn select(&self, none: bool, after: Option<&Place>) -> Sql<'static> {
        let (texts, number) = self.sort.keys(none);
        let text = |n: usize| texts.get(n).map_or("CAST(NULL AS TEXT)", |c| *c);
        let mut query = sql(format!(
            "SELECT e.id, {}, {}, {} FROM ",
            text(0),
            text(1),
            number.unwrap_or("CAST(NULL AS BIGINT)")
        ))
        .int(self.org.0)
        .int(i64::from(self.kind.0));
        match &self.way {
            Way::From(condition) => {
                query.push("(");
                condition.ids(&mut query);
                query.push(&format!(
                    ") AS w CROSS JOIN entity e WHERE e.org = $1 AND e.kind = $2 AND e.id = w.id AND {LIVE}"
                ));
            }
            Way::Along { of_status } => {
                // SQLite may take another index that begins alike, and sort; PostgreSQL knows what that costs.
                let index = self.sort.index(of_status.is_some());
                let by =
                    if self.store.reader.is_sqlite() { format!("INDEXED BY {index}") } else { String::new() };
                query.push(&format!("entity e {by} WHERE e.org = $1 AND e.kind = $2 AND {LIVE}"));
                if matches!(self.sort, Sort::Login | Sort::Created | Sort::Updated) {
                    query.push(" AND e.parent = 0");
                }
                if let Some(status) = of_status {
                    query.push(" AND e.status = ").push_text(status);
                }
            }
        }
        if let Some(column) = self.sort.may_lack() {
            query.push(&format!(" AND {column} IS {}NULL", if none { "" } else { "NOT " }));
        }
        if let Some(after) = after {
            self.compare(&mut query, none, after, if self.falling { "<" } else { ">" });
        }
        query
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
