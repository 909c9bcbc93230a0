//! The edges that documents state, read a second time and in another way: by what Okta's links and ids look like.

use serde_json::Value;

use crate::recorded::ORG_ID;

/// An edge: relation, source, destination (addresses: `parent/id` below a parent), and its number.
pub type Edge = (&'static str, String, String, i64);

fn text<'v>(doc: &'v Value, path: &str) -> Option<&'v str> {
    doc.pointer(path).and_then(Value::as_str)
}

/// The id that a link of this name leads to, where it leads to one of these.
fn linked<'v>(doc: &'v Value, name: &str, among: &str) -> Option<&'v str> {
    let (_, id) = text(doc, &format!("/_links/{name}/href"))?.split_once(among)?;
    Some(id.split('/').next().unwrap_or(id))
}

/// The ids in a list, by their prefix: `00g` a group, `00u` a user, `nzo` a network zone.
fn ids<'v>(doc: &'v Value, path: &str, prefix: &str) -> Vec<&'v str> {
    let list = doc.pointer(path).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).filter(|id| id.starts_with(prefix)).collect()
}

/// The relations that the documents of a kind state, so that an edge which is no longer stated is known to be gone.
pub fn owned(kind: &str) -> &'static [&'static str] {
    match kind {
        "app" => &["app_policy"],
        "group" => &["admin_group", "group_source"],
        "group_rule" => &["rule_group", "rule_excludes"],
        "user" => &["user_of_type", "user_realm"],
        "policy" | "policy_rule" => {
            &["policy_group", "policy_user", "policy_zone", "policy_device_assurance", "policy_app"]
        }
        "realm_assignment" => &["assignment_realm", "assignment_source"],
        "binding_member" => &["member_principal"],
        "user_grant" => &["user_grant_app"],
        "linked_user" => &["link_primary", "link_definition"],
        "api_token" => &["token_owner"],
        "role_assignment" => &[
            "assignment_role",
            "assignment_resource_set",
            "assignment_user",
            "assignment_group",
            "assignment_client",
            "assignment_target_group",
            "assignment_target_app",
        ],
        "resource" => &["resource_target"],
        "auth_policy" => &["auth_policy_client"],
        "auth_policy_rule" => &["auth_rule_group", "auth_rule_user"],
        "authenticator" => &["authenticator_app"],
        "idp" => &["idp_group", "idp_excluded_user", "idp_trust_key"],
        "threat_insight" => &["threat_exempt_zone"],
        "role_binding" => &["binding_role"],
        "event_hook" => &["hook_creator"],
        "org_contact" => &["contact_user"],
        "domain" => &["domain_brand"],
        "brand" => &["brand_email_domain", "brand_app"],
        "app_grant" => &["grant_user"],
        "app_token" => &["token_user", "token_server"],
        "group_push" => &["push_source", "push_target"],
        "profile_mapping" => &["mapping_source", "mapping_target"],
        "api_service" => &["api_service_creator"],
        "principal_rate_limit" => &["rate_limit_principal"],
        _ => &[],
    }
}

/// What the one document of a kind that has only one is called.
pub fn only(kind: &str) -> Option<&'static str> {
    match kind {
        "threat_insight" => Some("configuration"),
        "lockout_settings" => Some("user-lockout-settings"),
        "authenticator_settings" => Some("authenticator-settings"),
        _ => None,
    }
}

/// The edges of an object at `address`, listed by `dataset` under `parent`.
pub fn of_object(dataset: &str, kind: &str, address: &str, parent: &str, doc: &Value) -> Vec<Edge> {
    let mut found: Vec<(&'static str, &str, i64)> = Vec::new();
    match kind {
        "app" => {
            let policy =
                text(doc, "/_links/accessPolicy/href").and_then(|h| h.split_once("/api/v1/policies/"));
            found.extend(policy.map(|(_, id)| ("app_policy", id, 0)));
        }
        "group" => {
            found.extend(text(doc, "/source/id").map(|id| ("group_source", id, 0)));
            // No recorded group has statistics, and without them every group may hold a role.
            assert!(doc.pointer("/_embedded/stats").is_none(), "statistics were recorded: {doc}");
            found.push(("admin_group", ORG_ID, 0));
            // Likewise every one may have members and apps.
            found.push(("group_below", ORG_ID, 3));
        }
        "group_rule" => {
            let (fills, spares) =
                ("/actions/assignUserToGroups/groupIds", "/conditions/people/users/exclude");
            found.extend(ids(doc, fills, "00g").into_iter().map(|id| ("rule_group", id, 0)));
            found.extend(ids(doc, spares, "00u").into_iter().map(|id| ("rule_excludes", id, 0)));
        }
        "user" => {
            // What the links of a user read alone say of its type, its field says too.
            let linked = text(doc, "/_links/type/href").and_then(|h| h.rsplit('/').next());
            let of_type = text(doc, "/type/id");
            assert!(linked.is_none() || linked == of_type, "{doc}");
            found.extend(of_type.map(|id| ("user_of_type", id, 0)));
            found.extend(text(doc, "/realmId").map(|id| ("user_realm", id, 0)));
        }
        "user_schema" => {
            // The call for a type's schema goes by the type's id.
            let of_type = text(doc, "/_links/type/href").and_then(|h| h.rsplit('/').next());
            let own = text(doc, "/_links/self/href").and_then(|h| h.rsplit('/').next());
            let ids =
                own.and_then(|id| id.strip_prefix("osc")).zip(of_type.and_then(|id| id.strip_prefix("oty")));
            assert!(
                ids.is_some_and(|(schema, of_type)| schema == of_type),
                "{own:?} is the schema of {of_type:?}"
            );
        }
        "policy" | "policy_rule" => {
            for (attr, side) in [(0, "include"), (1, "exclude")] {
                for (rel, path, prefix) in [
                    ("policy_group", "people/groups", "00g"),
                    ("policy_user", "people/users", "00u"),
                    ("policy_zone", "network", "nzo"),
                    ("policy_device_assurance", "device/assurance", "dae"),
                ] {
                    let named = ids(doc, &format!("/conditions/{path}/{side}"), prefix);
                    found.extend(named.into_iter().map(|id| (rel, id, attr)));
                }
            }
        }
        "api_token" => {
            let owner = text(doc, "/_links/user/href").and_then(|h| h.rsplit('/').next());
            found.extend(owner.map(|id| ("token_owner", id, 0)));
        }
        "role_assignment" => {
            let holder = match dataset {
                "user_role" => "assignment_user",
                "client_role" => "assignment_client",
                _ => "assignment_group",
            };
            found.push((holder, parent, 0));
            let custom = text(doc, "/type") == Some("CUSTOM");
            let role = text(doc, if custom { "/role" } else { "/type" });
            found.extend(role.map(|id| ("assignment_role", id, 0)));
            found.extend(text(doc, "/resource-set").map(|id| ("assignment_resource_set", id, 0)));
        }
        "resource" => {
            // The declaration goes by the ORN; the link says the same in another way.
            let (href, orn) =
                (text(doc, "/_links/self/href").unwrap_or_default(), text(doc, "/orn").unwrap_or_default());
            let one = ["/groups/", "/apps/"].iter().find_map(|of| href.split_once(of));
            let contained = i64::from(orn.ends_with(":contained_resources"));
            found.extend(one.map(|(_, id)| ("resource_target", id, contained)));
        }
        "event_hook" => {
            let user = text(doc, "/createdBy").filter(|id| id.starts_with("00u"));
            found.extend(user.map(|id| ("hook_creator", id, 0)));
        }
        "org_contact" => {
            let user = text(doc, "/_links/user/href").and_then(|h| h.rsplit('/').next());
            found.extend(user.map(|id| ("contact_user", id, 0)));
        }
        "domain" => {
            // Answers of the years before brands have neither.
            let link = text(doc, "/_links/brand/href").and_then(|h| h.rsplit('/').next());
            found.extend(link.map(|id| ("domain_brand", id, 0)));
        }
        "brand" => {
            let mail = text(doc, "/emailDomainId").filter(|id| id.starts_with("OeD"));
            found.extend(mail.map(|id| ("brand_email_domain", id, 0)));
            let app = text(doc, "/defaultApp/appInstanceId").filter(|id| id.starts_with("0oa"));
            found.extend(app.map(|id| ("brand_app", id, 0)));
        }
        // The declarations go by the fields; the links say the same in another way.
        "app_grant" => found.extend(linked(doc, "user", "/users/").map(|id| ("grant_user", id, 0))),
        "app_token" => {
            found.extend(linked(doc, "user", "/users/").map(|id| ("token_user", id, 0)));
            let server = linked(doc, "authorizationServer", "/authorizationServers/");
            found.extend(server.map(|id| ("token_server", id, 0)));
        }
        "group_push" => {
            found.extend(linked(doc, "sourceGroup", "/groups/").map(|id| ("push_source", id, 0)));
            found.extend(linked(doc, "targetGroup", "/groups/").map(|id| ("push_target", id, 0)));
        }
        "profile_mapping" => {
            for (rel, end) in [("mapping_source", "source"), ("mapping_target", "target")] {
                // An identity provider's end looks like an app's but for its name.
                let idp = ["oidc_idp", "saml_idp", "google_idp"].iter().any(|n| doc[end]["name"] == **n);
                found.extend(linked(&doc[end], "self", "/apps/").filter(|_| !idp).map(|id| (rel, id, 0)));
            }
        }
        "api_service" => {
            let creator = text(doc, "/createdBy").filter(|id| id.starts_with("00u"));
            found.extend(creator.map(|id| ("api_service_creator", id, 0)));
        }
        "principal_rate_limit" => {
            let principal = text(doc, "/principalId");
            let principal = principal.filter(|id| id.starts_with("00T") || id.starts_with("0oa"));
            found.extend(principal.map(|id| ("rate_limit_principal", id, 0)));
        }
        "auth_policy" => {
            let clients = ids(doc, "/conditions/clients/include", "0oa");
            found.extend(clients.into_iter().map(|id| ("auth_policy_client", id, 0)));
        }
        "auth_policy_rule" => {
            for (attr, side) in [(0, "include"), (1, "exclude")] {
                for (rel, path, prefix) in
                    [("auth_rule_group", "groups", "00g"), ("auth_rule_user", "users", "00u")]
                {
                    let named = ids(doc, &format!("/conditions/people/{path}/{side}"), prefix);
                    found.extend(named.into_iter().map(|id| (rel, id, attr)));
                }
            }
        }
        "authenticator" => {
            // Recorded ones that have a client have it as their app.
            let places = ["/settings/oauthClientId", "/provider/configuration/instanceId"];
            found.extend(places.iter().filter_map(|p| text(doc, p)).map(|id| ("authenticator_app", id, 0)));
        }
        "idp" => {
            let groups = ids(doc, "/policy/provisioning/groups/assignments", "00g");
            found.extend(groups.into_iter().map(|id| ("idp_group", id, 1)));
            assert!(
                doc.pointer("/policy/accountLink/filter/groups").is_none(),
                "a filter was recorded: {doc}"
            );
            found.extend(text(doc, "/protocol/credentials/trust/kid").map(|id| ("idp_trust_key", id, 0)));
        }
        "threat_insight" => {
            found
                .extend(ids(doc, "/excludeZones", "nzo").into_iter().map(|id| ("threat_exempt_zone", id, 0)));
        }
        "linked_user" => {
            found.extend(linked(doc, "self", "/api/v1/users/").map(|id| ("link_primary", id, 0)));
            found.extend(address.rsplit('/').next().map(|name| ("link_definition", name, 0)));
        }
        "role_binding" => found.extend(text(doc, "/id").map(|id| ("binding_role", id, 0))),
        _ => {}
    }
    found.into_iter().map(|(rel, dst, attr)| (rel, address.to_string(), dst.to_string(), attr)).collect()
}

/// The edge that an item of a data set of edges is, listed under `parent`.
pub fn of_item(dataset: &'static str, parent: &str, item: &Value) -> Edge {
    let id = text(item, "/id").expect("an id").to_string();
    let (dst, attr) = match dataset {
        "admin_user" => (ORG_ID, 0),
        "group_member" | "group_owner" => (parent, 0),
        "app_group" => (parent, item["priority"].as_i64().expect("a priority")),
        "app_user" => {
            let scope =
                ["USER", "GROUP"].iter().position(|s| item["scope"] == **s).expect("a scope") as i64 + 1;
            (parent, if item["status"] == "ACTIVE" { scope } else { scope + 16 })
        }
        other => panic!("{other} is not a data set of edges"),
    };
    (dataset, id, dst.to_string(), attr)
}
