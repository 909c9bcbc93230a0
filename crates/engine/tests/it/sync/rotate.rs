//! Another credential: in force where it reads as much, refused where it reads less, and taken where that is said.

use okta_sim::Reply;
use okta_sim::faults::Verdict;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use transom_core::CoverageState;
use transom_engine::connection::{AcceptLess, AppKey, Credential, Loss, Rotated, Rotation, Verification};
use transom_engine::{Class, Problem};

use super::service_app::{app, grant, read_roles};
use super::world::{World, small};

const AS_MUCH: Rotation = Rotation { revoke_old: false, accept_less: AcceptLess::Nothing };
const LESS: Rotation = Rotation { revoke_old: false, accept_less: AcceptLess::Anything };

fn lost<'p>(problem: &'p Problem, dataset: &str) -> &'p Loss {
    let all = &problem.losses;
    all.iter().find(|l| l.dataset == dataset).unwrap_or_else(|| panic!("{dataset} is not in {all:#?}"))
}

/// What is kept of the connection: its settings with its verification, its state, its sealed credential, its audit.
async fn kept(world: &World) -> Value {
    let (store, id) = (&world.engine.store, world.org.id);
    let org = store.org(id).await.expect("the connection");
    let credential =
        store.credential(id, transom_engine::connection::SYNC).await.expect("read").expect("one");
    let audit = store.audit_rows(Some(id), 99).await.expect("rows");
    json!([org.settings, org.state, org.state_reason, credential.meta, audit.len()])
}

async fn rotated(world: &World, new: Credential) -> Rotated {
    let revoking = Rotation { revoke_old: true, accept_less: AcceptLess::Anything };
    world.engine.rotate(&world.org, new, revoking).await.expect("it works")
}

fn token(token: &str) -> Credential {
    SecretString::from(token).into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_in_force_is_not_revoked() {
    let world = World::new().await;
    let tokens = &world.sim.tokens;
    let first = rotated(&world, token(&tokens.read_only)).await;
    assert!(first.revoked_old && first.revoke_problem.is_none(), "{first:?}");
    assert_eq!(revoked(&world).await, Some(true));
    // The same token, and later the same key in another form.
    let app = app(&world, true);
    grant(&world, &app, &[]);
    read_roles(&world, &app);
    let Credential::ServiceApp(key) = &app.credential else { panic!("an app") };
    let framed = format!("\n{}\n\n", key.key.expose_secret().trim());
    let again = Credential::ServiceApp(AppKey { key: framed.into(), kid: None, ..key.clone() });
    for (is_new, credential) in
        [(false, token(&tokens.read_only)), (true, app.credential.clone()), (false, again)]
    {
        let outcome = rotated(&world, credential).await;
        assert_eq!((outcome.revoked_old, outcome.revoke_problem.is_none()), (is_new, is_new), "{outcome:?}");
        if let Some(problem) = outcome.revoke_problem {
            assert!(problem.what.starts_with("Nothing was revoked: the new credential is"), "{problem:?}");
        }
        assert_eq!(revoked(&world).await, is_new.then_some(true));
        world.engine.verify(&world.org).await.expect("it is in force");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_not_revoked_does_not_undo_the_rotation() {
    let world = World::new().await;
    world.fault.before(|asked| match asked.path {
        "/api/v1/api-tokens/current" => answer(400),
        _ => Verdict::Pass,
    });
    let outcome = rotated(&world, token(&world.sim.tokens.read_only)).await;
    let problem = outcome.revoke_problem.as_ref().expect("Okta did not");
    assert!(!outcome.revoked_old && problem.what.contains("is in force, and the old token could not"));
    assert!(problem.why.contains("400") && problem.todo.contains("Security > API > Tokens"), "{problem:?}");
    assert_eq!(revoked(&world).await, Some(false));
    let owner = |v: &Verification| v.owner.as_ref().map(|owner| owner.id.clone());
    let kept = world.engine.verify(&world.org).await.expect("it is in force");
    assert_eq!(owner(&kept), owner(&outcome.verification));
    assert_eq!(owner(&kept).as_deref(), world.sim.org.owner_of(&world.sim.tokens.read_only).as_deref());
}

/// An answer that says nothing about rights: 504 when a call took Okta too long, after which it is made again.
fn answer(status: u16) -> Verdict {
    Verdict::Answer(Reply::value(&json!({ "errorCode": "E0000009" })).with_status(status))
}

/// What the audit says became of the old token, where it was to be revoked.
async fn revoked(world: &World) -> Option<bool> {
    let rows = world.engine.store.audit_rows(Some(world.org.id), 2).await.expect("rows");
    let after = (rows[0].action == "org.revoke_old").then_some(&rows[0]);
    let rotated = &rows[usize::from(after.is_some())];
    assert_eq!(
        (rotated.action.as_str(), &rotated.detail["revokes_old"]),
        ("org.rotate", &json!(after.is_some()))
    );
    after.and_then(|row| row.detail["revoked"].as_bool())
}

async fn last_audit(world: &World) -> Value {
    let rows = world.engine.store.audit_rows(Some(world.org.id), 1).await.expect("rows");
    assert_eq!(rows[0].action, "org.rotate");
    rows[0].detail.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_reads_less_is_refused_and_each_loss_named() {
    let world = World::new().await;
    let before = kept(&world).await;
    let refused = world.rotate_how(&world.sim.tokens.group_admin, AS_MUCH).await.expect_err("it reads less");
    assert_eq!(
        (refused.class, refused.what.as_str()),
        (Class::ReadsLess, "The new credential reads less than the old one.")
    );
    assert!(refused.losses.len() > 10, "{:#?}", refused.losses);
    let counted = format!("It reads less of {} data sets. Nothing was changed", refused.losses.len());
    assert!(refused.why.starts_with(&counted), "{}", refused.why);
    for loss in &refused.losses {
        assert!(!loss.reason.is_empty() && !loss.without.is_empty(), "{loss:?}");
    }
    let users = lost(&refused, "user");
    assert_eq!((users.was, users.becomes), (CoverageState::Complete, Some(CoverageState::PartialByRight)));
    assert!(users.reason.contains("Read Only Administrator shows all of it"), "{}", users.reason);
    let roles = lost(&refused, "role");
    assert_eq!((roles.was, roles.becomes), (CoverageState::Complete, Some(CoverageState::NotPermitted)));
    assert!(roles.reason.contains("It takes "), "{}", roles.reason);
    // Neither the connection nor what is known of it has changed, and the old one goes on reading.
    assert_eq!(kept(&world).await, before);
    world.sync().await;
    world.equals_truth().await;

    // Consent to some of it is none to the rest.
    let before = kept(&world).await;
    let some = Rotation { accept_less: AcceptLess::Only(refused.losses[1..].into()), ..AS_MUCH };
    let again = world.rotate_how(&world.sim.tokens.group_admin, some).await.expect_err("one was not shown");
    assert!(again.why.contains("That is not what was agreed to."), "{}", again.why);
    assert_eq!((again.class, &again.losses), (Class::ReadsLess, &refused.losses));
    assert_eq!(kept(&world).await, before);

    // On purpose it is taken, and written down what that costs.
    let taken = world.rotate_how(&world.sim.tokens.group_admin, LESS).await.expect("on purpose");
    assert!(taken.probes.iter().any(|p| p.dataset == "role" && p.state == CoverageState::NotPermitted));
    let detail = last_audit(&world).await;
    let less = detail["accepted_less"].as_array().expect("what was accepted");
    assert_eq!(less.len(), refused.losses.len());
    assert!(
        less.contains(&json!({ "dataset": "user", "was": "complete", "becomes": "partial_by_right" })),
        "{detail}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_read_in_part_can_be_lost_too() {
    let world = World::of(small(), |tokens| &tokens.group_admin).await;
    // Another token of the same owner sees the same part.
    let owner = world.sim.org.owner_of(&world.sim.tokens.group_admin).expect("an owner");
    let me = world.sim.org.truth(&world.sim.origin).list(okta_sim::Kind::User);
    let me = me.iter().find(|u| u.id == owner).expect("the owner");
    let login = me.doc["profile"]["login"].as_str().expect("a login");
    let other = world.sim.org.create_token(login, "Another").expect("a token");
    world.rotate_how(&other, AS_MUCH).await.expect("as much");
    assert_eq!(last_audit(&world).await, json!({ "revokes_old": false }));
    // What another owner administers may be less or more: Okta does not tell.
    let refused = world.rotate_how(&world.sim.tokens.help_desk, AS_MUCH).await.expect_err("not known");
    assert_eq!(refused.what, "Whether the new credential reads as much as the old one is not known.");
    let names: Vec<&str> = refused.losses.iter().map(|l| l.dataset.as_str()).collect();
    assert_eq!(names, ["user", "group", "group_member", "factor"]);
    assert!(
        refused.losses.iter().all(|l| l.becomes.is_none() && l.reason.contains("administer")),
        "{refused:?}"
    );

    // A service app that sees all of the rest, and has no scope for groups: from a part to nothing.
    let app = app(&world, true);
    grant(&world, &app, &["okta.groups.read"]);
    read_roles(&world, &app);
    let rotated = async |how| world.engine.rotate(&world.org, app.credential.clone(), how).await;
    let refused = rotated(AS_MUCH).await.expect_err("it reads no groups");
    let groups = lost(&refused, "group");
    assert_eq!(
        (groups.was, groups.becomes),
        (CoverageState::PartialByRight, Some(CoverageState::NotPermitted))
    );
    assert!(groups.reason.contains("no scope okta.groups.read"), "{}", groups.reason);
    let members = lost(&refused, "group_member");
    assert!(
        members.reason.contains("no scope okta.groups.read"),
        "and what is read over it: {}",
        members.reason
    );
    assert!(!refused.losses.iter().any(|l| l.dataset == "user"), "of users it reads more");
    rotated(LESS).await.expect("on purpose");
    // And back: a token that reads as much as the app does.
    world.rotate_how(&world.sim.tokens.read_only_custom, AS_MUCH).await.expect("as much");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_okta_does_not_answer_is_neither_a_loss_nor_a_pass() {
    let world = World::new().await;
    let before = kept(&world).await;
    let token = world.sim.tokens.super_admin.clone();
    let zones_answer = |status| {
        world.fault.before(move |asked| match asked.path {
            "/api/v1/zones" => answer(status),
            _ => Verdict::Pass,
        });
    };
    zones_answer(504);
    let refused = world.rotate_how(&token, AS_MUCH).await.expect_err("one is not known");
    let zones = lost(&refused, "network_zone");
    assert_eq!((zones.was, zones.becomes, refused.losses.len()), (CoverageState::Complete, None, 1));
    assert!(
        refused.what.ends_with("is not known.") && refused.why.contains("of 1 data set is not known"),
        "{refused:?}"
    );
    assert_eq!(kept(&world).await, before);
    zones_answer(400);
    let taken = world.rotate_how(&token, LESS).await.expect("on purpose");
    let probe = taken.probes.iter().find(|p| p.dataset == "network_zone").expect("probed");
    assert_eq!(probe.state, CoverageState::Partial, "and it is not said to be whole");
    let less = json!([{ "dataset": "network_zone", "was": "complete", "becomes": null }]);
    assert_eq!(last_audit(&world).await["accepted_less"], less);
    // What was not known of the old one is no loss.
    world.rotate_how(&token, AS_MUCH).await.expect("it was not seen to read it");
    world.fault.clear();
    world.rotate_how(&token, AS_MUCH).await.expect("as much");
    // Where Okta answers hardly anything, there is no verification.
    world.fault.before(|asked| match asked.path {
        "/api/v1/users/me" | "/api/v1/org" | "/.well-known/okta-organization" => Verdict::Pass,
        path if path.ends_with("/roles") => Verdict::Pass,
        _ => answer(400),
    });
    let refused = world.rotate_how(&token, LESS).await.expect_err("nothing is known");
    assert!(refused.losses.is_empty() && refused.class != Class::ReadsLess, "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nothing_is_known_nothing_is_lost() {
    let world = World::new().await;
    let mut org = world.engine.store.org(world.org.id).await.expect("the connection");
    // Verified before there was a data set called user.
    let probes = org.settings["verification"]["probes"].as_array_mut().expect("probes");
    probes.retain(|p| p["dataset"] == "group");
    world.engine.store.update_org(&org).await.expect("kept");
    let refused =
        world.rotate_how(&world.sim.tokens.group_admin, AS_MUCH).await.expect_err("groups are lost");
    assert_eq!(refused.losses.iter().map(|l| l.dataset.as_str()).collect::<Vec<_>>(), ["group"]);
    // Never verified.
    org.settings = json!({});
    world.engine.store.update_org(&org).await.expect("kept");
    world.rotate_how(&world.sim.tokens.group_admin, AS_MUCH).await.expect("nothing to lose");
    assert_eq!(last_audit(&world).await, json!({ "revokes_old": false }));
    // What an admin's word opened, and closed again, no credential has lost.
    let ages = &transom_engine::entity::app_secret::DATASET;
    let id = world.org.id;
    let now = async || world.engine.store.org(id).await.expect("the connection");
    world.engine.opt_in(&now().await, ages, true).await.expect("said");
    world.rotate_how(&world.sim.tokens.super_admin, AS_MUCH).await.expect("more");
    world.engine.opt_in(&now().await, ages, false).await.expect("taken back");
    let other = secrecy::SecretString::from(world.sim.tokens.super_admin.clone());
    world.engine.rotate(&now().await, other.into(), AS_MUCH).await.expect("as much");
}
