//! Counts to choices, with their reasons.

use okta_client::GovernorSettings;
use transom_core::{Coverage, CoverageState};
use transom_store::Alike;

use super::*;
use crate::entity::datasets;

fn alike(status: Option<&str>, mark: Option<i32>, count: u64) -> Alike {
    Alike { status: status.map(str::to_string), mark, count }
}

/// The counts of an org of so many users, groups and apps: groups with members and apps, 300 members a group, 667 users
/// an app.
fn org(users: u64, groups: u64, apps: u64) -> Counts {
    let mut counts = Counts { source: Source::Copy { at: 1 }, ..Counts::default() };
    let (users_of, groups_of, apps_of) =
        (alike(Some("ACTIVE"), None, users), alike(None, Some(3), groups), alike(Some("ACTIVE"), None, apps));
    for (key, of) in [
        ("factor by user", &users_of),
        ("group_member by user", &users_of),
        ("group_member by group", &groups_of),
        ("app_group by app", &apps_of),
        ("app_group_edge by group", &groups_of),
        ("app_user by app", &apps_of),
        ("app_user by user", &users_of),
    ] {
        counts.parents.insert(key.to_string(), vec![of.clone()]);
    }
    // What the simulated org of that size has.
    for (key, count) in [
        ("role_permission by role", 4),
        ("resource by resource set", 4),
        ("role_binding by resource set", 4),
        ("auth_policy by authorization server", 4),
        ("auth_scope by authorization server", 4),
        ("auth_claim by authorization server", 4),
        ("authenticator_method by authenticator", 8),
        ("user_schema by user type", 2),
        ("domain_certificate by domain", 2),
    ] {
        counts.parents.insert(key.to_string(), vec![alike(None, None, count)]);
    }
    for (name, items) in [
        ("user", users),
        ("group", groups),
        ("app", apps),
        ("group_member", groups * 300),
        ("app_user", apps * 667),
        ("app_group", apps * 3),
    ] {
        counts.items.insert(name.to_string(), items);
    }
    counts
}

fn planned(options: &Options, coverage: &[Coverage], counts: &Counts) -> Plan {
    let wanted = options.wanted(coverage, DAY).expect("known names");
    let buckets = Buckets::new(BTreeMap::new(), &GovernorSettings::default());
    plan(&wanted, counts, &buckets, options.strategy)
}

fn of<'p>(plan: &'p Plan, dataset: &str) -> Vec<&'p Step> {
    plan.steps.iter().filter(|s| s.dataset == dataset).collect()
}

fn core(strategy: Strategy) -> Options {
    Options { tiers: vec![Tier::Core], strategy, ..Options::default() }
}

#[test]
fn members_are_read_by_group_where_groups_are_fewer() {
    let plan = planned(&core(Strategy::Fewest), &[], &org(10_000, 500, 300));
    let [members] = of(&plan, "group_member")[..] else { panic!("one step: {plan:?}") };
    assert_eq!((members.route.as_str(), members.calls, members.bucket.as_str()), ("by group", 500, "groups"));
    assert_eq!(members.why, "by user would take 10000 in users/{id}/*");
    let apps = of(&plan, "app_group");
    assert_eq!((apps.len(), apps[0].route.as_str(), apps[0].calls), (1, "by app", 300));
    assert_eq!(apps[0].why, "not by group: it yields edges without documents");
}

#[test]
fn members_are_read_by_user_where_users_are_fewer() {
    let plan = planned(&core(Strategy::Fewest), &[], &org(200, 3_000, 300));
    let members = of(&plan, "group_member")[0];
    assert_eq!((members.route.as_str(), members.calls), ("by user", 200));
    assert_eq!(members.why, "by group would take 3000 in groups");
    let users = of(&plan, "app_user")[0];
    assert_eq!(
        (users.route.as_str(), users.calls),
        ("by app", 600),
        "each user has too many apps for a page"
    );
}

#[test]
fn app_users_are_read_by_user_where_users_are_very_few() {
    let mut counts = org(30, 20, 300);
    counts.items.insert("app_user".into(), 30 * 12);
    let users = planned(&core(Strategy::Fewest), &[], &counts);
    let users = of(&users, "app_user")[0];
    assert_eq!((users.route.as_str(), users.calls), ("by user", 30));
    assert_eq!(users.why, "by app would take 300 in apps");
    // What was missing by app is looked for by app again.
    counts.again.insert("app_user".into(), "app_user by app".into());
    let again = planned(&core(Strategy::Fewest), &[], &counts);
    let users = of(&again, "app_user")[0];
    assert_eq!(users.route.as_str(), "by app");
    assert!(users.why.starts_with("not by user: more was missing the last time"), "{}", users.why);
}

#[test]
fn the_reference_org_stays_within_its_calls() {
    let counts = org(10_000, 500, 300);
    let fewest = planned(&core(Strategy::Fewest), &[], &counts);
    let steps: Vec<_> = fewest.steps.iter().map(|s| (&s.dataset, &s.route, s.calls)).collect();
    assert!(fewest.calls <= 1_650, "{}: {steps:?}", fewest.calls);
    let apps = fewest.buckets.iter().find(|b| b.bucket == "apps").expect("the apps bucket");
    assert!(apps.decides && apps.calls == 902 && apps.spend == 42, "{apps:?}");
    assert_eq!(apps.limit_from, LimitFrom::Published);

    let shortest = planned(&core(Strategy::Shortest), &[], &counts);
    // Here every group has apps; those that have none cost no call.
    assert!(shortest.calls <= fewest.calls + 200, "{}", shortest.calls);
    assert!(shortest.core_seconds + 6 * 60 <= fewest.core_seconds, "{shortest:?}");
    let [edges] = of(&shortest, "app_group")[..] else { panic!("the deep tier was not asked for") };
    assert_eq!((edges.route.as_str(), edges.yields), ("by group", Yields::Edges));
    assert_eq!(edges.why, "by app would take 300 in apps");
}

#[test]
fn a_first_answer_is_followed_by_the_whole_reading_when_that_is_due() {
    let counts = org(10_000, 500, 300);
    let options = Options { strategy: Strategy::Shortest, ..Options::default() };
    let plan = planned(&options, &[], &counts);
    let steps = of(&plan, "app_group");
    assert_eq!(steps.len(), 2);
    assert_eq!((steps[0].tier, steps[0].yields), (Tier::Core, Yields::Edges));
    assert_eq!((steps[1].tier, steps[1].yields), (Tier::Deep, Yields::Documents));
    assert_eq!(steps[1].why, "whole, after the first answer by group");
    let readings = plan.readings().expect("known steps");
    let at = |reading: &str| *readings.iter().find(|r| r.by.name == reading).expect("planned");
    assert!(at("app_group").yields_to(&at("app_group_edge")), "the same data set");
    assert!(at("app_group").yields_to(&at("app_user")), "the same rate bucket");
    assert!(!at("app_group").yields_to(&at("group_member")) && !at("app_user").yields_to(&at("app_group")));

    let fresh =
        Coverage { state: CoverageState::Complete, at: Some(DAY), ..crate::sync::run::never("app_group") };
    let plan = planned(&options, &[fresh], &counts);
    assert_eq!(of(&plan, "app_group").len(), 1, "read whole less than a day ago");
}

#[test]
fn a_first_answer_is_not_worth_it_where_another_bucket_decides() {
    let plan = planned(&core(Strategy::Shortest), &[], &org(10_000, 9_000, 300));
    assert_eq!(of(&plan, "app_group")[0].route, "by app", "the groups bucket has enough to do");
}

#[test]
fn what_can_not_be_counted_or_read_is_not_chosen() {
    let nothing = planned(&core(Strategy::Shortest), &[], &Counts::default());
    assert!(nothing.steps.iter().all(|s| s.yields == Yields::Documents));
    let members = of(&nothing, "group_member")[0];
    assert_eq!((members.route.as_str(), members.guessed), ("by group", true));
    assert_eq!(members.why, "not by user: how many calls it takes is not known");

    let mut counts = org(200, 3_000, 300);
    counts.avoided.insert("app_user by user".into());
    let app_users = planned(&core(Strategy::Fewest), &[], &counts);
    let app_users = of(&app_users, "app_user")[0];
    assert_eq!(app_users.route, "by app");
    assert_eq!(app_users.why, "not by user: it fell short within the last week");

    counts.refused.insert("user".into());
    let members = planned(&core(Strategy::Fewest), &[], &counts);
    let members = of(&members, "group_member")[0];
    assert_eq!(members.route, "by group");
    assert_eq!(members.why, "not by user: what it is listed over may not be read");
}

#[test]
fn what_is_listed_over_what_may_not_be_read_takes_no_call() {
    let mut counts = org(200, 3_000, 300);
    counts.refused.insert("app".into());
    let plan = planned(&core(Strategy::Fewest), &[], &counts);
    for name in ["app_user", "app_group"] {
        let step = of(&plan, name)[0];
        assert_eq!((step.calls, step.why.as_str()), (0, CLOSED), "{name}");
    }
    let plan = planned(&core(Strategy::Shortest), &[], &counts);
    assert_eq!(of(&plan, "app_group")[0].route, "by group", "the other way is open");
}

#[test]
fn a_listing_over_some_parents_alone_says_over_which() {
    let plan = planned(&Options { full: true, ..Options::default() }, &[], &org(200, 30, 300));
    for (name, why) in [
        ("group_push", "only where the listing shows features GROUP_PUSH"),
        ("app_feature", "only where the listing shows features"),
        ("group_owner", "only where the listing shows type OKTA_GROUP, or nothing of it"),
        ("user_role", "only where the user holds an admin role in the org, directly or through a group"),
        ("factor", ""),
        ("policy_rule", ""),
        ("user", ""),
    ] {
        assert_eq!(of(&plan, name)[0].why, why, "{name}");
    }
}

#[test]
fn a_stored_plan_is_the_plan_unless_the_build_has_changed() {
    let options = Options { strategy: Strategy::Shortest, ..Options::default() };
    let plan = planned(&options, &[], &org(200, 3_000, 300));
    let stored = serde_json::to_value(&plan).expect("serialises");
    let mut read: Plan = serde_json::from_value(stored).expect("reads");
    assert_eq!(read, plan);
    let readings = read.readings().expect("known steps");
    assert_eq!(readings.len(), plan.steps.len());
    assert!(readings.iter().zip(&plan.steps).all(|(r, s)| r.by.route() == s.route && r.tier == s.tier));
    read.steps[0].route = "by magic".to_string();
    assert!(read.readings().is_none());
}

#[test]
fn declarations_of_routes_and_tiers_agree() {
    for d in datasets() {
        for name in d.after {
            let base = dataset(name).expect("another test checks it");
            assert!(base.tier <= d.tier, "{} would wait for {name}, which is read more seldom", d.name);
        }
        for route in d.routes {
            let by = route.reading;
            assert!(by.routes.is_empty() && by.tier == d.tier && by.title == d.title, "{}", d.name);
            assert_ne!(by.route(), d.route(), "{}: two ways of one name", d.name);
            let whole = route.yields == Yields::Documents;
            assert_eq!(by.name == d.name, whole, "{}: what yields less has a name of its own", d.name);
            assert!(
                whole || matches!(by.target, transom_store::Target::None),
                "{}: it must not sweep",
                by.name
            );
            assert!(dataset(by.name).is_none_or(|other| other.name == d.name), "{} is taken", by.name);
        }
        for name in d.first.iter().flat_map(|f| f.after.iter()) {
            assert!(dataset(name).is_some_and(|o| o.tier == Tier::Core), "{} waits for {name}", d.name);
        }
    }
    let ways: usize = datasets().map(|d| d.routes.len() + 1).product();
    assert!(ways <= 256, "{ways} combinations: every one of them is tried");
}
