use std::time::{Duration, UNIX_EPOCH};

use super::dice::Dice;
use super::{Met, Named};
use crate::reply::Reply;

pub(super) const FAULT: Named = Named::new(
    "clock-skew",
    "The Date of answers is minutes off the clock that counts calls: whoever trusts it waits too long, or not at all.",
)
.after(after);

fn after(met: &Met<'_>, reply: &mut Reply) {
    met.struck();
    // One for all answers, as of a machine whose clock is wrong.
    let mut dice = Dice::new(met.seed);
    let off = dice.between(120, 900) as i64 * dice.pick(&[-1_000, 1_000]);
    let time = UNIX_EPOCH + Duration::from_millis((met.org.now() + off).max(0) as u64);
    reply.headers.push(("date", httpdate::fmt_http_date(time)));
}
