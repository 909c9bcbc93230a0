//! New edges that wait to be placed: at the end the store is as if they had not waited.

use proptest::prelude::*;
use serde_json::json;
use transom_core::{EntityId, Link};
use transom_store::{PageWrite, Take, Target};

use crate::{
    catalogue::{APP, APP_USER, GROUP, MEMBER, USER, app_user, group, member, object, user},
    dump::{dump, query},
    stage::{Place, Stage, links_page},
};

const USERS: [&str; 4] = ["u1", "u2", "u3", "u4"];

/// What happens to a store, of which one half of the tests lets edges wait.
#[derive(Debug, Clone)]
enum Step {
    /// A group's members, by a mask over [`USERS`].
    Members(usize, u8),
    /// An app's users likewise, with the number of each and a word of their documents.
    Users(u8, i32, u8),
    /// A user goes.
    Remove(usize),
    /// The users of the app that were not seen go.
    Sweep,
    /// What waits is placed.
    Place,
    /// The next run begins.
    Run,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..2usize, any::<u8>()).prop_map(|(g, mask)| Step::Members(g, mask)),
        4 => (any::<u8>(), 1..3i32, 0..2u8).prop_map(|(mask, attr, word)| Step::Users(mask, attr, word)),
        1 => (0..4usize).prop_map(Step::Remove),
        1 => Just(Step::Sweep),
        1 => Just(Step::Place),
        2 => Just(Step::Run),
    ];
    proptest::collection::vec(step, 1..14)
}

fn of(mask: u8) -> impl Iterator<Item = &'static str> {
    USERS.into_iter().enumerate().filter(move |(n, _)| mask >> n & 1 == 1).map(|(_, user)| user)
}

async fn scene(stage: &Stage) {
    let app = object(&APP, EntityId::ROOT, json!({"id": "a1", "name": "App", "status": "OK"}));
    stage.objects(&USER, USERS.map(|u| user(u, "ACTIVE")).to_vec()).await;
    stage.objects(&GROUP, vec![group("g0"), group("g1")]).await;
    stage.objects(&APP, vec![app]).await;
}

async fn list(stage: &Stage, late: bool, target: Target, parent: EntityId, links: Vec<Link>) {
    let name =
        if matches!(target, Target::Into(rel) if rel == MEMBER.code) { "members" } else { "app_users" };
    let pages = vec![PageWrite { parent, ..links_page(name, target, links) }];
    let mut recorder = stage.store.recorder(&stage.lease, stage.run);
    match late {
        true => recorder.commit_late(pages).await.expect("commits"),
        false => recorder.commit(pages).await.expect("commits"),
    };
}

async fn place(stage: &Stage) -> u64 {
    stage.store.place(&stage.lease).await.expect("places")
}

async fn play(mut stage: Stage, steps: &[Step], late: bool) -> Vec<String> {
    scene(&stage).await;
    let (store, org) = (stage.store.clone(), stage.org.id);
    let (app, groups) =
        (stage.id(&APP, "a1").await, [stage.id(&GROUP, "g0").await, stage.id(&GROUP, "g1").await]);
    for step in steps {
        match step {
            Step::Members(g, mask) => {
                let links = of(*mask).map(|u| member(u, ["g0", "g1"][*g])).collect();
                list(&stage, late, Target::Into(MEMBER.code), groups[*g], links).await;
            }
            Step::Users(mask, attr, word) => {
                // What an edge was between two readings of one listing, nobody is told where it waited.
                place(&stage).await;
                let doc = json!({"profile": {"word": word, "filling": "x".repeat(90)}});
                let links = of(*mask).map(|u| app_user(u, "a1", *attr, doc.clone())).collect();
                list(&stage, late, Target::Into(APP_USER.code), app, links).await;
            }
            Step::Remove(n) => {
                let id = store.entity(org, USER.code, EntityId::ROOT, USERS[*n]).await.expect("reads");
                let ids: Vec<EntityId> = id.iter().map(|found| found.row.id).collect();
                store.remove(&stage.lease, &ids).await.expect("removes");
            }
            Step::Sweep => {
                // A data set is swept when all it showed is in its place.
                place(&stage).await;
                let target = Target::Into(APP_USER.code);
                store.sweep(&stage.lease, stage.run, "app_users", target, Take::All).await.expect("sweeps");
            }
            Step::Place => drop(place(&stage).await),
            Step::Run => {
                place(&stage).await;
                stage.next_run().await;
            }
        }
    }
    place(&stage).await;
    assert_eq!(query(&stage.place, "SELECT CAST(n AS TEXT) FROM edge_late").await, Vec::<String>::new());
    let all = dump(&stage.place).await;
    stage.end().await;
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn the_store_is_as_if_they_had_not_waited(steps in steps()) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let played = |late| runtime.block_on(async { play(Place::sqlite().stage().await, &steps, late).await });
        prop_assert_eq!(played(true), played(false));
    }
}

#[tokio::test]
async fn they_outlive_their_process_and_are_placed_once() {
    for stage in Stage::each().await {
        scene(&stage).await;
        let (store, org) = (stage.store.clone(), stage.org.id);
        let g0 = stage.id(&GROUP, "g0").await;
        let links = |users: &[&str]| users.iter().map(|u| member(u, "g0")).collect::<Vec<_>>();
        let edges = async || {
            let counts = store.counts(org).await.expect("counts");
            counts.edges.iter().find(|(rel, _)| *rel == MEMBER.code).map_or(0, |(_, n)| *n)
        };
        list(&stage, true, Target::Into(MEMBER.code), g0, links(&["u1", "u2"])).await;
        // The page comes again; and another recorder, as that of a later process, goes on.
        list(&stage, true, Target::Into(MEMBER.code), g0, links(&["u1", "u2", "u3"])).await;
        assert_eq!(edges().await, 0, "not placed yet");
        assert_eq!(place(&stage).await, 3);
        assert_eq!((edges().await, place(&stage).await), (3, 0));
        // Whoever removes an object takes the edges with it that wait.
        list(&stage, true, Target::Into(MEMBER.code), g0, links(&["u4"])).await;
        let u4 =
            store.entity(org, USER.code, EntityId::ROOT, "u4").await.expect("reads").expect("there").row.id;
        store.remove(&stage.lease, &[u4]).await.expect("removes");
        assert_eq!((place(&stage).await, edges().await), (0, 3));
        let past = "SELECT CAST(src AS TEXT) FROM edge_change WHERE what = 3";
        assert_eq!(query(&stage.place, past).await, [u4.0.to_string()]);
        // And an org that goes leaves none behind.
        list(&stage, true, Target::Into(MEMBER.code), g0, links(&["u4"])).await;
        let waiting = "SELECT CAST(count(*) AS TEXT) FROM edge_late";
        assert_eq!(query(&stage.place, waiting).await, ["1"]);
        store.delete_org(&stage.lease, "ada", json!({})).await.expect("deletes");
        assert_eq!(query(&stage.place, waiting).await, ["0"]);
        stage.end().await;
    }
}
