//! Which pages there are: found by going through the web app as a person does, by its links.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};

use super::http::Connection;

/// Pages of one sort, which cost alike: a list by a facet, whichever its value.
pub struct Case {
    pub name: String,
    pub addresses: Vec<String>,
}

/// Addresses of a case at most.
const MOST: usize = 40;
/// The kinds of which there are many: their lists are taken to pieces. Of all others the plain lists and an object each are
/// read, as pages of one sort.
const LARGE: &[&str] = &["user", "group", "app", "factor"];

/// Goes through the org and returns its pages.
pub fn find(origin: &str, session: &str, org: &str) -> Result<Vec<Case>> {
    let mut look =
        Look { connection: Connection::open(origin)?, cookie: session.to_string(), cases: Vec::new() };
    for page in ["", "/inventory", "/connection"] {
        look.add(if page.is_empty() { "overview" } else { &page[1..] }, [format!("{org}{page}")]);
    }
    let inventory = look.page(&format!("{org}/inventory"))?;
    for list in links(&inventory, &format!("{org}/inventory/")) {
        look.kind(&list)?;
    }
    look.search(org)?;
    Ok(look.cases)
}

struct Look {
    connection: Connection,
    cookie: String,
    cases: Vec<Case>,
}

impl Look {
    fn page(&mut self, address: &str) -> Result<String> {
        let mut body = Vec::new();
        let (head, _) = self.connection.get(address, &format!("cookie: {}\r\n", self.cookie), &mut body)?;
        if head.status != 200 {
            bail!("{address} was answered {}", head.status);
        }
        Ok(String::from_utf8(body)?)
    }

    fn add(&mut self, name: &str, addresses: impl IntoIterator<Item = String>) {
        let addresses: Vec<String> = addresses.into_iter().take(MOST).collect();
        if !addresses.is_empty() {
            self.cases.push(Case { name: name.to_string(), addresses });
        }
    }

    /// Lists that cost alike, and the pages that follow them.
    fn lists(&mut self, name: &str, addresses: Vec<String>) -> Result<()> {
        let mut following = Vec::new();
        for address in addresses.iter().take(MOST) {
            let mut at = address.clone();
            for _ in 0..3 {
                let Some(next) = turn(&self.page(&at)?, "next") else { break };
                following.push(next.clone());
                at = next;
            }
        }
        self.add(name, addresses);
        self.add(&format!("{name}, further pages"), following);
        Ok(())
    }

    /// The list of a kind in all its forms, and its objects.
    fn kind(&mut self, list: &str) -> Result<()> {
        let kind = list.rsplit('/').next().unwrap_or_default().to_string();
        let plain = self.page(list)?;
        let objects: Vec<String> = links(&plain, &format!("{list}/"));
        if !LARGE.contains(&kind.as_str()) {
            self.more("the list of another kind", list.to_string());
            let following = turn(&plain, "next");
            following.into_iter().for_each(|next| self.more("the list of another kind, further pages", next));
            return objects
                .iter()
                .take(1)
                .try_for_each(|object| self.object("an object of another kind", object));
        }
        self.lists(&kind, vec![list.to_string()])?;
        for sort in links(&plain, &format!("{list}?sort=")) {
            let word = sort.rsplit('=').next().unwrap_or_default().trim_start_matches('-');
            // By name is how it is without being asked.
            let ways = if word == "name" { &["-"][..] } else { &["", "-"] };
            for way in ways {
                self.lists(&format!("{kind} by {way}{word}"), vec![format!("{list}?sort={way}{word}")])?;
            }
        }
        self.facets(&kind, list, &plain)?;
        objects.iter().take(8).try_for_each(|object| self.object(&format!("a {kind}"), object))
    }

    fn facets(&mut self, kind: &str, list: &str, plain: &str) -> Result<()> {
        let facets = boxes(plain);
        let names: BTreeSet<&str> = facets.iter().map(|(name, _)| name.as_str()).collect();
        let of = |name: &str| -> Vec<String> {
            let values = facets.iter().filter(|(n, _)| n == name);
            values.map(|(name, value)| format!("{name}={}", encoded(value))).collect()
        };
        let names: Vec<&str> = names.into_iter().collect();
        for (n, name) in names.iter().enumerate() {
            let title = name.trim_start_matches("is.");
            let one: Vec<String> = of(name).iter().map(|f| format!("{list}?{f}")).collect();
            self.lists(&format!("{kind} of a {title}"), one.clone())?;
            let falling = one.iter().map(|l| format!("{l}&sort=-updated")).collect();
            if plain.contains("?sort=updated") {
                self.lists(&format!("{kind} of a {title} by -updated"), falling)?;
            }
            let typed = one.iter().zip("abcdefghijklmnopqrstuvwxyz".chars().cycle());
            self.lists(
                &format!("{kind} of a {title}, a letter typed"),
                typed.map(|(l, letter)| format!("{l}&q={letter}")).collect(),
            )?;
            for other in &names[n + 1..] {
                let (one, two) = (of(name), of(other));
                let both = one.iter().flat_map(|a| two.iter().map(move |b| format!("{list}?{a}&{b}")));
                let both: Vec<String> = both.step_by((one.len() * two.len() / MOST).max(1)).collect();
                self.lists(&format!("{kind} of a {title} and a {}", other.trim_start_matches("is.")), both)?;
            }
        }
        Ok(())
    }

    /// An object's page with every tab: what it is related to is a list by neighbour.
    fn object(&mut self, name: &str, object: &str) -> Result<()> {
        let page = self.page(object)?;
        self.more(name, object.to_string());
        let tabs: BTreeSet<String> = links(&page, &format!("{object}?tab=")).into_iter().collect();
        for tab in tabs {
            let word = tab.rsplit('=').next().unwrap_or_default();
            // Of the others each has tabs of its own.
            let word = if name.starts_with("an ") && word != "raw" { "a tab" } else { word };
            if let Some(next) = turn(&self.page(&tab)?, "next") {
                self.more(&format!("{name}, {word}, further pages"), next);
            }
            self.more(&format!("{name}, {word}"), tab.clone());
        }
        Ok(())
    }

    /// Adds an address to a case.
    fn more(&mut self, name: &str, address: String) {
        match self.cases.iter_mut().find(|case| case.name == name) {
            Some(case) => case.addresses.push(address),
            None => self.add(name, [address]),
        }
    }

    /// Searches for what is there, typed to different lengths.
    fn search(&mut self, org: &str) -> Result<()> {
        let users = self.page(&format!("{org}/inventory/user?col=login"))?;
        let rows: Vec<&str> = users.split("<th scope=\"row\">").skip(1).collect();
        let name = |row: &str| between(row, "<bdi>", "</bdi>").map(str::to_string);
        let names: Vec<String> = rows.iter().filter_map(|row| name(row)).collect();
        let logins: Vec<String> =
            rows.iter().filter_map(|row| name(row.split_once("<td>")?.1)).filter(|l| !l.is_empty()).collect();
        let first = names.first().context("there is no user to search for")?.clone();
        let search = |typed: &str| format!("{org}/search?q={}", encoded(typed));
        let start = |name: &String, n: usize| name.chars().take(n).collect::<String>();
        self.add("search, nothing typed", [format!("{org}/search")]);
        self.add("search, a letter", ["a", "m", "s"].map(search));
        self.add("search, three letters", names.iter().map(|n| search(&start(n, 3))));
        self.add("search, a name", names.iter().map(|n| search(n)));
        self.add("search, a login", logins.iter().map(|l| search(l)));
        self.add("search, nothing found", [search(&format!("{first} and nobody else"))]);
        Ok(())
    }
}

/// The targets of links that begin so, each once, in their order.
fn links(page: &str, begin: &str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let found = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let found = found.filter(|href| href.starts_with(begin)).map(plain);
    found.filter(|href| seen.insert(href.clone())).collect()
}

/// Where the page before or after is.
fn turn(page: &str, rel: &str) -> Option<String> {
    let (before, _) = page.split_once(&format!("\" rel=\"{rel}\""))?;
    Some(plain(before.rsplit("href=\"").next()?))
}

/// Names and values of the facets that are offered.
fn boxes(page: &str) -> Vec<(String, String)> {
    let one = |rest: &str| {
        let (name, rest) = rest.split_once("\" value=\"")?;
        Some((name.to_string(), plain(rest.split('"').next()?)))
    };
    page.split("type=\"checkbox\" name=\"")
        .skip(1)
        .filter_map(one)
        .filter(|(n, _)| n.starts_with("is."))
        .collect()
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    text.split_once(from)?.1.split_once(to).map(|(inside, _)| inside)
}

/// An attribute's text without its references: askama writes them as numbers.
fn plain(text: &str) -> String {
    [("&#38;", "&"), ("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'")]
        .iter()
        .fold(text.to_string(), |text, (reference, sign)| text.replace(reference, sign))
}

/// As a query holds it.
pub fn encoded(text: &str) -> String {
    let sign = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(sign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_as_a_person_reads_it() {
        let page = r#"<a href="/l/1">a</a><a href="/l/1">b</a><a href="/x">c</a>
            <input type="checkbox" name="is.status" value="R&#38;D"><input type="checkbox" name="col" value="x">
            <a class="button" href="/l?a=1&#38;after=b" rel="next">Next</a>"#;
        assert_eq!(links(page, "/l/"), ["/l/1"]);
        assert_eq!(turn(page, "next").as_deref(), Some("/l?a=1&after=b"));
        assert_eq!(turn(page, "prev"), None);
        assert_eq!(boxes(page), [("is.status".to_string(), "R&D".to_string())]);
        assert_eq!(encoded("R&D é"), "R%26D%20%C3%A9");
    }
}
