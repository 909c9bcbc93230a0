//! `/api/v1/users/{id}/factors`. Not paged.

use super::users::visible;
use super::{Call, Route, route};
use crate::error::Refusal;
use crate::json::Out;
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/users/{id}/factors", Factors, list),
    route!(GET "/api/v1/users/{id}/factors/{factorId}", Factors, get),
    route!(DELETE "/api/v1/users/{id}/factors/{factorId}", WriteFactors, delete),
];

fn list(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let number = visible(call, view)?;
        let (user, id) = (view.user(number).ok_or_else(Refusal::internal)?, view.user_id(number));
        let mut out = Out::with_capacity(2_048);
        out.array(|out| {
            for factor in view.factors(number) {
                factor.write(out, number, &user, &id, &view.base.ids, call.origin);
            }
        });
        Ok(Reply::json(out.into_bytes()))
    })
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let number = visible(call, view)?;
        let (user, id) = (view.user(number).ok_or_else(Refusal::internal)?, view.user_id(number));
        let wanted = call.arg(1);
        let factor = view.factors(number).into_iter().find(|f| f.id(number, &view.base.ids) == wanted);
        let factor = factor.ok_or_else(|| Refusal::not_found(wanted, "UserFactor"))?;
        let mut out = Out::with_capacity(1_024);
        factor.write(&mut out, number, &user, &id, &view.base.ids, call.origin);
        Ok(Reply::json(out.into_bytes()))
    })
}

fn delete(call: &Call<'_>) -> Answer {
    let (user, slot) = call.org.read(|view| {
        let user = visible(call, view)?;
        let wanted = call.arg(1);
        let factor = view.factors(user).into_iter().find(|f| f.id(user, &view.base.ids) == wanted);
        Ok((user, factor.ok_or_else(|| Refusal::not_found(wanted, "UserFactor"))?.slot))
    })?;
    call.org.write(call.by(), |change| change.remove_factor(user, slot))?;
    Ok(Reply::nothing())
}
