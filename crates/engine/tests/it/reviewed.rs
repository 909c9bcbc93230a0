//! What a person has looked at and found right. A change of any of these lists wants another look.

/// Paths where a secret is dropped: endpoint, place in the object, rule.
pub const DROPPED: &[(&str, &str, &str)] = &[
    // Okta shows a client's secret once, when the app is made or changed.
    ("POST /api/v1/apps", ".credentials.oauthClient.client_secret", "key"),
    ("PUT /api/v1/apps/{}", ".credentials.oauthClient.client_secret", "key"),
    // And its secrets at every reading: the reason why nobody is asked for their ages without an admin's word.
    ("GET /api/v1/apps/{}/credentials/secrets", ".client_secret", "key"),
    ("GET /api/v1/apps/{}/credentials/secrets", ".secret_hash", "key"),
    ("GET /api/v1/apps/{}/credentials/secrets/{}", ".client_secret", "key"),
    ("GET /api/v1/apps/{}/credentials/secrets/{}", ".secret_hash", "key"),
    ("POST /api/v1/apps/{}/credentials/secrets", ".client_secret", "key"),
    ("POST /api/v1/apps/{}/credentials/secrets", ".secret_hash", "key"),
    // An integration's secret is shown once, when it is added.
    ("POST /integrations/api/v1/api-services", ".clientSecret", "key"),
    // The secret that the org has at an identity provider is shown with every reading.
    ("GET /api/v1/idps", ".protocol.credentials.client.client_secret", "key"),
    ("GET /api/v1/idps/{}", ".protocol.credentials.client.client_secret", "key"),
    ("POST /api/v1/idps", ".protocol.credentials.client.client_secret", "key"),
    // Headers of one's own may be credentials: one called `custom_key` is taken for one.
    ("GET /api/v1/inlineHooks/{}", ".channel.config.headers[].value", "header"),
    ("POST /api/v1/inlineHooks", ".channel.config.headers[].value", "header"),
    ("POST /api/v1/inlineHooks/{}/lifecycle/deactivate", ".channel.config.headers[].value", "header"),
    ("PUT /api/v1/inlineHooks/{}", ".channel.config.headers[].value", "header"),
];

/// Kinds of which no object was recorded, with the files that were looked at.
pub const KINDS_NOT_RECORDED: &[(&str, &[&str])] = &[
    (
        "role_binding",
        // Two answers of 200 with empty `roles`, a 404; the one attempt to make a binding is a 404.
        &[
            "GET_api_v1_iam_resource-sets_ID_bindings.jsonl",
            "POST_api_v1_iam_resource-sets_ID_bindings.jsonl",
        ],
    ),
    // Nineteen answers: empty lists and a 429.
    ("agent_pool", &["GET_api_v1_agentPools.jsonl"]),
    ("agent", &["GET_api_v1_agentPools.jsonl"]),
    // Nobody asked for these four.
    ("org_setting", &[]),
    // The one attempt to register a key is a 400.
    ("app_jwk", &["POST_api_v1_apps_ID_credentials_jwks.jsonl"]),
    (
        "policy_mapping",
        // One answer of 200, empty; the one attempt to make a mapping is a 400.
        &["GET_api_v1_policies_ID_mappings.jsonl", "POST_api_v1_policies_ID_mappings.jsonl"],
    ),
    // Without bindings there are no members.
    ("binding_member", &["GET_api_v1_iam_resource-sets_ID_bindings.jsonl"]),
    // No call for realm assignments was recorded.
    ("realm_assignment", &[]),
    // One answer of 200, and it is empty.
    ("user_grant", &["GET_api_v1_users_ID_grants.jsonl"]),
];

/// Relations of which no edge was recorded, and why.
pub const RELATIONS_NOT_RECORDED: &[(&str, &str)] = &[
    ("group_source", "every recorded group is an OKTA_GROUP or BUILT_IN; an APP_GROUP has a source"),
    ("rule_excludes", "every recorded group rule excludes nobody"),
    ("assignment_resource_set", "every recorded role assignment is of a standard role"),
    ("binding_role", "no binding was recorded"),
    ("agent_of_pool", "no agent was recorded"),
    ("assignment_client", "no listing of a client's roles was recorded"),
    ("grant_user", "every recorded grant is an administrator's"),
    ("auth_rule_user", "every recorded rule of an access policy excludes nobody"),
    ("auth_server_client", "no list of an authorization server's clients was recorded"),
    ("auth_server_trust", "no list of associated servers was recorded"),
    ("mapping_app", "no policy mapping was recorded"),
    (
        "threat_exempt_zone",
        "zones were spared in tests only: the last reading of every recorded org has none",
    ),
    ("idp_excluded_user", "every recorded account link has no filter"),
    ("member_principal", "no binding was recorded"),
    ("assignment_realm", "no realm assignment was recorded"),
    ("assignment_source", "no realm assignment was recorded"),
    ("user_grant_app", "the one recorded answer is empty"),
    ("device_user", "no list of devices was recorded with its users"),
    ("policy_app", "every recorded rule with a condition on apps names none"),
    ("assignment_target_group", "no list of roles was recorded with targets"),
    ("assignment_target_app", "no list of roles was recorded with targets"),
];

/// Objects without a name, status or time of creation although their kind declares where it stands: how many, and why.
pub const LACKING: &[(&str, &str, usize, &str)] = &[
    ("brand", "name", 12, "recordings of 2021 and early 2022, when an org had one brand, without a name"),
    ("threat_insight", "created", 3, "a recording of 2021 has `2021-06-14 14:45:46`, which states no zone"),
];

/// Columns that no recorded document fills, and why.
pub const COLUMNS_NOT_RECORDED: &[(&str, &str)] = &[
    ("org.expires_at", "null in the one org that was recorded"),
    ("support_access.case_number", "Okta's support was let in without a case, in one recording of 2021"),
    ("domain_certificate.expires", "no domain was recorded with its certificate"),
    ("domain_certificate.fingerprint", "no domain was recorded with its certificate"),
    ("domain_certificate.subject", "no domain was recorded with its certificate"),
    ("group.source_id", "only an APP_GROUP has a source"),
    ("group.users_count", "no group was recorded with its statistics"),
    ("group.apps_count", "no group was recorded with its statistics"),
    ("role_permission.conditions", "null in every recorded permission"),
    ("device.users", "no list of devices was recorded with its users"),
    ("role_assignment.target_apps", "no list of roles was recorded with targets"),
    ("role_assignment.role_id", "no assignment of a custom role was recorded"),
    ("role_assignment.resource_set_id", "no assignment of a custom role was recorded"),
    ("app_grant.user_id", "every recorded grant is an administrator's"),
    ("app_feature.create", "only INBOUND_PROVISIONING was recorded"),
    ("app_feature.deactivate", "only INBOUND_PROVISIONING was recorded"),
    ("app_feature.password_sync", "only INBOUND_PROVISIONING was recorded"),
    ("app_feature.password_seed", "only INBOUND_PROVISIONING was recorded"),
    ("group_push.error", "no failed mapping was recorded"),
    ("group_push.last_push", "no failed mapping was recorded"),
    ("security_events_provider.well_known_url", "every recorded provider gives issuer and keys instead"),
];
