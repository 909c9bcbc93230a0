use super::{Met, Named, Verdict};

pub(super) const FAULT: Named =
    Named::new("connection-reset", "The connection breaks before an answer.").before(before);

fn before(met: &Met<'_>) -> Verdict {
    if met.strikes(10, 2) { Verdict::Disconnect } else { Verdict::Pass }
}
