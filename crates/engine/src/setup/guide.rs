//! The guide: the same clicks as Markdown and on the web page.

use std::fmt::Write;

use okta_client::Origin;

use super::feature::features;
use super::model::{Model, READ_ONLY_ADMINISTRATOR};
use super::names::{Names, Reader, console_host, tokens_page};

/// A step of the guide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it comes to.
    pub title: &'static str,
    /// How long it takes.
    pub minutes: u32,
    /// The clicks, in order.
    pub clicks: Vec<Click>,
}

/// One thing to do, in Markdown: `**…**` around what stands on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Click(pub String);

/// A stretch of a click.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span<'a> {
    /// The words.
    pub text: &'a str,
    /// Whether they stand on the screen.
    pub strong: bool,
}

impl Click {
    /// Its stretches, for a page that has marks of its own.
    pub fn spans(&self) -> Vec<Span<'_>> {
        let parts = self.0.split("**").enumerate();
        parts.map(|(n, text)| Span { text, strong: n % 2 == 1 }).filter(|s| !s.text.is_empty()).collect()
    }
}

/// What stands on the screen cannot end the mark around it.
fn plain(name: &str) -> String {
    name.replace('*', "\u{2217}")
}

fn listed(names: &[&str]) -> String {
    let marked: Vec<String> = names.iter().map(|name| format!("**{}**", plain(name))).collect();
    match marked.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}

fn step(title: &'static str, minutes: u32, clicks: Vec<String>) -> Step {
    Step { title, minutes, clicks: clicks.into_iter().map(Click).collect() }
}

/// The first two steps, whoever gets the rights: role and resource set.
fn rights(model: &Model, names: &Names) -> [Step; 2] {
    let permissions: Vec<&str> = model.permissions.iter().map(|g| g.console).collect();
    let members: Vec<&str> = model.resources.iter().map(|m| m.console).collect();
    let (role, set) = (plain(&names.role), plain(&names.set));
    [
        step(
            "Create a custom role",
            2,
            vec![
                "In the Admin Console open **Security › Administrators › Roles** and press **Create new role**."
                    .to_string(),
                format!("Call it **{role}**."),
                format!("Tick {}, nothing else. **Save role**.", listed(&permissions)),
            ],
        ),
        step(
            "Create a resource set",
            1,
            vec![
                "Open **Security › Administrators › Resources** and press **Create new resource set**.".to_string(),
                format!("Call it **{set}**, and add {}.", listed(&members)),
            ],
        ),
    ]
}

/// The steps that lead to a token: role, resource set, user, token. The fifth is to connect.
pub fn steps(model: &Model, names: &Names) -> [Step; 4] {
    let (role, set, login) = (plain(&names.role), plain(&names.set), plain(&names.login));
    let [first, second] = rights(model, names);
    [
        first,
        second,
        step(
            "Create a user for Transom, and give it both roles",
            3,
            vec![
                format!(
                    "Under **Directory › People** add a user such as **{login}**: nobody's own account, because the \
                     token dies with it."
                ),
                format!(
                    "Under **Security › Administrators** press **Add administrator**, choose that user, and assign \
                     **{READ_ONLY_ADMINISTRATOR}**."
                ),
                format!("Add a second assignment: role **{role}**, resource set **{set}**."),
            ],
        ),
        step(
            "Create an API token",
            2,
            vec![
                format!(
                    "Sign in to Okta as **{login}**: a token has the rights of whoever creates it. The first time, Okta \
                     asks for the password from the activation, and for a second factor before it opens the Admin \
                     Console: enrol one that does not hang on a single person."
                ),
                "Open **Security › API › Tokens**, press **Create token**, and call it **Transom**.".to_string(),
                "Let it be used only from the network zone of this server: make one under **Security › Networks** first, \
                 as a Super Administrator, if there is none."
                    .to_string(),
                "Copy the value: Okta shows it once. It lapses after 30 days without use; each sync renews it."
                    .to_string(),
            ],
        ),
    ]
}

/// The steps that lead to a service app: role, resource set, app with its key, scopes and roles. The fifth is to connect. The
/// clicks are those of Okta's guides [docs implement-oauth-for-okta-serviceapp, terraform-enable-org-access, dpop].
pub fn app_steps(model: &Model, names: &Names) -> [Step; 4] {
    let (role, set, app) = (plain(&names.role), plain(&names.set), plain(&names.app));
    let roles: Vec<&str> = model.roles.iter().map(|g| g.console).collect();
    let [first, second] = rights(model, names);
    [
        first,
        second,
        step(
            "Create a service app with a key",
            2,
            vec![
                "Open **Settings › Account** first, and switch **Public client app admins** off: with it Okta makes every new \
                 service app a **Super Administrator**."
                    .to_string(),
                "Open **Applications › Applications**, press **Create App Integration**, choose **API Services** and press \
                 **Next**."
                    .to_string(),
                format!("Call it **{app}** and press **Save**."),
                "On the tab **General** press **Edit** beside **Client Credentials**, and choose **Public key / Private key**."
                    .to_string(),
                "Press **Add key**, then **Generate new key**. Copy the private key, as **JSON** or as **PEM**: Okta shows it \
                 once. Press **Done**, then **Save**, and **Save** again."
                    .to_string(),
                "Leave **Require Demonstrating Proof of Possession (DPoP) header in token requests** ticked: it ties access \
                 tokens to this server."
                    .to_string(),
                "Copy the **Client ID**.".to_string(),
            ],
        ),
        step(
            "Grant it the scopes, and give it both roles",
            3,
            vec![
                format!(
                    "As a Super Administrator open its tab **Okta API Scopes**, and press **Grant** beside each of {}.",
                    listed(&model.scope_names())
                ),
                format!(
                    "Open its tab **Admin roles** and press **Edit assignments**, then **Add assignment**. As **Role** choose \
                     {}.",
                    listed(&roles)
                ),
                format!("Add a second assignment: role **{role}**, resource set **{set}**. Press **Save Changes**."),
                "If **Super Administrator** stands there, take it away.".to_string(),
            ],
        ),
    ]
}

/// The whole guide as Markdown, for the org at `origin` where one was named.
pub fn markdown(model: &Model, names: &Names, reader: Reader, origin: Option<&Origin>) -> String {
    let console = origin.and_then(console_host);
    let mut text = String::from("# Set up Okta for Transom\n\n");
    let _ = writeln!(text, "{}", model.profile.says());
    let place = console
        .as_ref()
        .map_or_else(|| "Admin Console".to_string(), |host| format!("[Admin Console](https://{host}/)"));
    let (steps, who) = match reader {
        Reader::User => {
            let who = format!(
                "Steps 1 to 3 are done as a Super Administrator in the {place}, step 4 as the new user."
            );
            (steps(model, names), who)
        }
        Reader::App => (
            app_steps(model, names),
            format!("Steps 1 to 4 are done as a Super Administrator in the {place}."),
        ),
    };
    let _ = writeln!(text, "{who}");
    for (n, step) in steps.iter().enumerate() {
        let _ = write!(text, "\n## {}. {} ({} min)\n\n", n + 1, step.title, step.minutes);
        for (n, click) in step.clicks.iter().enumerate() {
            let _ = writeln!(text, "{}. {}", n + 1, click.0);
        }
        if let Some(origin) = origin.filter(|_| n == 3 && reader == Reader::User) {
            let page = tokens_page(origin);
            let _ = write!(text, "\nThe page is [Security › API › Tokens]({page}).\n");
        }
    }
    let domain = origin.map_or_else(|| "acme.okta.com".to_string(), Origin::host);
    let (more, asks) = match reader {
        Reader::User => ("", ", which asks for the token"),
        Reader::App => {
            (" --client-id ID --key-file FILE", " with the client ID and the private key in a file")
        }
    };
    let _ = write!(
        text,
        "\n## 5. Connect (1 min)\n\nRun `transom org connect --domain {domain}{more}`{asks}, or open *Settings › \
         Integrations* on the web. Verification says whether every step was done.\n"
    );
    reasons(model, &mut text);
    if reader == Reader::App {
        scopes(model, &mut text);
    }
    unread(model, &mut text);
    text
}

fn reasons(model: &Model, text: &mut String) {
    text.push_str("\n## Why each right\n\n| Right | We use this to | Without it |\n|---|---|---|\n");
    for row in model.rows() {
        let _ = writeln!(text, "| {} | {} | {} |", row.name, row.used_for.join("; "), row.without.join("; "));
    }
}

/// The scopes, each with what is read by it: what that is for stands beside the rights.
fn scopes(model: &Model, text: &mut String) {
    text.push_str("\n## What each scope reads\n\n| Scope | Data sets |\n|---|---|\n");
    for grant in &model.scopes {
        let titles: Vec<&str> = grant.reasons.iter().map(|reason| reason.title).collect();
        let _ = writeln!(text, "| {} | {} |", grant.name, titles.join("; "));
    }
}

fn unread(model: &Model, text: &mut String) {
    let beyond: Vec<_> = features().into_iter().filter(|f| !model.with.contains(&f.reason.dataset)).collect();
    if beyond.is_empty() {
        return;
    }
    text.push_str("\n## What stays unread\n\n| Data set | It would take | To |\n|---|---|---|\n");
    for feature in beyond {
        let choose = match feature.permission {
            Some(_) => format!("`--with {}`", feature.reason.dataset),
            None => feature.but.to_string(),
        };
        let _ = writeln!(
            text,
            "| {} | {}. {choose} | {} |",
            feature.reason.title, feature.right, feature.reason.used_for
        );
    }
}
