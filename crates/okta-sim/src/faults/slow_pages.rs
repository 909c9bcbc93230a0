use std::time::Duration;

use super::{Met, Named, Verdict};

pub(super) const FAULT: Named =
    Named::new("slow-pages", "Some answers take up to half a second longer, a few several seconds.").before(before);

fn before(met: &Met<'_>) -> Verdict {
    if !met.strikes(8, 2) {
        return Verdict::Pass;
    }
    let mut dice = met.dice();
    let millis = if dice.one_in(10) { dice.between(2_000, 3_000) } else { dice.between(20, 500) };
    Verdict::Delay(Duration::from_millis(millis))
}
