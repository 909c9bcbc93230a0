//! The part of the [truth](super::Truth) that is below authorization servers and policies, how people sign in, and whom the
//! org trusts.

use serde_json::Value;

use super::Kind;
use crate::org::view::View;
use crate::routes;

/// Hands every object of one of these kinds to `emit`, with its parent's id. Other kinds have none here.
pub(super) fn each(view: View<'_>, kind: Kind, origin: &str, emit: &mut dyn FnMut(&str, Value)) {
    let (state, ids) = (view.state, &view.base.ids);
    let trust = &state.trust;
    for server in &state.servers {
        let id = routes::server_id(view, server);
        match kind {
            Kind::AuthScope => {
                routes::scopes(view, server)
                    .for_each(|s| emit(&id, routes::scope_json(view, server, s, origin)));
            }
            Kind::AuthClaim => {
                routes::claims_json(view, server, origin).into_iter().for_each(|c| emit(&id, c))
            }
            Kind::AuthPolicy => routes::policies(view, server)
                .for_each(|p| emit(&id, routes::auth_policy_json(view, server, p, origin))),
            Kind::AuthPolicyRule => routes::policies(view, server).for_each(|policy| {
                let rules = routes::auth_rules_json(view, server, policy, origin);
                rules.into_iter().for_each(|rule| emit(&policy.doc.id(ids), rule));
            }),
            Kind::AuthKey => routes::keys_json(view, server, origin).into_iter().for_each(|k| emit(&id, k)),
            _ => {}
        }
    }
    match kind {
        Kind::PolicyMapping => state.policies.iter().filter(|p| !p.system).for_each(|policy| {
            let id = ids.encode(policy.id_kind(), policy.n);
            routes::mappings_json(view, policy, origin).into_iter().for_each(|m| emit(&id, m));
        }),
        Kind::Authenticator => {
            trust.authenticators.iter().for_each(|a| emit("", routes::authenticator_json(view, a, origin)));
        }
        Kind::AuthenticatorMethod => trust.authenticators.iter().for_each(|a| {
            routes::methods_json(view, a, origin).into_iter().for_each(|m| emit(&a.doc.id(ids), m));
        }),
        Kind::IdentityProvider => trust.idps.iter().for_each(|i| emit("", routes::idp_json(view, i, origin))),
        Kind::IdpKey => trust.idp_keys.iter().for_each(|key| emit("", key.clone())),
        Kind::Behavior => {
            trust.behaviors.iter().for_each(|b| emit("", routes::behavior_json(view, b, origin)))
        }
        Kind::ThreatInsight => emit("", routes::threat_insight_json(view, origin)),
        Kind::LockoutSettings => emit("", routes::lockout_json()),
        Kind::AuthenticatorSettings => emit("", routes::authenticator_settings_json()),
        Kind::TrustedOrigin => {
            trust.origins.iter().for_each(|o| emit("", routes::trusted_origin_json(view, o, origin)));
        }
        Kind::SecurityEventsProvider => {
            let all = trust.security_events_providers.iter();
            all.for_each(|p| emit("", routes::provider_json(view, p, origin)));
        }
        Kind::Captcha => trust.captchas.iter().for_each(|c| emit("", routes::captcha_json(view, c, origin))),
        _ => {}
    }
}
