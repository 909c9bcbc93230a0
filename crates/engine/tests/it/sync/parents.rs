//! One group whose members can't be read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use okta_sim::faults::Verdict;
use okta_sim::{Relation, Reply};
use transom_core::{CoverageState, EntityId};

use super::faults::{broken, forbidden};
use super::world::World;

/// Two groups with members.
fn groups(world: &World) -> (String, String) {
    let mut ids: Vec<String> = world.related(Relation::Member).into_iter().map(|(group, _)| group).collect();
    ids.dedup();
    (ids[0].clone(), ids[1].clone())
}

fn members_of(group: &str) -> String {
    format!("/api/v1/groups/{group}/users")
}

/// The members of both groups change, and those of the first can't be read: they stay, those of the second follow.
async fn one_parent_fails(verdict: fn() -> Verdict, state: CoverageState) {
    let world = World::new().await;
    world.sync().await;
    let (bad, good) = groups(&world);
    let member = |group: &str| {
        world.related(Relation::Member).into_iter().find(|(g, _)| g == group).expect("a member")
    };
    let (kept, gone) = (member(&bad), member(&good));
    for (group, user) in [&kept, &gone] {
        world.sim.org.remove_member(group, user).expect("a member to remove");
    }
    let path = members_of(&bad);
    world.fault.before(move |asked| if asked.path == path { verdict() } else { Verdict::Pass });
    world.sync().await;

    let coverage = world.coverage("group_member").await;
    assert_eq!(coverage.state, state);
    let expected = format!("1 of {} could not be read", world.held("group").await.len());
    assert!(coverage.reason.starts_with(&expected) && coverage.reason.contains(&bad), "{}", coverage.reason);
    let others = world.not_in(CoverageState::Complete).await;
    assert!(others.iter().all(|line| line.starts_with("group_member ")), "{others:?}");
    let members = world.members().await;
    assert!(members.contains(&kept), "what can't be read is not gone");
    assert!(!members.contains(&gone));
    world.fault.clear();
    world.sync().await;
    world.equals_truth().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_that_is_not_permitted_keeps_its_members() {
    one_parent_fails(forbidden, CoverageState::PartialByRight).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_that_fails_for_ever_keeps_its_members() {
    one_parent_fails(|| broken(500), CoverageState::Partial).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_set_aside_does_not_hide_what_could_not_be_read() {
    let world = World::new().await;
    let (bad, odd) = groups(&world);
    let (bad, odd) = (members_of(&bad), members_of(&odd));
    world.fault.before(move |asked| match asked.path {
        path if path == bad => forbidden(),
        path if path == odd => Verdict::Answer(Reply::json(br#"[{"status": "ACTIVE"}]"#.to_vec())),
        _ => Verdict::Pass,
    });
    world.sync().await;
    let coverage = world.coverage("group_member").await;
    assert_eq!(coverage.state, CoverageState::Partial);
    assert!(coverage.reason.starts_with("1 of "), "{}", coverage.reason);
    assert!(coverage.reason.contains(" 1 of its records could not be read"), "{}", coverage.reason);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_that_was_given_up_is_remembered_after_a_kill() {
    let world = World::new().await;
    world.sync().await;
    let (bad, slow) = groups(&world);
    let (bad, slow) = (members_of(&bad), members_of(&slow));
    let failing = bad.clone();
    world.fault.before(move |asked| match asked.path {
        path if path == failing => forbidden(),
        path if path == slow => Verdict::Delay(Duration::from_secs(60)),
        _ => Verdict::Pass,
    });
    let given_up = async {
        while world.number("SELECT count(*) FROM checkpoint WHERE state = 2").await == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(world.sync_until(given_up).await.is_none(), "the slow group keeps it busy");
    world.fault.clear();
    world.events();
    world.sync().await;
    assert!(world.resumed());
    assert_eq!(world.fault.calls(&bad), 0, "the run has given it up");
    let coverage = world.coverage("group_member").await;
    assert_eq!(coverage.state, CoverageState::PartialByRight);
    assert!(coverage.reason.starts_with("1 of "), "{}", coverage.reason);
    assert_eq!(world.differences().await, [""; 0]);
    world.sync().await;
    world.equals_truth().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_that_are_not_permitted_at_all_are_so_after_a_kill_too() {
    killed_when_refused(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_does_it_take_a_refusal_after_the_kill() {
    killed_when_refused(true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn factors_that_are_not_permitted_at_all_cost_twenty_calls() {
    let world = World::new().await;
    let (calls, counted) = (Arc::new(AtomicU64::new(0)), 20);
    let count = Arc::clone(&calls);
    world.fault.before(move |asked| {
        if asked.route != "GET /api/v1/users/{id}/factors" {
            return Verdict::Pass;
        }
        count.fetch_add(1, Ordering::Relaxed);
        forbidden()
    });
    world.sync().await;
    assert!(world.held("user").await.len() > 2 * counted, "more users than calls");
    assert_eq!(calls.load(Ordering::Relaxed), counted as u64);
    let coverage = world.coverage("factor").await;
    assert_eq!(coverage.state, CoverageState::NotPermitted, "{}", coverage.reason);
}

/// A process that was refused the members of all groups but one dies; or of `all`, before it could say so.
async fn killed_when_refused(all: bool) {
    let world = World::new().await;
    let (last, _) = groups(&world);
    let slow = members_of(&last);
    world.fault.before(move |asked| match asked.route {
        "GET /api/v1/groups/{id}/users" if asked.path == slow => Verdict::Delay(Duration::from_secs(60)),
        "GET /api/v1/groups/{id}/users" => forbidden(),
        _ => Verdict::Pass,
    });
    let all_but_one = async {
        while world.fault.calls("/api/v1/groups/00g") < 12 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // Time to store what came of them.
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    assert!(world.sync_until(all_but_one).await.is_none(), "the slow group keeps it busy");
    if all {
        let store = &world.engine.store;
        let entity = world.number(&format!("SELECT id FROM entity WHERE okta_id = '{last}'")).await;
        let entity = EntityId(i64::try_from(entity).expect("an id"));
        let run = store.runs(world.org.id, 1).await.expect("reads")[0].id;
        let lease = store.acquire_lease(world.org.id, "test", Duration::ZERO).await.expect("a lease");
        let why = format!("not_permitted {last}: Okta answered 403.");
        store.skip_parent(&lease, run, "group_member", entity, &why).await.expect("given up");
        store.release(lease).await.expect("released");
    }
    world.fault.clear();
    world.fault.before(|asked| match asked.route {
        "GET /api/v1/groups/{id}/users" => forbidden(),
        _ => Verdict::Pass,
    });
    world.sync().await;
    assert!(world.resumed());
    assert_eq!(
        world.fault.calls(&members_of(&last)),
        u64::from(!all),
        "what was given up is not asked for again"
    );
    let coverage = world.coverage("group_member").await;
    assert_eq!(coverage.state, CoverageState::NotPermitted, "{}", coverage.reason);
}
