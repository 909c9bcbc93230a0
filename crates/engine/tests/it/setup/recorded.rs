//! Recorded answers of real orgs drive the same code, without the simulator.

use std::sync::Arc;

use okta_client::{Client, Discovered, Origin, Pipeline, RetrySettings};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use transom_engine::Class;
use transom_engine::setup::{Event, Record, Session, Thing, Verdict};

use super::world::{verdicts, wanted};
use crate::recorded::{Exchange, exchanges};

/// Endpoint and what its recorded answer must be.
type Choice = (&'static str, fn(&Exchange) -> bool);

/// Answers each call with the first recorded answer of its endpoint that is wanted.
struct Replay {
    all: Vec<Exchange>,
    choices: Vec<Choice>,
    /// Whether the role and the set that were recorded alone are listed: the recorded lists are empty.
    listed: bool,
}

impl Replay {
    fn answer(&self, method: &str, path: &str) -> Option<&Exchange> {
        let call = format!("{method} {path}");
        let fits = |endpoint: &str| {
            let mut segments = call.split('/');
            endpoint.split('/').all(|t| segments.next().is_some_and(|s| t == "{}" || t == s))
                && segments.next().is_none()
        };
        let (endpoint, right) = self.choices.iter().find(|(endpoint, _)| fits(endpoint))?;
        self.all.iter().find(|e| e.endpoint == *endpoint && right(e))
    }

    /// A list of one that was recorded alone.
    fn list(&self, name: &str) -> Value {
        let alone = format!("GET /api/v1/iam/{name}/{{}}");
        let one = self.all.iter().find(|e| e.endpoint == alone && right(e)).expect("recorded");
        json!({ name: [one.body] })
    }

    async fn serve(self: Arc<Self>, mut stream: TcpStream) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let Ok(byte) = stream.read_u8().await else { return };
            head.push(byte);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let length =
            head.lines().find_map(|l| l.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
        let mut sent = vec![0; length.and_then(|l| l.parse().ok()).unwrap_or(0)];
        stream.read_exact(&mut sent).await.expect("a body");
        let mut words = head.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let path = target.split('?').next().unwrap_or_default();
        let (status, body) = match (method, path) {
            // The caller; everybody else with a login is not there, as one was recorded.
            ("GET", "/api/v1/users/me") => {
                let found = self.answer("GET", "/api/v1/users/00u").expect("a recorded user");
                (found.status, found.body.to_string())
            }
            ("GET", "/api/v1/iam/roles") if self.listed => (200, self.list("roles").to_string()),
            ("GET", "/api/v1/iam/resource-sets") if self.listed => {
                (200, self.list("resource-sets").to_string())
            }
            ("GET", p) if p.starts_with("/api/v1/users/svc") => {
                let gone = self.all.iter().find(|e| e.endpoint == "GET /api/v1/users/{}" && e.status == 404);
                (404, gone.expect("a recorded 404").body.to_string())
            }
            _ => {
                let found = self
                    .answer(method, path)
                    .unwrap_or_else(|| panic!("nothing recorded for {method} {path}"));
                let body = if found.body.is_null() { String::new() } else { found.body.to_string() };
                (found.status, body)
            }
        };
        let reply = format!(
            "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(reply.as_bytes()).await.expect("sent");
    }
}

fn right(e: &Exchange) -> bool {
    e.status < 300
}

fn has(e: &Exchange, kind: &str) -> bool {
    right(e) && e.body.as_array().is_some_and(|all| all.iter().any(|a| a["type"] == kind))
}

const READS: &[Choice] = &[
    ("GET /api/v1/users/{}", right),
    ("GET /api/v1/users/{}/roles", |e| has(e, "SUPER_ADMIN")),
    ("GET /api/v1/iam/assignees/users", right),
    ("GET /api/v1/iam/roles", right),
    ("GET /api/v1/iam/roles/{}/permissions", right),
    ("GET /api/v1/iam/resource-sets", right),
    ("GET /api/v1/iam/resource-sets/{}/resources", right),
];

const WRITES: &[Choice] = &[
    ("POST /api/v1/iam/roles", right),
    ("POST /api/v1/iam/resource-sets", right),
    ("POST /api/v1/users", right),
    ("POST /api/v1/users/{}/roles", |e| e.status == 201),
];

/// A session with the recorded org, or nothing where nothing is recorded.
async fn session(choices: Vec<Choice>) -> Option<(Session, Arc<Replay>)> {
    session_with(choices, false).await
}

async fn session_with(choices: Vec<Choice>, listed: bool) -> Option<(Session, Arc<Replay>)> {
    let all = exchanges();
    if all.is_empty() {
        return None;
    }
    let replay = Arc::new(Replay { all, choices, listed });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let origin = Origin::simulator(listener.local_addr().expect("an address")).expect("loopback");
    let serving = replay.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serving.clone().serve(stream));
        }
    });
    let retry = RetrySettings { max_attempts: 1, ..RetrySettings::default() };
    let client =
        Client::builder(origin.clone()).token("00test".into()).retry(retry).build().expect("a client");
    let found = Discovered {
        origin,
        org_id: "00otivnuq1X5554yc1d7".to_owned(),
        pipeline: Pipeline::IdentityEngine,
        custom_domain: None,
        cell: None,
        raw: Value::Null,
    };
    Some((Session::with(client, found), replay))
}

#[tokio::test]
async fn a_recorded_org_is_planned_and_made() {
    let Some((session, replay)) = session([READS, WRITES].concat()).await else { return };
    let (wanted, mut record) = (wanted(true), Record::default());
    let plan = session.plan(&wanted, &record).await.expect("a plan");
    assert_eq!(verdicts(&plan), [Verdict::Create; 5]);
    let set = plan.item(Thing::ResourceSet).and_then(|i| i.calls[0].body.clone()).expect("a call");
    assert_eq!(
        set["resources"],
        json!([
            "orn:oktapreview:idp:00otivnuq1X5554yc1d7:authorization_servers",
            "orn:oktapreview:iam:00otivnuq1X5554yc1d7:contained_resources",
        ]),
        "the partition is the org's, whatever its host is called"
    );
    record.begin("a1".to_owned(), &wanted, &plan);
    let mut made = Vec::new();
    let mut on = |event| {
        if let Event::Made { thing, made: it } = event {
            made.push((thing, it.id));
        }
    };
    let password = SecretString::from("correct horse");
    let end = session.apply(&wanted, &plan, Some(&password), &mut record, &mut on).await;
    let id = |method, path| {
        let found: &Exchange = replay.answer(method, path).expect("recorded");
        found.body["id"].as_str().expect("an id").to_owned()
    };
    let given = id("POST", "/api/v1/users/00u/roles");
    let expected = [
        (Thing::Role, id("POST", "/api/v1/iam/roles")),
        (Thing::ResourceSet, id("POST", "/api/v1/iam/resource-sets")),
        (Thing::User, id("POST", "/api/v1/users")),
        (Thing::StandardRole, given.clone()),
        (Thing::CustomRole, given),
    ];
    assert_eq!(made, expected);
    // A recorded org shows nothing new afterwards, and that is said.
    assert_eq!(end.expect_err("it can't show it").class, Class::State);
}

#[tokio::test]
async fn a_recorded_conflict_says_what_is_in_the_way() {
    let taken: Choice =
        ("POST /api/v1/iam/roles", |e| e.status == 400 && e.body.to_string().contains("already"));
    let Some((session, _)) = session([READS, &[taken]].concat()).await else { return };
    let (wanted, mut record) = (wanted(true), Record::default());
    let plan = session.plan(&wanted, &record).await.expect("a plan");
    record.begin("a1".to_owned(), &wanted, &plan);
    let end = session.apply(&wanted, &plan, None, &mut record, &mut |_| ()).await.expect_err("a conflict");
    assert_eq!(
        (end.class, end.what.as_str()),
        (Class::State, "Custom role Connected app: read is in the way.")
    );
    assert!(end.why.contains("There is already an admin role with this name"), "{end}");
}

#[tokio::test]
async fn recorded_permissions_and_resources_are_compared() {
    let Some((session, replay)) = session_with(READS.to_vec(), true).await else { return };
    let (role, set) =
        (replay.list("roles")["roles"][0].clone(), replay.list("resource-sets")["resource-sets"][0].clone());
    let mut wanted = wanted(true);
    wanted.names.role = role["label"].as_str().expect("a label").to_owned();
    wanted.names.set = set["label"].as_str().expect("a label").to_owned();
    let plan = session.plan(&wanted, &Record::default()).await.expect("a plan");
    for (thing, there) in [(Thing::Role, &role), (Thing::ResourceSet, &set)] {
        let item = plan.item(thing).expect("planned");
        assert_eq!((item.verdict, item.id.as_deref()), (Verdict::InTheWay, there["id"].as_str()), "{item:?}");
        assert!(item.says[0].contains("lacks") && item.says[0].contains("holds besides"), "{item:?}");
    }
}
