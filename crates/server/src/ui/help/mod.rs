//! `/help`: the book, and whether it answered the question.

pub(crate) mod book;
pub(crate) mod matter;

use askama::Template;
use axum::extract::Path;
use serde::Deserialize;
use transom_core::Role;

use self::book::{BOOK, Chapter, Heading, Rendered, chapter};
use super::{Answer, Form, Moment, Page, Section, go, render, sign_in};
use crate::{Error, Visit};

/// A chapter in a list of them.
struct Entry {
    href: String,
    title: &'static str,
    about: &'static str,
    current: bool,
}

/// A part of the book.
struct Part {
    title: &'static str,
    chapters: Vec<Entry>,
}

#[derive(Template)]
#[template(path = "pages/help.html")]
struct Contents {
    page: Page,
    parts: Vec<Part>,
    owner: bool,
}

#[derive(Template)]
#[template(path = "pages/help_page.html")]
struct HelpPage {
    page: Page,
    chapter: &'static Rendered,
    about: &'static str,
    sections: Vec<&'static Heading>,
    parts: Vec<Part>,
    prev: Option<Entry>,
    next: Option<Entry>,
    ask: Ask,
    owner: bool,
}

fn entry(c: &'static Chapter, current: &str) -> Entry {
    Entry {
        href: format!("/help/{}", c.name),
        title: book::title(c.name).unwrap_or(c.name),
        about: c.about,
        current: c.name == current,
    }
}

fn parts(current: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for c in BOOK {
        match parts.last_mut() {
            Some(part) if part.title == c.part => part.chapters.push(entry(c, current)),
            _ => parts.push(Part { title: c.part, chapters: vec![entry(c, current)] }),
        }
    }
    parts
}

/// The contents.
pub(crate) async fn contents(visit: Visit) -> Answer {
    let page = Page::new(&visit, "Help", Section::Help).await?;
    let owner = visit.who()?.may_everywhere(Role::Owner);
    render(&Contents { page, parts: parts(""), owner })
}

/// More sections than this are no overview of a page.
const SECTIONS: usize = 30;

/// A page of the book.
pub(crate) async fn show(visit: Visit, Path(name): Path<String>) -> Answer {
    let (at, rendered) = chapter(&name).ok_or(Error::NotFound)?;
    let current = BOOK.get(at).ok_or(Error::NotFound)?;
    let beside = |at: Option<usize>| at.and_then(|at| BOOK.get(at)).map(|c| entry(c, ""));
    let mut sections: Vec<&Heading> = rendered.headings.iter().filter(|h| h.section).collect();
    if !(2..=SECTIONS).contains(&sections.len()) {
        sections.clear();
    }
    render(&HelpPage {
        page: Page::new(&visit, rendered.title.clone(), Section::Help).await?,
        chapter: rendered,
        about: current.about,
        sections,
        parts: parts(current.name),
        prev: beside(at.checked_sub(1)),
        next: beside(Some(at + 1)),
        ask: Ask::about(&visit, current.name).await?,
        owner: visit.who()?.may_everywhere(Role::Owner),
    })
}

/// What answers about the guide beside the form for Okta are kept under: it is no page of the book.
pub(crate) const GUIDE: &str = "guide";

/// What a page is called that was answered about, and where it is. Of a page that an earlier version had, its name.
pub(crate) fn asked_about(name: &str) -> (String, Option<String>) {
    if name == GUIDE {
        let here = super::connect::HERE.to_string();
        return ("Connect Okta, the guide beside the form".to_string(), Some(here));
    }
    match book::title(name) {
        Some(title) => (title.to_string(), Some(format!("/help/{name}"))),
        None => (name.to_string(), None),
    }
}

/// *Did this answer your question?* under a page, with what the visitor said before.
#[derive(Debug)]
pub(crate) struct Ask {
    pub name: &'static str,
    pub comment: String,
    pub answered: Option<Answered>,
}

/// What the visitor said before.
#[derive(Debug)]
pub(crate) struct Answered {
    pub helpful: bool,
    pub at: Moment,
}

impl Ask {
    /// The question under the page called `name`.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn about(visit: &Visit, name: &'static str) -> Result<Self, Error> {
        let before = visit.app.store().answered(visit.who()?.account, name).await?;
        Ok(match before {
            None => Self { name, comment: String::new(), answered: None },
            Some(f) => {
                let at = Moment::new(f.at, visit.app.now());
                Self { name, comment: f.comment, answered: Some(Answered { helpful: f.helpful, at }) }
            }
        })
    }

    /// Whether this is what the visitor said.
    pub fn said(&self, helpful: bool) -> bool {
        self.answered.as_ref().is_some_and(|a| a.helpful == helpful)
    }
}

/// The most characters of a comment; the field says so, too.
const LONGEST: usize = 1_000;

#[derive(Debug, Deserialize)]
pub(crate) struct Said {
    #[serde(default)]
    helpful: String,
    #[serde(default)]
    comment: String,
    #[serde(default)]
    next: String,
}

/// Keeps an answer, in place of the one that the visitor gave before.
pub(crate) async fn answer(visit: Visit, Path(name): Path<String>, Form(said): Form<Said>) -> Answer {
    if name != GUIDE && chapter(&name).is_none() {
        return Err(Error::NotFound);
    }
    let helpful = match said.helpful.as_str() {
        "yes" => true,
        "no" => false,
        _ => return Err(Error::Unreadable("Choose Yes or No to answer.".to_string())),
    };
    // Forms send a new line as two characters.
    let comment = said.comment.replace("\r\n", "\n").trim().to_string();
    let letters = comment.chars().count();
    if letters > LONGEST {
        return Err(Error::Unreadable(format!(
            "A comment may have {LONGEST} characters; this one has {letters}. Shorten it, then send it again."
        )));
    }
    let who = visit.who()?;
    visit.app.store().answer(who.account, &name, helpful, &comment, &who.actor).await?;
    let next = sign_in::local(&said.next);
    let next = next.split('#').next().unwrap_or_default();
    Ok(go(&format!("{next}#answer")))
}
