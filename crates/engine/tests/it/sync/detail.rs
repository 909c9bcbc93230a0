//! What pages say beyond documents, held against the org itself.

use std::collections::{BTreeMap, BTreeSet};

use okta_sim::{Kind, Record, Relation};
use serde_json::Value;
use transom_core::EntityId;
use transom_engine::detail::{Overview, Reach, Scope, Why};
use transom_engine::entity::{app::APP, group::GROUP, role_assignment::ROLE_ASSIGNMENT, user::USER};

use super::world::World;

impl World {
    async fn id(&self, kind: &transom_core::Kind, okta_id: &str) -> EntityId {
        let found = self.engine.store.find(self.org.id, kind.code, okta_id).await.expect("readable");
        let one = found.iter().find(|row| row.okta_id == okta_id);
        one.unwrap_or_else(|| panic!("no {} {okta_id}", kind.name)).id
    }

    fn records(&self, kind: Kind) -> Vec<Record> {
        self.sim.org.truth(&self.sim.origin).list(kind)
    }
}

fn named(doc: &Value, path: &str) -> BTreeSet<String> {
    let items = doc.pointer(path).and_then(Value::as_array).into_iter().flatten();
    items.map(|item| item.as_str().or(item["id"].as_str()).unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn memberships_are_explained_as_far_as_they_can_be() {
    let world = World::new().await;
    world.sync().await;
    let groups: BTreeMap<String, Value> =
        world.records(Kind::Group).into_iter().map(|g| (g.id, g.doc)).collect();
    let rules = world.records(Kind::GroupRule);
    let mut of_user: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (group, user) in world.related(Relation::Member) {
        of_user.entry(user).or_default().push(group);
    }
    let mut told = BTreeMap::<&str, usize>::new();
    for (user, members_of) in &of_user {
        let id = world.id(&USER, user).await;
        let mut ids = Vec::new();
        for group in members_of {
            ids.push(world.id(&GROUP, group).await);
        }
        let why = world.engine.why_in_groups(world.org.id, id, &ids).await.expect("readable");
        assert_eq!(why.len(), ids.len());
        for (group, why) in members_of.iter().zip(why) {
            let doc = &groups[group];
            let by: BTreeSet<&str> = rules
                .iter()
                .filter(|rule| rule.doc["status"] == "ACTIVE")
                .filter(|rule| named(&rule.doc, "/actions/assignUserToGroups/groupIds").contains(group))
                .filter(|rule| !named(&rule.doc, "/conditions/people/users/exclude").contains(user))
                .map(|rule| rule.id.as_str())
                .collect();
            let as_said = match why {
                Why::ImportedFrom(app) => {
                    assert_eq!(app.map(|app| app.okta_id).as_deref(), doc["source"]["id"].as_str());
                    assert_eq!(doc["type"], "APP_GROUP");
                    "imported"
                }
                Why::BuiltIn => {
                    assert_eq!(doc["type"], "BUILT_IN");
                    "built in"
                }
                Why::PossiblyByRule(rules) => {
                    let rules: BTreeSet<&str> = rules.iter().map(|rule| rule.okta_id.as_str()).collect();
                    assert_eq!(rules, by, "{user} in {group}");
                    assert!(!by.is_empty() && doc["type"] == "OKTA_GROUP");
                    "by rule"
                }
                Why::NotKnown => {
                    assert!(by.is_empty() && doc["type"] == "OKTA_GROUP", "{user} in {group}: {by:?}");
                    "not known"
                }
            };
            *told.entry(as_said).or_default() += 1;
        }
    }
    assert_eq!(told.len(), 4, "each answer is met: {told:?}");
}

#[tokio::test]
async fn apps_say_through_what_a_user_has_them() {
    let world = World::new().await;
    world.sync().await;
    let (members, granted) = (world.related(Relation::Member), world.related(Relation::AppGroup));
    let priorities: BTreeMap<(String, String), i64> = world
        .records(Kind::AppGroup)
        .into_iter()
        .filter_map(|g| Some(((g.parent, g.id), g.doc["priority"].as_i64()?)))
        .collect();
    let (mut through_groups, mut directly) = (0, 0);
    for record in world.records(Kind::AppUser) {
        let (app, user) = (&record.parent, &record.id);
        let (app_id, user_id) = (world.id(&APP, app).await, world.id(&USER, user).await);
        let nobody = EntityId(i64::MAX);
        let through =
            world.engine.through_what(world.org.id, user_id, &[app_id, nobody]).await.expect("readable");
        assert_eq!((through.len(), &through[1]), (2, &None));
        let through = through[0].as_ref().expect("assigned");
        assert_eq!(through.active, record.doc["status"] == "ACTIVE");
        let found: Vec<&str> = through.groups.iter().map(|g| g.group.okta_id.as_str()).collect();
        let expected: BTreeSet<&str> = granted
            .iter()
            .filter(|(of, group)| of == app && members.contains(&(group.clone(), user.clone())))
            .map(|(_, group)| group.as_str())
            .collect();
        assert_eq!(found.iter().copied().collect::<BTreeSet<_>>(), expected, "{user} has {app}");
        let order: Vec<Option<i64>> = through.groups.iter().map(|g| g.priority.map(i64::from)).collect();
        let there: Vec<Option<i64>> =
            found.iter().map(|g| priorities.get(&(app.clone(), (*g).to_owned())).copied()).collect();
        assert_eq!(order, there, "Okta's priorities");
        assert!(order.is_sorted(), "{order:?}");
        match through.scope {
            Scope::Group => {
                assert_eq!(record.doc["scope"], "GROUP");
                let named = through.named.as_deref().expect("the document links to the group");
                assert!(expected.contains(named), "{named} is one of {expected:?}");
                through_groups += 1;
            }
            Scope::User => {
                assert_eq!((&record.doc["scope"], &through.named), (&Value::from("USER"), &None));
                directly += 1;
            }
            Scope::NotStated => panic!("{}", record.doc),
        }
    }
    assert!(through_groups > 0 && directly > 0, "{through_groups} {directly}");
}

#[tokio::test]
async fn roles_reach_what_their_targets_and_sets_say() {
    let world = World::new().await;
    world.sync().await;
    let resources = world.there(Kind::Resource);
    let store = &world.engine.store;
    let mut told = BTreeSet::new();
    for (holder, id) in world.held("role_assignment").await {
        let found = store
            .find(world.org.id, ROLE_ASSIGNMENT.code, &format!("{holder}/{id}"))
            .await
            .expect("readable");
        let doc = store.entity_by_id(world.org.id, found[0].id).await.expect("readable").expect("there").doc;
        let (role, reach) =
            world.engine.reach(world.org.id, found[0].id).await.expect("readable").expect("there");
        let role = role.expect("every role is read").okta_id;
        match reach {
            Reach::ResourceSet { set, resources: held, more } => {
                assert_eq!(
                    (Some(role.as_str()), doc["resource-set"].as_str()),
                    (doc["role"].as_str(), Some(set.okta_id.as_str()))
                );
                let held: BTreeSet<_> = held.into_iter().map(|r| r.resource.okta_id).collect();
                let there = resources.iter().filter(|(of, _)| *of == set.okta_id).map(|(_, id)| id.clone());
                assert_eq!((held, more), (there.collect(), false));
                told.insert("set");
            }
            Reach::Targets { groups, apps, catalogue } => {
                let ids = |rows: Vec<transom_store::EntityRow>| {
                    rows.into_iter().map(|r| r.okta_id).collect::<BTreeSet<_>>()
                };
                assert_eq!(ids(groups), named(&doc, "/_embedded/targets/groups"));
                let mut instances = named(&doc, "/_embedded/targets/catalog/apps");
                instances.remove("");
                assert_eq!(ids(apps), instances);
                told.insert(if catalogue.is_empty() { "targets" } else { "catalogue" });
            }
            Reach::Org => {
                assert_eq!(doc["type"], role.as_str());
                assert!(named(&doc, "/_embedded/targets/groups").is_empty());
                assert!(named(&doc, "/_embedded/targets/catalog/apps").is_empty());
                told.insert("org");
            }
            Reach::NotKnown => panic!("{doc}"),
        }
    }
    assert!(told.contains("set") && told.contains("org") && told.contains("targets"), "{told:?}");
    let user = world.id(&USER, &world.ordinary()[0]).await;
    assert_eq!(
        world.engine.reach(world.org.id, user).await.expect("readable"),
        None,
        "a user is no assignment"
    );
}

#[tokio::test]
async fn the_overview_counts_what_the_org_has() {
    let world = World::new().await;
    world.sync().await;
    let overview = world.engine.overview(world.org.id).await.expect("readable");
    let tally = |kind, of: &dyn Fn(&Value) -> Option<String>| {
        let mut all: BTreeMap<String, u64> = BTreeMap::new();
        for record in world.records(kind) {
            if let Some(value) = of(&record.doc) {
                *all.entry(value).or_default() += 1;
            }
        }
        all
    };
    let text = |name: &'static str| move |doc: &Value| doc[name].as_str().map(str::to_owned);
    let told = |pairs: Vec<(String, u64)>| pairs.into_iter().collect::<BTreeMap<_, _>>();
    assert_eq!(told(overview.users_by_status), tally(Kind::User, &text("status")));
    assert_eq!(told(overview.factors_by_type), tally(Kind::Factor, &text("factorType")));
    assert_eq!(told(overview.factors_by_provider), tally(Kind::Factor, &text("provider")));
    let apps =
        overview.apps_by_mode_and_status.into_iter().map(|(mode, status, n)| (format!("{mode} {status}"), n));
    let both = |doc: &Value| Some(format!("{} {}", doc["signOnMode"].as_str()?, doc["status"].as_str()?));
    assert_eq!(told(apps.collect()), tally(Kind::App, &both));
    let tokens = world.records(Kind::ApiToken).len() as u64;
    assert_eq!(overview.tokens_by_age.iter().sum::<u64>(), tokens);
    assert_eq!(overview.tokens_by_use.iter().sum::<u64>(), tokens);
    assert_eq!(Overview::AGES.len() + 1, overview.tokens_by_age.len());
    let mut holders: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in world
        .rows("SELECT d.okta_id, p.okta_id FROM edge e JOIN relation r ON r.code = e.rel JOIN entity s ON s.org = e.org AND s.id = e.src \
               JOIN entity p ON p.org = e.org AND p.id = s.parent JOIN entity d ON d.org = e.org AND d.id = e.dst \
               WHERE r.name = 'assignment_role'")
        .await
    {
        holders.entry(row[0].clone()).or_default().insert(row[1].clone());
    }
    let expected: BTreeMap<String, u64> =
        holders.into_iter().map(|(role, by)| (role, by.len() as u64)).collect();
    assert!(!expected.is_empty());
    assert_eq!(
        told(overview.holders_by_role.into_iter().map(|(role, n)| (role.okta_id, n)).collect()),
        expected
    );
    let kinds: u64 = overview.kinds.iter().map(|(_, n)| n).sum();
    let held =
        world.number("SELECT count(*) FROM entity WHERE removed_at IS NULL AND doc_hash IS NOT NULL").await;
    assert_eq!(kinds, held);
}
