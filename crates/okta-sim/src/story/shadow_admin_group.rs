use super::Story;
use crate::generate::iam::{Holder, Role};
use crate::generate::people::{DAY, cast};
use crate::org::change::{By, Change};

pub(super) const STORY: Story = Story {
    name: "shadow_admin_group",
    summary: "A group with an innocent name carries ORG_ADMIN, and a custom role lets others add its members",
    play,
};

fn play(change: &mut Change<'_>) {
    let now = change.now;
    (change.now, change.by) = (now - 400 * DAY, By::user(cast::ORG_ADMIN));
    if let Ok(group) = change.create_group("Summer Party 2024", "Planning committee") {
        for nth in 0..4 {
            let _ = change.add_member(group, change.base.people.nth_active(70 + nth));
        }
        (change.now, change.by) = (now - 120 * DAY, By::user(cast::SUPER_ADMIN));
        let _ = change.grant(Holder::Group(group), Role::Standard("ORG_ADMIN"));
    }
    (change.now, change.by) = (now, By::system());
}
