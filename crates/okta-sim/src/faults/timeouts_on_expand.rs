use std::time::Duration;

use super::{Met, Named, Verdict};
use crate::error::Refusal;
use crate::reply::Reply;

pub(super) const FAULT: Named = Named::new(
    "timeouts-on-expand",
    "Some listings answer only small pages in time, or none at all with what is to be shown beside each item.",
)
.before(|met| timeouts(met, |_| true))
.changing();

/// Listings that answer only small pages in time, and of those with an `expand` that is `hopeless` some none at all. On a
/// list, a 500 mostly means that it took too long [docs].
pub(super) fn timeouts(met: &Met<'_>, hopeless: fn(&str) -> bool) -> Verdict {
    let mut listing = met.of_listing();
    let most = listing.pick(&[50, 100]);
    let (strict, plain) = (listing.one_in(3), listing.one_in(2));
    let large = met.parameter("limit").and_then(|n| n.parse::<u64>().ok()).is_some_and(|n| n > most);
    let beside = met.parameter("expand").is_some_and(hopeless);
    if !met.reads() || !(strict && large || plain && beside) {
        return Verdict::Pass;
    }
    met.struck();
    match met.dice().between(0, 5) {
        // Longer than it is good for, and then it comes after all.
        0 => Verdict::Delay(Duration::from_secs(3)),
        1 => Verdict::Answer(Reply::json(b"<h1>Gateway Timeout</h1>".to_vec()).with_status(504)),
        _ => Verdict::Answer(Reply::json(Refusal::internal().body("oaeTimeout")).with_status(500)),
    }
}
