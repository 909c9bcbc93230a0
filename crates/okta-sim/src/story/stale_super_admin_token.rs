use super::Story;
use crate::generate::people::{DAY, cast};
use crate::org::change::{By, Change};

pub(super) const STORY: Story = Story {
    name: "stale_super_admin_token",
    summary: "A token of the break-glass super admin, made for a migration years ago, is still in use somewhere",
    play,
};

fn play(change: &mut Change<'_>) {
    let now = change.now;
    (change.now, change.by) = (now - 1_500 * DAY, By::user(cast::BREAK_GLASS));
    if change.create_token(cast::BREAK_GLASS, "Migration 2021 (do not delete)").is_ok()
        && let Some(token) = change.state.tokens.last()
    {
        // Used often enough to stay alive.
        token.used.store(now - 26 * DAY, std::sync::atomic::Ordering::Relaxed);
    }
    (change.now, change.by) = (now, By::system());
}
