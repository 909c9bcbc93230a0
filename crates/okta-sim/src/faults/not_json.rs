use super::{Met, Named, Verdict};
use crate::reply::Reply;

pub(super) const FAULT: Named = Named::new(
    "not-json",
    "A success that is none: a proxy's sign-in page, nothing at all, or JSON that ends too soon.",
)
.before(before);

fn before(met: &Met<'_>) -> Verdict {
    if !met.reads() || !met.strikes(10, 2) {
        return Verdict::Pass;
    }
    let body = met.dice().pick(&["<!doctype html><title>Sign in</title>", "", "[{\"id\":\"00u1\","]);
    Verdict::Answer(Reply::json(body.as_bytes().to_vec()))
}
