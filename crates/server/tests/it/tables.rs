//! Tables that stack on a phone: each value has the name of its column beside it, and roles keep a table of it.

use crate::connecting::owner;
use crate::inventory::synced;

/// The tags of this name in a text, each with what stands in it.
fn tags<'a>(text: &'a str, name: &str) -> Vec<(&'a str, &'a str)> {
    let begin = format!("<{name} ");
    let all = text.split(&begin).skip(1);
    all.filter_map(|part| part.split_once('>')).collect()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split(&format!("{name}=\"")).nth(1)?.split('"').next()
}

#[tokio::test]
async fn tables_that_stack_stay_tables_and_name_their_values() {
    let (house, _sim, _) = synced(|t| &t.read_only_custom).await;
    let mut browser = house.signed_in(&owner(&house).await).await;
    let made = [("name", "Nightly"), ("role", "viewer"), ("reach", "all"), ("days", "30")];
    browser.get("/settings/api-tokens").await;
    browser.post("/settings/api-tokens", &made).await;
    for (path, tables) in [
        ("/orgs/1", 1),
        ("/orgs/1/connection", 10),
        ("/orgs/1/inventory", 3),
        ("/settings/integrations", 1),
        ("/settings/integrations/okta/connect", 1),
        ("/settings/members", 1),
        ("/settings/api-tokens", 1),
        ("/settings/audit", 1),
    ] {
        let text = browser.get(path).await.text;
        let all: Vec<&str> = text.split("<div class=\"table stacks").skip(1).collect();
        assert!(all.len() >= tables, "{path}: {} tables", all.len());
        for table in all {
            let table = table.split("</table>").next().expect("an end");
            let heads: Vec<&str> = tags(table, "th")
                .into_iter()
                .filter(|(tag, _)| attribute(tag, "role") == Some("columnheader"))
                .map(|(_, rest)| rest.split('<').next().unwrap_or_default())
                .collect();
            let cells = tags(table, "td");
            assert!(!heads.is_empty() && !cells.is_empty(), "{path}: {table}");
            for (tag, _) in cells {
                assert_eq!(attribute(tag, "role"), Some("cell"), "{path}: {tag}");
                // What has no name is a button, which says itself what it does.
                let named = attribute(tag, "data-label").is_none_or(|label| heads.contains(&label));
                assert!(named, "{path}: {tag}: {heads:?}");
            }
            for (name, role) in
                [("table", "table"), ("thead", "rowgroup"), ("tbody", "rowgroup"), ("tr", "row")]
            {
                let bare = table.matches(&format!("<{name}>")).count();
                let roles =
                    tags(table, name).iter().filter(|(tag, _)| attribute(tag, "role") == Some(role)).count();
                assert!(bare == 0 && roles > 0, "{path}: {name}: {table}");
            }
        }
    }
}
