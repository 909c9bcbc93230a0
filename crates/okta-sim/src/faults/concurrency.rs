use super::{Met, Named, Verdict};
use crate::error::Refusal;
use crate::reply::Reply;

pub(super) const FAULT: Named = Named::new(
    "concurrency",
    "Calls are refused because the org as a whole has too many in flight: 429 with a limit of 0.",
)
.before(before);

fn before(met: &Met<'_>) -> Verdict {
    if !met.strikes(20, 2) {
        return Verdict::Pass;
    }
    // [docs rl2-concurrency] limit and remaining are 0, the reset is only an estimate.
    let refused = Reply::json(Refusal::too_many().body("oaeAtOnce"))
        .with_status(429)
        .with_header("x-rate-limit-limit", "0".to_owned())
        .with_header("x-rate-limit-remaining", "0".to_owned())
        .with_header("x-rate-limit-reset", (met.org.now() / 1_000 + 1).to_string());
    Verdict::Answer(refused)
}
