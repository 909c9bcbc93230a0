use super::Story;
use crate::generate::people::{DAY, cast};
use crate::org::change::{By, Change};

pub(super) const STORY: Story = Story {
    name: "leaver_kept_access",
    summary: "Somebody left: suspended rather than deactivated, and so still in groups, with apps assigned in person",
    play,
};

fn play(change: &mut Change<'_>) {
    let now = change.now;
    let leaver = change.base.people.nth_active(60);
    change.now = now - 200 * DAY;
    change.by = By::user(cast::APP_ADMIN);
    for app in [5, 6, 7] {
        let _ = change.assign_user(app, leaver);
    }
    change.now = now - 45 * DAY;
    change.by = By::user(cast::HELP_DESK);
    let _ = change.suspend(leaver);
    (change.now, change.by) = (now, By::system());
}
