use super::timeouts_on_expand::timeouts;
use super::Named;

/// What is counted while one waits is what a client can do without.
pub(super) const FAULT: Named = Named::new(
    "timeouts-on-stats",
    "Some listings answer only small pages in time, or none at all with statistics.",
)
.before(|met| timeouts(met, |expand| expand == "stats"));
