use super::{Met, Named};
use crate::reply::Reply;

pub(super) const FAULT: Named =
    Named::new("truncated-body", "The connection breaks in the middle of an answer.").after(after);

fn after(met: &Met<'_>, reply: &mut Reply) {
    if met.strikes(10, 2) && !reply.body.is_empty() {
        reply.cut_after = Some(met.dice().between(0, reply.body.len() as u64 - 1) as usize);
    }
}
