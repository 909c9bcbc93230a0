//! `/api/v1/groups/rules`.

use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::ids::IdKind;
use crate::generate::rules::{GroupRule, RuleStatus};
use crate::json::Out;
use crate::org::view::View;
use crate::page::{self, Page, Sizes};
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/groups/rules", GroupRules, list),
    route!(GET "/api/v1/groups/rules/{ruleId}", GroupRules, get),
];

/// Writes a rule as Okta sends it; `allGroupsValid` is not in the spec [rec].
pub(crate) fn write_rule(out: &mut Out, view: View<'_>, rule: &GroupRule) {
    out.object(|o| {
        o.text("type", "group_rule");
        o.text("id", &view.base.ids.encode(IdKind::GroupRule, rule.n));
        o.text("status", rule.status.as_str());
        o.text("name", &rule.name);
        o.time("created", rule.created);
        o.time("lastUpdated", rule.last_updated);
        o.object_at("conditions", |o| {
            o.object_at("people", |o| {
                for kind in ["users", "groups"] {
                    o.object_at(kind, |o| o.array_at("exclude", |_| {}));
                }
            });
            o.object_at("expression", |o| {
                o.text("value", &rule.expression);
                o.text("type", "urn:okta:expression:1.0");
            });
        });
        o.object_at("actions", |o| {
            o.object_at("assignUserToGroups", |o| {
                o.array_at("groupIds", |o| rule.groups.iter().for_each(|g| o.text_value(&view.group_id(*g))));
            });
        });
        o.flag("allGroupsValid", rule.status != RuleStatus::Invalid);
    });
}

fn list(call: &Call<'_>) -> Answer {
    let page = Page::of(call, Sizes::new(50, 200));
    let search = call.query.get("search").map(str::to_lowercase);
    call.org.read(|view| {
        let after = page.cursor(|id| view.base.ids.decode(IdKind::GroupRule, id).map(|n| n as u32))?;
        let rules = view.state.rules.iter().filter(|rule| {
            after.is_none_or(|a| rule.n > u64::from(a))
                && search.as_ref().is_none_or(|s| rule.name.to_lowercase().contains(s.as_str()))
        });
        let id = |rule: &&GroupRule| view.base.ids.encode(IdKind::GroupRule, rule.n);
        page::list(call, &page, rules, id, |out, rule| write_rule(out, view, rule))
    })
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let n = view.base.ids.decode(IdKind::GroupRule, call.arg(0));
        let rule = view.state.rules.iter().find(|rule| Some(rule.n) == n);
        let rule = rule.ok_or_else(|| Refusal::not_found(call.arg(0), "GroupRule"))?;
        let mut out = Out::with_capacity(1_024);
        write_rule(&mut out, view, rule);
        Ok(Reply::json(out.into_bytes()))
    })
}
