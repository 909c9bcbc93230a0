//! From a bare org to a connection and back, whatever breaks meanwhile.

use std::time::Duration;

use okta_client::Method;
use okta_sim::Config;
use serde_json::json;
use transom_core::ConnectionState;
use transom_engine::Class;
use transom_engine::connection::Connect;
use transom_engine::setup::{Event, Record, Thing, Verdict};

use super::world::{Spoil, World, apply, engine, names, verdicts, wanted};
use crate::sync::world::small;

const NEW: [Verdict; 5] = [Verdict::Create; 5];
const DONE: [Verdict; 5] = [Verdict::Leave; 5];

#[tokio::test]
async fn a_bare_org_is_set_up_connected_and_left_as_it_was() {
    let world = World::of(Config { lifecycle_lag: Duration::from_millis(700), ..small() }).await;
    let before = world.state();
    let token = world.one_time();
    let session = world.session(&token).await;
    let (wanted, mut kept) = (wanted(false), Record::default());
    let plan = session.plan(&wanted, &kept).await.expect("a plan");
    assert_eq!(verdicts(&plan), NEW);
    assert!(plan.super_admin && !plan.is_done());
    assert!(world.calls().iter().all(|route| route.starts_with("GET ")), "a plan reads only");
    let text = serde_json::to_string(&plan).expect("JSON");
    assert!(!text.contains(&token) && serde_json::from_str::<serde_json::Value>(&text).is_ok());

    let after = apply(&session, &wanted, &mut kept, false).await.expect("applied");
    assert_eq!(verdicts(&after), DONE);
    assert_eq!(kept.made.keys().copied().collect::<Vec<_>>(), Thing::OF_USER);
    assert_eq!(verdicts(&session.plan(&wanted, &kept).await.expect("a plan")), DONE);
    world.spoil(None);
    apply(&session, &wanted, &mut kept, false).await.expect("again");
    assert!(world.calls().iter().all(|route| route.starts_with("GET ")), "again writes nothing");
    session.revoke().await.expect("revoked");
    let gone = session.plan(&wanted, &kept).await.expect_err("the token is gone");
    assert_eq!(gone.class, Class::TokenRejected);

    // What was made is enough, and no more than that.
    let made = world.sim.org.create_token(&names().login, "Transom").expect("the user makes a token");
    let (engine, _folder) = engine().await;
    let given = Connect {
        domain: world.sim.origin.clone(),
        okta_host: None,
        label: Some("Acme".to_owned()),
        credential: secrecy::SecretString::from(made).into(),
    };
    let connected = engine.connect(given, &|_| ()).await.expect("connected");
    assert_eq!(connected.verification.state, ConnectionState::Connected);
    let warned: Vec<&str> = connected.verification.findings.iter().map(|f| f.id.as_str()).collect();
    assert_eq!(warned, ["token_any_network"], "no excess");
    let proved = engine.verify_setup(&connected.org, &wanted, &kept).await.expect("verified");
    assert!(proved.owner && proved.plan.is_done() && !proved.plan.super_admin);

    let session = world.session(&world.one_time()).await;
    let mut events = Vec::new();
    let torn = session.teardown(&mut kept, &mut |event| events.push(event)).await.expect("torn down");
    assert!(torn.left.is_empty() && kept.is_empty(), "{torn:?} {kept:?}");
    assert!(events.contains(&Event::Waiting { thing: Thing::User }), "it waits for Okta");
    session.revoke().await.expect("revoked");
    assert_eq!(world.state(), before);
}

#[tokio::test]
async fn thirty_failures_and_nothing_is_made_twice() {
    let wanted = wanted(true);
    // How many calls a set-up takes that nothing disturbs.
    let calm = World::new().await;
    apply(&calm.session(&calm.one_time()).await, &wanted, &mut Record::default(), false)
        .await
        .expect("applied");
    let calls = calm.calls().len();
    let first_write = calm.calls().iter().position(|r| r.starts_with("POST")).expect("writes");
    let mut failed = 0;
    for seed in 0..30 {
        let mut dice = fastrand::Rng::with_seed(seed);
        let world = World::new().await;
        let before = world.state();
        let token = world.one_time();
        let session = world.session(&token).await;
        let mut kept = Record::default();
        // Half of them where something is being written.
        let from = if dice.bool() { first_write } else { 1 };
        let spoil = *dice.choice(&[Spoil::Lost, Spoil::AnswerLost, Spoil::Refused]).unwrap_or(&Spoil::Lost);
        let at = dice.usize(from..=calls);
        world.spoil(Some((at, spoil)));
        let forgets = dice.bool();
        let said = format!("seed {seed}: {spoil:?} from call {at} of {calls} on, forgets: {forgets}");
        failed += usize::from(apply(&session, &wanted, &mut kept, forgets).await.is_err());
        world.spoil(None);
        let session = world.session(&token).await;
        let after = apply(&session, &wanted, &mut kept, false).await;
        let after = after.unwrap_or_else(|problem| panic!("{said}: {problem}"));
        assert_eq!(verdicts(&after), DONE, "{said}");
        let new: Vec<String> = world.state().into_keys().filter(|key| !before.contains_key(key)).collect();
        let count = |kind: &str| new.iter().filter(|key| key.starts_with(kind)).count();
        let counts = ["CustomRole", "ResourceSet", "Resource ", "User", "RoleAssignment"].map(count);
        assert_eq!(counts, [1, 1, 2, 1, 2], "{said}: {new:?}");
        session.teardown(&mut kept, &mut |_| ()).await.unwrap_or_else(|p| panic!("{said}: {p}"));
        session.revoke().await.expect("revoked");
        assert_eq!(world.state(), before, "{said}");
        assert!(kept.is_empty(), "{said}: {kept:?}");
    }
    println!("{failed} of 30 runs were cut off, of {calls} calls each");
    assert!(failed >= 25, "{failed}");
}

#[tokio::test]
async fn a_teardown_that_is_cut_off_is_gone_on_with() {
    let world = World::new().await;
    let before = world.state();
    let token = world.one_time();
    let (wanted, mut kept) = (wanted(false), Record::default());
    apply(&world.session(&token).await, &wanted, &mut kept, false).await.expect("applied");
    for at in 1..40 {
        world.spoil(None);
        let session = world.session(&token).await;
        world.spoil(Some((at, Spoil::AnswerLost)));
        if session.teardown(&mut kept, &mut |_| ()).await.is_ok() {
            break;
        }
    }
    world.spoil(None);
    let session = world.session(&token).await;
    session.teardown(&mut kept, &mut |_| ()).await.expect("to its end");
    session.revoke().await.expect("revoked");
    assert_eq!(world.state(), before);
}

#[tokio::test]
async fn what_stands_in_the_way_stays() {
    let world = World::new().await;
    let token = world.sim.tokens.super_admin.clone();
    let session = world.session(&token).await;
    let (wanted, mut kept) = (wanted(false), Record::default());
    let role =
        json!({ "label": names().role, "description": "theirs", "permissions": ["okta.users.manage"] });
    let role = world.call(Method::POST, "/api/v1/iam/roles", Some(role)).await;
    let user = world.sim.org.create_user("Some", "Body", &names().login).expect("a user");
    let plan = session.plan(&wanted, &kept).await.expect("a plan");
    let (way, new) = (Verdict::InTheWay, Verdict::Create);
    assert_eq!(verdicts(&plan), [way, new, way, new, new]);
    let told: Vec<String> = plan
        .items
        .iter()
        .map(|i| {
            let says = i.says.join("\n  ").replace(&plan.org_id, "ORG");
            format!("{} {}: {}\n  {says}\n", i.thing.title(), i.name, i.verdict.word())
        })
        .collect();
    insta::assert_snapshot!("in_the_way", told.concat());
    let before = world.state();
    let refused = apply(&session, &wanted, &mut kept, false).await.expect_err("refused");
    assert_eq!(refused.class, Class::State);
    assert_eq!(world.state(), before, "nothing was changed");

    // Out of the way: the role has another name, and the user is meant.
    let path = format!("/api/v1/iam/roles/{}", role["id"].as_str().expect("an id"));
    world.call(Method::DELETE, &path, None).await;
    let wanted = transom_engine::setup::Wanted { adopt_user: true, ..wanted };
    let before = world.state();
    apply(&session, &wanted, &mut kept, false).await.expect("applied");
    assert_eq!(kept.made(Thing::User), None, "it was there before");
    session.teardown(&mut kept, &mut |_| ()).await.expect("torn down");
    assert_eq!(world.state(), before, "and stays: {user}");
}

#[tokio::test]
async fn drift_stops_it_and_a_wider_model_does_not() {
    let world = World::new().await;
    let session = world.session(&world.sim.tokens.super_admin.clone()).await;
    let (read, mut kept) = (wanted(false), Record::default());
    apply(&session, &read, &mut kept, false).await.expect("applied");
    // Wider, as somebody chose it: a change.
    let model = transom_engine::setup::Model::with(&["api_token".to_owned()]).expect("a model");
    let deeper = transom_engine::setup::Wanted { model, ..read.clone() };
    let plan = session.plan(&deeper, &kept).await.expect("a plan");
    let (change, leave) = (Verdict::Change, Verdict::Leave);
    assert_eq!(verdicts(&plan), [change, change, leave, leave, leave]);
    apply(&session, &deeper, &mut kept, false).await.expect("applied");
    assert_eq!(verdicts(&session.plan(&deeper, &kept).await.expect("a plan")), DONE);
    // And back.
    assert_eq!(
        verdicts(&session.plan(&read, &kept).await.expect("a plan")),
        [change, change, leave, leave, leave]
    );
    apply(&session, &read, &mut kept, false).await.expect("applied");
    assert_eq!(verdicts(&session.plan(&read, &kept).await.expect("a plan")), DONE);
    // Somebody else widened it: not ours to undo.
    let role = kept.made(Thing::Role).expect("made").id.clone();
    let path = format!("/api/v1/iam/roles/{role}/permissions/okta.users.manage");
    world.call(Method::POST, &path, None).await;
    let plan = session.plan(&read, &kept).await.expect("a plan");
    assert_eq!(plan.items[0].verdict, Verdict::InTheWay, "{plan:?}");
    assert!(plan.items[0].says[0].contains("okta.users.manage"), "{plan:?}");
    // More roles than it needs are in the way, too.
    let user = kept.made(Thing::User).expect("made").id.clone();
    world
        .call(Method::POST, &format!("/api/v1/users/{user}/roles"), Some(json!({"type": "ORG_ADMIN"})))
        .await;
    let plan = session.plan(&read, &kept).await.expect("a plan");
    assert_eq!(plan.items[2].verdict, Verdict::InTheWay, "{plan:?}");
}

#[tokio::test]
async fn a_plan_that_holds_no_longer_is_not_carried_out() {
    let world = World::new().await;
    let session = world.session(&world.sim.tokens.super_admin.clone()).await;
    let (wanted, mut kept) = (wanted(false), Record::default());
    let plan = session.plan(&wanted, &kept).await.expect("a plan");
    kept.begin("a1".to_owned(), &wanted, &plan);
    let set = json!({"label": names().set, "description": "d", "resources": wanted.model.orns("okta", &plan.org_id)});
    world.call(Method::POST, "/api/v1/iam/resource-sets", Some(set)).await;
    let before = world.state();
    let stopped = session.apply(&wanted, &plan, None, &mut kept, &mut |_| ()).await.expect_err("stopped");
    assert_eq!((stopped.class, world.state() == before), (Class::State, true), "{stopped}");
    // Whoever is no super administrator is told so, by a plan and by what refuses to carry it out.
    let read_only = world.session(&world.sim.tokens.read_only_custom.clone()).await;
    let plan = read_only.plan(&wanted, &kept).await.expect("a plan");
    assert!(!plan.super_admin);
    let refused = read_only.apply(&wanted, &plan, None, &mut kept, &mut |_| ()).await.expect_err("refused");
    assert_eq!((refused.class, world.state() == before), (Class::MissingPermission, true), "{refused}");
    let blind = world.session(&world.sim.tokens.read_only.clone()).await;
    assert_eq!(blind.plan(&wanted, &kept).await.expect_err("blind").class, Class::MissingPermission);
}

#[tokio::test]
async fn what_others_use_by_now_is_left() {
    let world = World::new().await;
    let session = world.session(&world.sim.tokens.super_admin.clone()).await;
    let (wanted, mut kept) = (wanted(false), Record::default());
    apply(&session, &wanted, &mut kept, false).await.expect("applied");
    let id = |thing| kept.made(thing).expect("made").id.clone();
    let (role, set) = (id(Thing::Role), id(Thing::ResourceSet));
    let other = world.sim.org.create_user("Some", "Body", "some.body@acme.example").expect("a user");
    let body = json!({ "type": "CUSTOM", "role": role, "resource-set": set });
    world.call(Method::POST, &format!("/api/v1/users/{other}/roles"), Some(body)).await;
    let torn = session.teardown(&mut kept, &mut |_| ()).await.expect("torn down");
    let left: Vec<Thing> = torn.left.iter().map(|l| l.thing).collect();
    assert_eq!(left, [Thing::ResourceSet, Thing::Role]);
    assert_eq!(
        kept.made.keys().copied().collect::<Vec<_>>(),
        [Thing::Role, Thing::ResourceSet],
        "not forgotten"
    );
    world.sim.org.take_roles(&other).expect("taken");
    assert!(session.teardown(&mut kept, &mut |_| ()).await.expect("torn down").left.is_empty());
    assert!(kept.is_empty());
}
