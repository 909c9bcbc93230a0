//! What a sync is to Okta as a caller.

use super::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_kept() {
    let world = World::new().await;
    let before = world.sim.org.counts();
    world.sync().await;
    let after = world.sim.org.counts();
    let (calls, connections) = (after.calls - before.calls, after.connections - before.connections);
    // As many as may be in flight, and as good as all calls go by one that is there already.
    assert!(connections <= 32 && calls > 4 * connections, "{calls} calls by {connections} connections");
}
