//! Lists that begin with what somebody typed: by name, but of all the names an entity is found by, the one that matches.
//! That is the order of the terms themselves, so a page of the million that begin with one letter costs as much as one of
//! a dozen; by its display name each would have to be looked at.

use transom_core::{KindCode, OrgId};

use crate::{
    ListFilter, ListPage, Paging, Result, Store,
    filter::{By, Condition, MOST, beyond},
    list::WALK,
    mark::{Mark, Turned, turn},
    query::{Sql, sql},
};

/// The text that matches, and the id.
type Place = (String, i64);

/// Which list a mark of these belongs to.
pub(crate) fn of(descending: bool) -> &'static str {
    if descending { "match-" } else { "match" }
}

struct Matches<'s> {
    store: &'s Store,
    prefix: String,
    falling: bool,
    /// The condition whose entities are looked through; `None`: along the terms.
    from: Option<Condition>,
    rest: Vec<(Condition, By)>,
}

impl Store {
    /// A page of the entities that `filter` shows, which has a `prefix`, by the text that begins so.
    pub(crate) async fn list_matches(
        &self,
        org: OrgId,
        kind: KindCode,
        filter: &ListFilter,
        prefix: String,
        paging: &Paging<'_>,
    ) -> Result<ListPage> {
        let of = of(paging.descending);
        let mark = paging.at.map(|text| Mark::<Place>::read(text, of)).transpose()?;
        let (back, place) = mark.map_or((false, None), |m| (m.back, m.place));
        let (mut from, mut rest, mut long) = (None, Vec::new(), false);
        let conditions = filter.conditions();
        if conditions.len() > 1 {
            let mut weighed = self.weigh(org, kind, conditions).await?;
            let parent = weighed.place(|c| matches!(c, Condition::Parent(_)));
            if let Some(n) = parent.or(Some(0).filter(|_| weighed.is_few(0))) {
                from = Some(weighed.conditions.remove(n).1).filter(|c| !matches!(c, Condition::Prefix(_)));
            }
            // More terms than that are not counted.
            long = weighed.conditions.iter().any(|(n, c)| *n > MOST && matches!(c, Condition::Prefix(_)));
            weighed.conditions.retain(|(_, c)| !matches!(c, Condition::Prefix(_)));
            rest = weighed.asked(false);
        }
        let matches = Matches { store: self, prefix, falling: paging.descending != back, from, rest };
        let start = || sql("").int(org.0).int(i64::from(kind.0));
        let mut cut: Option<Place> = None;
        if long && matches.from.is_none() && !matches.rest.is_empty() {
            let mut ahead = start();
            matches.terms(&mut ahead, place.as_ref());
            matches.order(&mut ahead);
            ahead.push(&format!(" LIMIT 1 OFFSET {}", WALK - 1));
            cut = ahead.optional::<(i64, String)>(&self.reader).await?.map(|(id, text)| (text, id));
        }
        let mut query = start();
        matches.select(&mut query, place.as_ref());
        if let Some(cut) = &cut {
            matches.compare(&mut query, cut, if matches.falling { ">=" } else { "<=" });
        }
        for (condition, by) in &matches.rest {
            condition.probe(&mut query, *by, self.reader.is_sqlite());
        }
        if matches.from.is_none() {
            query.push(" AND ");
            matches.first(&mut query, "e.id");
            query.push(" = e.text");
        }
        matches.order(&mut query);
        query.push(" LIMIT ").push_int(i64::from(paging.limit) + 1);
        let found: Vec<(i64, String)> = query.all(&self.reader).await?;
        let found = found.into_iter().map(|(id, text)| (text, id)).collect();
        let Turned { found, next, prev } = turn(of, found, paging.limit, cut, back, place.is_some());
        let rows = self.rows(org, found.into_iter().map(|(_, id)| id).collect()).await?;
        Ok(ListPage { rows, next, prev })
    }
}

impl Matches<'_> {
    fn range(&self, query: &mut Sql<'_>, alias: &str) {
        query.push(&format!(" AND {alias}.text >= ")).push_text(&self.prefix);
        query.push(&format!(" AND {alias}.text < ")).push_text(&beyond(&self.prefix));
    }

    /// The first of an entity's terms in the range.
    fn first(&self, query: &mut Sql<'_>, id: &str) {
        // By the terms of the entity, which are a handful, and not by those in the range, which may be a million.
        let by = if self.store.reader.is_sqlite() { "INDEXED BY term_id" } else { "" };
        query.push(&format!(
            "(SELECT min(u.text) FROM term u {by} WHERE u.org = $1 AND u.kind = $2 AND u.id = {id}"
        ));
        self.range(query, "u");
        query.push(")");
    }

    fn select(&self, query: &mut Sql<'_>, place: Option<&Place>) {
        match &self.from {
            None => self.terms(query, place),
            Some(condition) => {
                query.push("SELECT e.id, e.text FROM (SELECT w.id AS id, ");
                self.first(query, "w.id");
                query.push(" AS text FROM (");
                condition.ids(query);
                query.push(") AS w) AS e WHERE e.text IS NOT NULL");
                self.past(query, place);
            }
        }
    }

    fn terms(&self, query: &mut Sql<'_>, place: Option<&Place>) {
        query.push("SELECT e.id, e.text FROM term e WHERE e.org = $1 AND e.kind = $2");
        self.range(query, "e");
        self.past(query, place);
    }

    fn past(&self, query: &mut Sql<'_>, place: Option<&Place>) {
        if let Some(place) = place {
            self.compare(query, place, if self.falling { "<" } else { ">" });
        }
    }

    fn compare(&self, query: &mut Sql<'_>, (text, id): &Place, how: &str) {
        query
            .push(&format!(" AND (e.text, e.id) {how} ("))
            .push_text(text)
            .push(", ")
            .push_int(*id)
            .push(")");
    }

    fn order(&self, query: &mut Sql<'_>) {
        query.push(if self.falling { " ORDER BY e.text DESC, e.id DESC" } else { " ORDER BY e.text, e.id" });
    }
}
