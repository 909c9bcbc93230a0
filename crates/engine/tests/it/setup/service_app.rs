//! The same with a service app in place of a user with a token: made, connected by its key, and taken down.

use okta_client::{Method, PrivateKey};
use serde_json::json;
use transom_engine::setup::{Record, Thing, Verdict};

use super::world::{Spoil, World, apply, engine, verdicts, wanted_by_app};

const DONE: [Verdict; 6] = [Verdict::Leave; 6];
const SETTING: &str = "/api/v1/org/settings/clientPrivilegesSetting";

#[tokio::test]
async fn a_service_app_is_made_connected_and_taken_down() {
    let world = World::new().await;
    let token = world.one_time();
    let session = world.session(&token).await;
    let key = PrivateKey::generate().expect("a key");
    let (wanted, mut kept) = (wanted_by_app(&key), Record::default());
    // The org would make it a super admin without a word.
    let plan = session.plan(&wanted, &kept).await.expect("a plan");
    let app = plan.item(Thing::App).expect("planned");
    assert_eq!(app.verdict, Verdict::InTheWay, "{app:?}");
    assert!(app.says[0].contains("Public client app admins"), "{app:?}");
    apply(&session, &wanted, &mut kept, false).await.expect_err("refused");
    world.call(Method::PUT, SETTING, Some(json!({"clientPrivilegesSetting": false}))).await;
    let before = world.state();

    let plan = session.plan(&wanted, &kept).await.expect("a plan");
    assert_eq!(verdicts(&plan), [Verdict::Create; 6]);
    assert!(!serde_json::to_string(&plan).expect("JSON").contains("PRIVATE"), "only the public half is sent");
    let after = apply(&session, &wanted, &mut kept, false).await.expect("applied");
    assert_eq!(verdicts(&after), DONE);
    assert_eq!(kept.made.keys().copied().collect::<Vec<_>>(), Thing::OF_APP);
    world.spoil(None);
    apply(&session, &wanted, &mut kept, false).await.expect("again");
    assert!(world.calls().iter().all(|route| route.starts_with("GET ")), "again writes nothing");

    let (engine, _folder) = engine().await;
    let client_id = kept.made(Thing::App).expect("made").id.clone();
    let org = world.connects(&engine, client_id, &key).await;
    let proved = engine.verify_setup(&org, &wanted, &kept).await.expect("verified");
    assert!(proved.owner && proved.plan.is_done(), "{:?}", proved.plan);

    session.teardown(&mut kept, &mut |_| ()).await.expect("torn down");
    session.revoke().await.expect("revoked");
    let mut after = world.state();
    after.insert(format!("token \"Set-up\" \"{}\"", world.owner()), serde_json::Value::Null);
    assert_eq!(after, before);
    assert!(kept.is_empty(), "{kept:?}");
}

#[tokio::test]
async fn ten_failures_and_no_app_is_made_twice() {
    let key = PrivateKey::generate().expect("a key");
    let wanted = wanted_by_app(&key);
    for seed in 0..10 {
        let mut dice = fastrand::Rng::with_seed(seed);
        let world = World::new().await;
        world.call(Method::PUT, SETTING, Some(json!({"clientPrivilegesSetting": false}))).await;
        let before = world.state();
        let session = world.session(&world.sim.tokens.super_admin.clone()).await;
        let mut kept = Record::default();
        let spoil = *dice.choice(&[Spoil::Lost, Spoil::AnswerLost, Spoil::Refused]).unwrap_or(&Spoil::Lost);
        let at = dice.usize(20..=70);
        world.spoil(Some((at, spoil)));
        let said = format!("seed {seed}: {spoil:?} from call {at} on");
        let forgets = dice.bool();
        let cut = apply(&session, &wanted, &mut kept, forgets).await.is_err();
        world.spoil(None);
        let after = apply(&session, &wanted, &mut kept, false).await;
        let after = after.unwrap_or_else(|problem| panic!("{said}, cut: {cut}: {problem}"));
        assert_eq!(verdicts(&after), DONE, "{said}");
        let new: Vec<String> = world.state().into_keys().filter(|key| !before.contains_key(key)).collect();
        let count = |kind: &str| new.iter().filter(|key| key.starts_with(kind)).count();
        let counts = ["CustomRole", "ResourceSet", "App ", "RoleAssignment", "User"].map(count);
        assert_eq!(counts, [1, 1, 1, 2, 0], "{said}: {new:?}");
        assert_eq!(count("AppGrant"), wanted.model.scope_names().len(), "{said}");
        session.teardown(&mut kept, &mut |_| ()).await.unwrap_or_else(|p| panic!("{said}: {p}"));
        assert_eq!(world.state(), before, "{said}");
    }
}
