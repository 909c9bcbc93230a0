//! A set-up as it goes: the plan, the way, what came of it, and what is left to the person.

use askama::Template;
use axum::extract::Path;
use secrecy::ExposeSecret;
use transom_core::ConnectionState;
use transom_engine::connection::Loss;
use transom_engine::setup::{Model, Plan, Step as GuideStep, Thing, steps};
use transom_engine::{Class, Problem};

use super::{HERE, made, plan};
use crate::job::{Link, SettingUp, SetupPhase as Phase, SetupSeen as Seen, Step, Work};
use crate::ui::page::org_path;
use crate::ui::trouble::Told;
use crate::ui::verification::Lost;
use crate::ui::{Answer, Page, Section, State, go, render};
use crate::{Error, Visit};

const CONNECTING: &str = "The service app is verified: what it may read is asked of Okta.";
const TOKENS: &str = "Security › API › Tokens";

#[derive(Template)]
#[template(path = "pages/setup_job.html")]
struct Watch {
    page: Page,
    id: String,
    here: String,
    made: String,
    back: String,
    title: &'static str,
    live: bool,
    state: State,
    says: String,
    plan: Option<plan::View>,
    rows: Vec<Row>,
    trouble: Option<Told>,
    /// What the button says that gives leave.
    ask: Option<&'static str>,
    /// What becomes of the one-time token.
    token: Option<String>,
    left: Vec<String>,
    password: Option<String>,
    has_password: bool,
    next: Option<Next>,
    app: Option<String>,
    /// The connection that reads by the service app, and where it is looked at.
    linked: Option<(String, String)>,
    /// The connection that will read by it in place of what it has.
    takes_over: Option<String>,
    /// The connection that connecting again would change, as a number.
    over: Option<i64>,
    /// What becomes of the credential that it has by now, or had.
    old: Option<&'static str>,
    /// What the service app reads less of, where that is why the connection was not changed.
    refused: Option<Refused>,
    /// Whether a connection will be made by it.
    links: bool,
    /// Whether connecting by it can be tried again.
    retries: bool,
    domain: String,
    label: String,
}

/// Why a connection goes on reading by what it has.
struct Refused {
    losses: Vec<Lost>,
}

/// A thing on its way.
struct Row {
    tone: &'static str,
    title: &'static str,
    says: String,
}

/// What is left to the person where a user reads by a token.
struct Next {
    login: String,
    first: String,
    step: Option<GuideStep>,
    tokens: String,
    domain: String,
}

/// Where a set-up is looked at.
pub(super) fn path(id: &str) -> String {
    format!("{HERE}/jobs/{id}")
}

fn of(visit: &Visit, id: &str) -> Result<Option<std::sync::Arc<SettingUp>>, Error> {
    Ok(visit.app.jobs.setting_up(id, visit.who()?.account))
}

/// As far as it is.
pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    match of(&visit, &id)? {
        Some(job) => page(&visit, &job, None).await,
        // Older than a quarter of an hour.
        None => Ok(go(HERE)),
    }
}

/// Gives leave.
pub(crate) async fn apply(visit: Visit, Path(id): Path<String>) -> Answer {
    of(&visit, &id)?.ok_or(Error::NotFound)?.agree(visit.who()?.clone());
    Ok(go(&path(&id)))
}

/// Leaves the org as it is.
pub(crate) async fn leave(visit: Visit, Path(id): Path<String>) -> Answer {
    of(&visit, &id)?.ok_or(Error::NotFound)?.leave();
    Ok(go(&path(&id)))
}

/// Shows the password of the user that was made: once.
pub(crate) async fn password(visit: Visit, Path(id): Path<String>) -> Answer {
    let job = of(&visit, &id)?.ok_or(Error::NotFound)?;
    match job.password() {
        Some(password) => page(&visit, &job, Some(password.expose_secret().to_string())).await,
        None => Ok(go(&path(&id))),
    }
}

async fn page(visit: &Visit, job: &SettingUp, password: Option<String>) -> Answer {
    let seen = job.seen();
    let title = match job.work {
        Work::SetUp => "Set up the org",
        Work::Prove => "Verify the set-up",
        Work::Connect => "Connect by the service app",
        Work::TakeDown => "Take the set-up down",
    };
    let mut page = Page::new(visit, title, Section::Settings).await?;
    let live = seen.phase.goes_on();
    page.refresh = live.then_some(2);
    let (state, says) = lead(job, &seen);
    let problem = match (&seen.phase, &seen.link) {
        (Phase::Failed(problem), _) | (Phase::Applied(_), Some(Link::Failed(problem))) => Some(problem),
        _ => None,
    };
    let trouble = problem.map(if matches!(job.work, Work::Prove) { told_of_connection } else { told });
    let retries = unlinked(job, &seen).is_some();
    let refused = Refused { losses: losses(job, &seen).iter().map(Lost::from).collect() };
    let linked = match &seen.link {
        Some(Link::Made(org)) if !live => Some((org.label.clone(), org_path(org.id, "/connection"))),
        _ => None,
    };
    let asks = ask(job, &seen);
    let links = asks.is_some() && seen.has_key;
    let left = match &seen.phase {
        Phase::Torn(torn, _) => {
            torn.left.iter().map(|l| format!("{} {}. {}", l.thing.title(), l.id, l.why)).collect()
        }
        _ => Vec::new(),
    };
    let set_up = matches!(seen.phase, Phase::Applied(_)) && !seen.steps.is_empty();
    let holder = |thing| seen.plan.as_ref().and_then(|p| p.item(thing)).and_then(|i| i.id.clone());
    let app = holder(Thing::App).filter(|_| set_up);
    render(&Watch {
        here: path(&job.id),
        made: made::path(&job.chosen.domain),
        back: format!("{HERE}?{}", made::domain(&job.chosen.domain)),
        title,
        live,
        state,
        says,
        rows: seen.steps.iter().map(row).collect(),
        trouble,
        ask: asks,
        token: token(job, &seen),
        left,
        has_password: !live && job.has_password(),
        next: (set_up && app.is_none()).then(|| next(job, &seen)).flatten(),
        app,
        takes_over: seen.takes_over.as_ref().filter(|_| links).map(|over| over.label.clone()),
        old: seen.takes_over.as_ref().map(|over| old(over.by_app)),
        refused: (!refused.losses.is_empty()).then_some(refused),
        id: job.id.clone(),
        over: seen.takes_over.as_ref().map(|over| over.id.0),
        links,
        retries,
        linked,
        domain: job.chosen.domain.clone(),
        label: job.chosen.label.clone().unwrap_or_default(),
        plan: seen.plan.as_ref().map(plan::View::of),
        password,
        page,
    })
}

/// What becomes of a credential that another takes the place of.
pub(super) fn old(by_app: bool) -> &'static str {
    match by_app {
        true => "The old key works until it is taken from its app in the Admin Console.",
        false => {
            "The old token works until it is revoked, in the Admin Console under Security › API › Tokens."
        }
    }
}

/// Why connecting by the service app failed, where that did.
fn unlinked<'a>(job: &SettingUp, seen: &'a Seen) -> Option<&'a Problem> {
    match (&seen.phase, &seen.link) {
        (Phase::Failed(problem), _) if job.work == Work::Connect => Some(problem),
        (Phase::Applied(_), Some(Link::Failed(problem))) => Some(problem),
        _ => None,
    }
}

/// What the connection loses by the service app, as it is shown: by this try, or by the one before where something else came
/// between.
fn losses<'a>(job: &'a SettingUp, seen: &'a Seen) -> &'a [Loss] {
    match unlinked(job, seen) {
        Some(problem) if problem.class == Class::ReadsLess => &problem.losses,
        Some(_) => &job.chosen.agreed,
        None => &[],
    }
}

/// What the page of the set-up called `id` shows as lost; nothing where it is forgotten.
pub(super) fn shown(visit: &Visit, id: &str) -> Result<Box<[Loss]>, Error> {
    Ok(of(visit, id)?.map(|job| losses(&job, &job.seen()).into()).unwrap_or_default())
}

fn may(plan: &Plan) -> bool {
    plan.super_admin && plan.in_the_way().next().is_none()
}

/// The one sentence, with its mark.
fn lead(job: &SettingUp, seen: &Seen) -> (State, String) {
    let said = |tone, label, says: &str| (State { tone, label }, says.to_string());
    let planned = || seen.plan.as_ref().map_or_else(String::new, plan::says);
    if let (Phase::Applied(_) | Phase::Connected, Some(Link::Made(org))) = (&seen.phase, &seen.link) {
        let says = format!("The org is set up, and {} reads by its service app.", org.label);
        return said("ok", "Connected", &says);
    }
    if let (Some(over), Some(problem)) = (&seen.takes_over, unlinked(job, seen)) {
        let says = if job.work == Work::Connect { "" } else { "The org is set up. " };
        let mark = if problem.class == Class::ReadsLess { ("warn", "Reads less") } else { ("bad", "Failed") };
        return said(mark.0, mark.1, &format!("{says}{} goes on reading by what it has.", over.label));
    }
    match &seen.phase {
        Phase::Looking if job.work == Work::Prove => said(
            "busy",
            "Verifying",
            "The org is compared with what was set up, and its credential verified.",
        ),
        Phase::Looking if job.work == Work::Connect => said("busy", "Connecting", CONNECTING),
        Phase::Looking => said("busy", "Looking", "The org is asked what it has. Nothing is changed."),
        Phase::Planned => match &seen.plan {
            Some(plan) if plan.in_the_way().next().is_some() => said("bad", "In the way", &planned()),
            Some(plan) if !plan.super_admin => said(
                "warn",
                "Not with this token",
                &format!(
                    "{} Applying it takes a token of a Super Administrator, and {} is none.",
                    planned(),
                    plan.caller
                ),
            ),
            Some(plan) if plan.is_done() => said("ok", "Planned", &planned()),
            _ => said("info", "Planned", &planned()),
        },
        Phase::Writing if job.work == Work::TakeDown => {
            said("busy", "Removing", "What the set-up made is removed.")
        }
        Phase::Writing if seen.link.is_some() => said("busy", "Connecting", CONNECTING),
        Phase::Writing => said("busy", "Applying", "The org is changed as the plan says."),
        Phase::Applied(_) if matches!(seen.link, Some(Link::Failed(_))) => {
            said("warn", "Done in part", "The org is set up, and not connected yet.")
        }
        Phase::Applied(_) if seen.steps.is_empty() => {
            said("ok", "Done", "The org has what Transom needs. Nothing had to be changed.")
        }
        Phase::Connected => said("ok", "Connected", "The org is connected."),
        Phase::Applied(_) if job.chosen.by_app => said("ok", "Done", "The org is set up."),
        Phase::Applied(_) => said("ok", "Done", "The org is set up. Step 4 stays with you."),
        Phase::Torn(torn, _) if torn.left.is_empty() => said("ok", "Done", "All of it is removed."),
        Phase::Torn(..) => {
            said("warn", "Done in part", "What others have come to use is left; the rest is removed.")
        }
        Phase::Proved { label, owner, state } => proved(seen, label, *owner, *state),
        Phase::Left => said("off", "Left", "Nothing was changed."),
        Phase::Failed(_) if job.work == Work::Prove => said("bad", "Failed", "It was not verified."),
        Phase::Failed(_) if job.work == Work::Connect => said("bad", "Failed", "The org is not connected."),
        Phase::Failed(_) if seen.steps.is_empty() => said("bad", "Failed", "Nothing was changed."),
        Phase::Failed(_) => {
            said("bad", "Stopped", "It stopped half-way. Begin again: it goes on where it stopped.")
        }
    }
}

fn proved(seen: &Seen, label: &str, owner: bool, state: ConnectionState) -> (State, String) {
    let same = seen.plan.as_ref().is_some_and(Plan::is_done);
    let whole = same && owner && state == ConnectionState::Connected;
    let has = if same { "The org has what was set up." } else { "The org differs from what was set up." };
    let holder = seen.plan.as_ref().and_then(|p| p.item(Thing::User).or(p.item(Thing::App)));
    let holder = holder.map_or("the set-up", |i| &i.name);
    let whose = if owner {
        format!("The credential of {label} is that of {holder}.")
    } else {
        format!("The credential of {label} is not that of {holder}: rotate that in.")
    };
    let state = format!("{label}: {}.", state.label());
    let mark = if whole { ("ok", "As set up") } else { ("warn", "Not as set up") };
    (State { tone: mark.0, label: mark.1 }, format!("{has} {whose} {state}"))
}

/// The words of the button that gives leave, where leave is waited for.
fn ask(job: &SettingUp, seen: &Seen) -> Option<&'static str> {
    let plan = seen.plan.as_ref().filter(|plan| matches!(seen.phase, Phase::Planned) && may(plan))?;
    match plan.is_done() {
        false => Some("Apply"),
        true if !job.chosen.keep_token => Some("Revoke the one-time token"),
        true => None,
    }
}

/// What becomes of the one-time token.
fn token(job: &SettingUp, seen: &Seen) -> Option<String> {
    let problem = match &seen.phase {
        Phase::Looking | Phase::Writing | Phase::Proved { .. } | Phase::Connected => return None,
        Phase::Planned if ask(job, seen).is_some() => {
            return Some(
                "The one-time token is held by a process that lives for this set-up. It waits 15 minutes for you, then ends."
                    .to_string(),
            );
        }
        Phase::Failed(_) if matches!(job.work, Work::Prove | Work::Connect) => return None,
        // A token that Okta did not take needs no revoking.
        Phase::Failed(problem) if problem.class == Class::TokenRejected => return None,
        Phase::Planned | Phase::Left | Phase::Failed(_) if job.chosen.keep_token => &None,
        Phase::Planned | Phase::Left | Phase::Failed(_) => {
            return Some(format!(
                "The one-time token was not revoked. Going on takes it again; otherwise revoke it under {TOKENS}."
            ));
        }
        Phase::Applied(problem) | Phase::Torn(_, problem) => problem,
    };
    Some(match problem {
        _ if job.chosen.keep_token => {
            format!("The one-time token was kept, as you asked. Revoke it under {TOKENS}.")
        }
        None => "The one-time token is revoked.".to_string(),
        Some(p) => {
            format!("The one-time token could not be revoked: {} {} Revoke it under {TOKENS}.", p.what, p.why)
        }
    })
}

fn row((thing, step): &(Thing, Step)) -> Row {
    let (tone, says) = match step {
        Step::Busy => ("busy", "…".to_string()),
        Step::Made(id) => ("ok", id.clone()),
        Step::Removed(id) => ("off", format!("{id} removed")),
    };
    Row { tone, title: thing.title(), says }
}

fn next(job: &SettingUp, seen: &Seen) -> Option<Next> {
    let choice = seen.choice.as_ref()?;
    let names = &choice.names;
    let first = match (job.has_password() || seen.sent_user, choice.password) {
        (true, true) => format!("The user {} has a password, which is shown once.", names.login),
        (false, true) => format!(
            "The user {} was there already. Its password was shown when it was made; where nobody has it, set another in the \
             Admin Console under Directory › People.",
            names.login
        ),
        (_, false) => {
            format!("Okta has sent an activation e-mail to {}. Set a password by it.", names.email)
        }
    };
    let [.., step] = steps(&Model::read(), names);
    Some(Next {
        login: names.login.clone(),
        first,
        step: Some(step),
        tokens: seen.tokens.clone(),
        domain: seen.origin.clone(),
    })
}

/// A problem in words that fit here: the token is another one than that of step 4.
pub(super) fn told(problem: &Problem) -> Told {
    let mut told = Told::from(problem);
    match problem.class {
        Class::TokenRejected | Class::NoToken => {
            told.todo = format!(
                "Create a token as a Super Administrator under {TOKENS}, for this alone, and enter its value here."
            );
        }
        Class::MissingPermission if !problem.todo.contains("transom ") => told.todo.clone_from(&problem.todo),
        _ => {}
    }
    told
}

/// A problem of a connection that was to be verified: no one-time token was given.
fn told_of_connection(problem: &Problem) -> Told {
    let mut told = Told::from(problem);
    if matches!(problem.class, Class::TokenRejected | Class::NoToken) {
        told.todo =
            "This is the connection's own credential. Rotate it, on the connection's page.".to_string();
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_credential_was_rejected_is_told() {
        let rejected = Problem::new(Class::TokenRejected, "Token rejected.", "401.", "transom org rotate");
        assert!(told(&rejected).todo.contains("Super Administrator"));
        let own = told_of_connection(&rejected).todo;
        assert!(own.contains("connection's own") && !own.contains("Super Administrator"), "{own}");
        assert!(!own.contains("transom "), "{own}");
    }
}
