//! What a page waits for at the size of a large org, with fifty readers beside a writer. A measurement, not a check:
//! `cargo xtask bench read [--size r1m]`. The database is filled by SQL in the shape that the recorder gives it. What a
//! request costs of one core is measured besides: how long it waits is another's business on a shared machine.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use tokio::time::Instant;
use transom_core::EntityId;
use transom_store::{Direction, EdgeFilter, FarEnd, ListFilter, Paging, Sort, Store, Target};

use crate::{
    catalogue::{APP, APP_USER, FACTOR, GROUP, MEMBER, USER, member},
    stage::{Place, Stage, links_page},
    throughput::cpu,
};

const READERS: usize = 50;
/// Requests of each reader in a case.
const REQUESTS: usize = 12;
/// What a reader does between two: more than people do.
const PAUSE: Duration = Duration::from_millis(250);

#[derive(Clone, Copy)]
struct Size {
    users: i64,
    groups: i64,
    apps: i64,
}

impl Size {
    fn asked() -> (String, Self) {
        let name = std::env::var("TRANSOM_BENCH_SIZE").unwrap_or_else(|_| "r100k".to_string());
        let size = match name.as_str() {
            "r1m" => Self { users: 1_000_000, groups: 10_000, apps: 3_000 },
            "r10k" => Self { users: 10_000, groups: 500, apps: 300 },
            _ => Self { users: 100_000, groups: 5_000, apps: 3_000 },
        };
        (name, size)
    }

    fn group(&self, n: i64) -> EntityId {
        EntityId(3 * self.users + 1 + n % self.groups)
    }

    fn app(&self, n: i64) -> EntityId {
        EntityId(3 * self.users + self.groups + 1 + n % self.apps)
    }
}

/// Users 1…, two factors for each, groups (the first holds everybody), apps; fifteen groups and twenty apps a user.
fn fill(size: Size) -> String {
    let Size { users, groups, apps } = size;
    let (factors, first_group, first_app) = (2 * users, 3 * users, 3 * users + groups);
    let numbers =
        |n: i64| format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {n})");
    let name =
        "char(65 + i * 31 % 26) || 'da' || (i * 17 % 997) || ' ' || char(65 + i * 13 % 26) || 'ove' || i";
    let times = "1500000000000 + (i * 7919 % 1000003) * 250000, 1600000000000 + (i * 104729 % 1000003) * 150000, 1, 0, 0, NULL, zeroblob(16)";
    let factor = "CASE i % 3 WHEN 0 THEN 'push' WHEN 1 THEN 'sms' ELSE 'webauthn' END";
    format!(
        "PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; BEGIN; DROP INDEX edge_rev;
         {} INSERT INTO entity SELECT 1, i, 1, 0, printf('00u%017d', i), {name}, lower({name}), printf('u%d@acme.example', i),
           printf('u%d@acme.example', i), CASE WHEN i % 100 < 90 THEN 'ACTIVE' WHEN i % 100 < 95 THEN 'DEPROVISIONED'
           WHEN i % 1000 = 999 THEN 'LOCKED_OUT' ELSE 'STAGED' END, {times},
           json_object('id', i, 'profile', json_object('department', 'Dept ' || (i % 40), 'email', printf('u%d@acme.example', i)),
           'pad', printf('%.900c', 'x')) FROM n;
         {} INSERT INTO entity SELECT 1, {users} + i, 4, (i + 1) / 2, printf('opf%017d', i), {factor}, {factor}, NULL, NULL,
           'ACTIVE', {times}, json_object('id', i, 'pad', printf('%.300c', 'x')) FROM n;
         {} INSERT INTO entity SELECT 1, {first_group} + i, 2, 0, printf('00g%017d', i), 'Group ' || i, 'group ' || i, NULL,
           NULL, 'OK', {times}, json_object('id', i, 'pad', printf('%.900c', 'x')) FROM n;
         {} INSERT INTO entity SELECT 1, {first_app} + i, 6, 0, printf('0oa%017d', i), 'App ' || i, 'app ' || i, NULL, NULL,
           CASE i % 16 WHEN 0 THEN 'INACTIVE' ELSE 'ACTIVE' END, {times}, json_object('id', i, 'pad', printf('%.2900c', 'x')) FROM n;
         INSERT INTO facet SELECT 1, kind, 'status', status, name_key, id FROM entity;
         INSERT INTO facet SELECT 1, 1, 'department', 'Dept ' || (id % 40), name_key, id FROM entity WHERE kind = 1;
         INSERT INTO facet SELECT 1, 1, 'provider', 'OKTA', name_key, id FROM entity WHERE kind = 1;
         INSERT INTO facet SELECT 1, 1, 'user_type', CASE id % 7 WHEN 0 THEN 'Contractor' ELSE 'Employee' END, name_key, id FROM entity WHERE kind = 1;
         INSERT INTO facet SELECT 1, 4, 'factor_type', name, name_key, id FROM entity WHERE kind = 4;
         INSERT INTO facet SELECT 1, 6, 'sign_on_mode', CASE id % 3 WHEN 0 THEN 'SAML_2_0' ELSE 'BOOKMARK' END, name_key, id FROM entity WHERE kind = 6;
         INSERT INTO term SELECT 1, kind, name_key, id FROM entity;
         INSERT INTO term SELECT 1, 1, login_key, id FROM entity WHERE kind = 1;
         INSERT INTO term SELECT 1, 1, substr(name_key, instr(name_key, ' ') + 1), id FROM entity WHERE kind = 1;
         INSERT INTO facet_count SELECT org, kind, name, value, count(*) FROM facet GROUP BY 1, 2, 3, 4;
         INSERT INTO facet_count SELECT 1, kind, '', '', count(*) FROM entity GROUP BY kind;
         {numbers_of_users} INSERT OR IGNORE INTO edge SELECT 1, 1, i, {first_group} + CASE k WHEN 0 THEN 1 ELSE 1 + (i * 7 + k * 611) % {groups} END, 0, 0
           FROM n, (SELECT value AS k FROM json_each('[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14]'));
         {numbers_of_users} INSERT OR IGNORE INTO edge SELECT 1, 2, i, {first_app} + 1 + (i * 13 + k * 149) % {apps}, 1, 0
           FROM n, (SELECT value AS k FROM json_each('[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19]'));
         CREATE INDEX edge_rev ON edge(org, rel, dst, src);
         UPDATE org SET next_id = {first_app} + {apps} + 1; COMMIT;
         PRAGMA analysis_limit = 1000; ANALYZE; PRAGMA wal_checkpoint(TRUNCATE);",
        numbers(users),
        numbers(factors),
        numbers(groups),
        numbers(apps),
        numbers_of_users = numbers(users),
    )
}

type Answer = Pin<Box<dyn Future<Output = usize> + Send>>;
/// One request: of which reader, the how-manieth; answers how many rows came.
type Ask = Arc<dyn Fn(Store, i64) -> Answer + Send + Sync>;

fn ask<F: Future<Output = usize> + Send + 'static>(
    f: impl Fn(Store, i64) -> F + Send + Sync + 'static,
) -> Ask {
    Arc::new(move |store, n| Box::pin(f(store, n)))
}

/// Measures a case and returns the CPU seconds of a second, the writer's among them: `idle` of them are not the case's.
async fn measure(stage: &Stage, name: &str, ask: Ask, idle: f64) -> f64 {
    let (began, before) = (Instant::now(), cpu());
    let readers: Vec<_> = (0..READERS)
        .map(|reader| {
            let (store, ask) = (stage.store.clone(), ask.clone());
            tokio::spawn(async move {
                tokio::time::sleep(PAUSE * reader as u32 / READERS as u32).await;
                let (mut times, mut rows) = (Vec::new(), 0);
                for request in 0..REQUESTS {
                    let n = (reader * 7919 + request * 104_729) as i64;
                    let asked = Instant::now();
                    rows = rows.max(ask(store.clone(), n).await);
                    times.push(asked.elapsed());
                    tokio::time::sleep(PAUSE).await;
                }
                (times, rows)
            })
        })
        .collect();
    let (mut times, mut rows) = (Vec::new(), 0);
    for reader in readers {
        let (took, most) = reader.await.expect("a reader");
        times.extend(took);
        rows = rows.max(most);
    }
    times.sort();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_secs_f64() * 1000.0;
    let (took, spent) = (began.elapsed().as_secs_f64(), cpu() - before);
    let own = (spent - idle * took).max(0.0) * 1000.0 / times.len() as f64;
    let rate = times.len() as f64 / took;
    eprintln!(
        "{name:<46} {rows:>5} rows  p50 {:>7.2}  p99 {:>7.2} ms  CPU {own:>6.2} ms  {rate:>4.0}/s",
        at(50),
        at(99)
    );
    spent / took
}

const KEY: transom_core::OrgId = transom_core::OrgId(1);

async fn list(store: Store, kind: transom_core::KindCode, filter: ListFilter, paging: Paging<'_>) -> usize {
    let page = store.list(KEY, kind, &filter, &paging).await.expect("lists");
    // As a reader who turns the page.
    let at = page.next.or(page.prev);
    match at {
        Some(at) => {
            let paging = Paging { at: Some(&at), ..paging };
            store.list(KEY, kind, &filter, &paging).await.expect("lists").rows.len()
        }
        None => page.rows.len(),
    }
}

fn facets(of: &[(&str, String)]) -> ListFilter {
    ListFilter {
        facets: of.iter().map(|(n, v)| (n.to_string(), v.clone())).collect(),
        ..ListFilter::default()
    }
}

fn sorted(sort: Sort, descending: bool) -> Paging<'static> {
    Paging { sort, descending, at: None, limit: 50 }
}

fn cases(size: Size) -> Vec<(&'static str, Ask)> {
    let (user, by_name) = (USER.code, sorted(Sort::Name, false));
    let members = move |n| EdgeFilter { rel: MEMBER.code, direction: Direction::In, of: size.group(n) };
    let everybody =
        EdgeFilter { rel: MEMBER.code, direction: Direction::In, of: EntityId(3 * size.users + 1) };
    let users_of = move |n| EdgeFilter { rel: APP_USER.code, direction: Direction::In, of: size.app(n) };
    let id = move |n: i64| EntityId(1 + n % size.users);
    let filtered = move |filter: fn(i64) -> ListFilter, paging: Paging<'static>| {
        ask(move |s, n| list(s, user, filter(n), paging))
    };
    let edges = move |edge: EdgeFilter| ListFilter { edges: vec![edge], ..ListFilter::default() };
    let text = |n: i64, length: usize| {
        let name = format!("{}da{}", char::from(b'a' + (n % 26) as u8), n % 997);
        name.chars().take(length).collect::<String>()
    };
    vec![
        ("two pages of users by name", filtered(|_| ListFilter::default(), by_name)),
        (
            "two pages of users by login, from the end",
            filtered(|_| ListFilter::default(), sorted(Sort::Login, true)),
        ),
        ("two pages of users by creation", filtered(|_| ListFilter::default(), sorted(Sort::Created, true))),
        (
            "two pages of factors by status",
            ask(|s, _| list(s, FACTOR.code, ListFilter::default(), sorted(Sort::Status, false))),
        ),
        (
            "… of a status, by name",
            filtered(|_| ListFilter { status: Some("STAGED".into()), ..ListFilter::default() }, by_name),
        ),
        (
            "… of a rare status, by update",
            filtered(
                |_| ListFilter { status: Some("LOCKED_OUT".into()), ..ListFilter::default() },
                sorted(Sort::Updated, true),
            ),
        ),
        ("… of a department", filtered(|n| facets(&[("department", format!("Dept {}", n % 40))]), by_name)),
        (
            "… of two departments, contractors, active",
            filtered(
                |n| {
                    facets(&[
                        ("department", format!("Dept {}", n % 40)),
                        ("department", format!("Dept {}", (n + 9) % 40)),
                        ("user_type", "Contractor".into()),
                        ("status", "ACTIVE".into()),
                    ])
                },
                by_name,
            ),
        ),
        (
            "… of facets that never meet",
            filtered(|_| facets(&[("department", "Dept 3".into()), ("status", "STAGED".into())]), by_name),
        ),
        (
            "… of a department, by update",
            filtered(|n| facets(&[("department", format!("Dept {}", n % 40))]), sorted(Sort::Updated, true)),
        ),
        (
            "… of a department that begin with a letter",
            ask(move |s, n| {
                let filter = ListFilter {
                    prefix: Some(text(n, 1)),
                    ..facets(&[("department", format!("Dept {}", n % 40))])
                };
                list(s, user, filter, by_name)
            }),
        ),
        (
            "… that begin with two letters",
            ask(move |s, n| {
                list(s, user, ListFilter { prefix: Some(text(n, 2)), ..ListFilter::default() }, by_name)
            }),
        ),
        (
            "… that begin with six",
            ask(move |s, n| {
                list(s, user, ListFilter { prefix: Some(text(n, 6)), ..ListFilter::default() }, by_name)
            }),
        ),
        ("… in a group", ask(move |s, n| list(s, user, edges(members(n)), by_name))),
        ("… in the group of everybody", ask(move |s, _| list(s, user, edges(everybody), by_name))),
        (
            "… of an app, of a department",
            ask(move |s, n| {
                list(
                    s,
                    user,
                    ListFilter {
                        edges: vec![users_of(n)],
                        ..facets(&[("department", format!("Dept {}", n % 40))])
                    },
                    by_name,
                )
            }),
        ),
        (
            "three columns of a page",
            ask(move |s, n| async move {
                let ids: Vec<EntityId> = (0..50).map(|i| id(n + i * 37)).collect();
                s.values(KEY, user, &ids, &["email", "department", "last_login"]).await.expect("reads").len()
            }),
        ),
        (
            "facets and counts of users",
            ask(move |s, _| async move {
                let all = s.count(KEY, user, &ListFilter::default()).await.expect("counts");
                s.facets(KEY, user).await.expect("reads").len() + all.map_or(0, |_| 1)
            }),
        ),
        (
            "count of two facets",
            ask(move |s, n| async move {
                let filter =
                    facets(&[("department", format!("Dept {}", n % 40)), ("user_type", "Contractor".into())]);
                s.count(KEY, user, &filter).await.expect("counts").map_or(0, |c| c.least() as usize)
            }),
        ),
        (
            "search by one letter",
            ask(move |s, n| async move { s.search(KEY, &text(n, 1), 20).await.expect("searches").len() }),
        ),
        (
            "search by the start of a name",
            ask(move |s, n| async move { s.search(KEY, &text(n, 4), 20).await.expect("searches").len() }),
        ),
        (
            "search by login",
            ask(move |s, n| async move {
                s.search(KEY, &format!("U{}@acme.example", id(n).0), 20).await.expect("searches").len()
            }),
        ),
        (
            "search by the name of a third of the factors",
            ask(|s, _| async move { s.search(KEY, "sms", 20).await.expect("searches").len() }),
        ),
        (
            "search by a factor's id",
            ask(move |s, n| async move {
                s.search(KEY, &format!("opf{:017}", id(n).0), 20).await.expect("searches").len()
            }),
        ),
        (
            "a user's document, edges and children counted",
            ask(move |s, n| async move {
                let one = s.entity_by_id(KEY, id(n)).await.expect("reads").expect("there");
                let edges = s.edge_counts(KEY, one.row.id, user).await.expect("counts");
                edges.len() + s.child_counts(KEY, one.row.id, user).await.expect("counts").len()
            }),
        ),
        (
            "a user's groups and factors",
            ask(move |s, n| async move {
                let of = EdgeFilter { rel: MEMBER.code, direction: Direction::Out, of: id(n) };
                let groups = s.neighbours_page(KEY, of, None, 50).await.expect("reads").rows.len();
                let filter = ListFilter { parent: Some(id(n)), ..ListFilter::default() };
                groups + s.list(KEY, FACTOR.code, &filter, &by_name).await.expect("lists").rows.len()
            }),
        ),
        (
            "a user's apps, through which groups",
            ask(move |s, n| async move {
                let of = EdgeFilter { rel: APP_USER.code, direction: Direction::Out, of: id(n) };
                let apps: Vec<EntityId> = s
                    .neighbours_page(KEY, of, None, 50)
                    .await
                    .expect("reads")
                    .rows
                    .iter()
                    .map(|n| n.row.id)
                    .collect();
                let groups: Vec<FarEnd> =
                    s.far_ends(KEY, MEMBER.code, Direction::Out, &[id(n)]).await.expect("reads");
                let groups: Vec<EntityId> = groups.iter().map(|g| g.row.id).collect();
                s.edges_between(KEY, MEMBER.code, &groups, &apps).await.expect("reads").len() + apps.len()
            }),
        ),
        (
            "an app's edges counted, its users",
            ask(move |s, n| async move {
                let counts = s.edge_counts(KEY, size.app(n), APP.code).await.expect("counts");
                counts.len() + s.neighbours_page(KEY, users_of(n), None, 50).await.expect("reads").rows.len()
            }),
        ),
        (
            "the group of everybody: counts, members",
            ask(move |s, _| async move {
                let counts = s.edge_counts(KEY, everybody.of, GROUP.code).await.expect("counts");
                counts.len() + s.neighbours_page(KEY, everybody, None, 50).await.expect("reads").rows.len()
            }),
        ),
        (
            "overview: kinds, facets, apps by two",
            ask(move |s, _| async move {
                let kinds = s.kind_counts(KEY).await.expect("reads").len();
                let facets = s.facets(KEY, user).await.expect("reads").len()
                    + s.facets(KEY, FACTOR.code).await.expect("reads").len();
                kinds
                    + facets
                    + s.facet_pairs(KEY, APP.code, ("sign_on_mode", "status")).await.expect("reads").len()
            }),
        ),
    ]
}

/// Records members of groups as a sync does, some of them new.
async fn sync(stage: &Stage, size: Size) {
    for round in 0_i64.. {
        let links = (0..2_000_i64).map(|n| {
            let (user, group) =
                ((round * 2_000 + n) * 17 % size.users + 1, (round * 31 + n / 400) % size.groups + 1);
            member(&format!("00u{user:017}"), &format!("00g{group:017}"))
        });
        stage.commit(vec![links_page("members", Target::None, links.collect())]).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn speed() {
    let (name, size) = Size::asked();
    let stage = Place::sqlite().stage().await;
    let began = Instant::now();
    stage.place.tamper(&fill(size)).await;
    // What the recorder remembers must not be of the time before.
    stage.store.close().await;
    let store = stage.place.unlocked().await;
    let stage = Stage { store, ..stage };
    let info = stage.store.describe().await.expect("describes");
    eprintln!(
        "{name} on {}: {} MB, filled in {:.0} s; {READERS} readers beside a writer",
        info.engine,
        info.bytes / 1_000_000,
        began.elapsed().as_secs_f64()
    );
    let only = std::env::var("TRANSOM_BENCH_ONLY").unwrap_or_default();
    tokio::select! {
        () = sync(&stage, size) => {}
        () = async {
            let idle = measure(&stage, "nothing, beside the writer", ask(|_, _| async { 0 }), 0.0).await;
            for (name, ask) in cases(size).into_iter().filter(|(name, _)| name.contains(&only)) {
                measure(&stage, name, ask, idle).await;
            }
        } => {}
    }
    stage.store.close().await;
}
