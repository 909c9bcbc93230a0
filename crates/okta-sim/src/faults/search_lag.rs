use std::time::Duration;

use super::people::User;
use super::{Met, Named};
use crate::config::Config;
use crate::reply::Reply;

pub(super) const FAULT: Named = Named {
    configure,
    ..Named::new(
        "search-lag",
        "Users change while they are being listed, and search shows them as they were for some seconds.",
    )
    .after(after)
    .changing()
};

fn configure(config: &mut Config) {
    config.search_lag = config.search_lag.max(Duration::from_secs(3));
}

fn after(met: &Met<'_>, reply: &mut Reply) {
    if !met.reads() || reply.status != 200 || !met.strikes(25, 1) {
        return;
    }
    let mut dice = met.dice();
    let Some(user) = User::any(met.org, &mut dice) else { return };
    // Somebody who is deprovisioned already can't be again.
    let _ = match dice.between(0, 3) {
        0 => met.org.deactivate_user(&user.0),
        1 => met.org.suspend_user(&user.0),
        _ => met.org.update_user(&user.0, "title", "Door keeper"),
    };
}
