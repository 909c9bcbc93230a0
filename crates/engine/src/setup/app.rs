//! The service app in a plan: the app itself, and the scopes that it is granted.

use okta_client::{Write, api};
use serde_json::Value;

use super::calls::{Calls, NEW_APP};
use super::look::App;
use super::plan::{Item, Verdict};
use super::record::Thing;

impl Calls<'_> {
    /// The call that makes the app.
    pub fn create_app(&self) -> Write {
        api::app::create_service(&self.wanted.names.app, self.wanted.app_key.as_ref().unwrap_or(&Value::Null))
    }

    /// The app: there, to be made, or in the way.
    pub fn app(&self) -> Item {
        let Some(there) = &self.seen.app else {
            let mut item = self.item(Thing::App, Verdict::Create, None);
            if self.seen.makes_super == Some(true) {
                item.verdict = Verdict::InTheWay;
                item.says = vec![
                    "The org makes every new API services app a Super Administrator (Public client app admins).".to_string(),
                    "Switch that off in the Admin Console under Settings > Account, then run this again.".to_string(),
                ];
                return item;
            }
            item.says.push(
                "It proves who it is by a key that was made here; only the public half is sent.".to_string(),
            );
            item.calls.push(self.create_app().shown());
            return item;
        };
        let mut item = self.item(Thing::App, Verdict::Leave, Some(&there.id));
        item.name.clone_from(&there.label);
        let excess = self.excess();
        let stop = if !there.ours {
            let why = "An app with this label was there before, with another key.".to_string();
            Some((why, "Choose another name for the app (--app NAME)."))
        } else if there.status != "ACTIVE" {
            let why = format!("It is {}, so it gets no tokens.", there.status);
            Some((why, "Activate it in Okta under Applications, then run this again."))
        } else if !excess.is_empty() {
            let why = format!("It holds more than it needs: {}.", excess.join(", "));
            Some((why, "Take that from it under its Admin roles, then run this again."))
        } else {
            None
        };
        if let Some((why, todo)) = stop {
            item.verdict = Verdict::InTheWay;
            item.says.extend([why, todo.to_string()]);
        }
        item
    }

    /// The scopes that the app lacks, and the grants that it has besides.
    fn scopes_differ(&self, there: &App) -> (Vec<&'static str>, Vec<(String, String)>) {
        let (wanted, granted) = (self.wanted.model.scope_names(), there.grants.clone().unwrap_or_default());
        let lacks =
            wanted.iter().filter(|scope| !granted.iter().any(|(held, _)| held == *scope)).copied().collect();
        let surplus =
            granted.into_iter().filter(|(held, _)| !wanted.iter().any(|scope| scope == held)).collect();
        (lacks, surplus)
    }

    /// The calls that bring the app's scopes in line.
    pub fn change_scopes(&self, app: &str) -> Vec<Write> {
        let (lacks, surplus) = match &self.seen.app {
            Some(there) => self.scopes_differ(there),
            None => (self.wanted.model.scope_names(), Vec::new()),
        };
        let issuer = &self.seen.origin;
        let more = lacks.into_iter().map(|scope| api::app_grant::grant(app, scope, issuer));
        more.chain(surplus.iter().map(|(_, grant)| api::app_grant::revoke(app, grant))).collect()
    }

    /// The scopes: as they should be, or to be granted.
    pub fn scopes(&self) -> Item {
        let there = self.seen.app.as_ref();
        let mut item = self.item(Thing::Scopes, Verdict::Leave, there.map(|a| a.id.as_str()));
        match there {
            Some(App { grants: None, .. }) => {
                item.says.push("This credential may not see which scopes the app was granted.".to_string());
            }
            Some(App { ours: false, .. }) => {}
            _ => {
                let calls = self.change_scopes(there.map_or(NEW_APP, |a| &a.id));
                if !calls.is_empty() {
                    let granted = there.and_then(|a| a.grants.as_ref()).is_some_and(|g| !g.is_empty());
                    item.verdict = if granted { Verdict::Change } else { Verdict::Create };
                    item.calls = calls.iter().map(Write::shown).collect();
                }
            }
        }
        item
    }
}
