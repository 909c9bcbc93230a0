use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use super::Story;
use crate::generate::people::{DAY, cast};
use crate::generate::tokens::{self, Token};
use crate::org::change::Change;

pub(super) const STORY: Story = Story {
    name: "stale_super_admin_token",
    summary: "A token of the break-glass super admin, made for a migration years ago, is still in use somewhere",
    play,
};

fn play(change: &mut Change<'_>) {
    let n = 500;
    change.state.tokens.push(Token {
        n,
        name: "Migration 2021 (do not delete)".into(),
        owner: cast::BREAK_GLASS,
        created: change.now - 1_500 * DAY,
        used: Arc::new(AtomicI64::new(change.now - 26 * DAY)),
        revoked: false,
        value: tokens::value(change.base.config.seed, n),
    });
}
