//! Whom users are linked to: a call for each user and definition, which the data set does not know before.

use std::collections::BTreeSet;
use std::time::Duration;

use okta_sim::faults::Verdict;
use okta_sim::{Kind, Relation, Reply};
use transom_core::CoverageState;
use transom_engine::dataset::Tier;
use transom_engine::sync::plan::Options;

use super::faults::{forbidden, refusal};
use super::world::World;

const DEFINITIONS: &str = "/api/v1/meta/schemas/user/linkedObjects";

/// Users and what they are linked to alone.
fn asked_for() -> Options {
    Options { tiers: vec![Tier::Core], with: vec!["linked_user".to_string()], ..Options::default() }
}

fn is_link(path: &str) -> bool {
    path.starts_with("/api/v1/users/") && path.contains("/linkedObjects/")
}

/// Which users were asked for whom in which relation, since faults were last cleared.
fn asked(world: &World) -> Vec<String> {
    world.fault.paths().into_iter().filter(|path| is_link(path)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_user_is_asked_once_for_each_definition_and_the_forecast_says_so() {
    let world = World::new().await;
    world.sync_with(&Options { tiers: vec![Tier::Core], ..Options::default() }).await;
    assert!(world.held("linked_user").await.is_empty(), "not unless it is asked for");
    let (users, definitions) = (world.held("user").await, world.held("linked_object").await);
    assert_eq!(definitions.len(), 2);
    let plan = world.engine.forecast(&world.org, &asked_for()).await.expect("a forecast");
    let step = plan.steps.iter().find(|s| s.dataset == "linked_user").expect("planned");
    assert_eq!(
        (step.route.as_str(), step.calls, step.guessed),
        ("by user and linked object", 2 * users.len() as u64, false)
    );
    world.fault.clear();
    world.sync_with(&asked_for()).await;
    let each = users.iter().flat_map(|(_, user)| {
        definitions.iter().map(move |(_, name)| format!("/api/v1/users/{user}/linkedObjects/{name}"))
    });
    assert_eq!(asked(&world), each.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>());
    assert_eq!(world.held("linked_user").await, world.there(Kind::LinkedUser));
    let coverage = world.coverage("linked_user").await;
    assert_eq!(
        (coverage.state, coverage.objects),
        (CoverageState::Complete, world.there(Kind::LinkedUser).len() as u64)
    );
    // Both ends are joined to what they are: who is whose manager is a question to the views.
    let defined = world.edges("link_definition").await.into_iter().map(|(name, of)| (name == of, of));
    assert_eq!(
        defined.collect::<BTreeSet<_>>(),
        definitions.into_iter().map(|(_, name)| (true, name)).collect()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_gone_goes_and_so_do_those_of_a_definition_that_is_gone() {
    let world = World::new().await;
    world.sync().await;
    let links = world.related(Relation::Primary);
    let ordinary = world.ordinary();
    let (_, manager) =
        links.iter().find(|(_, primary)| ordinary.contains(primary)).expect("an ordinary manager");
    world.sim.org.delete_user(manager).expect("deleted");
    // Too many at once are believed at the second look.
    world.sync().await;
    world.sync().await;
    world.equals_truth_after_changes().await;
    assert!(world.related(Relation::Primary).len() < links.len());

    // The definition of `sponsor` goes between two runs.
    world.fault.after(|asked, reply| {
        if asked.path == DEFINITIONS {
            let mut all: Vec<serde_json::Value> = serde_json::from_slice(&reply.body).expect("definitions");
            all.retain(|one| one["primary"]["name"] != "sponsor");
            *reply = Reply::json(serde_json::to_vec(&all).expect("JSON"));
        } else if asked.path.ends_with("/linkedObjects/sponsor") {
            *reply = refusal(404, "E0000007", "");
        }
    });
    world.sync().await;
    let names: BTreeSet<String> = world.held("linked_user").await.into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, BTreeSet::from(["manager".to_string()]));
    assert_eq!(world.coverage("linked_user").await.state, CoverageState::Complete);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_org_without_definitions_costs_no_call_and_is_known_whole() {
    let world = World::new().await;
    world.fault.clear();
    world.fault.after(|asked, reply| {
        if asked.path == DEFINITIONS {
            *reply = Reply::json(b"[]".to_vec());
        }
    });
    world.sync().await;
    assert_eq!(asked(&world), [""; 0]);
    let coverage = world.coverage("linked_user").await;
    assert_eq!((coverage.state, coverage.objects), (CoverageState::Complete, 0), "{}", coverage.reason);
    let plan = world.engine.forecast(&world.org, &asked_for()).await.expect("a forecast");
    let step = plan.steps.iter().find(|s| s.dataset == "linked_user").expect("planned");
    assert_eq!((step.calls, step.guessed), (0, false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn definitions_that_may_not_be_read_leave_nothing_to_ask_for() {
    let world = World::new().await;
    world.fault.clear();
    world.fault.before(|asked| if asked.path == DEFINITIONS { forbidden() } else { Verdict::Pass });
    world.sync().await;
    assert_eq!(asked(&world), [""; 0]);
    let coverage = world.coverage("linked_user").await;
    assert_eq!(coverage.state, CoverageState::NotPermitted);
    assert!(coverage.reason.contains("Linked object definitions"), "{}", coverage.reason);
    // What was read while they could be is kept.
    world.fault.clear();
    world.sync().await;
    let held = world.held("linked_user").await;
    assert_eq!(held, world.there(Kind::LinkedUser));
    world.fault.before(|asked| if asked.path == DEFINITIONS { forbidden() } else { Verdict::Pass });
    world.sync().await;
    assert_eq!(world.held("linked_user").await, held);
    assert_eq!(world.coverage("linked_user").await.state, CoverageState::NotPermitted);
}

/// A user of whom one relation was read before the kill is asked for the other one after it, and for that alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_between_two_definitions_loses_neither() {
    let world = World::new().await;
    let second = world.there(Kind::LinkedObject).into_iter().map(|(_, name)| name).next_back().expect("two");
    world.fault.before(move |asked| match is_link(asked.path) && asked.path.ends_with(&second) {
        true => Verdict::Delay(Duration::from_secs(60)),
        false => Verdict::Pass,
    });
    let half_read = async {
        while world.number("SELECT count(*) FROM checkpoint WHERE dataset = 'linked_user' AND part = 0").await
            < 20
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(world.sync_until(half_read).await.is_none(), "the second definition keeps it busy");
    let read = "SELECT e.okta_id FROM checkpoint c JOIN entity e ON e.org = c.org AND e.id = c.parent \
                WHERE c.dataset = 'linked_user' AND c.part = 0 AND c.state = 1";
    let read: Vec<String> = world.rows(read).await.concat();
    world.fault.clear();
    world.sync().await;
    assert!(world.resumed());
    let again = asked(&world);
    for user in &read {
        let of_one = again.iter().filter(|path| path.contains(user.as_str())).count();
        assert_eq!(of_one, 1, "{user} was read for the first definition before the kill");
    }
    world.equals_truth().await;
}
