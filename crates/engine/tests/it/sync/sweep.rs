//! Listings that answer 200 and show too little.

use okta_sim::{Relation, Reply};
use transom_core::CoverageState;

use super::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_that_a_listing_leaves_out_are_asked_for_by_id() {
    let world = World::new().await;
    world.sync().await;
    let before = world.counts().await;
    world.fault.after(|asked, reply| {
        if asked.path == "/api/v1/users" {
            *reply = Reply::json(b"[]".to_vec());
        }
    });
    for _ in 0..2 {
        world.sync().await;
        assert_eq!(world.counts().await, before, "every one of them answers");
        let coverage = world.coverage("user").await;
        assert_eq!(coverage.state, CoverageState::Partial, "a listing that hides people is not complete");
    }
    // One of them is gone indeed.
    let gone = world.ordinary().pop().expect("a user");
    world.sim.org.delete_user(&gone).expect("a user to delete");
    world.sync().await;
    assert_eq!(world.differences().await, [""; 0]);
    world.fault.clear();
    world.sync().await;
    world.equals_truth().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_that_are_all_gone_go_at_the_second_look() {
    let world = World::new().await;
    world.sync().await;
    let members = world.members().await;
    assert!(members.len() > 20, "{}", members.len());
    world.fault.after(|asked, reply| {
        if asked.route == "GET /api/v1/groups/{id}/users" {
            *reply = Reply::json(b"[]".to_vec());
        }
    });
    world.sync().await;
    assert_eq!(world.members().await, members, "too many to believe at once");
    let coverage = world.coverage("group_member").await;
    assert_eq!(
        (coverage.state, coverage.sweep_refused),
        (CoverageState::Partial, true),
        "{}",
        coverage.reason
    );
    let others = world.not_in(CoverageState::Complete).await;
    assert!(others.iter().all(|line| line.starts_with("group_member ")), "{others:?}");

    world.sync().await;
    assert!(world.members().await.is_empty(), "two complete listings agree");
    assert_eq!(world.coverage("group_member").await.state, CoverageState::Complete);
    let removed = "SELECT count(*) FROM edge_change x JOIN relation r ON r.code = x.rel \
                   WHERE r.name = 'group_member' AND x.what = 3";
    assert_eq!(world.number(removed).await, members.len() as u64, "and the past is kept");

    world.fault.clear();
    world.sync().await;
    assert_eq!(world.members().await, world.related(Relation::Member));
    world.equals_truth().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_that_come_back_before_the_second_look_were_never_gone() {
    let world = World::new().await;
    world.sync().await;
    let members = world.members().await;
    world.fault.after(|asked, reply| {
        if asked.route == "GET /api/v1/groups/{id}/users" {
            *reply = Reply::json(b"[]".to_vec());
        }
    });
    world.sync().await;
    world.fault.clear();
    let summary = world.sync().await;
    assert_eq!(summary.written.edges_new, 0);
    assert_eq!(world.members().await, members);
    world.equals_truth().await;
    assert!(!world.coverage("group_member").await.sweep_refused);
}
