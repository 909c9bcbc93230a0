//! Which entities of a kind a list shows, as conditions of a statement. A condition either yields the ids it holds for, or
//! is asked of one entity after the other.

use transom_core::{EntityId, KindCode, OrgId, RelCode};

use crate::{
    Direction, Result, Sort, Store,
    query::{Sql, sql},
    store::count,
};

/// Which entities of a kind are listed. All conditions must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListFilter {
    /// Only this status, verbatim.
    pub status: Option<String>,
    /// Only those with these facet values, as `(name, value)`: of each name that is given, one of its values.
    pub facets: Vec<(String, String)>,
    /// Only those with a name, login or searched column that starts so, upper and lower case alike.
    pub prefix: Option<String>,
    /// Only those at the other end of these edges.
    pub edges: Vec<EdgeFilter>,
    /// Only the children of this entity.
    pub parent: Option<EntityId>,
}

/// One end of edges of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EdgeFilter {
    /// The relation.
    pub rel: RelCode,
    /// Which way it is followed from `of`: [`Direction::In`] from a group gives its members.
    pub direction: Direction,
    /// The entity at the near end.
    pub of: EntityId,
}

/// The end of a prefix's range: no text that starts with it sorts after.
pub(crate) fn beyond(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}

/// Terms are cut at this length, so longer prefixes are too.
const TERM_CHARS: usize = 80;

/// A prefix as terms are stored: lower-cased and cut.
pub(crate) fn term(text: &str) -> String {
    text.trim().to_lowercase().chars().take(TERM_CHARS).collect()
}

/// One condition. In its statements `$1` is the org and `$2` the kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    Parent(i64),
    Facet(String, Vec<String>),
    Prefix(String),
    Edge(EdgeFilter),
}

impl ListFilter {
    /// The prefix as terms are stored, if there is one.
    pub(crate) fn prefix(&self) -> Option<String> {
        self.prefix.as_deref().map(term).filter(|p| !p.is_empty())
    }

    /// The order of a list that is asked for by `sort`: of one status, by status and name is by name.
    pub(crate) fn order(&self, sort: Sort) -> Sort {
        let conditions = if sort == Sort::Status { self.conditions() } else { Vec::new() };
        let one = |c: &Condition| matches!(c, Condition::Facet(name, values) if name == "status" && values.len() == 1);
        if conditions.iter().any(one) { Sort::Name } else { sort }
    }

    pub(crate) fn conditions(&self) -> Vec<Condition> {
        let mut all: Vec<Condition> = self.parent.map(|p| Condition::Parent(p.0)).into_iter().collect();
        // The status is a facet, too; both must hold where somebody asks for it twice.
        all.extend(self.status.iter().map(|s| Condition::Facet("status".to_string(), vec![s.clone()])));
        let own = all.len();
        for (name, value) in &self.facets {
            let there = all[own..].iter_mut().find_map(|c| match c {
                Condition::Facet(n, values) if n == name => Some(values),
                _ => None,
            });
            match there {
                Some(values) if values.contains(value) => {}
                Some(values) => values.push(value.clone()),
                None => all.push(Condition::Facet(name.clone(), vec![value.clone()])),
            }
        }
        all.extend(self.prefix().map(Condition::Prefix));
        all.extend(self.edges.iter().copied().map(Condition::Edge));
        all
    }
}

/// How an entity `e` is asked for a facet. Measured on SQLite at 100,000 users, where most of a probe is the way to its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// Among those of the facet, where the entity's `e.name_key` is at hand: 0.7 microseconds.
    Key,
    /// Among the entity's facets: 2 microseconds.
    Id,
    /// In memory, where all that have the facet are put first: 0.4 microseconds for each of them, 0.1 for each that is asked.
    Set,
}

impl Condition {
    /// Appends a query of the ids it holds for, each once; with `name_key` where it is a facet.
    pub fn ids(&self, to: &mut Sql<'_>) {
        match self {
            Self::Parent(parent) => {
                to.push("SELECT c.id AS id FROM entity c WHERE c.org = $1 AND c.kind = $2 AND c.parent = ");
                to.push_int(*parent);
            }
            Self::Facet(name, values) => {
                // The sign keeps SQLite from walking every facet by id for the sake of DISTINCT.
                to.push(if values.len() > 1 { "SELECT DISTINCT +f.id" } else { "SELECT f.id" });
                to.push(" AS id, f.name_key AS name_key FROM facet f WHERE f.org = $1 AND f.kind = $2 AND f.name = ");
                to.push_text(name);
                one_of(to, " AND f.value", values);
            }
            Self::Prefix(prefix) => begins(to, "SELECT DISTINCT +t.id", prefix),
            Self::Edge(edge) => {
                let (near, far) = ends(edge.direction);
                to.push(&format!("SELECT x.{far} AS id FROM edge x WHERE x.org = $1 AND x.rel = "));
                to.push_int(edge.rel.0.into()).push(&format!(" AND x.{near} = ")).push_int(edge.of.0);
            }
        }
    }

    /// Appends ` AND …` that asks whether it holds for the entity `e`; `by` says how where it is a facet. As a value rather
    /// than as EXISTS: that would be made a join of, which begins with everything it holds for.
    pub fn probe(&self, to: &mut Sql<'_>, by: By, sqlite: bool) {
        match self {
            Self::Parent(parent) => {
                to.push(" AND e.parent = ").push_int(*parent);
                return;
            }
            Self::Facet(name, values) if by == By::Set => {
                to.push(
                    " AND (+e.id IN (SELECT +f.id FROM facet f WHERE f.org = $1 AND f.kind = $2 AND f.name = ",
                );
                to.push_text(name);
                one_of(to, " AND f.value", values);
                // As a value here too: PostgreSQL then keeps the set rather than join.
                to.push(")) IS TRUE");
                return;
            }
            Self::Facet(name, values) => {
                let index = match by {
                    By::Id if sqlite => " INDEXED BY facet_id",
                    _ if sqlite => " INDEXED BY sqlite_autoindex_facet_1",
                    _ => "",
                };
                to.push(&format!(
                    " AND (SELECT 1 FROM facet f{index} WHERE f.org = $1 AND f.kind = $2 AND f.name = "
                ))
                .push_text(name);
                one_of(to, " AND f.value", values);
                to.push(if by == By::Key { " AND f.name_key = e.name_key" } else { "" });
                to.push(" AND f.id = e.id");
            }
            Self::Prefix(prefix) => {
                to.push(" AND (SELECT 1 FROM term t WHERE t.org = $1 AND t.id = e.id AND t.kind = $2 AND t.text >= ");
                to.push_text(prefix).push(" AND t.text < ").push_text(&beyond(prefix));
            }
            Self::Edge(edge) => {
                let (near, far) = ends(edge.direction);
                to.push(&format!(
                    " AND (SELECT 1 FROM edge x WHERE x.org = $1 AND x.{far} = e.id AND x.rel = "
                ));
                to.push_int(edge.rel.0.into()).push(&format!(" AND x.{near} = ")).push_int(edge.of.0);
            }
        }
        to.push(" LIMIT 1) IS NOT NULL");
    }
}

/// The columns of an edge's near and far end.
pub(crate) fn ends(direction: Direction) -> (&'static str, &'static str) {
    match direction {
        Direction::Out => ("src", "dst"),
        Direction::In => ("dst", "src"),
    }
}

pub(crate) fn one_of(to: &mut Sql<'_>, column: &str, values: &[String]) {
    to.push(column).push(" IN (");
    for (n, value) in values.iter().enumerate() {
        to.push(if n == 0 { "" } else { ", " }).push_text(value);
    }
    to.push(")");
}

fn begins(to: &mut Sql<'_>, select: &str, prefix: &str) {
    to.push(&format!("{select} AS id FROM term t WHERE t.org = $1 AND t.kind = $2 AND t.text >= "));
    to.push_text(prefix).push(" AND t.text < ").push_text(&beyond(prefix));
}

/// Conditions, the rarest first, with the number of entities that each holds for.
#[derive(Debug)]
pub(crate) struct Weighed {
    pub conditions: Vec<(i64, Condition)>,
    /// How many entities of the kind there are.
    pub all: i64,
    /// Up to how many entities are looked up and sorted; see [`Weighed::few`].
    few: i64,
    sets: i64,
}

/// What is not known is counted up to here: a millisecond.
pub(crate) const MOST: i64 = 5_000;

impl Weighed {
    /// Whether the condition at `n` holds for so few that they are looked up and sorted: where that costs as much as to walk
    /// an index until a page of fifty is full.
    pub fn is_few(&self, n: usize) -> bool {
        self.conditions.get(n).is_some_and(|(weight, _)| *weight <= self.few)
    }

    /// Where the condition stands that says so.
    pub fn place(&self, of: impl Fn(&Condition) -> bool) -> Option<usize> {
        self.conditions.iter().position(|(_, condition)| of(condition))
    }

    /// The conditions, and how to ask an entity for them: `by_key` where its `e.name_key` costs nothing.
    pub fn asked(self, by_key: bool) -> Vec<(Condition, By)> {
        let by = |weight| match by_key {
            true => By::Key,
            false if weight <= self.sets => By::Set,
            false => By::Id,
        };
        self.conditions.into_iter().map(|(weight, condition)| (condition, by(weight))).collect()
    }
}

impl Store {
    /// For how many entities each condition holds. Of facets it is known; anything else is counted up to one more than
    /// [`MOST`]: the far ends of edges whatever their kind, and terms for what begins so.
    pub(crate) async fn weigh(
        &self,
        org: OrgId,
        kind: KindCode,
        conditions: Vec<Condition>,
    ) -> Result<Weighed> {
        let mut query = sql(
            "SELECT -1, CAST(coalesce((SELECT n FROM facet_count WHERE org = $1 AND kind = $2 AND name = '' AND value = ''), 0) AS BIGINT)",
        )
        .int(org.0)
        .int(i64::from(kind.0));
        for (n, condition) in conditions.iter().enumerate() {
            if let Condition::Facet(name, values) = condition {
                query.push(&format!(
                    " UNION ALL SELECT {n}, CAST(coalesce(sum(f.n), 0) AS BIGINT) FROM facet_count f \
                     WHERE f.org = $1 AND f.kind = $2 AND f.name = "
                ));
                query.push_text(name);
                one_of(&mut query, " AND f.value", values);
                continue;
            }
            query.push(&format!(" UNION ALL SELECT {n}, count(*) FROM ("));
            match condition {
                // To tell entities from terms would cost six times as much.
                Condition::Prefix(prefix) => begins(&mut query, "SELECT t.id", prefix),
                _ => condition.ids(&mut query),
            }
            query.push(&format!(" LIMIT {}) AS c{n}", MOST + 1));
        }
        let (mut all, mut weights) = (0, vec![0; conditions.len()]);
        for (n, weight) in query.all::<(i32, i64)>(&self.reader).await? {
            match usize::try_from(n).ok().and_then(|n| weights.get_mut(n)) {
                Some(place) => *place = weight,
                None => all = count(weight),
            }
        }
        let mut conditions: Vec<_> = weights.into_iter().zip(conditions).collect();
        conditions.sort_by_key(|(weight, _)| *weight);
        let root = |of: u64| i64::try_from(of.isqrt()).unwrap_or(i64::MAX);
        Ok(Weighed {
            conditions,
            all: i64::try_from(all).unwrap_or(i64::MAX),
            few: root(9 * all).clamp(200, MOST),
            sets: root(380 * all),
        })
    }
}
