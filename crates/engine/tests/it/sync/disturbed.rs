//! Each of the usual disturbances, at the first call of every sort: the copy is the org all the same.

use std::collections::BTreeSet;
use std::time::Duration;

use okta_sim::faults::Verdict;

use super::faults::{broken, rate_limited, too_many_at_once};
use super::world::World;

/// Listings that are disturbed.
const ROUTES: [&str; 5] = [
    "GET /api/v1/users",
    "GET /api/v1/groups",
    "GET /api/v1/groups/{id}/users",
    "GET /api/v1/apps",
    "GET /api/v1/users/{id}/factors",
];

/// Syncs while the first call of each route meets `verdict`, which is given the org's time in seconds.
async fn once(mut world: World, verdict: impl Fn(i64) -> Verdict + Send + 'static) {
    world.engine.http.read_timeout = Duration::from_millis(700);
    let mut met = BTreeSet::new();
    let org = world.sim.org.clone();
    world.fault.before(move |asked| {
        let first = ROUTES.contains(&asked.route) && met.insert(asked.route.to_owned());
        if first { verdict(org.now() / 1_000) } else { Verdict::Pass }
    });
    world.sync().await;
    world.equals_truth().await;
}

macro_rules! disturbances {
    ($($name:ident: $verdict:expr;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            once(World::new().await, $verdict).await;
        }
    )*};
}

disturbances! {
    an_internal_error: |_| broken(500);
    an_answer_that_takes_too_long: |_| Verdict::Delay(Duration::from_millis(2_000));
    a_service_that_is_not_available: |_| broken(503);
    a_connection_that_breaks: |_| Verdict::Disconnect;
    a_limit_that_is_used_up: |now| rate_limited(now + 1);
    too_many_calls_at_once: |now| too_many_at_once(now + 1);
}

/// A page that only comes when it is small, however often it is asked for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_that_are_too_large() {
    let world = World::new().await;
    world.fault.before(|asked| {
        let limit =
            asked.query.split('&').find_map(|pair| pair.strip_prefix("limit=")).and_then(|n| n.parse().ok());
        if ROUTES.contains(&asked.route) && limit.is_some_and(|n: u32| n > 50) {
            broken(504)
        } else {
            Verdict::Pass
        }
    });
    world.sync().await;
    world.equals_truth().await;
}

/// Answers that end in the middle.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_are_cut() {
    let world = World::new().await;
    world.fault.after(|asked, reply| {
        if asked.time == 1 && ROUTES.contains(&asked.route) {
            reply.cut_after = Some(reply.body.len() / 2);
        }
    });
    world.sync().await;
    world.equals_truth().await;
}
