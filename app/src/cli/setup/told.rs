//! What set-up says to people.

use std::path::Path;

use okta_client::Origin;
use transom_engine::setup::{Choice, Event, Names, Plan, Record, Verdict, tokens_page};
use transom_engine::{Class, Problem};

use crate::out::{Out, quoted};

/// The plan: what becomes of each thing, why, and by which calls.
pub fn plan(out: Out, plan: &Plan) {
    let may = if plan.super_admin {
        "Super Administrator"
    } else {
        "not a Super Administrator: may plan, not apply"
    };
    out.line(format!("{} · {} · as {} ({may})", plan.origin, plan.org_id, plan.caller));
    out.line("");
    for item in &plan.items {
        let id = item.id.as_ref().map(|id| format!("  {id}")).unwrap_or_default();
        out.line(format!("{:<11} {}: {}{id}", item.verdict.word(), item.thing.title(), item.name));
        for says in &item.says {
            out.prose(format!("            {says}"), 12);
        }
        for call in &item.calls {
            let body = call.body.as_ref().map(|b| format!(" {b}")).unwrap_or_default();
            out.line(format!("            {} {}{body}", call.method, call.target));
        }
    }
    out.line("");
    let changes =
        plan.items.iter().filter(|i| matches!(i.verdict, Verdict::Create | Verdict::Change)).count();
    out.line(match (plan.in_the_way().count(), changes) {
        (0, 0) => "No difference: the org has what Transom needs.".to_string(),
        (0, n) => format!("{n} of {} to make or change.", plan.items.len()),
        (n, _) => format!("{n} in the way. Nothing is changed before that is out of it."),
    });
}

/// Why a plan can't be carried out, where it can't.
pub fn refusal(plan: &Plan) -> Option<Problem> {
    let item = plan.in_the_way().next()?;
    let (todo, why) = item.says.split_last()?;
    Some(Problem::new(
        Class::State,
        format!("{} {} is in the way.", item.thing.title(), item.name),
        why.join(" "),
        todo.clone(),
    ))
}

/// What happens, as it happens.
pub fn event(out: Out, event: &Event) {
    if out.is_json() {
        return;
    }
    match event {
        Event::Made { thing, made } => out.note(format!("Made        {}  {}", thing.title(), made.id)),
        Event::Removed { thing, id } => out.note(format!("Removed     {}  {id}", thing.title())),
        Event::Waiting { thing } => out.note(format!("Waiting     {} …", thing.title())),
        Event::Revoked | Event::Planned { .. } | Event::Writing { .. } => {}
    }
}

/// What is recorded, before it is removed.
pub fn made(out: Out, record: &Record) {
    if out.is_json() {
        return;
    }
    out.note("Set-up made this here:");
    for (thing, made) in &record.made {
        let name = record.name_of(*thing).map(|name| format!(": {name}")).unwrap_or_default();
        out.note(format!("  {}{name}  {}", thing.title(), made.id));
    }
}

/// The password, once.
pub fn password(names: &Names, password: &str) -> String {
    format!("The password of {}, shown this once: {password}", names.login)
}

/// What is left to the person.
pub fn applied(out: Out, origin: &Origin, choice: &Choice, shown: Option<&str>) {
    let login = &choice.names.login;
    out.line("The org is set up. Okta has no call that makes an API token, so the last step is yours:");
    let first = match (shown, choice.password) {
        (Some(secret), _) => password(&choice.names, secret),
        (None, true) => format!(
            "The user {login} was there already. Its password was shown when it was made; where nobody has it, set another in \
             the Admin Console under Directory > People."
        ),
        (None, false) => {
            format!("Okta has sent an activation e-mail to {}; set a password by it.", choice.names.email)
        }
    };
    let page = tokens_page(origin);
    let domain = quoted(&origin.to_string());
    for (n, says) in [
        first,
        format!(
            "Sign in to Okta as {login}. Before it opens the Admin Console, Okta asks for a second factor."
        ),
        format!(
            "Create a token called Transom at {page}, to be used only from the network zone of this machine."
        ),
        format!("Connect with it: transom org connect --domain {domain}"),
        format!("Then check all of it: transom setup verify --domain {domain}"),
    ]
    .iter()
    .enumerate()
    {
        step(out, n + 1, says);
    }
}

/// What is left to the person where a service app reads.
pub fn app_applied(out: Out, origin: &Origin, client_id: &str, key: Option<&Path>) {
    let domain = quoted(&origin.to_string());
    let file = key.map_or("FILE".to_string(), |path| quoted(&path.display().to_string()));
    out.line("The org is set up. Now:");
    let connect =
        format!("Connect: transom org connect --domain {domain} --client-id {client_id} --key-file {file}");
    let check = format!("Check all of it: transom setup verify --domain {domain}");
    let delete = "Delete the key file: connecting sealed the key in the database.".to_string();
    for (n, says) in [connect, check, delete].iter().enumerate() {
        step(out, n + 1, says);
    }
}

/// A step that is left. One with a command stays on its line, as half of a command that was broken for the eye would run.
fn step(out: Out, n: usize, says: &str) {
    let text = format!("  {n}. {says}");
    if says.contains(": transom ") { out.line(text) } else { out.prose(text, 5) }
}

/// What became of the one-time token.
pub fn token(out: Out, kept: bool, problem: Option<&Problem>) {
    let says = match (kept, problem) {
        (true, _) => {
            "The one-time token was kept, as you asked. Revoke it under Security > API > Tokens.".to_string()
        }
        (false, None) => "The one-time token is revoked.".to_string(),
        (false, Some(p)) => {
            format!("The one-time token could not be revoked: {p} Do it under Security > API > Tokens.")
        }
    };
    out.prose(says, 2);
}
