//! What the address of a list asks for, and the addresses of lists: the address is all the state there is.

use transom_core::{Column, ColumnType, Kind};
use transom_store::{ListFilter, Paging, Sort};
use url::form_urlencoded::{Serializer, parse};

use super::words::spoken;
use crate::Error;
use crate::knowledge::facets;

/// A column that a list can show beside the name.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Field {
    /// What every object of the kind has, and the list can be sorted by.
    Own(Sort),
    /// What the kind declares.
    Declared(&'static Column),
}

impl Field {
    /// Everything a kind offers.
    pub fn all(kind: &'static Kind) -> Vec<Self> {
        let own = |sort, there: Option<&str>| there.map(|_| Self::Own(sort));
        let first = [own(Sort::Login, kind.login_at), own(Sort::Status, kind.status_at)];
        let last = [own(Sort::Created, kind.created_at), own(Sort::Updated, kind.updated_at)];
        let declared = kind.columns.iter().map(Self::Declared);
        first.into_iter().flatten().chain(declared).chain(last.into_iter().flatten()).collect()
    }

    /// The one of that name, where the kind offers it.
    pub fn named(kind: &'static Kind, name: &str) -> Option<Self> {
        Self::all(kind).into_iter().find(|field| field.name() == name)
    }

    /// What is shown where nobody chose: login, status, what divides the kind best, the last change.
    fn usual(kind: &'static Kind) -> Vec<Self> {
        let divides = kind.columns.iter().any(|c| c.facet);
        let mut room = 3;
        let shown = |field: &Self| match field {
            Self::Own(Sort::Created) => false,
            Self::Own(_) => true,
            Self::Declared(column) => {
                let fits = room > 0 && column.facet == divides && column.ty != ColumnType::Json;
                room -= i32::from(fits);
                fits
            }
        };
        Self::all(kind).into_iter().filter(shown).collect()
    }

    /// Its name in addresses and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Own(sort) => sort.as_str(),
            Self::Declared(column) => column.name,
        }
    }

    /// Its heading.
    pub fn title(self) -> String {
        spoken(self.name())
    }
}

/// What the address of a list asks for.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub kind: &'static Kind,
    /// What the names begin with.
    pub text: String,
    /// Facets and the values chosen of them.
    pub facets: Vec<(String, String)>,
    pub sort: Sort,
    pub descending: bool,
    /// The columns chosen; `None` where nobody chose.
    pub columns: Option<Vec<Field>>,
    pub after: Option<String>,
}

/// What stands before the name of a facet in an address.
pub(crate) const IS: &str = "is.";

impl Asked {
    /// Everything of a kind.
    pub fn all(kind: &'static Kind) -> Self {
        Self {
            kind,
            text: String::new(),
            facets: Vec::new(),
            sort: Sort::Name,
            descending: false,
            columns: None,
            after: None,
        }
    }

    /// Reads a query string. What it does not know is passed over, as other people's links carry it.
    ///
    /// # Errors
    /// [`Error::Asked`] names the field and what was expected.
    pub fn read(kind: &'static Kind, query: &str) -> Result<Self, Error> {
        let mut asked = Self::all(kind);
        for (name, value) in parse(query.as_bytes()) {
            match name.as_ref() {
                "q" => asked.text = value.trim().to_string(),
                "after" => asked.after = Some(value.into_owned()),
                "sort" => {
                    let (word, falling) = value.strip_prefix('-').map_or((&*value, false), |w| (w, true));
                    (asked.sort, asked.descending) = (sort(word)?, falling);
                }
                "col" => asked.columns.get_or_insert_default().extend(column(kind, &value)?),
                facet if facet.starts_with(IS) => {
                    let facet = &facet[IS.len()..];
                    is_facet(kind, facet)?;
                    asked.facets.push((facet.to_string(), value.into_owned()));
                }
                _ => {}
            }
        }
        Ok(asked)
    }

    /// The columns to show.
    pub fn fields(&self) -> Vec<Field> {
        self.columns.clone().unwrap_or_else(|| Field::usual(self.kind))
    }

    /// Whether it asks for a part of the kind.
    pub fn narrows(&self) -> bool {
        !self.text.is_empty() || !self.facets.is_empty()
    }

    /// Whether this value of a facet is chosen.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.facets.iter().any(|(n, v)| n == name && v == value)
    }

    pub fn filter(&self) -> ListFilter {
        ListFilter {
            facets: self.facets.clone(),
            prefix: Some(self.text.clone()).filter(|t| !t.is_empty()),
            ..ListFilter::default()
        }
    }

    pub fn paging(&self, limit: u32) -> Paging<'_> {
        Paging { sort: self.sort, descending: self.descending, at: self.after.as_deref(), limit }
    }

    /// The sort as addresses hold it.
    pub fn sort_word(&self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.sort.as_str())
    }

    /// The same on its first page, but for what `change` does, under `base`.
    pub fn link(&self, base: &str, change: impl FnOnce(&mut Self)) -> String {
        let mut other = Self { after: None, ..self.clone() };
        change(&mut other);
        let query = other.query();
        if query.is_empty() { base.to_string() } else { format!("{base}?{query}") }
    }

    /// The query string that asks for the first page of this.
    pub fn view(&self) -> String {
        Self { after: None, ..self.clone() }.query()
    }

    /// The query string that asks for this.
    fn query(&self) -> String {
        let mut query = Serializer::new(String::new());
        if !self.text.is_empty() {
            query.append_pair("q", &self.text);
        }
        for (name, value) in &self.facets {
            query.append_pair(&format!("{IS}{name}"), value);
        }
        if self.sort != Sort::Name || self.descending {
            query.append_pair("sort", &self.sort_word());
        }
        if let Some(columns) = &self.columns {
            query.append_pair("col", "");
            for column in columns {
                query.append_pair("col", column.name());
            }
        }
        if let Some(after) = &self.after {
            query.append_pair("after", after);
        }
        query.finish()
    }
}

fn sort(word: &str) -> Result<Sort, Error> {
    let have: Vec<&str> = Sort::ALL.into_iter().map(Sort::as_str).collect();
    Sort::parse(word).ok_or_else(|| unknown("sort", word, &have))
}

/// The column of that name; none for no name, by which a form says that somebody chose.
fn column(kind: &'static Kind, name: &str) -> Result<Option<Field>, Error> {
    if name.is_empty() {
        return Ok(None);
    }
    let have = || Field::all(kind).into_iter().map(Field::name).collect::<Vec<_>>();
    Field::named(kind, name).map(Some).ok_or_else(|| unknown("col", name, &have()))
}

fn is_facet(kind: &Kind, name: &str) -> Result<(), Error> {
    let have = facets(kind);
    if have.contains(&name) { Ok(()) } else { Err(unknown("is", name, &have)) }
}

/// The error of a field that holds none of the words there are.
pub(super) fn unknown(field: &str, word: &str, have: &[&str]) -> Error {
    let have = if have.is_empty() { "nothing".to_string() } else { have.join(", ") };
    Error::Asked(format!("{field}: there is no {word} here. Expected one of {have}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use transom_engine::entity::{group::GROUP, user::USER};

    #[test]
    fn an_address_says_all_and_comes_back() {
        let query = "q=ada&is.status=ACTIVE&is.department=R%26D&sort=-created&col=&col=email&after=x";
        let asked = Asked::read(&USER, query).expect("reads");
        assert_eq!(asked.query(), query);
        assert_eq!(asked.link("/l", |_| ()), format!("/l?{}", query.trim_end_matches("&after=x")));
        assert!(asked.has("department", "R&D") && asked.narrows() && asked.descending);
        assert_eq!(Asked::all(&USER).link("/l", |_| ()), "/l");
        assert_eq!(asked.fields().len(), 1);
        assert!(Asked::read(&USER, "col=").expect("reads").fields().is_empty(), "none was chosen");
        assert!(!Asked::read(&USER, "q=+&utm=1").expect("reads").narrows());
    }

    #[test]
    fn what_it_cannot_have_it_names() {
        for (query, says) in [
            ("sort=age", "sort: there is no age here. Expected one of name,"),
            ("col=secret", "col: there is no secret here. Expected one of description,"),
            ("is.colour=red", "is: there is no colour here. Expected one of "),
        ] {
            match Asked::read(&GROUP, query) {
                Err(Error::Asked(text)) => assert!(text.starts_with(says), "{text}"),
                other => panic!("{query}: {other:?}"),
            }
        }
    }
}
