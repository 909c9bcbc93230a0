//! DESIGN §9.4: from a seed an org, faults, changes, and moments at which the process dies; then the copy must be the
//! org, and no limit overspent. `TRANSOM_SEEDS` says how many seeds, or with `N..M` which; `TRANSOM_SEED` with which
//! to begin.

mod named;

use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use fastrand::Rng;
use futures_util::{FutureExt, StreamExt};
use okta_sim::faults::Verdict;
use okta_sim::{Config, Kind, Limits, Relation};

use super::faults::{broken, rate_limited, too_many_at_once};
use super::world::{World, small};

/// Orgs at a time.
const SIDE_BY_SIDE: usize = 8;
/// How often a process dies before one lives to the end of its sync.
const DEATHS: u64 = 3;

/// One of them; there must be one.
fn pick<T>(rng: &mut Rng, mut from: Vec<T>) -> T {
    from.swap_remove(rng.usize(..from.len()))
}

/// The number that stands for a call: what happens to it does not depend on when its turn comes.
fn of_call(seed: u64, target: &str, time: u64) -> Rng {
    let fold = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    Rng::with_seed(target.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, fold) ^ time)
}

#[derive(Debug)]
enum Disturbance {
    Broken(u16),
    Reset,
    Cut,
    Slow(u64),
    Limited,
    AtOnce,
}

/// What a call meets the `time`th time that it is made: one in twenty something, and the third try always works.
fn disturbance(seed: u64, target: &str, time: u64) -> Option<Disturbance> {
    let mut rng = of_call(seed, target, time);
    if time > 2 || rng.u64(1..=20) > 1 {
        return None;
    }
    Some(match rng.u64(0..=19) {
        0..=5 => Disturbance::Broken(pick(&mut rng, vec![500, 502, 503, 504])),
        6..=9 => Disturbance::Reset,
        10..=13 => Disturbance::Cut,
        14..=17 => Disturbance::Slow(rng.u64(20..=200)),
        18 => Disturbance::Limited,
        _ => Disturbance::AtOnce,
    })
}

fn disturb(world: &World, seed: u64) {
    world.fault.clear();
    let org = world.sim.org.clone();
    world.fault.before(move |asked| {
        let now = org.now() / 1_000;
        match disturbance(seed, &format!("{}?{}", asked.path, asked.query), asked.time) {
            Some(Disturbance::Broken(status)) => broken(status),
            Some(Disturbance::Reset) => Verdict::Disconnect,
            Some(Disturbance::Slow(millis)) => Verdict::Delay(Duration::from_millis(millis)),
            Some(Disturbance::Limited) => rate_limited(now + 1),
            Some(Disturbance::AtOnce) => too_many_at_once(now + 1),
            Some(Disturbance::Cut) | None => Verdict::Pass,
        }
    });
    world.fault.after(move |asked, reply| {
        let met = disturbance(seed, &format!("{}?{}", asked.path, asked.query), asked.time);
        if matches!(met, Some(Disturbance::Cut)) {
            reply.cut_after = Some(reply.body.len() / 2);
        }
    });
}

/// What an org goes through between two syncs.
fn change(world: &World, rng: &mut Rng) {
    let org = &world.sim.org;
    let truth = org.truth(&world.sim.origin);
    org.delete_user(&pick(rng, world.ordinary())).expect("deleted");
    org.deactivate_user(&pick(rng, world.ordinary())).expect("deactivated");
    org.update_user(&pick(rng, world.ordinary()), "title", "Door keeper").expect("changed");
    org.create_user("Ada", "Byron", &format!("ada.{}@acme.example", rng.u64(..))).expect("created");
    let mut groups = truth.list(Kind::Group);
    groups.retain(|g| g.doc["type"] == "OKTA_GROUP");
    let groups: Vec<String> = groups.into_iter().map(|g| g.id).collect();
    let mut members = truth.edges(Relation::Member);
    members.retain(|(group, _)| groups.contains(group));
    // Faults that change the org may have left none.
    if !members.is_empty() {
        let (group, user) = pick(rng, members);
        org.remove_member(&group, &user).expect("removed");
    }
    org.add_member(&pick(rng, groups), &pick(rng, world.ordinary())).expect("added");
    let mut direct = truth.list(Kind::AppUser);
    direct.retain(|a| a.doc["scope"] == "USER");
    if !direct.is_empty() {
        let direct = pick(rng, direct);
        org.unassign_app_user(&direct.parent, &direct.id).expect("unassigned");
    }
}

/// Syncs, dying at random moments at first, and waiting so long before the next process begins.
async fn sync_at_last(world: &World, rng: &mut Rng, apart: Duration) {
    for _ in 0..rng.u64(1..=DEATHS) {
        let calls = world.sim.org.counts().calls + rng.u64(1..=250);
        let moment = async {
            while world.sim.org.counts().calls < calls {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        if let Some(outcome) = world.sync_until(moment).await {
            outcome.expect("a sync that ends");
            return;
        }
        tokio::time::sleep(apart).await;
    }
    world.sync().await;
}

async fn one(seed: u64) {
    println!("seed {seed}");
    let mut rng = Rng::with_seed(seed);
    let config = Config {
        users: rng.u64(40..=60),
        groups: rng.u64(12..=20),
        // More calls for them than a minute holds.
        apps: rng.u64(20..=40),
        seed,
        limits: Limits::Real,
        time_scale: 60.0,
        ..small()
    };
    let world = World::of(config, |tokens| &tokens.super_admin).await;
    assert_eq!(world.lacking().await, [""; 0], "seed {seed}");
    for round in 0..2 {
        if round > 0 {
            change(&world, &mut rng);
        }
        disturb(&world, rng.u64(..));
        sync_at_last(&world, &mut rng, Duration::ZERO).await;
        world.equals_truth_after_changes().await;
    }
    let counts = world.sim.org.counts();
    assert!(counts.overspent.is_empty(), "seed {seed}: {:?}", counts.overspent);
    assert_eq!(counts.too_many_in_flight, 0, "seed {seed}");
    world.fault.clear();
    world.equals_a_fresh_copy(&format!("seed {seed}")).await;
}

/// The seeds to run: so many unless told otherwise.
fn seeds(usual: u64) -> Range<u64> {
    let number = |name: &str, text: &str| -> u64 {
        text.parse()
            .unwrap_or_else(|_| panic!("{name}: expected a number, or N..M, such as 6 or 40..50, not {text}"))
    };
    let given = |name: &str| std::env::var(name).ok();
    let first = given("TRANSOM_SEED").map_or(1, |text| number("TRANSOM_SEED", &text));
    let Some(seeds) = given("TRANSOM_SEEDS") else { return first..first + usual };
    let number = |text: &str| number("TRANSOM_SEEDS", text);
    match seeds.split_once("..") {
        Some((from, to)) => number(from)..number(to),
        None => first..first + number(&seeds),
    }
}

/// Runs `one` with every seed; says which failed, and how to see them fail again.
async fn all<F: Future<Output = ()>>(test: &str, seeds: Range<u64>, one: impl Fn(u64) -> F) {
    println!("{test}: seeds {seeds:?}");
    let run = |seed| {
        // The panic's own words are printed where it happens.
        let outcome = AssertUnwindSafe(one(seed)).catch_unwind();
        async move { outcome.await.err().map(|_| seed) }
    };
    let failed: Vec<u64> = futures_util::stream::iter(seeds)
        .map(run)
        .buffer_unordered(SIDE_BY_SIDE)
        .filter_map(std::future::ready)
        .collect()
        .await;
    let again: Vec<String> = failed
        .iter()
        .map(|n| format!("TRANSOM_SEEDS={n}..{} cargo test -p transom-engine --test it {test}", n + 1))
        .collect();
    assert!(failed.is_empty(), "seeds {failed:?} failed; repeat them with\n{}", again.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_the_copy_is_the_org() {
    all("whatever_happens", seeds(6), one).await;
}
