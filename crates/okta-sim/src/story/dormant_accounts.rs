use super::Story;
use crate::generate::people::DAY;
use crate::org::change::Change;

pub(super) const STORY: Story = Story {
    name: "dormant_accounts",
    summary: "Ten active people have not signed in for more than a year, and nobody noticed",
    play,
};

fn play(change: &mut Change<'_>) {
    let now = change.now;
    for nth in 0..10u32 {
        let user = change.base.people.nth_active(100 + nth * 2);
        let Some(head) = change.view().head(user).map(|head| head.into_owned()) else { continue };
        change.now = (now - (380 + i64::from(nth) * 20) * DAY).max(head.activated.unwrap_or(head.created));
        let _ = change.sign_in(user);
    }
    change.now = now;
}
