//! Questions that people ask of the copy, with the SQL that answers them. The reference lists them, `transom sql
//! --examples` too, and a test runs every one on both databases against a simulated org in which each has an answer.
//!
//! What is the same on SQLite and PostgreSQL, so that a new one is as well: joins by `org` and id; `(org, id) IN
//! (SELECT …)` and joins with a counted subquery, which no planner repeats for each row; `->` and `->>` on JSON columns;
//! booleans without `= 1`; times as text that sorts. No date arithmetic, no array functions: order by a time instead of
//! comparing it with today.

/// A question and its answer.
#[derive(Debug)]
pub struct Query {
    /// What `--example` calls it.
    pub name: &'static str,
    /// Who asks.
    pub who: &'static str,
    /// The question, in a sentence.
    pub question: &'static str,
    /// One SELECT over the `okta_*` views.
    pub sql: &'static str,
}

const SECURITY: &str = "security engineer";
const ADMIN: &str = "IT admin";
const AUDITOR: &str = "auditor";

/// What stands around an example to ask it of one org: by itself it answers for every org that is connected.
pub const OF_ONE_ORG: &str = "SELECT * FROM (…) AS answer WHERE org = 'Production'";

/// Every example, in the order of the reference. Its first column is `org`.
pub const QUERIES: &[Query] = &[
    Query {
        name: "super-admins",
        who: SECURITY,
        question: "Who is a super admin, since when, and through what?",
        sql: "\
WITH held AS MATERIALIZED (
  SELECT a.org, a.parent_id, a.created FROM okta_role_assignment a WHERE a.type = 'SUPER_ADMIN')
SELECT u.org, u.login, u.status, 'the user' AS holder, h.created AS since
FROM held h
JOIN okta_user u ON u.org = h.org AND u.id = h.parent_id
UNION
SELECT u.org, u.login, u.status, g.name, h.created
FROM held h
JOIN okta_group g ON g.org = h.org AND g.id = h.parent_id
JOIN okta_group_member m ON m.org = h.org AND m.group_id = h.parent_id
JOIN okta_user u ON u.org = m.org AND u.id = m.user_id
ORDER BY since, login",
    },
    Query {
        name: "admins-by-role",
        who: AUDITOR,
        question: "How many users and groups hold each admin role?",
        sql: "\
SELECT a.org, a.name AS role, a.type, count(DISTINCT u.id) AS users, count(DISTINCT g.id) AS groups
FROM okta_role_assignment a
LEFT JOIN okta_user u ON u.org = a.org AND u.id = a.parent_id
LEFT JOIN okta_group g ON g.org = a.org AND g.id = a.parent_id
WHERE a.status = 'ACTIVE'
GROUP BY a.org, a.name, a.type
ORDER BY users DESC, groups DESC, role",
    },
    Query {
        name: "groups-that-make-admins",
        who: SECURITY,
        question: "Which groups turn their members into administrators, and how many members have they?",
        sql: "\
SELECT g.org, g.name AS group_name, a.name AS role, a.created AS since, COALESCE(m.members, 0) AS members
FROM okta_role_assignment a
JOIN okta_group g ON g.org = a.org AND g.id = a.parent_id
LEFT JOIN (SELECT org, group_id, count(*) AS members FROM okta_group_member GROUP BY org, group_id) m
  ON m.org = a.org AND m.group_id = a.parent_id
ORDER BY members DESC, group_name",
    },
    Query {
        name: "custom-role-permissions",
        who: AUDITOR,
        question: "What may the holders of custom roles do, and on which resource set?",
        sql: "\
SELECT a.org, COALESCE(u.login, g.name) AS holder, r.name AS role, s.name AS resource_set, p.id AS permission
FROM okta_role_assignment a
JOIN okta_role_permission p ON p.org = a.org AND a.role_id = p.parent_id
JOIN okta_role r ON r.org = p.org AND r.id = p.parent_id
LEFT JOIN okta_resource_set s ON s.org = a.org AND s.id = a.resource_set_id
LEFT JOIN okta_user u ON u.org = a.org AND u.id = a.parent_id
LEFT JOIN okta_group g ON g.org = a.org AND g.id = a.parent_id
ORDER BY holder, role, permission",
    },
    Query {
        name: "admins-without-strong-factor",
        who: SECURITY,
        question: "Which administrators hold no factor that resists phishing (WebAuthn, Okta FastPass)?",
        sql: "\
SELECT u.org, u.login, u.status, u.last_login
FROM okta_user u
WHERE (u.org, u.id) IN (SELECT a.org, a.parent_id FROM okta_role_assignment a)
  AND (u.org, u.id) NOT IN (
    SELECT f.org, f.parent_id FROM okta_factor f
    WHERE f.status = 'ACTIVE' AND f.factor_type IN ('webauthn', 'u2f', 'signed_nonce'))
ORDER BY u.login",
    },
    Query {
        name: "only-weak-factors",
        who: SECURITY,
        question: "Which active people have nothing better than text message, call, e-mail or a security question?",
        sql: "\
SELECT u.org, u.login, u.department, count(f.id) AS factors
FROM okta_user u
JOIN okta_factor f ON f.org = u.org AND f.parent_id = u.id AND f.status = 'ACTIVE'
WHERE u.status = 'ACTIVE'
GROUP BY u.org, u.login, u.department
HAVING max(CASE WHEN f.factor_type IN ('sms', 'call', 'email', 'question') THEN 0 ELSE 1 END) = 0
ORDER BY u.login",
    },
    Query {
        name: "no-factor",
        who: SECURITY,
        question: "Which active people have no factor beside their password?",
        sql: "\
SELECT u.org, u.login, u.user_type, u.last_login
FROM okta_user u
WHERE u.status = 'ACTIVE'
  AND (u.org, u.id) NOT IN (SELECT f.org, f.parent_id FROM okta_factor f WHERE f.status = 'ACTIVE')
ORDER BY u.login",
    },
    Query {
        name: "factor-adoption",
        who: ADMIN,
        question: "How many active people use which factor?",
        sql: "\
SELECT f.org, f.factor_type, f.provider, count(DISTINCT f.parent_id) AS people
FROM okta_factor f
JOIN okta_user u ON u.org = f.org AND u.id = f.parent_id AND u.status = 'ACTIVE'
WHERE f.status = 'ACTIVE'
GROUP BY f.org, f.factor_type, f.provider
ORDER BY people DESC, f.factor_type",
    },
    Query {
        name: "leavers-with-access",
        who: SECURITY,
        question: "Who is suspended or deactivated and still has apps assigned?",
        sql: "\
SELECT u.org, u.login, u.status, u.status_changed, count(x.app_id) AS apps
FROM okta_user u
JOIN okta_app_user x ON x.org = u.org AND x.user_id = u.id
WHERE u.status IN ('SUSPENDED', 'DEPROVISIONED')
GROUP BY u.org, u.login, u.status, u.status_changed
ORDER BY u.status_changed, u.login",
    },
    Query {
        name: "longest-absent",
        who: SECURITY,
        question: "Which active accounts have not signed in for the longest time, or never?",
        sql: "\
SELECT u.org, u.login, u.user_type, u.created, u.last_login
FROM okta_user u
WHERE u.status = 'ACTIVE'
ORDER BY COALESCE(u.last_login, ''), u.created
LIMIT 50",
    },
    Query {
        name: "oldest-passwords",
        who: SECURITY,
        question: "Whose Okta password is the oldest?",
        sql: "\
SELECT u.org, u.login, u.status, u.password_changed
FROM okta_user u
WHERE u.provider = 'OKTA' AND u.status <> 'DEPROVISIONED' AND u.password_changed IS NOT NULL
ORDER BY u.password_changed
LIMIT 50",
    },
    Query {
        name: "invitations-not-taken",
        who: ADMIN,
        question: "Who was invited and never finished setting up the account?",
        sql: "\
SELECT u.org, u.login, u.status, u.created, u.manager_id
FROM okta_user u
WHERE u.status IN ('STAGED', 'PROVISIONED')
ORDER BY u.created",
    },
    Query {
        name: "users-by-app",
        who: ADMIN,
        question: "How many people can open each app, and how many of them are assigned in person?",
        sql: "\
SELECT a.org, a.name AS app, a.status, a.sign_on_mode, COALESCE(x.users, 0) AS users,
       COALESCE(x.in_person, 0) AS in_person
FROM okta_app a
LEFT JOIN (
  SELECT org, app_id, count(*) AS users, count(CASE WHEN attr % 16 = 1 THEN 1 END) AS in_person
  FROM okta_app_user GROUP BY org, app_id) x ON x.org = a.org AND x.app_id = a.id
ORDER BY users DESC, app",
    },
    Query {
        name: "assigned-in-person",
        who: AUDITOR,
        question: "Who has an app by an assignment of their own, which no group review will find?",
        sql: "\
SELECT a.org, a.name AS app, u.login, u.status
FROM okta_app_user x
JOIN okta_app a ON a.org = x.org AND a.id = x.app_id
JOIN okta_user u ON u.org = x.org AND u.id = x.user_id
WHERE x.attr % 16 = 1
ORDER BY a.name, u.login",
    },
    Query {
        name: "why-this-app",
        who: ADMIN,
        question: "Through which groups do people get each app?",
        sql: "\
SELECT a.org, a.name AS app, g.name AS group_name, COALESCE(m.members, 0) AS members
FROM okta_app_group x
JOIN okta_app a ON a.org = x.org AND a.id = x.app_id
JOIN okta_group g ON g.org = x.org AND g.id = x.group_id
LEFT JOIN (SELECT org, group_id, count(*) AS members FROM okta_group_member GROUP BY org, group_id) m
  ON m.org = x.org AND m.group_id = x.group_id
ORDER BY a.name, members DESC",
    },
    Query {
        name: "shared-passwords",
        who: SECURITY,
        question: "Which active apps sign people in with a stored password instead of federation?",
        sql: "\
SELECT a.org, a.name AS app, a.sign_on_mode, a.integration, a.created
FROM okta_app a
WHERE a.status = 'ACTIVE'
  AND a.sign_on_mode IN ('BROWSER_PLUGIN', 'SECURE_PASSWORD_STORE', 'AUTO_LOGIN', 'BASIC_AUTH')
ORDER BY a.name",
    },
    Query {
        name: "apps-by-policy",
        who: AUDITOR,
        question: "Which authentication policy guards how many apps, and how many rules has it?",
        sql: "\
SELECT p.org, p.name AS policy, p.status, count(DISTINCT x.app_id) AS apps, count(DISTINCT r.id) AS rules
FROM okta_policy p
LEFT JOIN okta_app_policy x ON x.org = p.org AND x.policy_id = p.id
LEFT JOIN okta_policy_rule r ON r.org = p.org AND r.parent_id = p.id
WHERE p.type = 'ACCESS_POLICY'
GROUP BY p.org, p.name, p.status
ORDER BY apps DESC, policy",
    },
    Query {
        name: "session-rules",
        who: AUDITOR,
        question: "How long may sessions last and sit idle, by global session policy and rule?",
        sql: "\
SELECT r.org, p.name AS policy, p.priority AS policy_priority, r.name AS rule, r.priority, r.status,
       r.actions -> 'signon' ->> 'access' AS access,
       r.actions -> 'signon' -> 'session' ->> 'maxSessionIdleMinutes' AS idle_minutes,
       r.actions -> 'signon' -> 'session' ->> 'maxSessionLifetimeMinutes' AS lifetime_minutes
FROM okta_policy_rule r
JOIN okta_policy p ON p.org = r.org AND p.id = r.parent_id
WHERE p.type = 'OKTA_SIGN_ON'
ORDER BY p.priority, r.priority",
    },
    Query {
        name: "password-rules",
        who: AUDITOR,
        question: "What do the password policies demand?",
        sql: "\
SELECT p.org, p.name AS policy, p.priority, p.status,
       p.settings -> 'password' -> 'complexity' ->> 'minLength' AS min_length,
       p.settings -> 'password' -> 'age' ->> 'maxAgeDays' AS max_age_days,
       p.settings -> 'password' -> 'age' ->> 'historyCount' AS history,
       p.settings -> 'password' -> 'lockout' ->> 'maxAttempts' AS attempts
FROM okta_policy p
WHERE p.type = 'PASSWORD'
ORDER BY p.priority",
    },
    Query {
        name: "api-tokens",
        who: SECURITY,
        question: "Which API tokens exist, whose are they, what may their owners do, and from where do they work?",
        sql: "\
SELECT t.org, t.name AS token, u.login AS owner, u.status AS owner_status, a.name AS role, t.network, t.created
FROM okta_api_token t
LEFT JOIN okta_user u ON u.org = t.org AND u.id = t.user_id
LEFT JOIN okta_role_assignment a ON a.org = t.org AND a.parent_id = t.user_id
ORDER BY t.created, a.name",
    },
    Query {
        name: "empty-groups",
        who: ADMIN,
        question: "Which groups have no members, and what would a member get?",
        sql: "\
SELECT g.org, g.name AS group_name, g.type, g.created, count(DISTINCT x.app_id) AS apps
FROM okta_group g
LEFT JOIN okta_app_group x ON x.org = g.org AND x.group_id = g.id
WHERE (g.org, g.id) NOT IN (SELECT m.org, m.group_id FROM okta_group_member m)
GROUP BY g.org, g.name, g.type, g.created
ORDER BY apps DESC, g.name",
    },
    Query {
        name: "groups-without-use",
        who: ADMIN,
        question: "Which groups give nothing: no app, no admin role?",
        sql: "\
SELECT g.org, g.name AS group_name, g.type, g.users_count, g.last_membership_updated
FROM okta_group g
WHERE g.type = 'OKTA_GROUP'
  AND (g.org, g.id) NOT IN (SELECT x.org, x.group_id FROM okta_app_group x)
  AND (g.org, g.id) NOT IN (SELECT a.org, a.parent_id FROM okta_role_assignment a)
ORDER BY g.last_membership_updated",
    },
    Query {
        name: "rules-that-do-nothing",
        who: ADMIN,
        question: "Which group rules are switched off or broken, and which groups do they leave unfilled?",
        sql: "\
SELECT r.org, r.name AS rule, r.status, r.expression, g.name AS group_name
FROM okta_group_rule r
LEFT JOIN okta_rule_group x ON x.org = r.org AND x.group_rule_id = r.id
LEFT JOIN okta_group g ON g.org = x.org AND g.id = x.group_id
WHERE r.status <> 'ACTIVE'
ORDER BY r.name",
    },
    Query {
        name: "network-zones",
        who: SECURITY,
        question: "Which network zones let in or keep out, and which are switched off?",
        sql: "\
SELECT z.org, z.name AS zone, z.type, z.usage, z.status, z.system, z.updated
FROM okta_network_zone z
ORDER BY z.usage, z.status, z.name",
    },
];

/// The example called `name`.
pub fn named(name: &str) -> Option<&'static Query> {
    QUERIES.iter().find(|q| q.name == name)
}
