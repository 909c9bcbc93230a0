//! What goes in Okta goes from the copy, which remembers it; what comes back is itself again.

use okta_sim::{Kind, Relation};
use transom_core::EntityId;
use transom_store::Version;

use super::faults::hide;
use super::world::World;

/// The documents that the object `okta_id` has had, newest first. One that still holds has no end.
async fn past(world: &World, okta_id: &str) -> Vec<Version> {
    let id = world.number(&format!("SELECT id FROM entity WHERE okta_id = '{okta_id}'")).await;
    let id = EntityId(i64::try_from(id).expect("an id"));
    world.engine.store.versions(world.org.id, id).await.expect("a past")
}

/// Checks that the object is gone, and that what it was is known.
#[track_caller]
fn gone(past: &[Version]) {
    assert!(!past.is_empty() && past.iter().all(|version| version.until.is_some()), "{past:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_deleted_goes_and_is_remembered() {
    let world = World::new().await;
    world.sync().await;
    let (org, truth) = (&world.sim.org, world.sim.org.truth(&world.sim.origin));
    let user = world.ordinary().pop().expect("a user");
    let group =
        truth.list(Kind::Group).into_iter().rfind(|g| g.doc["type"] == "OKTA_GROUP").expect("a group").id;
    let leaver = truth.list(Kind::Factor).into_iter().map(|f| f.parent);
    let leaver =
        leaver.into_iter().find(|id| *id != user && world.ordinary().contains(id)).expect("with a factor");
    org.deactivate_user(&leaver).expect("deactivated");
    let member = world
        .related(Relation::Member)
        .into_iter()
        .find(|(g, u)| *g != group && *u != user)
        .expect("a member");
    let direct = truth.list(Kind::AppUser).into_iter().find(|a| a.doc["scope"] == "USER" && a.id != user);
    let direct = direct.map(|a| (a.parent, a.id)).expect("a direct assignment");
    org.delete_user(&user).expect("deleted");
    org.delete_group(&group).expect("deleted");
    org.remove_member(&member.0, &member.1).expect("removed");
    org.unassign_app_user(&direct.0, &direct.1).expect("unassigned");
    world.sync().await;
    world.equals_truth().await;
    for id in [&user, &group] {
        gone(&past(&world, id).await);
    }
    for (rel, (owner, user)) in [("group_member", &member), ("app_user", &direct)] {
        let kept = world
            .number(&format!(
                "SELECT count(*) FROM edge_change x JOIN relation r ON r.code = x.rel \
                 JOIN entity s ON s.org = x.org AND s.id = x.src JOIN entity d ON d.org = x.org AND d.id = x.dst \
                 WHERE r.name = '{rel}' AND x.what = 3 AND s.okta_id = '{user}' AND d.okta_id = '{owner}'"
            ))
            .await;
        assert_eq!(kept, 1, "{rel}");
    }
    org.add_member(&member.0, &member.1).expect("added");
    org.assign_app_user(&direct.0, &direct.1).expect("assigned");
    world.sync().await;
    world.equals_truth().await;
    assert!(world.members().await.contains(&member) && world.app_users().await.contains(&direct));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_back_goes_on_with_its_history() {
    let world = World::new().await;
    world.sync().await;
    let truth = world.sim.org.truth(&world.sim.origin);
    let user = world.ordinary().pop().expect("a user");
    let group = truth.edges(Relation::Member).pop().expect("a member").0;
    let policy = truth.list(Kind::PolicyRule).pop().expect("a rule").parent;
    let hidden = [user, group, policy];
    let mut before = Vec::new();
    for id in &hidden {
        before.push(past(&world, id).await);
    }
    let ids = hidden.clone();
    world.fault.after(move |asked, reply| hide(&ids, asked, reply));
    world.sync().await;
    for id in &hidden {
        gone(&past(&world, id).await);
    }
    let [user, group, policy] = &hidden;
    assert!(!world.members().await.iter().any(|(g, u)| g == group || u == user), "its edges went with it");
    assert!(
        !world.held("policy_rule").await.iter().any(|(parent, _)| parent == policy),
        "and what was under it"
    );

    world.fault.clear();
    world.sync().await;
    world.equals_truth().await;
    for (id, before) in hidden.iter().zip(before) {
        let now = past(&world, id).await;
        assert_eq!(now.len(), before.len() + 1, "{id}: the gap shows: {now:?}");
        assert_eq!((now[0].until, &now[0].doc), (None, &before[0].doc), "{id}");
        assert_eq!((now[1].at, now[1].until.is_some()), (before[0].at, true), "{id}");
    }
    world.sync().await;
    world.equals_truth().await;
}
