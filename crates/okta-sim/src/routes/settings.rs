//! The org's settings: support access, what makes administrators by itself, contacts, rate limits.

use serde_json::{Value, json};

use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::settings::Settings;
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/org/privacy/oktaSupport", SupportAccess, support),
    route!(GET "/api/v1/org/settings/clientPrivilegesSetting", OrgSettings, client_privileges),
    route!(PUT "/api/v1/org/settings/clientPrivilegesSetting", WriteOrgSettings, set_client_privileges),
    route!(GET "/api/v1/org/orgSettings/thirdPartyAdminSetting", OrgSettings, third_party_admin),
    route!(GET "/api/v1/org/settings/autoAssignAdminAppSetting", OrgSettings, auto_assign_admin_app),
    route!(GET "/api/v1/org/preferences", OrgSettings, preferences),
    route!(GET "/api/v1/org/contacts", Org, contacts),
    route!(GET "/api/v1/org/contacts/{type}", Org, contact),
    route!(GET "/api/v1/rate-limit-settings/admin-notifications", RateLimits, admin_notifications),
    route!(GET "/api/v1/rate-limit-settings/per-client", RateLimits, per_client),
    route!(GET "/api/v1/rate-limit-settings/warning-threshold", RateLimits, warning_threshold),
];

fn show(call: &Call<'_>, of: fn(&Settings) -> &Value) -> Answer {
    call.org.read(|view| Ok(Reply::value(of(&view.state.settings))))
}

/// Shows a setting with the links that change it, each a path below `at`.
fn show_with(call: &Call<'_>, of: fn(&Settings) -> &Value, at: &str, links: &[&str]) -> Answer {
    call.org.read(|view| {
        let mut json = of(&view.state.settings).clone();
        for link in links {
            let href = format!("{}{at}/{link}", call.origin);
            json["_links"][link] = json!({"href": href, "hints": {"allow": ["POST"]}});
        }
        Ok(Reply::value(&json))
    })
}

fn support(call: &Call<'_>) -> Answer {
    let on = call.org.read(|view| view.state.settings.support["support"] == "ENABLED");
    let links: &[&str] = if on { &["extend", "revoke"] } else { &["grant"] };
    show_with(call, |s| &s.support, "/api/v1/org/privacy/oktaSupport", links)
}

fn client_privileges(call: &Call<'_>) -> Answer {
    show(call, |s| &s.client_privileges)
}

fn set_client_privileges(call: &Call<'_>) -> Answer {
    let on = call.json()?["clientPrivilegesSetting"].as_bool();
    let on = on.ok_or_else(|| {
        Refusal::validation("clientPrivilegesSetting", "clientPrivilegesSetting: must be true or false")
    })?;
    call.org.write(call.by(), |change| {
        change.set_client_privileges(on);
        Ok(())
    })?;
    client_privileges(call)
}

fn third_party_admin(call: &Call<'_>) -> Answer {
    show(call, |s| &s.third_party_admin)
}

fn auto_assign_admin_app(call: &Call<'_>) -> Answer {
    show(call, |s| &s.auto_assign_admin_app)
}

fn preferences(call: &Call<'_>) -> Answer {
    let shown = call.org.read(|view| view.state.settings.preferences["showEndUserFooter"] == true);
    let link = if shown { "hideEndUserFooter" } else { "showEndUserFooter" };
    show_with(call, |s| &s.preferences, "/api/v1/org/preferences", &[link])
}

fn contacts(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let contact = |(kind, _): &(&str, u32)| {
            let name = kind.to_lowercase();
            let href = format!("{}/api/v1/org/contacts/{name}", call.origin);
            json!({"contactType": kind, "_links": {name: {"href": href}}})
        };
        Ok(Reply::value(&view.state.settings.contacts.iter().map(contact).collect()))
    })
}

fn contact(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        // [rec] asked for in capitals; the listing links to it in small letters.
        let contacts = &view.state.settings.contacts;
        let found = contacts.iter().find(|(kind, _)| kind.eq_ignore_ascii_case(call.arg(0)));
        let (_, user) = found.ok_or_else(|| Refusal::not_found(call.arg(0), "OrgContact"))?;
        let user = view.user_id(*user);
        let href = format!("{}/api/v1/users/{user}", call.origin);
        Ok(Reply::value(&json!({"userId": user, "_links": {"user": {"href": href}}})))
    })
}

fn admin_notifications(call: &Call<'_>) -> Answer {
    show(call, |s| &s.admin_notifications)
}

fn per_client(call: &Call<'_>) -> Answer {
    show(call, |s| &s.per_client)
}

fn warning_threshold(call: &Call<'_>) -> Answer {
    show(call, |s| &s.warning_threshold)
}
