//! Listings that answer 200 and show too little.

use std::collections::BTreeSet;
use std::time::Duration;

use okta_sim::faults::Verdict;
use okta_sim::{Config, OneRight, Relation, Reply, Tokens};
use transom_core::CoverageState;
use transom_engine::dataset::Tier;
use transom_engine::sync::plan::{Options, Strategy};

use super::faults::{Asked, hide, refusal};
use super::world::{Ids, World, small};

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

/// What is missing is known by what it was listed under: listed another way, it would be missing for the first time again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_second_look_goes_the_way_of_the_first() {
    let config = Config { users: 60, apps: 40, ..small() };
    let world = World::of(config, |tokens| &tokens.super_admin).await;
    let fewest = Options { tiers: Tier::ALL.to_vec(), strategy: Strategy::Fewest, ..Options::default() };
    let route = async || {
        world.sync_with(&fewest).await;
        world.route_of("app_user").await
    };
    assert_eq!((route().await, route().await), ("by app".to_owned(), "by app".to_owned()));
    let people = world.ordinary();
    people.iter().skip(5).for_each(|user| world.sim.org.deactivate_user(user).expect("deactivated"));
    assert_eq!(route().await, "by app");
    assert!(world.coverage("app_user").await.sweep_refused, "too many to believe at once");
    assert_eq!(route().await, "by app", "{}", world.plan().await["steps"]);
    world.equals_truth_after_changes().await;
    assert_eq!(route().await, "by user", "the cheaper one by now");
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

/// Empties the answers to who is in these groups.
fn empty(world: &World, groups: &BTreeSet<String>) {
    let paths: Vec<String> = groups.iter().map(|group| format!("/api/v1/groups/{group}/users")).collect();
    world.fault.after(move |asked, reply| {
        if paths.iter().any(|path| path == asked.path) {
            *reply = Reply::json(b"[]".to_vec());
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_second_listing_alone_misses_is_missing_for_the_first_time() {
    let world = World::new().await;
    world.sync().await;
    let members = world.members().await;
    // Two halves, each of them too much to believe at once.
    let mut halves = [BTreeSet::new(), BTreeSet::new()];
    let mut sizes = [0, 0];
    for group in members.iter().map(|(group, _)| group).collect::<BTreeSet<_>>() {
        let smaller = usize::from(sizes[1] < sizes[0]);
        sizes[smaller] += members.iter().filter(|(g, _)| g == group).count();
        halves[smaller].insert(group.clone());
    }
    assert!(sizes.iter().all(|size| *size > 20 && size * 5 > members.len()), "{sizes:?}");

    empty(&world, &halves[0]);
    world.sync().await;
    assert_eq!(world.members().await, members);
    empty(&world, &halves[1]);
    world.sync().await;
    assert_eq!(world.members().await, members, "the first listing had shown those that this one misses");
    let coverage = world.coverage("group_member").await;
    assert_eq!((coverage.state, coverage.sweep_refused), (CoverageState::Partial, true));

    // Both: what was missed twice goes, what was there in between stays.
    empty(&world, &halves[0].union(&halves[1]).cloned().collect());
    world.sync().await;
    let kept: Ids = members.iter().filter(|(group, _)| halves[0].contains(group)).cloned().collect();
    assert_eq!(world.members().await, kept);
    assert!(world.coverage("group_member").await.sweep_refused);
    world.sync().await;
    assert!(world.members().await.is_empty());
    world.fault.clear();
    world.sync().await;
    world.equals_truth().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listing_that_hid_people_is_not_complete_after_a_kill_either() {
    let world = World::new().await;
    world.sync().await;
    let by_id = |asked: &Asked<'_>| asked.route == "GET /api/v1/users/{id}" && !asked.path.ends_with("/me");
    let nobody = |asked: &Asked<'_>, reply: &mut Reply| {
        if asked.path == "/api/v1/users" {
            *reply = Reply::json(b"[]".to_vec());
        }
    };
    world.fault.after(nobody);
    let mut found = 0;
    world.fault.before(move |asked| {
        found += u64::from(by_id(asked));
        if found > 4 { Verdict::Answer(refusal(401, "E0000011", "")) } else { Verdict::Pass }
    });
    world.try_sync().await.expect_err("the token is not taken any more");
    world.fault.clear();
    world.fault.after(nobody);
    world.fault.before(move |asked| {
        if by_id(asked) { Verdict::Answer(refusal(404, "E0000007", "")) } else { Verdict::Pass }
    });
    world.events();
    world.sync().await;
    assert!(world.resumed());
    assert_eq!(world.held("user").await.len(), 4, "those that were found");
    assert_eq!(
        world.coverage("user").await.state,
        CoverageState::Partial,
        "four were hidden, and so may be others"
    );
    world.fault.clear();
    world.sync().await;
    world.equals_truth().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_odd_answer_by_id_is_no_proof_of_absence() {
    let world = World::new().await;
    world.sync().await;
    let user = world.ordinary().pop().expect("a user");
    let path = format!("/api/v1/users/{user}");
    world.fault.after(move |asked, reply| {
        if asked.path == "/api/v1/users" {
            hide(std::slice::from_ref(&user), asked, reply);
        } else if asked.path == path {
            *reply = Reply::json(br#"{"status": "ACTIVE"}"#.to_vec());
        }
    });
    let before = world.held("user").await;
    world.sync().await;
    assert_eq!(world.held("user").await, before);
    assert_eq!(world.coverage("user").await.state, CoverageState::Partial);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_goes_that_lesser_rights_may_hide() {
    lesser_rights(|tokens| &tokens.super_admin, "SUPER_ADMIN").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_where_the_roles_can_t_be_read() {
    lesser_rights(|tokens| &tokens.read_only, "READ_ONLY_ADMIN").await;
}

/// The owner of a token loses a role while a group's members are read, and they are not shown any more.
async fn lesser_rights(token: fn(&Tokens) -> &String, role: &str) {
    let world = World::of(small(), token).await;
    world.sync().await;
    let members = world.members().await;
    let (group, _) = members.first().cloned().expect("a member");
    let owner = world.sim.org.owner_of(token(&world.sim.tokens)).expect("an owner");
    let full = world.sim.org.administration();
    let (org, role) = (world.sim.org.clone(), OneRight::StandardRole(role.to_owned()));
    let path = format!("/api/v1/groups/{group}/users");
    world.fault.after(move |asked, reply| {
        if asked.path == path {
            org.take_right(&owner, &role).expect("taken");
            *reply = Reply::json(b"[]".to_vec());
        }
    });
    // Whatever becomes of the rest of it.
    drop(world.try_sync().await);
    assert_eq!(world.members().await, members);
    let coverage = world.coverage("group_member").await;
    assert_ne!(coverage.state, CoverageState::Complete, "{}", coverage.reason);
    world.fault.clear();
    world.sim.org.set_administration(&full).expect("given back");
    world.sync().await;
    assert_eq!(world.members().await, world.related(Relation::Member));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_does_not_go_on_with_other_rights() {
    let world = World::new().await;
    let slow = "GET /api/v1/groups/{id}/users";
    world.fault.before(move |asked| {
        if asked.route == slow { Verdict::Delay(Duration::from_secs(60)) } else { Verdict::Pass }
    });
    let begun = async {
        while world.fault.calls("/api/v1/groups/00g") == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(world.sync_until(begun).await.is_none(), "members keep it busy");
    world.fault.clear();
    let owner = world.sim.org.owner_of(&world.sim.tokens.super_admin).expect("an owner");
    let full = world.sim.org.administration();
    world.sim.org.take_right(&owner, &OneRight::StandardRole("SUPER_ADMIN".to_owned())).expect("taken");
    world.events();
    drop(world.try_sync().await);
    assert!(!world.resumed(), "what it has read it has read with other eyes");
    world.sim.org.set_administration(&full).expect("given back");
    world.sync().await;
    world.equals_truth().await;
}
