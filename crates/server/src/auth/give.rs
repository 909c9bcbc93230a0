//! What somebody may give to others: never more than they may do themselves.

use transom_core::{Reach, Role};

/// Whether a role for some orgs may be given by who may do no more than `most` for `limit`; a sentence where not.
pub(crate) fn may_give(most: Role, limit: &Reach, role: Role, reach: &Reach) -> Result<(), String> {
    if matches!(reach, Reach::Orgs(orgs) if orgs.is_empty()) {
        return Err("Choose at least one org, or all of them.".to_string());
    }
    if role > most || reach.within(limit) != *reach {
        return Err("Choose no more than you may do yourself.".to_string());
    }
    if role == Role::Owner && *reach != Reach::All {
        return Err("An owner owns the whole installation. Choose all orgs, or another role.".to_string());
    }
    Ok(())
}
