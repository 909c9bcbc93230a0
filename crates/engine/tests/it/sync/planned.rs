//! What a run's plan decides: which tiers are read, by which route, in which order, and what it said it would cost.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use okta_sim::faults::Verdict;
use okta_sim::{Config, Relation, Shape, Spread};
use serde_json::Value;
use transom_core::CoverageState;
use transom_engine::dataset::{Tier, Yields};
use transom_engine::sync::dataset_summaries;
use transom_engine::sync::plan::{Options, Source, Strategy};

use super::faults::{Asked, broken};
use super::world::{World, small};

fn core() -> Options {
    Options { tiers: vec![Tier::Core], ..Options::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_run_does_not_read_keeps_what_is_known_of_it() {
    let world = World::new().await;
    let summary = world.sync_with(&core()).await;
    assert!(world.held("factor").await.is_empty(), "factors are another tier");
    assert!(summary.datasets.iter().any(|d| d.tier == Tier::Factors && d.coverage.at.is_none()));
    world.sync().await;
    let before = world.coverage("factor").await;
    let factors = world.held("factor").await;
    assert!(!factors.is_empty());
    let asked = Arc::new(AtomicU64::new(0));
    let count = asked.clone();
    world.fault.before(move |call| {
        count.fetch_add(u64::from(call.route.ends_with("/factors")), Ordering::Relaxed);
        Verdict::Pass
    });
    let summary = world.sync_with(&core()).await;
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    assert_eq!(world.coverage("factor").await, before, "with its own time");
    assert_eq!(world.held("factor").await, factors);
    let tier = summary.tiers.iter().find(|t| t.tier == Tier::Factors).expect("the tier");
    assert_eq!(
        (tier.oldest, tier.states.clone()),
        (before.at, vec![(CoverageState::Complete, tier.datasets)])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_goes_on_goes_on_with_its_own_plan() {
    let world = World::new().await;
    world.fault.before(|asked| {
        if asked.path == "/api/v1/policies" {
            Verdict::Delay(std::time::Duration::from_secs(60))
        } else {
            Verdict::Pass
        }
    });
    let members_are_read = async {
        let read = "SELECT count(*) FROM run_dataset WHERE dataset = 'group_member' AND finished IS NOT NULL";
        while world.number(read).await == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    let options = core();
    let killed = tokio::select! {
        _ = world.try_sync_with(&options) => false,
        () = members_are_read => true,
    };
    assert!(killed, "the policies keep it busy");
    let store = &world.engine.store;
    if let Err(transom_store::Error::LeaseHeld { holder, .. }) =
        store.acquire_lease(world.org.id, "test", std::time::Duration::ZERO).await
    {
        store.break_lease(world.org.id, &holder).await.expect("a lease");
    }
    world.fault.clear();
    // Everything is asked for now; what was begun was the core alone.
    world.sync().await;
    assert!(world.resumed());
    assert!(world.held("factor").await.is_empty(), "the core alone, as it was planned");
    assert_eq!(world.members().await, world.related(Relation::Member));
    world.sync().await;
    world.equals_truth().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn either_route_gives_the_same_edges() {
    // Fewer users than groups and apps. Of an org that nothing is known of, the usual way is taken.
    let world = World::of(Config { users: 40, groups: 120, apps: 90, ..small() }, |t| &t.super_admin).await;
    for (members, apps) in [("by group", "by app"), ("by user", "by user")] {
        let changes = world.sync().await.written;
        assert_eq!(world.route_of("group_member").await, members);
        assert_eq!(world.route_of("app_user").await, apps);
        assert_eq!(world.members().await, world.related(Relation::Member), "{members}");
        assert_eq!(world.app_users().await, world.related(Relation::AppUser), "{apps}");
        let again = members == "by user";
        assert!(
            !again || (changes.edges_new, changes.edges_changed) == (0, 0),
            "the same edges: {changes:?}"
        );
    }
    // What goes is seen to be gone by this way, too.
    let left = world
        .related(Relation::Member)
        .into_iter()
        .find(|(group, user)| world.sim.org.remove_member(group, user).is_ok());
    assert!(left.is_some_and(|left| !world.related(Relation::Member).contains(&left)));
    world.sync().await;
    assert_eq!(world.route_of("group_member").await, "by user");
    world.equals_truth().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_way_that_fell_short_is_not_taken_again() {
    let world = World::of(Config { users: 40, groups: 120, apps: 90, ..small() }, |t| &t.super_admin).await;
    world.sync().await;
    // What Okta shows beside each of a user's apps takes it too long.
    let beside = |asked: &Asked<'_>| asked.path == "/api/v1/apps" && asked.query.contains("expand=user");
    world.fault.before(move |asked| if beside(asked) { broken(500) } else { Verdict::Pass });
    for (route, state) in [("by user", CoverageState::Partial), ("by app", CoverageState::Complete)] {
        world.sync().await;
        assert_eq!(world.route_of("app_user").await, route);
        assert_eq!(world.coverage("app_user").await.state, state);
    }
    world.sync().await;
    assert_eq!(world.route_of("app_user").await, "by app", "and this is kept in mind");
    world.equals_truth().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_answer_is_partial_until_the_documents_are_read() {
    // So many apps that their bucket decides, and groups enough to do without it.
    let config = Config { users: 60, groups: 20, apps: 100, ..small() };
    let world = World::of(config, |tokens| &tokens.super_admin).await;
    let shortest = Options { strategy: Strategy::Shortest, ..core() };
    world.sync_with(&shortest).await;
    assert_eq!(world.route_of("app_group").await, "by group");
    let coverage = world.coverage("app_group").await;
    assert_eq!(coverage.state, CoverageState::Partial);
    assert!(coverage.reason.starts_with("Edges only"), "{}", coverage.reason);
    let edges = world.number("SELECT count(*) FROM okta_app_group").await;
    assert_eq!(edges, world.related(Relation::AppGroup).len() as u64);

    world.sync_with(&Options { strategy: Strategy::Shortest, ..Options::default() }).await;
    let plan = world.plan().await;
    let steps: Vec<&Value> =
        plan["steps"].as_array().expect("steps").iter().filter(|s| s["dataset"] == "app_group").collect();
    assert_eq!(steps.len(), 2, "the whole reading follows");
    assert_eq!(steps[1]["yields"], serde_json::to_value(Yields::Documents).expect("a word"));
    let whole = world.coverage("app_group").await;
    assert_eq!(whole.state, CoverageState::Complete, "{}", whole.reason);
    world.sync_with(&shortest).await;
    assert_eq!(
        world.coverage("app_group").await,
        whole,
        "a first answer takes nothing from what is known whole"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forecast_is_what_the_run_then_takes() {
    let shape = Shape {
        members_per_group: 20,
        users_per_app: 30,
        factors_per_user: 2,
        admins: 9,
        admin_groups: 1,
        spread: Spread::Natural,
    };
    let config = Config { users: 120, groups: 25, apps: 15, shape, ..small() };
    let world = World::of(config, |tokens| &tokens.super_admin).await;
    let options = Options { full: true, ..Options::default() };
    world.fault.clear();
    let first = world.engine.forecast(&world.org, &options).await.expect("a forecast");
    assert_eq!(first.counts, Source::Asked { calls: 3, more: false });
    assert_eq!(world.fault.calls("/"), 3, "and nothing else is asked");
    assert_eq!(world.number("SELECT count(*) FROM run").await, 0);

    world.sync_with(&options).await;
    world.fault.clear();
    let forecast = world.engine.forecast(&world.org, &options).await.expect("a forecast");
    assert_eq!(world.fault.calls("/"), 0, "the copy tells");
    let summary = world.sync_with(&options).await;
    let real: u64 = summary.buckets.iter().map(|b| b.calls).sum();
    // Who the owner is, its roles, and stubs that are asked for by id are not of the plan.
    println!("forecast {} (first {}), real {real}", forecast.calls, first.calls);
    assert!(real.abs_diff(forecast.calls) <= 12, "forecast {}, real {real}", forecast.calls);
    assert!(real.abs_diff(first.calls) * 4 <= real, "first forecast {}, real {real}", first.calls);
    assert_eq!(summary.forecast.expect("one process made it").calls, forecast.calls);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_forecast_says_what_is_the_least() {
    let world = World::of(Config { largest_page: Some(5), ..small() }, |tokens| &tokens.super_admin).await;
    let options = Options { full: true, ..Options::default() };
    let first = world.engine.forecast(&world.org, &options).await.expect("a forecast");
    let took = world.sync_with(&options).await.known.calls;
    let more = first
        .steps
        .iter()
        .filter(|s| took.get(&format!("{} {}", s.reading, s.route)).is_some_and(|took| *took > s.calls));
    let (least, others): (Vec<_>, Vec<_>) = more.partition(|s| s.guessed);
    assert!(least.iter().any(|s| s.dataset == "app_user" && s.at_least), "{least:?}");
    let others: Vec<&str> = others.iter().map(|s| s.dataset.as_str()).collect();
    // Of these the statistics of groups tell how many there are; that Okta's pages are smaller than asked for, they don't.
    assert!(others.iter().all(|name| ["user", "group_member"].contains(name)), "{others:?}");
    let again = world.engine.forecast(&world.org, &options).await.expect("a forecast");
    assert!(again.steps.iter().all(|s| !s.at_least), "the copy tells");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_forecast_knows_what_the_verification_was_refused() {
    let world = World::of(small(), |tokens| &tokens.group_admin).await;
    let plan = world.engine.forecast(&world.org, &Options::default()).await.expect("a forecast");
    let apps = plan.steps.iter().filter(|s| s.route == "by app");
    assert!(apps.clone().count() > 3 && apps.clone().all(|s| s.calls == 0), "{:?}", apps.collect::<Vec<_>>());
    let org = plan.steps.iter().find(|s| s.dataset == "app").expect("planned");
    assert_eq!(org.calls, 1, "a refusal costs a call");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_verification_was_refused_is_not_advised() {
    let world = World::of(small(), |tokens| &tokens.read_only_custom).await;
    let verified = world.engine.verification(&world.org).await.expect("readable").expect("verified");
    let summary = world.sync_with(&Options::default()).await;
    assert_eq!(summary.state, verified.state, "{}", summary.state_reason);
    let coverage = world.engine.coverage(world.org.id).await.expect("readable");
    for rows in [summary.datasets, dataset_summaries(&coverage)] {
        let row = rows.into_iter().find(|d| d.coverage.dataset == "linked_user").expect("declared").coverage;
        assert_eq!((row.state, row.at), (CoverageState::NotPermitted, None), "{}", row.reason);
        assert!(row.reason.contains("verified") && !row.reason.contains("--with"), "{}", row.reason);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_matters_most_comes_first() {
    let world = World::new().await;
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = asked.clone();
    world.fault.after(move |call, _| log.lock().expect("log").push(call.path.to_owned()));
    world.sync().await;
    let admins: Vec<String> = world
        .rows("SELECT s.okta_id FROM edge e JOIN relation r ON r.code = e.rel JOIN entity s ON s.org = e.org AND s.id = e.src WHERE r.name = 'admin_user'")
        .await
        .concat();
    assert!(!admins.is_empty());
    let mut asked = asked.lock().expect("log").clone();
    let roles = |p: &String| p.starts_with("/api/v1/users/") && p.ends_with("/roles");
    // At its end the credential is audited, which begins with its owner's roles.
    let audit = asked.iter().rposition(roles).expect("asked for");
    asked.truncate(audit);
    let factors_of = |path: &String| {
        let id = path.strip_prefix("/api/v1/users/")?.strip_suffix("/factors")?;
        Some(admins.iter().any(|admin| admin == id))
    };
    let first_ordinary = asked.iter().position(|p| factors_of(p) == Some(false)).expect("ordinary users");
    let last = |wanted: &dyn Fn(&String) -> bool| asked.iter().rposition(wanted).expect("asked for");
    assert!(last(&|p| factors_of(p) == Some(true)) < first_ordinary, "administrators' factors");
    assert!(last(&|p| p == "/api/v1/policies") < first_ordinary, "policies");
    assert!(last(&roles) < first_ordinary, "roles");
    let first_app_users = asked
        .iter()
        .position(|p| p.starts_with("/api/v1/apps/") && p.ends_with("/users"))
        .expect("app users");
    let last_factor = last(&|p| factors_of(p).is_some());
    assert!(first_app_users < last_factor, "the slowest bucket does not wait for the factors");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_share_of_the_limits_is_kept_with_the_connection() {
    let world = World::new().await;
    for wrong in [0.0, 1.5, f64::NAN] {
        assert!(world.engine.set_share(&world.org, Some(wrong)).await.is_err(), "{wrong}");
    }
    world.engine.set_share(&world.org, Some(0.5)).await.expect("set");
    world.engine.verify(&world.org).await.expect("verified");
    let org = world.engine.store.org(world.org.id).await.expect("the connection");
    assert_eq!(transom_engine::connection::share(&org), Some(0.5), "verifying does not forget it");
    let whole = world.engine.forecast(&world.org, &core()).await.expect("a forecast");
    let half = world.engine.forecast(&org, &core()).await.expect("a forecast");
    let spend = |plan: &transom_engine::sync::plan::Plan| {
        plan.buckets.iter().find(|b| b.bucket == "apps").expect("apps").spend
    };
    assert_eq!((spend(&whole), spend(&half)), (42, 25), "of 50 a minute");
}
