//! What a sync is to Okta as a caller.

use super::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_kept() {
    let world = World::new().await;
    let before = world.sim.org.counts();
    world.sync().await;
    let after = world.sim.org.counts();
    let (calls, connections) = (after.calls - before.calls, after.connections - before.connections);
    // One for each call that may be in flight, and some more: a connection is free again a moment after its call.
    assert!(connections <= 32 + 16, "{calls} calls by {connections} connections");
    assert!(calls > 5 * (32 + 16), "{calls} calls are too few to tell");
}
