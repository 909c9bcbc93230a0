//! People's own queries: the views say the same on both databases, and nothing else is in reach.

use serde_json::{Value, json};
use transom_core::EntityId;
use transom_store::{Error, SqlResult, Target};

use crate::{
    catalogue::{APP, FACTOR, GROUP, HOLDS, USER, app_user, group, key, member, object},
    stage::{Stage, below, links_page, page},
};

async fn filled() -> Vec<Stage> {
    let stages = Stage::each().await;
    for stage in &stages {
        let full = json!({"id": "u1", "status": "ACTIVE", "created": "2026-01-02T03:04:05.678Z",
            "lastUpdated": "2026-01-02T03:04:05Z", "logins": 7, "active": true, "lastLogin": "2026-05-01T00:00:00.000Z",
            "tags": ["a", 2], "it's / odd": false, "profile": {"login": "Ada@x", "email": "ada@x", "department": "IT"}});
        let odd = json!({"id": "u2", "status": null, "created": 5, "logins": 1e30, "active": "yes", "tags": {"k": 1.5},
            "profile": {"displayName": "Bob", "email": ["x"], "department": 7}});
        stage
            .objects(&USER, vec![object(&USER, EntityId::ROOT, full), object(&USER, EntityId::ROOT, odd)])
            .await;
        stage.objects(&GROUP, vec![group("g1")]).await;
        stage.objects(&APP, vec![object(&APP, EntityId::ROOT, json!({"id": "a1"}))]).await;
        let u1 = stage.id(&USER, "u1").await;
        stage.commit(vec![page("f", Target::None, vec![object(&FACTOR, u1, json!({"id": "f1"}))])]).await;
        let holds =
            |src| transom_core::Link { rel: HOLDS.code, src, dst: key(&APP, "a1"), attr: 0, doc: None };
        let links = vec![
            member("u1", "g1"),
            member("ghost", "g1"),
            app_user("u1", "a1", 2, json!({})),
            holds(key(&USER, "u2")),
            holds(below(&FACTOR, u1, "f1")),
        ];
        stage.commit(vec![links_page("l", Target::None, links)]).await;
        stage.store.remove(&stage.lease, &[]).await.expect("nothing to remove");
        stage
            .store
            .put_first_credential(stage.org.id, "sync", "ssws", &"00secret".into(), json!({}))
            .await
            .expect("puts");
    }
    stages
}

/// JSON columns are text on SQLite; booleans are numbers.
fn same(value: &Value) -> Value {
    match value {
        Value::Bool(b) => json!(i64::from(*b)),
        Value::String(s) if s.starts_with(['{', '[']) => serde_json::from_str(s).unwrap_or(value.clone()),
        other => other.clone(),
    }
}

#[tokio::test]
async fn views_say_the_same_on_both_databases() {
    let queries = [
        "SELECT * FROM okta_user ORDER BY id",
        "SELECT id, name, parent_id FROM okta_factor",
        "SELECT * FROM okta_group_member",
        "SELECT * FROM okta_app_user",
        "SELECT * FROM okta_holds ORDER BY 2",
        "SELECT count(*) AS n, max(name) FROM okta_group WHERE status = 'OK'",
        "SELECT 1 WHERE 1 = 2",
    ];
    let stages = filled().await;
    for query in queries {
        let mut answers: Vec<SqlResult> = Vec::new();
        for stage in &stages {
            let mut answer = stage.store.sql(query, 10).await.unwrap_or_else(|e| panic!("{query}: {e}"));
            for value in answer.rows.iter_mut().flatten() {
                *value = same(value);
            }
            answers.push(answer);
        }
        assert!(answers.windows(2).all(|w| w[0].rows == w[1].rows), "{query}: {answers:#?}");
        if !query.contains("max(") && !query.contains("1 = 2") {
            assert!(answers.windows(2).all(|w| w[0].columns == w[1].columns), "{query}: {answers:#?}");
        }
    }
    let store = &stages[0].store;
    let users = store.sql("SELECT * FROM okta_user ORDER BY id;", 10).await.expect("reads");
    let column =
        |name: &str| users.columns.iter().position(|c| c == name).unwrap_or_else(|| panic!("no {name}"));
    let cell = |row: usize, name: &str| same(&users.rows[row][column(name)]);
    assert_eq!(cell(0, "org"), "Acme");
    assert_eq!(
        (cell(0, "login"), cell(0, "created"), cell(0, "updated")),
        ("Ada@x".into(), "2026-01-02T03:04:05.678Z".into(), "2026-01-02T03:04:05.000Z".into())
    );
    assert_eq!(
        (cell(0, "logins"), cell(0, "active"), cell(0, "tags")),
        (json!(7), json!(1), json!(["a", 2]))
    );
    assert_eq!((cell(0, "first_tag"), cell(0, "odd/name")), ("a".into(), "false".into()));
    assert_eq!(
        (cell(1, "logins"), cell(1, "active"), cell(1, "created")),
        (Value::Null, Value::Null, Value::Null)
    );
    assert_eq!(
        (cell(1, "department"), cell(1, "email"), cell(1, "tags")),
        ("7".into(), json!(["x"]), json!({"k": 1.5}))
    );
    let holds = store.sql("SELECT * FROM okta_holds ORDER BY 2", 10).await.expect("reads");
    assert_eq!(holds.columns, ["org", "src_id", "src_parent_id", "src_kind", "app_id"]);
    assert_eq!(holds.rows[0], [json!("Acme"), json!("f1"), json!("u1"), json!("factor"), json!("a1")]);
    let one = store.sql("SELECT id FROM okta_user ORDER BY id", 1).await.expect("reads");
    assert_eq!((one.rows.len(), one.truncated), (1, true));
    for stage in stages {
        stage.end().await;
    }
}

#[tokio::test]
async fn nothing_else_can_be_read_and_nothing_written() {
    let both = [
        "SELECT * FROM credential",
        "select * from Credential",
        "SELECT * FROM \"credential\"",
        "WITH x AS (SELECT sealed FROM credential) SELECT * FROM x",
        "SELECT (SELECT count(*) FROM credential)",
        "SELECT * FROM okta_user WHERE EXISTS (SELECT 1 FROM credential)",
        "SELECT * FROM okta_user UNION ALL SELECT * FROM credential",
        "SELECT value FROM meta",
        "SELECT * FROM org_lease",
        "SELECT 1; DELETE FROM entity",
        "SELECT 1; SELECT * FROM credential",
        "SELECT 1 /* ; */ ; SELECT 2",
        "DELETE FROM entity",
        "UPDATE org SET label = 'x'",
        "WITH d AS (SELECT 1) DELETE FROM entity",
        "WITH d AS (DELETE FROM entity RETURNING *) SELECT * FROM d",
        "DROP TABLE entity",
        "ATTACH 'x' AS y",
        "PRAGMA query_only = 0",
        "EXPLAIN SELECT * FROM credential",
        "BEGIN",
        "COMMIT",
        "VACUUM INTO '/tmp/x'",
        "",
        "-- nothing",
        "SELECT 'open",
        "SELECT * FROM no_such_view",
    ];
    let sqlite = [
        "SELECT * FROM 'credential'",
        "SELECT * FROM [credential]",
        "SELECT * FROM `credential`",
        "SELECT * FROM main.credential",
        "SELECT rowid FROM credential",
        "SELECT purpose FROM credential INDEXED BY sqlite_autoindex_credential_1",
        "SELECT * FROM sqlite_dbpage",
        "SELECT load_extension('x')",
        "SELECT * FROM sqlite_stat1",
    ];
    let postgres = [
        "SELECT * FROM public.credential",
        "SELECT * FROM U&\"cred\\0065ntial\"",
        "TABLE credential",
        "SELECT query_to_xml('SELECT * FROM credential', true, true, '')",
        "SELECT table_to_xml('credential', true, true, '')",
        "SELECT \"query_to_xml\"('SELECT * FROM credential', true, true, '')",
        "SELECT pg_catalog.query_to_xml('SELECT 1', true, true, '')",
        "SELECT query_to_xml /* x */ ('SELECT 1', true, true, '')",
        "SELECT U&\"query\\005fto_xml\"('SELECT 1', true, true, '')",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT * FROM pg_ls_dir('.')",
        "SELECT set_config('transaction_read_only', 'off', false)",
        "SELECT * FROM pg_authid",
        "SELECT * FROM pg_stats",
        "SELECT * FROM pg_stat_activity",
        "SELECT * FROM information_schema.tables",
        "SELECT nextval('x')",
        "SELECT pg_sleep(100)",
        "SELECT pg_terminate_backend(1)",
        "SELECT lo_import('/etc/passwd')",
        "SELECT * INTO stolen FROM okta_user",
        "SELECT * FROM okta_user FOR UPDATE",
    ];
    for stage in filled().await {
        let own: &[&str] = if stage.store.describe().await.expect("describes").engine.starts_with("SQLite") {
            &sqlite
        } else {
            &postgres
        };
        for query in both.iter().chain(own) {
            match stage.store.sql(query, 10).await {
                Err(Error::Sql(why)) => assert!(!why.is_empty() && !why.contains("00secret")),
                Err(other) => panic!("{query}: {other}"),
                Ok(answer) => panic!("{query}: {answer:?}"),
            }
        }
        assert_eq!(stage.exported().await.len(), 6);
        assert_eq!(stage.store.counts(stage.org.id).await.expect("counts").entities.len(), 4);
        stage.end().await;
    }
}

#[tokio::test]
async fn ordinary_queries_work() {
    let queries = [
        "SELECT lower(name), count(*) FROM okta_user GROUP BY 1 HAVING count(*) > 0 ORDER BY 2 DESC LIMIT 5",
        "SELECT u.id FROM okta_user u JOIN okta_group_member m ON m.user_id = u.id AND m.org = u.org WHERE m.group_id IN ('g1')",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT sum(i) FROM n",
        "SELECT id, row_number() OVER (PARTITION BY status ORDER BY id) FROM okta_user",
        "SELECT coalesce(nullif(status, ''), 'none'), substr(id, 1, 1), CAST('7' AS INTEGER), round(1.5) FROM okta_user",
        "SELECT 'a;b' -- c;\n, \"id\" FROM okta_user /* ; */ ;",
        "VALUES (1, 'x')",
        "SELECT * FROM coverage",
        "SELECT k.name, count(*) FROM entity e JOIN kind k ON k.code = e.kind GROUP BY 1",
        "SELECT max(at), count(*) FROM audit",
    ];
    let postgres = [
        "SELECT doc -> 'profile' ->> 'email', jsonb_array_length(doc -> 'tags') FROM okta_user WHERE id = 'u1'",
        "SELECT date_trunc('day', now()) IS NOT NULL, extract(year FROM now()) > 2000",
        "SELECT x FROM okta_user, jsonb_array_elements_text(CASE jsonb_typeof(tags) WHEN 'array' THEN tags ELSE '[]' END) AS x",
        "SELECT string_agg(id, ',' ORDER BY id) FROM okta_user",
    ];
    let sqlite = [
        "SELECT doc ->> '$.profile.email', json_array_length(doc, '$.tags') FROM okta_user WHERE id = 'u1'",
        "SELECT j.value FROM okta_user, json_each(tags) j",
        "SELECT name FROM sqlite_schema WHERE type = 'view'",
        "SELECT group_concat(id) FROM okta_user",
    ];
    for stage in filled().await {
        let own: &[&str] = if stage.store.describe().await.expect("describes").engine.starts_with("SQLite") {
            &sqlite
        } else {
            &postgres
        };
        for query in queries.iter().chain(own) {
            let answer = stage.store.sql(query, 10).await.unwrap_or_else(|e| panic!("{query}: {e}"));
            assert!(answer.rows.iter().all(|row| row.len() == answer.columns.len()), "{query}");
            assert!(!answer.rows.is_empty() || query.contains("coverage"), "{query}");
        }
        stage.end().await;
    }
}
