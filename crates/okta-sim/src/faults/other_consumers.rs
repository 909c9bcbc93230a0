use super::{Met, Named, Verdict};
use crate::limits;

pub(super) const FAULT: Named = Named::new(
    "other-consumers",
    "Somebody else spends from the same buckets: what remains falls faster than by our calls, at times to nothing.",
)
.before(before);

fn before(met: &Met<'_>) -> Verdict {
    let bucket = limits::bucket(&met.request.method, &met.request.path);
    if met.strikes(150, 2) {
        met.org.crowd(bucket, u64::MAX);
    } else if met.strikes(3, u32::MAX) {
        met.org.crowd(bucket, met.dice().between(1, 1 + bucket.org_per_minute() / 50));
    }
    Verdict::Pass
}
