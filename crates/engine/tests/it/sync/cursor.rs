//! Cursors that Okta no longer takes.

use okta_sim::Relation;
use okta_sim::faults::Verdict;
use transom_core::CoverageState;

use super::faults::{Asked, broken, refusal};
use super::world::World;

/// Large pages fail, so that the users come in two of 25.
fn small_pages(asked: &Asked<'_>) -> Verdict {
    let large = |limit: &str| asked.query.split('&').any(|pair| pair == limit);
    if asked.path == "/api/v1/users" && ["limit=200", "limit=100", "limit=50"].into_iter().any(large) {
        broken(500)
    } else {
        Verdict::Pass
    }
}

fn is_second(asked: &Asked<'_>) -> bool {
    asked.path == "/api/v1/users" && asked.query.contains("after=")
}

fn lost() -> Verdict {
    Verdict::Answer(refusal(400, "E0000029", "Invalid cursor"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_that_is_lost_once_begins_the_listing_again() {
    let world = World::new().await;
    let mut times = 0;
    world.fault.before(move |asked| {
        times += u64::from(is_second(asked));
        if is_second(asked) && times == 1 { lost() } else { small_pages(asked) }
    });
    world.sync().await;
    assert!(world.fault.calls("/api/v1/users?") > 4 + 4, "it did come in pages, and began again");
    world.equals_truth().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_that_is_always_lost_ends_the_listing() {
    let world = World::new().await;
    world.sync().await;
    let before = world.counts().await;
    let gone = world.ordinary().pop().expect("a user");
    world.sim.org.delete_user(&gone).expect("deleted");
    world.fault.before(|asked| if is_second(asked) { lost() } else { small_pages(asked) });
    world.sync().await;
    let coverage = world.coverage("user").await;
    assert_eq!(coverage.state, CoverageState::Partial);
    assert!(coverage.reason.contains("Invalid cursor"), "{}", coverage.reason);
    let users = before.iter().find(|row| row[0] == "user").expect("users");
    assert_eq!(
        world.held("user").await.len().to_string(),
        users[1],
        "what was not listed to the end is kept"
    );
    assert_eq!(world.members().await, world.related(Relation::Member), "the rest goes on");
    world.fault.clear();
    world.sync().await;
    world.equals_truth().await;
}
