//! What is read only when asked for, read of one user: by the page and by the API.

use axum::http::{Method, StatusCode};
use okta_sim::{Kind, Running};
use serde_json::{Value, json};
use transom_core::OrgId;

use crate::connecting::owner;
use crate::inventory::synced;

const USERS: &str = "/orgs/1/inventory/user";

/// A user with grants, and how many.
fn granted(sim: &Running) -> (String, usize) {
    let grants = sim.org.truth(&sim.origin).list(Kind::UserGrant);
    let user = grants.first().expect("a grant").parent.clone();
    let many = grants.iter().filter(|g| g.parent == user).count();
    (user, many)
}

fn of<'a>(known: &'a Value, name: &str) -> &'a Value {
    known.as_array().expect("a list").iter().find(|d| d["dataset"] == name).expect("named")
}

#[tokio::test]
async fn the_page_of_a_user_reads_it_now_and_says_when_it_was_read() {
    let (house, sim, mut viewer) = synced(|t| &t.super_admin).await;
    let (user, many) = granted(&sim);
    let at = viewer.get(&format!("{USERS}/{user}")).await.leads_to().to_string();
    let page = viewer.get(&at).await;
    assert!(page.says("Read when asked for") && page.says("Grants of users") && page.says("Not read yet"));
    assert!(!page.says("Read now"), "a viewer may not");
    assert!(!page.says("tab=child.user_grant"), "none is held");

    let mut browser = house.signed_in(&owner(&house).await).await;
    assert!(browser.get(&at).await.says(&format!("action=\"{at}/read\"")));
    let bare = browser.post_bare(&format!("{at}/read"), &[]).await;
    assert_eq!(bare.status, StatusCode::FORBIDDEN, "without the form's mark");
    let answer = browser.post(&format!("{at}/read"), &[]).await;
    assert_eq!(answer.leads_to(), format!("{at}#asked-for"));
    let page = viewer.get(&at).await;
    assert!(page.says("Complete") && page.says("read just now"), "{}", page.text);
    assert!(!page.says("Not read yet"));
    let page = viewer.get(&format!("{at}?tab=child.user_grant")).await;
    assert!(page.says(&format!("{many} on this page")), "{}", page.text);
    // Of all users nothing more is known than before: the connection and the list say so.
    let page = viewer.get("/orgs/1/inventory/user_grant").await;
    assert!(page.says("Grants of users: never collected."), "{}", page.text);

    // What has nothing of the sort says nothing, and can't be read so.
    let group = sim.org.truth(&sim.origin).list(Kind::Group).remove(0).id;
    let at = viewer.get(&format!("/orgs/1/inventory/group/{group}")).await.leads_to().to_string();
    assert!(!viewer.get(&at).await.says("Read when asked for"));
    let refused = browser.post(&format!("{at}/read"), &[]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.says("nothing that is read of one group"), "{}", refused.text);
    assert_eq!(browser.post(&format!("{USERS}/999999/read"), &[]).await.status, StatusCode::NOT_FOUND);
    // A user who is gone in Okta is said to be, in words for a page.
    let mut users = sim.org.truth(&sim.origin).list(Kind::User);
    users.retain(|u| u.doc["status"] == "DEPROVISIONED");
    let gone = &users.first().expect("one").id;
    let at = viewer.get(&format!("{USERS}/{gone}")).await.leads_to().to_string();
    sim.org.delete_user(gone).expect("deleted");
    let refused = browser.post(&format!("{at}/read"), &[]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.says("Okta has the user") && !refused.says("transom sync"), "{}", refused.text);
    house.app.engine.pause(&house.store.org(OrgId(1)).await.expect("reads")).await.expect("pauses");
    let page = browser.get(&at).await;
    assert!(page.says("<button class=\"button\" disabled>Paused</button>") && !page.says("Read now"));
}

#[tokio::test]
async fn programs_read_it_and_see_it_beside_the_object() {
    let (house, sim, _) = synced(|t| &t.super_admin).await;
    let mut program = house.program(&owner(&house).await).await;
    let (user, many) = granted(&sim);
    let path = format!("/api/v1/orgs/1/entities/user/{user}");
    let before = program.get(&path).await.json();
    assert_eq!(of(&before["under"], "user_grant")["state"], "never_collected");
    assert_eq!(of(&before["under"], "user_grant")["held"], Value::Null, "not none");
    let post = |with: Value| (format!("{path}/read"), Some(json!({ "with": with })));
    let (read, body) = post(json!(["user_grant"]));
    let answer = program.call(Method::POST, &read, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let answer = answer.json();
    let grants = of(&answer["items"], "user_grant");
    assert_eq!((&grants["state"], &grants["held"]), (&json!("complete"), &json!(many)));
    assert!(grants["at"].is_string());
    assert_eq!(of(&answer["items"], "linked_user")["at"], Value::Null, "not asked for");
    assert_eq!(of(&program.get(&path).await.json()["under"], "user_grant"), grants);
    let coverage = program.get("/api/v1/orgs/1/coverage").await.json();
    assert_eq!(of(&coverage["datasets"], "user_grant")["state"], "never_collected");

    let (read, body) = post(json!(["factor"]));
    let wrong = program.call(Method::POST, &read, body).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("with: factor can't be read of one user"), "{}", wrong.text);
    assert_eq!(
        program.get(&format!("/api/v1/orgs/1/entities/group/{}", group(&sim))).await.json()["under"],
        json!([])
    );
}

fn group(sim: &Running) -> String {
    sim.org.truth(&sim.origin).list(Kind::Group).remove(0).id
}
