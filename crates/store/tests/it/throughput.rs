//! What recording costs at the size of the reference org (10,000 users, 150,000 members, 200,000 app users).
//! A measurement, not a check: `cargo test --release -p transom-store throughput -- --ignored --nocapture`.

use serde_json::json;
use transom_core::{EntityId, Link, Object};
use transom_store::{PageWrite, Target};

use crate::{
    catalogue::{APP, APP_USER, GROUP, MEMBER, USER, app_user, group, member, object},
    stage::{Stage, links_page, page},
};

const USERS: usize = 10_000;
const GROUPS: usize = 500;
const MEMBERS: usize = 300;
const APPS: usize = 300;
const ASSIGNED: usize = 667;
/// As the engine's writer does it.
const BATCH: usize = 10_000;

fn big_user(i: usize, round: usize) -> Object {
    let id = format!("00u{i:017}");
    let padding: Vec<String> =
        (0..12).map(|n| format!("value {} of user {i}", n * 7919 % (i + 13))).collect();
    object(
        &USER,
        EntityId::ROOT,
        json!({"id": id, "status": if i.is_multiple_of(50) { "SUSPENDED" } else { "ACTIVE" },
        "created": "2026-01-02T03:04:05.678Z", "lastUpdated": "2026-05-02T03:04:05.678Z", "round": if i.is_multiple_of(100) { round } else { 0 },
        "profile": {"login": format!("user{i}@acme.example"), "email": format!("user{i}@acme.example"),
            "displayName": format!("Person Number {i}"), "department": format!("Dept {}", i % 40), "custom": padding},
        "credentials": {"provider": {"type": "OKTA", "name": "OKTA"}},
        "_links": {"self": {"href": format!("https://acme.okta.com/api/v1/users/{id}")}}}),
    )
}

fn assigned(user: usize, app: usize) -> Link {
    let (user, app) = (format!("00u{user:017}"), format!("0oa{app:017}"));
    app_user(
        &user,
        &app,
        1,
        json!({"id": user, "externalId": format!("ext-{user}"), "created": "2026-01-02T03:04:05.000Z",
        "lastUpdated": "2026-01-02T03:04:05.000Z", "scope": "USER", "status": "PROVISIONED", "syncState": "SYNCHRONIZED",
        "credentials": {"userName": format!("{user}@acme.example")},
        "profile": {"email": format!("{user}@acme.example"), "firstName": "Person", "lastName": user, "role": "member"},
        "_links": {"app": {"href": format!("https://acme.okta.com/api/v1/apps/{app}")}}}),
    )
}

/// User and system CPU seconds of this process so far (proc(5)); wall time is another's business on a shared machine.
pub fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: f64 = after.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<f64>().ok()).sum();
    ticks / 100.0
}

async fn record(stage: &Stage, pages: Vec<PageWrite>) -> u64 {
    let (mut batch, mut rows, mut changed) = (Vec::new(), 0, 0);
    for page in pages {
        rows += page.record.objects.len() + page.record.links.len();
        batch.push(page);
        if rows >= BATCH {
            let done = stage.commit(std::mem::take(&mut batch)).await;
            (rows, changed) = (0, changed + done.new + done.edges_new + done.changed + done.edges_changed);
        }
    }
    let done = stage.commit(batch).await;
    changed + done.new + done.edges_new + done.changed + done.edges_changed
}

async fn round(stage: &Stage, round: usize) {
    let mut told = Vec::new();
    let mut step = async |name: &str, pages: Vec<PageWrite>| {
        let n: usize = pages.iter().map(|p| p.record.objects.len() + p.record.links.len()).sum();
        let (before, began) = (cpu(), tokio::time::Instant::now());
        let changed = record(stage, pages).await;
        let (cpu, wall) = (cpu() - before, began.elapsed().as_secs_f64());
        eprintln!(
            "  {name:<10} {n:>7} read {changed:>7} written: {cpu:>5.2} CPU-s, {wall:>5.2} s, {:>8.0}/s",
            n as f64 / wall
        );
        told.push(cpu);
    };
    let users = (0..USERS).collect::<Vec<_>>();
    let pages = users.chunks(200).enumerate().map(|(n, chunk)| {
        let mut p =
            page("user", Target::Children(USER.code), chunk.iter().map(|i| big_user(*i, round)).collect());
        (p.page, p.next) = (n as i32, ((n + 1) * 200 < USERS).then(|| "next".to_string()));
        p
    });
    step("users", pages.collect()).await;
    let groups = (0..GROUPS).map(|g| group(&format!("00g{g:017}"))).collect();
    let apps = (0..APPS)
        .map(|a| {
            object(&APP, EntityId::ROOT, json!({"id": format!("0oa{a:017}"), "name": format!("App {a}")}))
        })
        .collect();
    step(
        "others",
        vec![
            page("group", Target::Children(GROUP.code), groups),
            page("app", Target::Children(APP.code), apps),
        ],
    )
    .await;
    let mut pages = Vec::new();
    for g in 0..GROUPS {
        let name = format!("00g{g:017}");
        let parent = stage.id(&GROUP, &name).await;
        let links =
            (0..MEMBERS).map(|m| member(&format!("00u{:017}", (g * 7919 + m * 33) % USERS), &name)).collect();
        pages.push(PageWrite { parent, ..links_page("member", Target::Into(MEMBER.code), links) });
    }
    step("members", pages).await;
    let mut pages = Vec::new();
    for a in 0..APPS {
        let parent = stage.id(&APP, &format!("0oa{a:017}")).await;
        let links: Vec<Link> = (0..ASSIGNED).map(|m| assigned((a * 7919 + m * 14) % USERS, a)).collect();
        pages.push(PageWrite { parent, ..links_page("app_user", Target::Into(APP_USER.code), links) });
    }
    step("app users", pages).await;
    let (before, began) = (cpu(), tokio::time::Instant::now());
    for (dataset, target) in [
        ("user", Target::Children(USER.code)),
        ("member", Target::Into(MEMBER.code)),
        ("app_user", Target::Into(APP_USER.code)),
    ] {
        let missing =
            stage.store.missing(stage.run, stage.org.id, dataset, target, 10).await.expect("compares");
        assert_eq!(missing.missing, 0);
    }
    let (cpu, wall) = (cpu() - before, began.elapsed().as_secs_f64());
    eprintln!(
        "  sweep      {cpu:>32.2} CPU-s, {wall:>5.2} s\n  all        {:>32.2} CPU-s",
        told.iter().sum::<f64>() + cpu
    );
}

#[tokio::test]
#[ignore = "a measurement"]
async fn throughput() {
    for mut stage in Stage::each().await {
        eprintln!("{}, first sync", stage.store.describe().await.expect("describes").engine);
        round(&stage, 1).await;
        stage.next_run().await;
        eprintln!("again, 1 % of the users changed");
        round(&stage, 2).await;
        let info = stage.store.describe().await.expect("describes");
        eprintln!("{} MB", info.bytes / 1_000_000);
        stage.end().await;
    }
}
