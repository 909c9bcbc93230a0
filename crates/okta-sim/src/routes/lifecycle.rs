//! What can be done to a user's account: `/api/v1/users/{id}/lifecycle/*`, sessions, deletion.

use super::users::visible;
use super::{Call, Route, route};
use crate::error::Refusal;
use crate::org::change::Change;
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(POST "/api/v1/users/{id}/lifecycle/activate", WriteLifecycle, activate),
    route!(POST "/api/v1/users/{id}/lifecycle/deactivate", WriteLifecycle, deactivate),
    route!(POST "/api/v1/users/{id}/lifecycle/suspend", WriteLifecycle, suspend),
    route!(POST "/api/v1/users/{id}/lifecycle/unsuspend", WriteLifecycle, unsuspend),
    route!(POST "/api/v1/users/{id}/lifecycle/unlock", WriteLifecycle, unlock),
    route!(POST "/api/v1/users/{id}/lifecycle/reset_factors", WriteFactors, reset_factors),
    route!(DELETE "/api/v1/users/{id}/sessions", WriteSessions, clear_sessions),
    route!(DELETE "/api/v1/users/{id}", WriteUsers, delete),
];

/// 200 `{}`: what real orgs answer to these today [rec].
fn done(call: &Call<'_>, act: impl FnOnce(&mut Change<'_>, u32) -> Result<(), Refusal>) -> Answer {
    let user = call.org.read(|view| visible(call, view))?;
    call.org.write(call.by(), |change| act(change, user))?;
    Ok(Reply::json(b"{}".to_vec()))
}

fn activate(call: &Call<'_>) -> Answer {
    done(call, |change, user| change.activate(user))
}

fn deactivate(call: &Call<'_>) -> Answer {
    done(call, |change, user| change.begin_to_leave(user, false))
}

fn suspend(call: &Call<'_>) -> Answer {
    done(call, |change, user| change.suspend(user))
}

fn unsuspend(call: &Call<'_>) -> Answer {
    done(call, |change, user| change.unsuspend(user))
}

fn unlock(call: &Call<'_>) -> Answer {
    done(call, |change, user| change.unlock(user))
}

fn reset_factors(call: &Call<'_>) -> Answer {
    done(call, |change, user| change.reset_factors(user))
}

fn clear_sessions(call: &Call<'_>) -> Answer {
    done(call, |change, user| change.clear_sessions(user))?;
    Ok(Reply::nothing())
}

/// The first DELETE deactivates, the second deletes [docs users].
fn delete(call: &Call<'_>) -> Answer {
    done(call, |change, user| change.begin_to_leave(user, true))?;
    Ok(Reply::nothing())
}
