//! The book: the Markdown of `docs/`, part of the program, as HTML.
//!
//! What is made of the Markdown is HTML that the library writes; raw HTML in it is text. A table is a piece of its own,
//! because a template gives it the frame in which it can be moved sideways.

use std::collections::HashMap;
use std::sync::LazyLock;

use pulldown_cmark::{Alignment, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// A page of the help.
#[derive(Debug)]
pub(crate) struct Chapter {
    /// Its name in addresses, and that of the answers about it.
    pub name: &'static str,
    /// The part of the book it belongs to.
    pub part: &'static str,
    /// What it tells, in a sentence.
    pub about: &'static str,
    /// Its file, from `docs/`.
    file: &'static str,
    text: &'static str,
}

/// A chapter as pages show it.
#[derive(Debug)]
pub(crate) struct Rendered {
    /// Its first heading.
    pub title: String,
    pub pieces: Vec<Piece>,
    pub headings: Vec<Heading>,
}

/// A stretch of a chapter.
#[derive(Debug)]
pub(crate) struct Piece {
    pub html: String,
    /// Of a table: what it is about, from the heading above it.
    pub table: Option<String>,
}

/// A heading that links lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heading {
    pub id: String,
    pub text: String,
    /// Whether it begins a section of the page, and not a part of one.
    pub section: bool,
}

macro_rules! book {
    ($($part:literal: [$($name:literal, $file:literal, $about:literal;)+])+) => {
        &[$($(Chapter {
            name: $name,
            part: $part,
            about: $about,
            file: $file,
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/", $file)),
        }),+),+]
    };
}

/// All of it, in the order in which one reads it. To add a page, write its file and a row.
pub(crate) const BOOK: &[Chapter] = book! {
    "Connect and read": [
        "connect", "book/connect.md", "Five steps from an Okta org to a connection that can only read.";
        "setup", "book/setup.md", "Custom role, resource set and user made by Transom: plan, apply, verify, teardown.";
        "verify", "book/verify.md", "What Verify Connection looks at, what each outcome means, and what to do.";
        "coverage", "book/coverage.md", "Complete, partial, not permitted, not licensed: what each means.";
        "sync", "book/sync.md", "What is read and when, and how much of Okta's limits it takes.";
    ]
    "Use it": [
        "finding", "book/finding.md", "Lists, filters, search, objects, CSV, the keyboard.";
        "members", "book/members.md", "Who may sign in and do what; invitations, requests, the owner link.";
        "tokens", "book/tokens.md", "What programs can read and do, and what they show for it.";
        "audit", "book/audit.md", "Who changed what here, and how to tell that nobody altered the record.";
    ]
    "Run it": [
        "install", "book/install.md", "A program, a service, a container; TLS, proxies, PostgreSQL.";
        "backup", "book/backup.md", "What to keep a copy of, the master key, and going to the next version.";
        "privacy", "book/privacy.md", "What is stored, what is dropped on arrival, and what leaves.";
    ]
    "Reference": [
        "reference-cli", "reference/cli.md", "Every command with its options.";
        "reference-coverage", "reference/coverage.md", "Every data set: its right, its use, its cost.";
        "reference-kinds", "reference/kinds.md", "Every kind of object with its columns and relations.";
        "reference-sql", "reference/sql.md", "Questions in SQL, and the views that answer them.";
    ]
};

static RENDERED: LazyLock<Vec<Rendered>> = LazyLock::new(|| BOOK.iter().map(Chapter::rendered).collect());

/// The chapter of this name: its place in the book, and what pages show of it.
pub(crate) fn chapter(name: &str) -> Option<(usize, &'static Rendered)> {
    let at = BOOK.iter().position(|c| c.name == name)?;
    Some((at, RENDERED.get(at)?))
}

/// The title of the chapter of this name.
pub(crate) fn title(name: &str) -> Option<&'static str> {
    chapter(name).map(|(_, rendered)| rendered.title.as_str())
}

impl Chapter {
    fn rendered(&self) -> Rendered {
        let mut ids = Ids::default();
        let (mut title, mut headings) = (String::new(), Vec::<Heading>::new());
        let (mut pieces, mut prose) = (Vec::new(), Vec::new());
        let (mut depth, mut lost) = (0, false);
        let mut events = Parser::new_ext(self.text, Options::ENABLE_TABLES);
        while let Some(event) = events.next() {
            match event {
                Event::Start(Tag::Heading { level, classes, attrs, .. }) => {
                    let inner: Vec<Event<'_>> = events
                        .by_ref()
                        .take_while(|e| !matches!(e, Event::End(TagEnd::Heading(_))))
                        .collect();
                    let text: String = inner.iter().filter_map(words).collect();
                    if level == HeadingLevel::H1 && title.is_empty() {
                        title = text;
                        continue;
                    }
                    let id = ids.of(&text);
                    let id_of = Some(CowStr::from(id.clone()));
                    prose.push(Event::Start(Tag::Heading { level, id: id_of, classes, attrs }));
                    headings.push(Heading { id, text, section: level == HeadingLevel::H2 });
                    prose.extend(inner.into_iter().map(|e| self.ours(e, &mut lost)));
                    prose.push(Event::End(TagEnd::Heading(level)));
                }
                Event::Start(Tag::Table(columns)) if depth == 0 => {
                    push(&mut pieces, &mut prose, None);
                    // An alignment would be a style attribute, which our pages may not have.
                    prose.push(Event::Start(Tag::Table(vec![Alignment::None; columns.len()])));
                    let rest = events.by_ref().take_while(|e| !matches!(e, Event::End(TagEnd::Table)));
                    prose.extend(rest.map(|e| self.ours(e, &mut lost)));
                    prose.push(Event::End(TagEnd::Table));
                    let about = headings.last().map_or(&title, |h| &h.text);
                    push(&mut pieces, &mut prose, Some(about.clone()));
                }
                event => {
                    depth += i32::from(matches!(event, Event::Start(_)));
                    depth -= i32::from(matches!(event, Event::End(_)));
                    prose.push(self.ours(event, &mut lost));
                }
            }
        }
        push(&mut pieces, &mut prose, None);
        Rendered { title, pieces, headings }
    }

    /// An event as our pages hold it: HTML is text, and a link to a file of the book leads to its page.
    /// A link to another file of the repository is its words alone: `lost` holds that until its end.
    fn ours<'a>(&self, event: Event<'a>, lost: &mut bool) -> Event<'a> {
        match event {
            Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => match self.target(&dest_url) {
                Some(to) => Event::Start(Tag::Link { link_type, dest_url: CowStr::from(to), title, id }),
                None => {
                    *lost = true;
                    Event::Text("".into())
                }
            },
            Event::End(TagEnd::Link) if std::mem::take(lost) => Event::Text("".into()),
            other => other,
        }
    }

    /// Where a link leads from a page of ours; `None` where it is to a file that the book does not have.
    fn target(&self, link: &str) -> Option<String> {
        let (path, section) = link.split_once('#').map_or((link, None), |(path, id)| (path, Some(id)));
        if path.is_empty() || path.starts_with("https://") {
            return Some(link.to_string());
        }
        let mut place: Vec<&str> = self.file.split('/').collect();
        place.pop();
        for step in path.split('/') {
            match step {
                ".." => drop(place.pop()),
                "." => {}
                name => place.push(name),
            }
        }
        let file = place.join("/");
        let chapter = BOOK.iter().find(|c| c.file == file)?;
        let section = section.map(|id| format!("#{id}")).unwrap_or_default();
        Some(format!("/help/{}{section}", chapter.name))
    }
}

/// The words of an event, where it has some.
fn words(event: &Event<'_>) -> Option<String> {
    match event {
        Event::Text(text) | Event::Code(text) => Some(text.to_string()),
        _ => None,
    }
}

fn push(pieces: &mut Vec<Piece>, events: &mut Vec<Event<'_>>, table: Option<String>) {
    if !events.is_empty() {
        let mut written = String::new();
        html::push_html(&mut written, events.drain(..));
        pieces.push(Piece { html: written, table });
    }
}

/// What headings are called in addresses: as on the pages of GitHub, where the book can be read, too.
#[derive(Default)]
struct Ids(HashMap<String, u32>);

impl Ids {
    fn of(&mut self, text: &str) -> String {
        let kept = |c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || matches!(c, '-' | '_') => Some(c),
            _ => None,
        };
        let id: String = text.to_lowercase().chars().filter_map(kept).collect();
        let before = self.0.entry(id.clone()).or_default();
        let n = *before;
        *before += 1;
        if n == 0 { id } else { format!("{id}-{n}") }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every place that a link can lead to: pages, and sections of pages.
    fn places() -> BTreeSet<String> {
        let sections = |c: &Chapter| {
            let page = format!("/help/{}", c.name);
            let ids =
                c.rendered().headings.into_iter().map(|h| format!("{page}#{}", h.id)).collect::<Vec<_>>();
            ids.into_iter().chain([page])
        };
        BOOK.iter().flat_map(sections).collect()
    }

    fn links(html: &str) -> impl Iterator<Item = &str> {
        html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next())
    }

    #[test]
    fn every_link_of_the_book_leads_somewhere() {
        let places = places();
        let mut seen = 0;
        for chapter in BOOK {
            for piece in chapter.rendered().pieces {
                for link in links(&piece.html) {
                    seen += 1;
                    let there = match link.strip_prefix('#') {
                        Some(id) => places.contains(&format!("/help/{}#{id}", chapter.name)),
                        None if link.starts_with("/help/") => places.contains(link),
                        None => link.starts_with("https://"),
                    };
                    assert!(there, "{} links to {link}, and there is no such place", chapter.file);
                }
            }
        }
        assert!(seen > 50, "{seen}");
    }

    #[test]
    fn every_chapter_has_its_file_title_and_a_name_of_its_own() {
        let names: BTreeSet<&str> = BOOK.iter().map(|c| c.name).collect();
        assert_eq!(names.len(), BOOK.len());
        for chapter in BOOK {
            let rendered = chapter.rendered();
            assert!(!rendered.title.is_empty() && !rendered.pieces.is_empty(), "{}", chapter.file);
            let ids: BTreeSet<&str> = rendered.headings.iter().map(|h| h.id.as_str()).collect();
            assert_eq!(ids.len(), rendered.headings.len(), "{}: two sections of one name", chapter.file);
        }
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/book");
        for file in std::fs::read_dir(folder).expect("the book's folder") {
            let name = format!("book/{}", file.expect("a file").file_name().to_string_lossy());
            assert!(BOOK.iter().any(|c| c.file == name), "{name} is in no row of the book");
        }
    }

    #[test]
    fn html_is_text_and_tables_are_pieces() {
        let text = "# T\n\nA <b>x</b> <script>1</script>\n\n<div onclick=1>\n\n## One `two`\n\n|a|\n|-:|\n|<i>|\n\n## One two\n\n- see [c](coverage.md#x) [d](#one-two-1)\n- [e](x.json) [f](javascript:1) [g](sync.md)\n";
        let chapter = Chapter { name: "t", part: "", about: "", file: "book/t.md", text };
        let rendered = chapter.rendered();
        let html: String = rendered.pieces.iter().map(|p| p.html.as_str()).collect();
        assert!(!html.contains("<b>") && !html.contains("<script") && !html.contains("<div"), "{html}");
        assert!(html.contains("&lt;script&gt;") && html.contains("&lt;i&gt;"), "{html}");
        let tables: Vec<_> = rendered.pieces.iter().map(|p| p.table.as_deref()).collect();
        assert_eq!(tables, [None, Some("One two"), None]);
        assert!(html.contains("<h2 id=\"one-two\">") && html.contains("<h2 id=\"one-two-1\">"), "{html}");
        assert!(html.contains("href=\"/help/coverage#x\"") && html.contains("href=\"#one-two-1\""), "{html}");
        assert!(html.contains("<li>e f <a href=\"/help/sync\">g</a>"), "{html}");
        assert!(!html.contains("style="), "{html}");
        assert_eq!(rendered.title, "T");
    }
}
