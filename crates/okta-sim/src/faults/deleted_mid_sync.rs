use super::people::Affected;
use super::{Met, Named};
use crate::reply::Reply;

pub(super) const FAULT: Named = Named::new(
    "deleted-mid-sync",
    "Users, groups, apps, memberships and assignments go while they are being listed.",
)
.after(after)
.changing();

fn after(met: &Met<'_>, reply: &mut Reply) {
    let Some(Affected { user, group, app, mut dice }) = Affected::mid_sync(met, reply) else { return };
    let org = met.org;
    // What can't go, because it is built in or comes from elsewhere, stays.
    let _ = match dice.between(0, 9) {
        0..=1 => org.delete_user(&user.0),
        2 => org.deactivate_user(&user.0),
        3 => org.delete_group(&group.0),
        4 => org.delete_app(&app.0),
        5 => org.reset_factors(&user.0),
        6..=7 => group.member(org, &mut dice).map_or(Ok(()), |member| org.remove_member(&group.0, &member.0)),
        _ => app.user(org, &mut dice).map_or(Ok(()), |user| org.unassign_app_user(&app.0, &user.0)),
    };
}
