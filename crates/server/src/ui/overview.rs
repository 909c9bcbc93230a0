//! `/orgs/{org}`: what the org looks like.

use askama::Template;
use transom_core::{CoverageState, Kind, OrgId};
use transom_engine::detail::{self, SignIn};
use transom_engine::entity::{
    api_token::API_TOKEN, app::APP, factor::FACTOR, group::GROUP, policy::POLICY,
    role_assignment::ROLE_ASSIGNMENT, user::USER,
};

use super::asked::Asked;
use super::cell::called;
use super::connection::{UNENDED, some_read};
use super::gap::Gap;
use super::page::{kind_path, object_path, org_path};
use super::tier::Tier;
use super::words::plural;
use super::{Answer, Count, Page, Section, State, render};
use crate::knowledge::Knowledge;
use crate::{Connection, Error, Visit};

#[derive(Template)]
#[template(path = "pages/overview.html")]
struct Overview {
    page: Page,
    connection: String,
    says: String,
    begun: bool,
    tiers: Vec<Tier>,
    complete: State,
    figures: Vec<Figure>,
    pictures: Vec<Picture>,
    gaps: Vec<Gap>,
}

/// How many objects of a kind are held.
struct Figure {
    title: String,
    href: String,
    /// `None` where nobody knows.
    objects: Option<Count>,
}

/// Numbers that belong together, as bars.
struct Picture {
    title: &'static str,
    /// What it comes to; empty where the bars say it all.
    says: String,
    /// The number that the bars are parts of, in words.
    whole: String,
    bars: Vec<Bar>,
    /// Why it may not be whole.
    gap: Option<Gap>,
    /// What that it is whole, or not, rests on that is assumed.
    assumed: Vec<String>,
}

struct Bar {
    label: String,
    href: Option<String>,
    n: Count,
    /// Of the longest, in per cent.
    width: u64,
    /// Of the whole, in words; empty where the parts overlap.
    share: String,
}

/// The kinds that an org is known by.
const FIGURES: [&Kind; 6] = [&USER, &GROUP, &APP, &ROLE_ASSIGNMENT, &FACTOR, &POLICY];

/// What a bar says, where it leads, how many.
type Part = (String, Option<String>, u64);

pub(crate) async fn show(visit: Visit, Connection(org): Connection) -> Answer {
    let page = Page::of_org(&visit, &org, "Overview", Section::Overview).await?;
    let known = Knowledge::of(&visit, org.id).await?;
    let found = visit.app.engine.overview(org.id).await?;
    let figures = FIGURES.map(|kind| Figure {
        title: plural(kind.title),
        href: kind_path(org.id, kind),
        objects: known.held(kind.code, found.held(kind)).map(Count),
    });
    let whole = known.0.iter().filter(|d| d.coverage.state == CoverageState::Complete).count();
    let fresh = page.org.as_ref().and_then(|o| o.fresh.as_ref()).map(|f| f.relative.clone());
    let says = match &fresh {
        Some(fresh) => {
            let users = known.held(USER.code, found.held(&USER));
            let users = users.map_or("How many users it has is not known".into(), |n| Count(n).of("user"));
            let state = org.state.label();
            format!("{state}. {users}, read {fresh}. {whole} of {} data sets are complete.", known.0.len())
        }
        None if some_read(&known.0) => format!("{}. {UNENDED}", org.state.label()),
        None => format!("{}. Nothing has been read yet.", org.state.label()),
    };
    render(&Overview {
        page,
        connection: org_path(org.id, "/connection"),
        says,
        begun: fresh.is_some() || some_read(&known.0),
        tiers: Tier::all(&known.0, visit.app.now()),
        complete: CoverageState::Complete.into(),
        figures: figures.into(),
        pictures: pictures(&visit, org.id, found, &known)?,
        gaps: known.0.iter().filter(|d| d.coverage.state != CoverageState::Complete).map(Gap::from).collect(),
    })
}

fn pictures(
    visit: &Visit,
    org: OrgId,
    found: detail::Overview,
    known: &Knowledge,
) -> Result<Vec<Picture>, Error> {
    let catalogue = visit.app.store().catalogue();
    let to = |kind: &'static Kind, facet: &str, value: &str| {
        let asked = Asked { facets: vec![(facet.to_string(), value.to_string())], ..Asked::all(kind) };
        Some(asked.link(&kind_path(org, kind), |_| ()))
    };
    let parts = |kind: &'static Kind, facet: &str, all: Vec<(String, u64)>| -> Vec<Part> {
        all.into_iter().map(|(value, n)| (value.clone(), to(kind, facet, &value), n)).collect()
    };
    let apps = found.held(&APP);
    let mut modes: Vec<(String, u64)> = Vec::new();
    for (mode, _, n) in found.apps_by_mode_and_status {
        match modes.iter_mut().find(|(m, _)| *m == mode) {
            Some((_, sum)) => *sum += n,
            None => modes.push((mode, n)),
        }
    }
    modes.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let without = apps.saturating_sub(modes.iter().map(|(_, n)| n).sum());
    let mut modes = parts(&APP, "sign_on_mode", modes);
    modes.extend((without > 0).then(|| ("Not known".to_string(), None, without)));
    let sso = sso(org, found.active_apps_by_sign_in, known);
    let roles = found.holders_by_role.iter().map(|(role, n)| {
        let href = catalogue.kind(role.kind).map(|kind| object_path(org, kind, role.id));
        (called(role), href, *n)
    });
    let ages = ages().into_iter().zip(found.tokens_by_age).map(|(age, n)| (age, None, n));
    Ok(vec![
        picture("Users by status", &USER, parts(&USER, "status", found.users_by_status), true, known),
        picture(
            "Factors by type",
            &FACTOR,
            parts(&FACTOR, "factor_type", found.factors_by_type),
            true,
            known,
        ),
        picture("Apps by sign-on mode", &APP, modes, true, known),
        sso,
        picture("Admins by role", &ROLE_ASSIGNMENT, roles.collect(), false, known),
        picture("API tokens by age", &API_TOKEN, ages.filter(|(_, _, n)| *n > 0).collect(), true, known),
    ])
}

/// Active apps by how people sign in to them, and how many of those to which they do use single sign-on.
fn sso(org: OrgId, ways: Vec<(SignIn, u64)>, known: &Knowledge) -> Picture {
    let n = |wanted| ways.iter().find(|(way, _)| *way == wanted).map_or(0, |(_, n)| *n);
    let (covered, services) = (n(SignIn::Federated), n(SignIn::Service));
    let people: u64 = ways.iter().map(|(_, n)| n).sum::<u64>() - services;
    let link = |way: SignIn| {
        let active = ("status".to_string(), "ACTIVE".to_string());
        let of = |(name, value): (&str, &str)| (name.to_string(), value.to_string());
        let narrow: Vec<_> = match way {
            // Service apps have such a mode, too: a link that shows more than the bar says would be worse than none.
            SignIn::Federated if services > 0 => return None,
            SignIn::Unknown => return None,
            SignIn::Service => vec![of(("application_type", "service"))],
            way => way.modes().iter().map(|mode| of(("sign_on_mode", mode))).collect(),
        };
        let asked = Asked { facets: std::iter::once(active).chain(narrow).collect(), ..Asked::all(&APP) };
        Some(asked.link(&kind_path(org, &APP), |_| ()))
    };
    let label = |way| match way {
        SignIn::Federated => "SAML, OIDC, WS-Federation",
        SignIn::Password => "Password filled in (SWA)",
        SignIn::Bookmark => "Bookmark",
        SignIn::Service => "Service app",
        SignIn::Unknown => "Not known",
    };
    let parts = ways.iter().map(|(way, n)| (label(*way).to_string(), link(*way), *n)).collect();
    let says = format!("{} of the {} that people sign in to.", Count(covered), Count(people));
    let says = if people > 0 { says } else { String::new() };
    Picture { says, ..picture("Single sign-on of active apps", &APP, parts, true, known) }
}

/// What the ages of tokens are called.
fn ages() -> Vec<String> {
    let bounds = detail::Overview::AGES;
    let upto = bounds.iter().map(|days| format!("Up to {days} days"));
    upto.chain(bounds.last().map(|days| format!("Older than {days} days"))).collect()
}

fn picture(title: &'static str, kind: &Kind, parts: Vec<Part>, adds_up: bool, known: &Knowledge) -> Picture {
    let longest = parts.iter().map(|(.., n)| *n).max().unwrap_or_default().max(1);
    let all: u64 = parts.iter().map(|(.., n)| n).sum();
    let whole = match adds_up {
        true => Count(all).of(kind.title),
        false => {
            "One who holds several roles counts for each; a group or service app counts as one.".to_string()
        }
    };
    let bar = |(label, href, n): Part| Bar {
        label,
        href,
        n: Count(n),
        width: (n * 100 / longest).max(1),
        share: if adds_up { format!("{} of {}", Count(n), Count(all)) } else { String::new() },
    };
    Picture {
        title,
        says: String::new(),
        whole,
        bars: parts.into_iter().map(bar).collect(),
        gap: Gap::all(known, kind.code).into_iter().next(),
        assumed: known.assumed(kind.code),
    }
}
