//! Search over all kinds: what is found, by what, in which order.

use serde_json::json;
use transom_core::EntityId;
use transom_store::{FoundBy, Target};

use crate::{
    catalogue::{APP, FACTOR, GROUP, USER, group, member, object, set, user},
    stage::{Stage, links_page, page},
};

#[tokio::test]
async fn the_best_come_first_and_many_hide_none() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        let mut users: Vec<_> = (0..5).map(|i| user(&format!("u{i}"), "ACTIVE")).collect();
        set(&mut users[0], &USER, "/profile/displayName", json!("Push Kin"));
        set(&mut users[1], &USER, "/profile/email", json!("push@mail.example"));
        set(&mut users[2], &USER, "/profile/login", json!("push"));
        set(&mut users[3], &USER, "/profile/displayName", json!("PUSH"));
        stage.objects(&USER, users).await;
        let named = |id: &str, name: &str| object(&APP, EntityId::ROOT, json!({"id": id, "name": name}));
        stage.objects(&APP, vec![named("push", "Mail"), named("a2", "Pushbullet")]).await;
        stage.objects(&GROUP, vec![group("g1")]).await;
        let u4 = stage.id(&USER, "u4").await;
        let factors = (0..40).map(|i| object(&FACTOR, u4, json!({"id": format!("f{i:02}"), "name": "push"})));
        stage.commit(vec![page("factors", Target::None, factors.collect())]).await;
        let search = async |text: &str, limit| {
            let hits = store.search(org, text, limit).await.expect("searches");
            hits.into_iter().map(|hit| (hit.row.address(), hit.by)).collect::<Vec<_>>()
        };
        let found = search(" Push ", 7).await;
        let expected = [
            ("u2", FoundBy::Login),
            ("u3", FoundBy::WholeName),
            ("u0", FoundBy::Name),
            ("a2", FoundBy::Name),
            ("u1", FoundBy::Other),
            ("u4/f00", FoundBy::Nested),
            ("u4/f01", FoundBy::Nested),
        ];
        assert_eq!(found, expected.map(|(id, by)| (id.to_string(), by)));
        assert_eq!(
            search("push", 2).await[0],
            ("push".to_string(), FoundBy::Id),
            "ids are taken as they are"
        );
        assert_eq!(search("f07", 5).await, [("u4/f07".to_string(), FoundBy::Id)]);
        assert!(search("F07", 5).await.is_empty());
        assert!(search("%", 5).await.is_empty() && search(" ", 5).await.is_empty());
        // Neither what is gone nor what was only heard of.
        stage.commit(vec![links_page("members", Target::None, vec![member("ghost", "g1")])]).await;
        store.remove(&stage.lease, &[stage.id(&USER, "u3").await]).await.expect("removes");
        assert!(search("ghost", 5).await.is_empty());
        assert!(!search("push", 50).await.iter().any(|(id, _)| id == "u3"));
        stage.end().await;
    }
}
