use super::{Met, Named, Verdict};
use crate::error::Refusal;
use crate::reply::Reply;

pub(super) const FAULT: Named =
    Named::new("5xx", "500, 502, 503 or 504 at random, with Okta's body or a proxy's page.").before(before);

fn before(met: &Met<'_>) -> Verdict {
    if !met.strikes(10, 2) {
        return Verdict::Pass;
    }
    let status = met.dice().pick(&[500, 502, 503, 504]);
    let body = match status {
        500 => Refusal::internal().body("oaeBroken"),
        _ => format!("<html><h1>{status}</h1></html>").into_bytes(),
    };
    Verdict::Answer(Reply::json(body).with_status(status))
}
