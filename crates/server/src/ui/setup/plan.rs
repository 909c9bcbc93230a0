//! A plan as a table: what becomes of each thing, and by which requests.

use transom_engine::setup::{Item, Plan, Verdict};

use crate::ui::State;

/// What a page shows of a plan.
#[derive(Debug)]
pub(super) struct View {
    pub org: String,
    pub caller: String,
    pub items: Vec<Row>,
}

/// A thing.
#[derive(Debug)]
pub(super) struct Row {
    pub state: State,
    pub title: &'static str,
    pub name: String,
    pub id: Option<String>,
    pub says: Vec<String>,
    pub calls: Vec<String>,
}

impl View {
    /// The view of a plan.
    pub fn of(plan: &Plan) -> Self {
        let may = if plan.super_admin {
            "a Super Administrator"
        } else {
            "not a Super Administrator, who alone may apply it"
        };
        Self {
            org: format!("{} · {}", plan.origin, plan.org_id),
            caller: format!("{}, {may}", plan.caller),
            items: plan.items.iter().map(row).collect(),
        }
    }
}

fn row(item: &Item) -> Row {
    let (tone, label) = match item.verdict {
        Verdict::Create => ("info", "Create"),
        Verdict::Change => ("warn", "Change"),
        Verdict::Leave => ("ok", "Leave"),
        Verdict::InTheWay => ("bad", "In the way"),
    };
    let call = |call: &transom_engine::setup::Shown| match &call.body {
        Some(body) => format!("{} {}\n{body:#}", call.method, call.target),
        None => format!("{} {}", call.method, call.target),
    };
    Row {
        state: State { tone, label },
        title: item.thing.title(),
        name: item.name.clone(),
        id: item.id.clone(),
        says: item.says.iter().map(|says| without_options(says)).collect(),
        calls: item.calls.iter().map(call).collect(),
    }
}

/// A remedy as the form has it: the options of the command line stand in parentheses, and here the fields have those names.
fn without_options(says: &str) -> String {
    let mut rest = says;
    let mut kept = String::new();
    while let Some((before, after)) = rest.split_once(" (--") {
        let Some((_, after)) = after.split_once(')') else { break };
        kept.push_str(before);
        rest = after;
    }
    kept + rest
}

/// What a plan comes to, in a sentence.
pub(super) fn says(plan: &Plan) -> String {
    let changes =
        plan.items.iter().filter(|i| matches!(i.verdict, Verdict::Create | Verdict::Change)).count();
    match (plan.in_the_way().count(), changes) {
        (0, 0) => "No difference: the org has what Transom needs.".to_string(),
        (0, n) => format!("{n} of {} to make or change. Nothing is changed yet.", plan.items.len()),
        (n, _) => format!("{n} in the way. Nothing is changed before that is out of it."),
    }
}

#[cfg(test)]
mod tests {
    use super::without_options;

    #[test]
    fn the_web_names_no_option_of_the_command_line() {
        let says =
            "Use what is there already (--adopt-user). Otherwise choose another login (--login LOGIN).";
        assert_eq!(without_options(says), "Use what is there already. Otherwise choose another login.");
        for untouched in ["It lacks okta.iam.read.", "Broken (--off", "It is there (and differs)."] {
            assert_eq!(without_options(untouched), untouched);
        }
    }
}
