use super::people::{Affected, App, Group};
use super::{Met, Named};
use crate::error::Refusal;
use crate::org::Org;
use crate::reply::Reply;

pub(super) const FAULT: Named = Named::new(
    "created-mid-sync",
    "Users, groups, memberships and assignments come while they are being listed.",
)
.after(after)
.changing();

fn after(met: &Met<'_>, reply: &mut Reply) {
    let Some(Affected { user, group, app, mut dice }) = Affected::mid_sync(met, reply) else { return };
    let org = met.org;
    let name = format!("{:x}", dice.between(1 << 32, 1 << 48));
    // What exists already stays as it is.
    let _ = match dice.between(0, 4) {
        0..=1 => joiner(org, &name, &group, &app),
        2 => org.create_group(&format!("New {name}")).and_then(|group| org.add_member(&group, &user.0)),
        3 => org.add_member(&group.0, &user.0),
        _ => org.assign_app_user(&app.0, &user.0),
    };
}

/// Somebody new, in a group and with an app from the first day.
fn joiner(org: &Org, name: &str, group: &Group, app: &App) -> Result<(), Refusal> {
    let user = org.create_user("Ada", "Byron", &format!("ada.{name}@acme.example"))?;
    org.add_member(&group.0, &user)?;
    org.assign_app_user(&app.0, &user)
}
