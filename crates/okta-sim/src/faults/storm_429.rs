use super::{Met, Named, Verdict};
use crate::config::Limits;
use crate::error::Refusal;
use crate::limits;
use crate::reply::Reply;

pub(super) const FAULT: Named = Named::new(
    "429-storm",
    "A bucket is empty at once, though the answers before showed plenty; some 429s come from a proxy without headers.",
)
.before(before);

fn before(met: &Met<'_>) -> Verdict {
    if !met.strikes(60, 2) {
        return Verdict::Pass;
    }
    let now = met.org.now();
    if met.dice().one_in(4) {
        return Verdict::Answer(Reply::json(b"<h1>Too Many Requests</h1>".to_vec()).with_status(429));
    }
    if met.org.config().limits == Limits::Real {
        let bucket = limits::bucket(&met.request.method, &met.request.path);
        met.org.crowd(bucket, u64::MAX);
        return Verdict::Pass;
    }
    let refused = Reply::json(Refusal::too_many().body("oaeStorm"))
        .with_status(429)
        .with_header("x-rate-limit-limit", "600".to_owned())
        .with_header("x-rate-limit-remaining", "0".to_owned())
        .with_header("x-rate-limit-reset", (now / 1_000 + 1).to_string());
    Verdict::Answer(refused)
}
