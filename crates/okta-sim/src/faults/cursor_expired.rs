use super::{Met, Named, Verdict};
use crate::error::Refusal;
use crate::reply::Reply;

pub(super) const FAULT: Named = Named::new(
    "cursor-expired",
    "Okta no longer takes the cursor of a page: the listing has to begin again; at most twice each.",
)
.before(before);

fn before(met: &Met<'_>) -> Verdict {
    if !met.reads() || met.parameter("after").is_none() || !met.strikes(2, 1) {
        return Verdict::Pass;
    }
    if met.count(&met.request.path) > 2 {
        return Verdict::Pass;
    }
    // [rec] E0000029 for apps, E0000031 for devices.
    let refusal = met.dice().pick(&[Refusal::bad_cursor as fn() -> Refusal, || Refusal::bad_search("Invalid cursor.")])();
    Verdict::Answer(Reply::json(refusal.body("oaeCursor")).with_status(refusal.status))
}
