//! What is read only when asked for, read of one user.

use std::collections::BTreeSet;

use okta_sim::faults::Verdict;
use okta_sim::{Kind, Reply};
use serde_json::{Value, json};
use transom_core::CoverageState;
use transom_engine::dataset::Tier;
use transom_engine::entity::user::USER;
use transom_engine::sync::DatasetSummary;
use transom_engine::sync::plan::Options;
use transom_engine::{Class, Problem};
use transom_store::EntityRow;

use super::faults::{forbidden, refusal};
use super::world::{Ids, World};

const GRANT: &str = "user_grant";

/// An org of which the core is read, and two users who have grants.
async fn read() -> (World, [EntityRow; 2]) {
    let world = World::new().await;
    world.sync_with(&Options { tiers: vec![Tier::Core], ask: false, ..Options::default() }).await;
    let users: BTreeSet<String> = world.there(Kind::UserGrant).into_iter().map(|(user, _)| user).collect();
    let mut users = users.into_iter();
    let (one, other) = (users.next().expect("who has grants"), users.next().expect("another"));
    let rows = [row(&world, &one).await, row(&world, &other).await];
    (world, rows)
}

async fn row(world: &World, user: &str) -> EntityRow {
    world.engine.store.find(world.org.id, USER.code, user).await.expect("reads").pop().expect("held")
}

async fn read_of(world: &World, user: &EntityRow) -> Result<Vec<DatasetSummary>, Problem> {
    world.engine.read_under(&world.org, user, &[GRANT.to_string()]).await
}

fn of<'a>(known: &'a [DatasetSummary], name: &str) -> &'a DatasetSummary {
    known.iter().find(|d| d.coverage.dataset == name).expect("known of")
}

/// What the org has of a kind under one user.
fn there(world: &World, kind: Kind, user: &EntityRow) -> Ids {
    world.there(kind).into_iter().filter(|(parent, _)| *parent == user.okta_id).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_user_s_grants_come_and_go_and_nobody_else_is_touched() {
    let (world, [one, other]) = read().await;
    let org = world.org.id;
    let known = world.engine.known_under(org, &one).await.expect("reads");
    let grants = of(&known, GRANT);
    assert_eq!((grants.coverage.state, grants.coverage.at), (CoverageState::NeverCollected, None));
    assert_eq!(grants.coverage.reason, "Not read of this user yet.");

    world.fault.clear();
    let known = read_of(&world, &one).await.expect("reads");
    let grants = there(&world, Kind::UserGrant, &one);
    assert_eq!(world.held(GRANT).await, grants);
    let coverage = &of(&known, GRANT).coverage;
    assert_eq!((coverage.state, coverage.objects), (CoverageState::Complete, grants.len() as u64));
    assert!(coverage.at.is_some());
    assert_eq!(of(&known, "linked_user").coverage.at, None, "not asked for");
    assert_eq!(world.fault.calls("/api/v1/users?"), 0, "no run");
    // With their edges, as a sync writes them.
    let apps = world.edges("user_grant_app").await;
    assert_eq!(
        apps.iter().map(|(grant, _)| grant).collect::<BTreeSet<_>>(),
        grants.iter().map(|(_, g)| g).collect()
    );
    // Of the data set as a whole, and of another user, nothing is known.
    let all = world.engine.store.coverage(org).await.expect("reads");
    assert!(all.iter().all(|c| c.dataset != GRANT), "{all:?}");
    assert_eq!(of(&world.engine.known_under(org, &other).await.expect("reads"), GRANT).coverage.at, None);

    // One is taken back; the other user's stay, though Okta would show none of theirs any more.
    read_of(&world, &other).await.expect("reads");
    let (first, others) = (grants.first().expect("one").clone(), there(&world, Kind::UserGrant, &other));
    world.fault.after(move |asked, reply| {
        if asked.path.ends_with("/grants") {
            let mut all: Vec<Value> = serde_json::from_slice(&reply.body).expect("grants");
            all.retain(|grant| grant["id"] != first.1.as_str());
            *reply = Reply::json(serde_json::to_vec(&all).expect("JSON"));
        }
    });
    read_of(&world, &one).await.expect("reads");
    let left: Ids = grants.iter().skip(1).chain(&others).cloned().collect();
    assert_eq!(world.held(GRANT).await, left);
    let removed = "SELECT count(*) FROM edge_change c JOIN relation r ON r.code = c.rel WHERE r.name = 'user_grant_app'";
    assert_eq!(world.number(removed).await, 1, "its past stays");

    // A sweep of all is newer, and leaves everybody's.
    world.fault.clear();
    let alone = Options { tiers: vec![Tier::Core], with: vec![GRANT.to_string()], ..Options::default() };
    world.sync_with(&alone).await;
    assert_eq!(world.held(GRANT).await, world.there(Kind::UserGrant));
    let swept = world.coverage(GRANT).await;
    assert_eq!(of(&world.engine.known_under(org, &one).await.expect("reads"), GRANT).coverage.at, swept.at);
    // Read alone after that, it is newer again; the data set stays what it was.
    let known = read_of(&world, &one).await.expect("reads");
    assert!(of(&known, GRANT).coverage.at >= swept.at);
    assert_eq!(world.coverage(GRANT).await, swept);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_are_asked_for_by_definition_and_a_definition_that_is_gone_is_none() {
    let (world, _) = read().await;
    let linked = world.there(Kind::LinkedUser);
    let user = row(&world, &linked.first().expect("a link").0).await;
    let known = world.engine.read_under(&world.org, &user, &[]).await.expect("reads");
    assert_eq!(known.len(), 2, "all that can be");
    assert!(known.iter().all(|d| d.coverage.state == CoverageState::Complete), "{known:?}");
    assert_eq!(world.held("linked_user").await, there(&world, Kind::LinkedUser, &user));
    assert_eq!(world.held(GRANT).await, there(&world, Kind::UserGrant, &user));
    world.fault.before(|asked| match asked.path.contains("/linkedObjects/") {
        true => Verdict::Answer(refusal(404, "E0000007", "")),
        false => Verdict::Pass,
    });
    world.engine.read_under(&world.org, &user, &[]).await.expect("the user is still there");
    assert!(world.held("linked_user").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_failing_and_odd_say_so_and_take_nothing_away() {
    let (world, [one, _]) = read().await;
    read_of(&world, &one).await.expect("reads");
    let (held, at) = (world.held(GRANT).await, world.engine.known_under(world.org.id, &one).await);
    let at = of(&at.expect("reads"), GRANT).coverage.at;
    let grants = |path: &str| path.ends_with("/grants");

    world.fault.before(move |asked| if grants(asked.path) { forbidden() } else { Verdict::Pass });
    let known = read_of(&world, &one).await.expect("an answer");
    let coverage = &of(&known, GRANT).coverage;
    assert_eq!((coverage.state, coverage.at), (CoverageState::NotPermitted, at), "as old as it was");
    assert!(
        coverage.reason.contains("403") && coverage.reason.contains("okta.users.read"),
        "{}",
        coverage.reason
    );
    assert_eq!(world.held(GRANT).await, held);

    // What fails once is asked again, as in a sync.
    world.fault.clear();
    world.fault.before(move |asked| match grants(asked.path) && asked.time == 1 {
        true => Verdict::Answer(refusal(500, "E0000009", "")),
        false => Verdict::Pass,
    });
    let known = read_of(&world, &one).await.expect("reads");
    assert_eq!(of(&known, GRANT).coverage.state, CoverageState::Complete);
    assert!(of(&known, GRANT).coverage.at > at);

    // An odd record may be any of those that are missing.
    world.fault.clear();
    world.fault.after(move |asked, reply| {
        if grants(asked.path) {
            *reply = Reply::json(json!([{ "scopeId": "of no id" }]).to_string().into_bytes());
        }
    });
    let known = read_of(&world, &one).await.expect("reads");
    let coverage = &of(&known, GRANT).coverage;
    assert_eq!(coverage.state, CoverageState::Partial);
    assert!(coverage.reason.contains("1 of its records"), "{}", coverage.reason);
    assert_eq!(world.held(GRANT).await, held);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_is_gone_is_said_to_be_and_kept_until_the_next_sync() {
    let (world, _) = read().await;
    let ordinary = world.ordinary();
    let granted = world.there(Kind::UserGrant).into_iter().map(|(user, _)| user);
    let user =
        granted.into_iter().find(|user| ordinary.contains(user)).expect("an ordinary user with grants");
    let user = row(&world, &user).await;
    read_of(&world, &user).await.expect("reads");
    let held = world.held(GRANT).await;
    world.sim.org.delete_user(&user.okta_id).expect("deleted");
    let problem = read_of(&world, &user).await.expect_err("gone");
    assert_eq!(problem.class, Class::Name);
    assert!(
        problem.what.contains("has the user") && problem.todo.contains("Sync, and it goes here"),
        "{problem}"
    );
    assert_eq!(world.held(GRANT).await, held);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_waits_for_nobody_and_calls_nobody_who_is_paused() {
    let (world, [one, _]) = read().await;
    let store = &world.engine.store;
    let lease =
        store.acquire_lease(world.org.id, "elsewhere:1:1", transom_engine::LEASE_TTL).await.expect("a lease");
    assert_eq!(read_of(&world, &one).await.expect_err("busy").class, Class::Busy);
    store.release(lease).await.expect("releases");
    world.engine.pause(&world.org).await.expect("pauses");
    assert_eq!(read_of(&world, &one).await.expect_err("paused").class, Class::State);
    assert!(world.held(GRANT).await.is_empty());
}

/// What a run had listed before it was cut off is no reason to take away what came after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unfinished_sync_goes_on_after_it_and_keeps_what_it_found() {
    let (world, [one, _]) = read().await;
    world.fault.clear();
    // Of this one the run sees none, and it is cut off before its end.
    let (grants, user) = (there(&world, Kind::UserGrant, &one), one.okta_id.clone());
    let own = format!("/api/v1/users/{user}/grants");
    let (first, last) = (own.clone(), Kind::UserGrant);
    let slow =
        world.there(last).into_iter().map(|(other, _)| other).find(|other| *other != user).expect("another");
    world.fault.before(move |asked| match asked.path {
        path if path == first => Verdict::Answer(Reply::json(b"[]".to_vec())),
        path if path == format!("/api/v1/users/{slow}/grants") => {
            Verdict::Delay(std::time::Duration::from_secs(60))
        }
        _ => Verdict::Pass,
    });
    let done = format!(
        "SELECT count(*) FROM checkpoint c WHERE c.dataset = '{GRANT}' AND c.parent = {} AND c.state = 1",
        one.id.0
    );
    let seen = async {
        while world.number(&done).await == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    assert!(world.sync_until(seen).await.is_none(), "one user keeps it busy");
    world.fault.clear();
    read_of(&world, &one).await.expect("reads");
    assert_eq!(world.held(GRANT).await.intersection(&grants).count(), grants.len());
    world.fault.clear();
    world.sync().await;
    assert!(world.resumed());
    assert_eq!(world.fault.calls(&own), 1, "asked again");
    assert_eq!(world.held(GRANT).await, world.there(Kind::UserGrant));
}
