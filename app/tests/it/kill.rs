//! `kill -9` at random moments: whatever the moment, the sync that goes on ends where an uninterrupted one ends,
//! and fetches next to nothing twice.
//!
//! `TRANSOM_KILLS` kills (by default a few) on SQLite, and as many on PostgreSQL where `TRANSOM_TEST_POSTGRES` leads to one; and
//! as many again of each while the org gives all the trouble that a simulator has a name for. `TRANSOM_SEED` repeats a
//! run's moments and faults.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use fastrand::Rng;
use okta_sim::faults::RequestInfo;
use okta_sim::{Config, Kind, Limits};

use crate::copy::{Place, same};
use crate::lifecycle::a_day_passes;
use crate::places::{Files, Places, Server};
use crate::transom::Ran;
use crate::world::{World, small};

/// Listings of one data set that run side by side, and pages that may wait to be stored: at the moment of a kill they are
/// lost.
const SIDE_BY_SIDE: usize = 48 + 2 * 256;
/// Listings that two data sets read, each for itself: pools, and the agents in them.
const READ_TWICE: [&str; 1] = ["/api/v1/agentPools"];
/// What a first sync asks before it begins a run, to tell what it will cost: these lists, each to its end (ten pages at
/// most, which the org here does not fill).
const FORECAST: [&str; 3] = ["/api/v1/groups", "/api/v1/apps", "/api/v1/iam/assignees/users"];
/// Kills of one sync before it may end.
const KILLS_A_SYNC: u32 = 3;

#[test]
fn killed_on_sqlite() {
    let world = world();
    trials(&world, &Files(world.dir().to_owned()));
}

#[test]
fn killed_on_postgres() {
    let world = world();
    match Server::find(world.dir()) {
        Ok(server) => trials(&world, &server),
        Err(why) => eprintln!("skipped: {why}"),
    }
}

#[test]
fn killed_in_trouble_on_sqlite() {
    let world = troubled();
    trials(&world, &Files(world.dir().to_owned()));
}

#[test]
fn killed_in_trouble_on_postgres() {
    let world = troubled();
    match Server::find(world.dir()) {
        Ok(server) => trials(&world, &server),
        Err(why) => eprintln!("skipped: {why}"),
    }
}

#[test]
fn killed_in_chaos_on_sqlite() {
    let world = World::spoiled(config_in_trouble(), "chaos");
    chaos(&world, &Files(world.dir().to_owned()));
}

#[test]
fn killed_in_chaos_on_postgres() {
    let world = World::spoiled(config_in_trouble(), "chaos");
    match Server::find(world.dir()) {
        Ok(server) => chaos(&world, &server),
        Err(why) => eprintln!("skipped: {why}"),
    }
}

/// Whatever an org may do to a client without changing what there is to read.
fn troubled() -> World {
    World::spoiled(config_in_trouble(), "trouble")
}

fn config_in_trouble() -> Config {
    Config {
        users: 60,
        groups: 16,
        apps: 12,
        limits: Limits::Real,
        time_scale: 60.0,
        largest_page: Some(15),
        ..small()
    }
}

/// Large enough that a sync takes a second or two, so that kills land everywhere in it; and in small pages, so that they
/// land inside of listings.
fn world() -> World {
    let mut config =
        Config { users: 150, groups: 24, apps: 20, latency: Duration::from_millis(8), ..small() };
    config.shape.members_per_group = 30;
    config.shape.users_per_app = 40;
    World::of(config).in_pages_of(15)
}

/// How many kills there are to be, and the chance they come by.
fn begin(world: &World) -> (u64, Rng) {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse().ok());
    let kills = number("TRANSOM_KILLS").unwrap_or(if world.faults.is_some() { 4 } else { 6 });
    let seed = number("TRANSOM_SEED").unwrap_or_else(|| RandomState::new().hash_one(std::process::id()));
    eprintln!("{kills} kills, TRANSOM_SEED={seed}");
    (kills, Rng::with_seed(seed))
}

/// Kills first syncs, then syncs of an org that has changed since the last one, so that there is something to sweep.
fn trials(world: &World, places: &dyn Places) {
    let (kills, mut chance) = begin(world);
    let connected = places.make("connected");
    connected.connect(world, &world.sim.tokens.read_only_custom);
    let synced = places.copy(&connected, "synced");
    let whole = uninterrupted(world, &synced, true);
    killed(world, places, &connected, whole, kills.div_ceil(2), &mut chance);
    a_day_passes(world);
    let again = places.copy(&synced, "again");
    let whole = uninterrupted(world, &again, false);
    killed(world, places, &synced, whole, kills / 2, &mut chance);
}

/// Kills syncs of an org that changes meanwhile and whose records are odd: what they leave differs from one to the next,
/// but syncs that nobody disturbs make of it what one from nothing makes.
fn chaos(world: &World, places: &dyn Places) {
    let (kills, mut chance) = begin(world);
    let connected = places.make("connected");
    connected.connect(world, &world.sim.tokens.super_admin);
    let (mut left, mut trial) = (kills, 0);
    while left > 0 {
        trial += 1;
        assert!(trial < 50 + 10 * kills, "nearly every sync ends before it is killed");
        let place = places.copy(&connected, &format!("chaos_{trial}"));
        restart(world, &mut chance);
        let mut moments = Vec::new();
        for _ in 0..KILLS_A_SYNC {
            let moment = Duration::from_millis(chance.u64(..=12_000));
            moments.push(moment);
            let (dead, _) = place.transom(world, ["sync"]).start().kill_after(moment);
            if !dead {
                break;
            }
            left = left.saturating_sub(1);
        }
        world.faults.iter().for_each(|faults| faults.stop());
        let at = format!("chaos {trial}, killed after {moments:?}");
        eprintln!("{at}");
        // The first goes on with the run that was killed, and may have to own up to what that found odd; and where a great
        // part of what there is went at once, it takes a second look.
        place.transom(world, ["sync", "--full"]).run();
        place.transom(world, ["sync", "--full"]).run().exits(0);
        let fresh = places.copy(&connected, &format!("fresh_{trial}"));
        fresh.transom(world, ["sync"]).run().exits(0);
        same(&at, &place.present(world), &fresh.present(world));
        places.forget(&place);
        places.forget(&fresh);
    }
}

/// What a sync that nobody disturbs comes to.
struct Whole {
    contents: Vec<String>,
    time: Duration,
    calls: usize,
    /// The pages of its listings.
    pages: BTreeSet<String>,
    /// Whether nothing is held before, so that a process that begins a run asks for a forecast.
    first: bool,
}

fn uninterrupted(world: &World, place: &Place, first: bool) -> Whole {
    world.asked.take();
    let synced = place.transom(world, ["sync", "--json"]).run().exits(0).json();
    let mut asked = without_audit(world.asked.take());
    if first {
        asked = without_forecast(asked, &prelude(world));
    }
    refetched(&[], &asked, &prelude(world));
    let later = asked.iter().filter(|r| r.query.contains("after=")).count();
    assert!(later > 50 || world.faults.is_some(), "listings of several pages: {later} later pages");
    let time = Duration::from_millis(synced["summary"]["millis"].as_u64().expect("milliseconds"));
    let pages = listed(&asked, &prelude(world));
    Whole { contents: place.contents(world), time, calls: asked.len(), pages, first }
}

fn killed(
    world: &World,
    places: &dyn Places,
    template: &Place,
    mut whole: Whole,
    kills: u64,
    chance: &mut Rng,
) {
    if world.faults.is_some() {
        whole.time = in_trouble(world, places, template, &whole, chance);
    }
    let (mut left, mut resumed, mut trial) = (kills, 0, 0);
    // From before the first call to after the last; less where a sync turns out to be quicker.
    let mut reach = whole.time + Duration::from_millis(250);
    while left > 0 {
        trial += 1;
        assert!(
            trial < 50 + 10 * kills,
            "nearly every sync ends before it is killed: {:?} is wrong",
            whole.time
        );
        let place = places.copy(template, &format!("{}_{trial}", template.name()));
        let mut processes: Vec<Vec<RequestInfo>> = Vec::new();
        world.asked.take();
        restart(world, chance);
        let mut moments = Vec::new();
        for number in 1..=KILLS_A_SYNC {
            let moment = Duration::from_millis(chance.u64(..=reach.as_millis() as u64));
            moments.push(moment);
            let (dead, ran) = place.transom(world, ["sync"]).start().kill_after(moment);
            resumed += u64::from(went_on(&ran));
            after(world, &mut processes, &ran, &whole);
            if !dead {
                ran.exits(0);
                if number == 1 {
                    reach = moment;
                }
                break;
            }
            left = left.saturating_sub(1);
            if number == KILLS_A_SYNC || left == 0 {
                let ran = place.transom(world, ["sync"]).run().exits(0);
                resumed += u64::from(went_on(&ran));
                after(world, &mut processes, &ran, &whole);
                break;
            }
        }
        let calls: usize = processes.iter().map(Vec::len).sum();
        eprintln!("{} killed after {moments:?}: {calls} calls, {} undisturbed", place.name(), whole.calls);
        world.faults.iter().for_each(|faults| faults.stop());
        same(&format!("{} killed after {moments:?}", place.name()), &place.contents(world), &whole.contents);
        places.forget(&place);
    }
    eprintln!("{kills} kills, {trial} syncs, {resumed} times gone on");
    assert!(kills < 3 || resumed > 0, "no kill left anything to go on with");
}

/// Lets the org misbehave from now on.
fn restart(world: &World, chance: &mut Rng) {
    if let Some(faults) = &world.faults {
        let seed = chance.u64(..);
        eprintln!("trouble {seed}");
        faults.restart(seed);
    }
}

/// How long a sync takes that nobody kills, while the org misbehaves. It comes to the same.
fn in_trouble(
    world: &World,
    places: &dyn Places,
    template: &Place,
    whole: &Whole,
    chance: &mut Rng,
) -> Duration {
    let place = places.copy(template, &format!("{}_troubled", template.name()));
    restart(world, chance);
    let synced = place.transom(world, ["sync", "--json"]).run().exits(0).json();
    world.faults.iter().for_each(|faults| faults.stop());
    same("in trouble", &place.contents(world), &whole.contents);
    places.forget(&place);
    Duration::from_millis(synced["summary"]["millis"].as_u64().expect("milliseconds"))
}

fn went_on(ran: &Ran) -> bool {
    ran.err.contains("Going on with the sync that did not finish.")
}

/// Takes note of what a process that has ended asked for, and checks it against those before it. `whole` is what a run
/// takes.
fn after(world: &World, processes: &mut Vec<Vec<RequestInfo>>, ran: &Ran, whole: &Whole) {
    let (mut asked, prelude) = (world.asked.settled(), prelude(world));
    if world.faults.is_some() {
        // What fails is asked for again, by right: how often tells nothing.
        return processes.push(asked);
    }
    // A process first asks who it is; what came in before that, the killed one had sent.
    let own = asked.iter().position(|r| r.path == "/api/v1/users/me").unwrap_or(asked.len());
    let late = asked.drain(..own);
    processes.last_mut().map_or_else(|| assert_eq!(own, 0), |before| before.extend(late));
    asked = without_audit(asked);
    if whole.first && !went_on(ran) {
        asked = without_forecast(asked, &prelude);
    }
    if !went_on(ran) && !listed(&asked, &prelude).is_empty() {
        // Another run: those before were killed before they had one, or between its end and their own.
        let known = listed(processes.iter().flatten(), &prelude);
        let missing = whole.pages.difference(&known).next();
        assert!(known.is_empty() || missing.is_none(), "a run is forgotten that had yet to read {missing:?}");
        processes.clear();
    }
    refetched(processes, &asked, &prelude);
    processes.push(asked);
}

/// What every process asks anew before it goes on: whose token it has, and what that owner's roles are.
fn prelude(world: &World) -> BTreeSet<String> {
    let users = world.sim.org.truth(&world.sim.origin).list(Kind::User);
    let login = |doc: &serde_json::Value| {
        doc["profile"]["login"].as_str().unwrap_or_default().starts_with("svc-transom@")
    };
    let owner = users.iter().find(|u| login(&u.doc)).expect("the token's owner");
    BTreeSet::from(["/api/v1/users/me".to_owned(), format!("/api/v1/users/{}/roles", owner.id)])
}

/// Checks what a process asked for against what the processes before it had asked for: of each listing no pages again but
/// the two that were asked for last, one that was being stored and the next; and of each route no more listings than can run
/// at once.
#[track_caller]
fn refetched(earlier: &[Vec<RequestInfo>], now: &[RequestInfo], prelude: &BTreeSet<String>) {
    let mut asked: HashMap<String, usize> = HashMap::new();
    let mut last: HashMap<String, Vec<String>> = HashMap::new();
    for request in earlier.iter().flatten() {
        *asked.entry(page(request)).or_default() += 1;
        let last = last.entry(listing(request)).or_default();
        last.retain(|earlier| *earlier != page(request));
        last.push(page(request));
    }
    let mut again: BTreeMap<&str, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    let mut own = BTreeSet::new();
    let own_calls =
        now.iter().filter(|r| !prelude.contains(&r.path) && !READ_TWICE.contains(&r.path.as_str()));
    for request in own_calls {
        assert_eq!(request.method, "GET", "a sync only reads");
        let page = page(request);
        assert!(own.insert(page.clone()), "asked twice by one process: {page}");
        if asked.contains_key(&page) {
            again.entry(request.route).or_default().entry(listing(request)).or_default().push(page);
        }
    }
    for (route, listings) in again {
        assert!(listings.len() <= SIDE_BY_SIDE, "{route}: {} listings begun again", listings.len());
        for (listing, pages) in listings {
            let last = last.get(&listing).map_or(&[][..], |pages| &pages[pages.len().saturating_sub(2)..]);
            assert!(pages.iter().all(|p| last.contains(p)), "{pages:?} were asked for again, after {last:?}");
        }
    }
}

/// What a process asked for before it audited its credential: that asks, at the end, for what the sync has asked for.
fn without_audit(mut asked: Vec<RequestInfo>) -> Vec<RequestInfo> {
    let audits = |path: &str| {
        ["/api/v1/api-tokens", "/api/v1/principal-rate-limits"].contains(&path) || path.ends_with("/roles")
    };
    let again = |asked: &[RequestInfo]| {
        asked
            .split_last()
            .is_some_and(|(last, before)| audits(&last.path) && before.iter().any(|r| page(r) == page(last)))
    };
    while again(&asked) {
        asked.pop();
    }
    asked
}

/// What a process asked for beside its forecast, which it begins with.
fn without_forecast(asked: Vec<RequestInfo>, prelude: &BTreeSet<String>) -> Vec<RequestInfo> {
    let (mut met, mut over) = (BTreeSet::new(), false);
    let mut own = |request: &RequestInfo| {
        if over || prelude.contains(&request.path) {
            return true;
        }
        over = !FORECAST.contains(&request.path.as_str()) || !met.insert(page(request));
        over
    };
    asked.into_iter().filter(|request| own(request)).collect()
}

/// The pages that were asked for beside the prelude.
fn listed<'a>(
    asked: impl IntoIterator<Item = &'a RequestInfo>,
    prelude: &BTreeSet<String>,
) -> BTreeSet<String> {
    asked.into_iter().filter(|r| !prelude.contains(&r.path)).map(page).collect()
}

fn page(request: &RequestInfo) -> String {
    format!("{}?{}", request.path, request.query)
}

/// A page without its cursor.
fn listing(request: &RequestInfo) -> String {
    let query: Vec<&str> = request.query.split('&').filter(|pair| !pair.starts_with("after=")).collect();
    format!("{}?{}", request.path, query.join("&"))
}
