use super::Story;
use crate::generate::iam::{Holder, Role};
use crate::generate::people::DAY;
use crate::org::change::Change;

pub(super) const STORY: Story = Story {
    name: "admin_sprawl",
    summary: "Six people became super admins over the years, one of them only because a project needed it for a day",
    play,
};

fn play(change: &mut Change<'_>) {
    let now = change.now;
    for nth in 0..6u32 {
        let user = change.base.people.nth_active(10 + nth * 3);
        change.now = now - (900 - i64::from(nth) * 140) * DAY;
        // Whoever is one already stays one.
        let _ = change.grant(Holder::User(user), Role::Standard("SUPER_ADMIN"));
    }
    change.now = now;
}
