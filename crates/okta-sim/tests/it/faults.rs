//! Faults by name, as a client meets them.

use std::collections::BTreeMap;
use std::sync::Arc;

use okta_sim::faults::Faults;
use okta_sim::{Config, Hooks, Limits, Running};

use crate::client::{Http, Response, start_with, text};

async fn spoiled(names: &str, config: Config) -> (Running, Arc<Faults>) {
    let faults = Arc::new(Faults::named(names, 3).expect("faults"));
    let hooks = Hooks { fault: Some(faults.clone()), ..Hooks::default() };
    (start_with(config, hooks).await, faults)
}

fn number(answer: &Response, header: &str) -> i64 {
    answer.header(header).and_then(|n| n.parse().ok()).unwrap_or_else(|| panic!("{header} of {answer:?}"))
}

#[tokio::test]
async fn the_date_is_minutes_off_and_the_reset_is_not() {
    let (sim, _) = spoiled("clock-skew", Config { limits: Limits::Real, ..Config::default() }).await;
    let mut http = Http::new(&sim, &sim.tokens.read_only).await;
    let answer = http.get("/api/v1/groups?limit=1").await;
    assert_eq!(answer.headers.iter().filter(|(name, _)| name == "date").count(), 1);
    let date = httpdate::parse_http_date(answer.header("date").expect("a date")).expect("a date");
    let date = date.duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs() as i64;
    let (now, reset) = (sim.org.now() / 1_000, number(&answer, "x-rate-limit-reset"));
    assert!((120..=901).contains(&(date - now).abs()), "{date} at {now}");
    assert!((0..=61).contains(&(reset - now)), "{reset} at {now}");
}

#[tokio::test]
async fn others_spend_what_we_leave_and_what_is_refused_then_is_not_our_doing() {
    let (sim, faults) =
        spoiled("other-consumers", Config { limits: Limits::Real, ..Config::default() }).await;
    let mut http = Http::new(&sim, &sim.tokens.read_only).await;
    let (mut asked, mut refused) = (0, 0);
    for n in 0..60 {
        let answer = http.get(&format!("/api/v1/apps?limit={}&q={n}", 1 + n % 20)).await;
        match answer.status {
            200 => asked += 1,
            429 => refused += 1,
            _ => panic!("{answer:?}"),
        }
    }
    let counts = sim.org.counts();
    assert!(asked < 50 && asked + refused == 60, "{asked} answered, {refused} refused");
    assert_eq!((counts.crowded_out["/api/v1/apps*"], counts.overspent.len()), (refused, 0));
    assert_eq!(counts.most_spent["/api/v1/apps*"], asked);
    assert!(counts.emptied <= 1 && faults.struck() > 5);
}

#[tokio::test]
async fn what_comes_twice_comes_all_the_same_and_ends() {
    let config = Config { largest_page: Some(7), ..Config::default() };
    let (sim, faults) = spoiled("duplicate-page", config).await;
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for user in http.all("/api/v1/users?limit=200").await {
        *seen.entry(text(&user, "id").to_owned()).or_default() += 1;
    }
    faults.stop();
    let whole = http.all("/api/v1/users?limit=200").await;
    assert!(faults.struck() > 3 && seen.values().any(|times| *times > 1));
    assert!(whole.iter().all(|user| seen.contains_key(text(user, "id"))) && whole.len() == seen.len());
}

#[tokio::test]
async fn an_odd_object_is_the_same_wherever_it_is_listed_and_right_when_it_is_over() {
    let (sim, faults) = spoiled("odd-records", Config::default()).await;
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    let one = http.all("/api/v1/users?limit=200").await;
    let other = http.all("/api/v1/users?limit=50").await;
    assert_eq!(one, other);
    faults.stop();
    let right = http.all("/api/v1/users?limit=200").await;
    let odd = one.iter().zip(&right).filter(|(one, right)| one != right).count();
    assert!((5..60).contains(&odd), "{odd} of {}", right.len());
    assert!(right.iter().all(|user| user["id"].is_string() && user["profile"]["login"].is_string()));
}

#[tokio::test]
async fn the_org_changes_while_it_is_listed() {
    for (fault, grows) in [("created-mid-sync", true), ("deleted-mid-sync", false)] {
        let (sim, faults) = spoiled(fault, Config { largest_page: Some(5), ..Config::default() }).await;
        let count = || {
            let truth = sim.org.truth(&sim.origin);
            okta_sim::Kind::ALL.iter().map(|kind| truth.list(*kind).len()).sum::<usize>()
        };
        let before = count();
        let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
        http.all("/api/v1/users?limit=5").await;
        assert!(faults.struck() > 0);
        assert_eq!((count() > before, count() != before), (grows, true), "{fault}");
        assert_eq!(http.get("/api/v1/users/me").await.status, 200, "who asks is spared");
    }
}
