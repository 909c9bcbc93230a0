//! What a new credential is compared with: the last answer about each data set, not the last time that Okta was asked.

use okta_sim::Reply;
use okta_sim::faults::Verdict;
use serde_json::{Value, json};
use transom_core::{ConnectionState, CoverageState};
use transom_engine::connection::{Probe, Rotation, Verification};

use super::world::World;

/// Okta gives this call an answer that says nothing about rights.
fn unanswered(world: &World, path: &'static str) {
    let answer = || Reply::value(&json!({ "errorCode": "E0000009" })).with_status(400);
    world
        .fault
        .before(move |asked| if asked.path == path { Verdict::Answer(answer()) } else { Verdict::Pass });
}

fn zones(verification: &Verification) -> &Probe {
    verification.probes.iter().find(|p| p.dataset == "network_zone").expect("probed")
}

async fn kept(world: &World) -> Value {
    world.engine.store.org(world.org.id).await.expect("the connection").settings["verification"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_moment_without_an_answer_hides_no_loss() {
    let world = World::new().await;
    let losses = async || {
        let refused = world.rotate_how(&world.sim.tokens.group_admin, Rotation::default()).await;
        refused.expect_err("it reads less").losses
    };
    let before = losses().await;
    assert!(before.iter().any(|l| l.dataset == "network_zone" && l.was == CoverageState::Complete));
    // However often it is verified meanwhile.
    unanswered(&world, "/api/v1/zones");
    for _ in 0..2 {
        let again = world.engine.verify(&world.org).await.expect("the others were answered");
        let zones = zones(&again);
        assert_eq!((zones.state, zones.answered), (CoverageState::Partial, Some(CoverageState::Complete)));
    }
    world.fault.clear();
    assert_eq!(losses().await, before);
    let again = world.engine.verify(&world.org).await.expect("answered");
    assert_eq!((zones(&again).state, zones(&again).answered), (CoverageState::Complete, None));

    // What another credential was taken without knowing is not what the one before it read.
    unanswered(&world, "/api/v1/zones");
    world.rotate(&world.sim.tokens.super_admin).await;
    let again = world.engine.verify(&world.org).await.expect("the others were answered");
    assert_eq!((zones(&again).state, zones(&again).answered), (CoverageState::Partial, None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_an_answer_about_users_there_is_no_verification() {
    let world = World::new().await;
    let before = kept(&world).await;
    unanswered(&world, "/api/v1/users");
    world.engine.verify(&world.org).await.expect_err("nobody knows whether it sees anybody");
    assert_eq!(kept(&world).await, before);
    let less = Rotation { accept_less: true.into(), ..Rotation::default() };
    world.rotate_how(&world.sim.tokens.super_admin, less).await.expect_err("nor of another");
    assert_eq!(kept(&world).await, before);
    world.fault.clear();
    let again = world.engine.verify(&world.org).await.expect("answered");
    assert_eq!(again.state, ConnectionState::Connected);
}
