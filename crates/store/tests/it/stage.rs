//! A store of each database with an org, a lease and a run, and short ways to record.

use std::{sync::Arc, time::Duration};

use futures_util::TryStreamExt;
use serde_json::json;
use transom_core::{Clock, EntityId, Key, Kind, Link, ManualClock, Object, PageRecord};
use transom_store::{
    Committed, DatabaseUrl, Error, ExportRow, Lease, MasterKeySource, NewOrg, Org, PageWrite, RunId, Store,
    Target,
};

use crate::catalogue::{catalogue, member};

pub const TTL: Duration = Duration::from_secs(15);
pub const START: i64 = 1_800_000_000_000;
/// 32 bytes in base64.
pub const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// An empty database that goes away with this value.
pub struct Place {
    pub url: DatabaseUrl,
    pub folder: tempfile::TempDir,
    pub clock: Arc<ManualClock>,
    postgres: Option<(String, String)>,
}

impl Place {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("data/transom.db"));
        Self { url, folder, clock: Arc::new(ManualClock::new(START)), postgres: None }
    }

    pub async fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var("TRANSOM_TEST_POSTGRES") else {
            eprintln!("TRANSOM_TEST_POSTGRES is not set: PostgreSQL is skipped");
            return None;
        };
        let folder = tempfile::tempdir().expect("folder");
        let name = folder.path().file_name().and_then(|n| n.to_str()).expect("a name");
        let name =
            format!("transom_test_{}_{}", std::process::id(), name.replace(['.', '-'], "")).to_lowercase();
        execute(&server, &format!("CREATE DATABASE {name}")).await;
        let (base, _) = server.rsplit_once('/').expect("the address ends with a database");
        let url = DatabaseUrl::parse(&format!("{base}/{name}")).expect("an address");
        Some(Self { url, folder, clock: Arc::new(ManualClock::new(START)), postgres: Some((server, name)) })
    }

    pub async fn all() -> Vec<Self> {
        [Some(Self::sqlite()), Self::postgres().await].into_iter().flatten().collect()
    }

    pub fn clock_now(&self) -> i64 {
        self.clock.now()
    }

    pub async fn open(&self) -> Result<Store, Error> {
        Store::open(&self.url, catalogue(), self.clock.clone()).await
    }

    pub async fn unlocked(&self) -> Store {
        let mut store = self.open().await.expect("opens");
        store.unlock(MasterKeySource::Given(KEY.into())).await.expect("unlocks");
        store
    }

    pub async fn stage(self) -> Stage {
        let store = self.unlocked().await;
        let org = store.create_org(new_org("Acme")).await.expect("creates");
        let lease = store.acquire_lease(org.id, "test", TTL).await.expect("leases");
        let run = store.start_run(&lease, "full", json!({})).await.expect("starts").id;
        Stage { store, org, lease, run, place: self }
    }

    /// A raw statement, past the store: what a person with the database's password can do.
    pub async fn tamper(&self, statement: &str) {
        match (&self.url, &self.postgres) {
            (_, Some((server, name))) => {
                let (base, _) = server.rsplit_once('/').expect("the address ends with a database");
                execute(&format!("{base}/{name}"), statement).await;
            }
            (DatabaseUrl::Sqlite(path), None) => {
                use sqlx::Connection;
                let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
                let mut c = sqlx::SqliteConnection::connect_with(&options).await.expect("connects");
                sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut c).await.expect("runs");
            }
            (DatabaseUrl::Postgres(_), None) => unreachable!("made with its server"),
        }
    }

    pub async fn drop(self, store: &Store) {
        store.close().await;
        if let Some((server, name)) = &self.postgres {
            execute(server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

async fn execute(url: &str, statement: &str) {
    use sqlx::Connection;
    let mut c = sqlx::PgConnection::connect(url).await.expect("connects");
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut c).await.expect("runs");
    c.close().await.expect("closes");
}

pub fn new_org(label: &str) -> NewOrg {
    NewOrg {
        label: label.into(),
        origin: format!("https://{}.okta.com", label.to_lowercase()),
        okta_id: Some("00o1".into()),
        simulator: false,
        settings: json!({"budget": 50}),
    }
}

pub struct Stage {
    pub store: Store,
    pub org: Org,
    pub lease: Lease,
    pub run: RunId,
    pub place: Place,
}

impl Stage {
    pub async fn each() -> Vec<Self> {
        let mut all = Vec::new();
        for place in Place::all().await {
            all.push(place.stage().await);
        }
        all
    }

    /// Every stage ends with a look at what must hold whatever was done on it.
    pub async fn end(self) {
        crate::dump::dump(&self.place).await;
        self.place.drop(&self.store).await;
    }

    pub async fn commit(&self, pages: Vec<PageWrite>) -> Committed {
        self.store.recorder(&self.lease, self.run).commit(pages).await.expect("commits")
    }

    /// One complete top-level page of objects.
    pub async fn objects(&self, kind: &Kind, objects: Vec<Object>) -> Committed {
        self.commit(vec![page("objects", Target::Children(kind.code), objects)]).await
    }

    /// The complete list of a group's members.
    pub async fn members(&self, group: &str, users: &[&str]) -> Committed {
        let parent = self.id(&crate::catalogue::GROUP, group).await;
        let links = users.iter().map(|u| member(u, group)).collect();
        self.commit(vec![PageWrite {
            parent,
            ..links_page("members", Target::Into(crate::catalogue::MEMBER.code), links)
        }])
        .await
    }

    /// The dense id of a live entity.
    pub async fn id(&self, kind: &Kind, id: &str) -> EntityId {
        let found = self.store.entity(self.org.id, kind.code, EntityId::ROOT, id).await.expect("reads");
        found.unwrap_or_else(|| panic!("no {} {id}", kind.name)).row.id
    }

    pub async fn exported(&self) -> Vec<ExportRow> {
        self.store.export(self.org.id, Vec::new()).expect("exports").try_collect().await.expect("exports")
    }

    /// A new run, the earlier one finished.
    pub async fn next_run(&mut self) {
        self.place.clock.advance(1000);
        self.store.finish_run(&self.lease, self.run, "finished", json!({"n": 1})).await.expect("finishes");
        self.run = self.store.start_run(&self.lease, "full", json!({})).await.expect("starts").id;
        assert!(self.place.clock.now() > START);
    }
}

pub fn page(dataset: &'static str, target: Target, objects: Vec<Object>) -> PageWrite {
    let record = PageRecord { objects, ..PageRecord::default() };
    PageWrite { dataset, target, parent: EntityId::ROOT, part: 0, page: 0, next: None, record }
}

pub fn links_page(dataset: &'static str, target: Target, links: Vec<Link>) -> PageWrite {
    let record = PageRecord { links, ..PageRecord::default() };
    PageWrite { dataset, target, parent: EntityId::ROOT, part: 0, page: 0, next: None, record }
}

/// A key below a parent.
pub fn below(kind: &Kind, parent: EntityId, id: &str) -> Key {
    Key { kind: kind.code, parent, okta_id: id.into() }
}
