//! No secret leaves: everything secret that this test knows of is looked for on every page that links lead to, in the API,
//! the files, and the database.

use std::collections::{BTreeSet, VecDeque};

use okta_sim::Kind;
use serde_json::Value;
use transom_core::{Reach, Role};

use crate::browser::Browser;
use crate::inventory::synced;

/// Pages looked at: each kind of page many times.
const PAGES: usize = 400;
/// Of one shape of address, numbers and ids left out.
const ALIKE: usize = 8;

/// Values under keys that Okta keeps secrets in, wherever in a document.
fn secrets(doc: &Value, to: &mut BTreeSet<String>) {
    match doc {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str() {
                    Some(text) if ["client_secret", "sharedSecret", "secret"].contains(&name.as_str()) => {
                        to.insert(text.to_string());
                    }
                    _ => secrets(value, to),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| secrets(item, to)),
        _ => {}
    }
}

/// The addresses that a page leads to.
fn links(text: &str) -> impl Iterator<Item = String> + '_ {
    let all = text.split(" href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let own = all.filter(|href| href.starts_with('/') && !href.starts_with("/assets/"));
    own.map(|href| href.split('#').next().unwrap_or_default().replace("&#38;", "&"))
}

/// What pages that show the same of other things have in common.
fn shape(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let names: Vec<&str> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    let id = |part: &str| part.bytes().any(|b| b.is_ascii_digit());
    let parts: Vec<&str> = path.split('/').map(|part| if id(part) { "#" } else { part }).collect();
    format!("{}?{}", parts.join("/"), names.join("&"))
}

fn clean(text: &str, where_: &str, canaries: &BTreeSet<String>) {
    for canary in canaries {
        assert!(!text.contains(canary.as_str()), "{where_} holds {canary}");
    }
}

#[tokio::test]
async fn no_page_no_answer_no_file_and_no_database_holds_a_secret() {
    let (house, sim, _) = synced(|t| &t.super_admin).await;
    let owner = house.account("second@acme.example", Role::Owner, Reach::All).await;
    let mut browser = house.signed_in(&owner).await;
    let mut program = house.program(&owner).await;
    let mut canaries = BTreeSet::from([sim.tokens.super_admin.clone(), program.token.clone().expect("one")]);
    canaries.extend(browser.cookies.get("transom").cloned());
    let (truth, mut of_okta) = (sim.org.truth(&sim.origin), BTreeSet::new());
    for kind in [Kind::App, Kind::IdentityProvider, Kind::InlineHook, Kind::EventHook] {
        truth.list(kind).iter().for_each(|record| secrets(&record.doc, &mut of_okta));
    }
    assert!(of_okta.len() >= 3, "the org has secrets to lose: {of_okta:?}");
    canaries.extend(of_okta.into_iter().filter(|text| text.len() > 15));

    let (mut seen, mut alike) = (BTreeSet::new(), std::collections::BTreeMap::<String, usize>::new());
    let mut ahead = VecDeque::from(["/".to_string(), "/settings/audit/export?format=jsonl".to_string()]);
    while let Some(path) = ahead.pop_front() {
        let like = alike.entry(shape(&path)).or_default();
        if seen.len() >= PAGES || *like >= ALIKE || !seen.insert(path.clone()) {
            continue;
        }
        *like += 1;
        let answer = browser.get(&path).await;
        assert!(!answer.status.is_server_error(), "{path}: {}", answer.text);
        clean(&answer.text, &path, &canaries);
        clean(&format!("{:?}", answer.headers), &path, &canaries);
        ahead.extend(links(&answer.text));
        ahead.extend(Some(answer.leads_to().to_string()).filter(|to| to.starts_with('/')));
    }
    for page in ["/orgs/1/connection", "/settings/about", "/api", "/help/privacy", "/orgs/1/csv/user"] {
        assert!(seen.contains(page), "{page} was not come by: {seen:?}");
    }
    assert!(alike.len() > 40, "{alike:?}");
    for raw in ["app", "idp"] {
        assert!(read(&mut program, raw, &canaries).await > 0, "{raw}");
    }
    // The file as it is, with what the write-ahead log holds.
    for file in std::fs::read_dir(house.folder()).expect("a folder") {
        let path = file.expect("a file").path();
        let bytes = std::fs::read(&path).expect("reads");
        for canary in &canaries {
            let found = bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
            assert!(!found, "{} holds {canary}", path.display());
        }
    }
}

/// Reads every document of a kind by the API; how many there are.
async fn read(program: &mut Browser, kind: &str, canaries: &BTreeSet<String>) -> usize {
    let list = program.get(&format!("/api/v1/orgs/1/entities/{kind}?limit=100")).await.json();
    let items = list["items"].as_array().expect("items");
    for item in items {
        let id = item["id"].as_str().expect("an id").replace('/', "%2F");
        let path = format!("/api/v1/orgs/1/entities/{kind}/{id}");
        let answer = program.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        clean(&answer.text, &path, canaries);
    }
    items.len()
}
