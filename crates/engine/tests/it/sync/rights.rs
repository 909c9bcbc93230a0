//! What an owner may not see is not gone.

use okta_client::Method;
use okta_sim::Tokens;
use serde_json::json;
use transom_core::{ConnectionState, CoverageState};
use transom_engine::Class;

use super::world::{World, small};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_sees_less_takes_nothing_away() {
    let world = World::new().await;
    world.sync().await;
    world.equals_truth().await;
    let (before, tokens) = (world.counts().await, world.held("api_token").await);
    assert!(tokens.len() >= 10, "{}", tokens.len());

    // Such an owner sees its own token only.
    world.rotate(&world.sim.tokens.read_only).await;
    world.sync().await;
    assert_eq!(world.held("api_token").await, tokens);
    let coverage = world.coverage("api_token").await;
    assert_eq!((coverage.state, coverage.objects), (CoverageState::PartialByRight, tokens.len() as u64));
    assert_eq!(world.coverage("user").await.state, CoverageState::Complete);
    assert_eq!(world.counts().await, before);

    // And this one two groups and their members.
    world.rotate(&world.sim.tokens.group_admin).await;
    world.sync().await;
    for dataset in ["user", "group"] {
        assert_eq!(world.coverage(dataset).await.state, CoverageState::PartialByRight, "{dataset}");
    }
    let coverage = world.coverage("group_member").await;
    println!("{}", coverage.reason);
    assert_eq!(coverage.state, CoverageState::PartialByRight, "the groups of others can't be asked for");
    assert_eq!(world.counts().await, before);

    // Who sees all again knows all again, and takes away what went meanwhile.
    let leaver = world.ordinary().pop().expect("a user");
    world.sim.org.delete_user(&leaver).expect("a user to delete");
    world.rotate(&world.sim.tokens.super_admin).await;
    world.sync().await;
    world.equals_truth().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_without_roles_ends_the_run_until_it_has_them_again() {
    let world = World::new().await;
    world.sync().await;
    let before = world.counts().await;
    let owner = world.sim.org.owner_of(&world.sim.tokens.super_admin).expect("an owner");
    let keeper = world.sim.org.owner_of(&world.sim.tokens.read_only_custom).expect("an owner");
    let grant = |holder: &str| format!("/api/v1/users/{holder}/roles");
    world.admin(Method::POST, &grant(&keeper), Some(json!({ "type": "SUPER_ADMIN" }))).await;
    world.sim.org.take_roles(&owner).expect("roles to take");

    let problem = world.try_sync().await.expect_err("nothing can be read");
    assert!(matches!(problem.class, Class::NoRoles | Class::MissingPermission), "{problem:?}");
    assert_eq!(world.counts().await, before, "nothing is removed");
    let org = world.engine.store.org(world.org.id).await.expect("the connection");
    assert_eq!(org.state, ConnectionState::Failed, "{}", org.state_reason);
    assert!(!org.state_reason.is_empty());

    let origin = okta_client::Origin::simulator(world.sim.addr).expect("loopback");
    let token = world.sim.tokens.read_only_custom.clone();
    let other = okta_client::Client::builder(origin).token(token.into()).build().expect("a client");
    let body = Some(json!({ "type": "SUPER_ADMIN" }));
    other.request(Method::POST, &grant(&owner), &[], body).await.expect("given back");
    let summary = world.sync().await;
    assert_eq!(summary.state, ConnectionState::Connected, "{}", summary.state_reason);
    world.equals_truth().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn verification_refuses_nothing_that_a_sync_then_reads() {
    let tokens: [fn(&Tokens) -> &String; 3] =
        [|tokens| &tokens.group_admin, |tokens| &tokens.custom_small, |tokens| &tokens.read_only_custom];
    for token in tokens {
        let world = World::of(small(), token).await;
        let verified = world.engine.verification(&world.org).await.expect("readable").expect("verified");
        world.sync().await;
        let (mut refused, mut factors) = (0, 0);
        for probe in &verified.probes {
            let coverage = world.coverage(&probe.dataset).await;
            if probe.state == CoverageState::NotPermitted {
                assert_eq!(coverage.objects, 0, "{}: {}", probe.dataset, coverage.reason);
                refused += 1;
            }
            if probe.dataset == "factor" {
                assert_eq!(probe.state, coverage.state, "{}", probe.reason);
                factors = coverage.objects;
            }
        }
        assert!(refused > 0 && factors > 0, "none of them reads everything; each reads factors");
    }
}
