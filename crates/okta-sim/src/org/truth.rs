//! What a super admin would see, all of it: the yardstick for a client's copy. Documents are as lists show them.

use serde_json::Value;

use super::{Org, infrastructure};
use crate::generate::clients;
use crate::generate::device_assurances::device_assurances;
use crate::generate::iam::{Holder, Role};
use crate::generate::ids::IdKind;
use crate::generate::linked_objects::LINKED_OBJECTS;
use crate::generate::owners::Owner;
use crate::generate::user_types::user_types;
use crate::generate::{devices, realms};
use crate::json::Out;
use crate::org::view::View;
use crate::routes;

/// A kind of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Users, deprovisioned ones too.
    User,
    /// Groups.
    Group,
    /// Group rules.
    GroupRule,
    /// Apps.
    App,
    /// App users; the parent is the app.
    AppUser,
    /// Groups assigned to apps; the parent is the app.
    AppGroup,
    /// Factors; the parent is the user.
    Factor,
    /// Role assignments; the parent is the user or group that holds them in person.
    RoleAssignment,
    /// Custom roles.
    CustomRole,
    /// Resource sets.
    ResourceSet,
    /// Resources; the parent is the resource set.
    Resource,
    /// Policies.
    Policy,
    /// Policy rules; the parent is the policy.
    PolicyRule,
    /// Authorization servers.
    AuthServer,
    /// Network zones.
    Zone,
    /// API tokens.
    ApiToken,
    /// User types.
    UserType,
    /// Schemas of users; the parent is the user type.
    UserSchema,
    /// The schema of groups.
    GroupSchema,
    /// Definitions of linked objects.
    LinkedObject,
    /// Whom users are linked to; the parent is the user, the id the primary's name in the relation.
    LinkedUser,
    /// Realms.
    Realm,
    /// Realm assignments.
    RealmAssignment,
    /// Devices, with summaries of their users.
    Device,
    /// Device assurance policies.
    DeviceAssurance,
    /// Members of role bindings; the parent is the role.
    BindingMember,
    /// Scopes that users granted; the parent is the user.
    UserGrant,
    /// Provisioning features; the parent is the app, the id the name.
    AppFeature,
    /// Signing keys; the parent is the app.
    AppKey,
    /// Registered keys; the parent is the app.
    AppJwk,
    /// Client secrets; the parent is the app.
    AppSecret,
    /// Granted scopes; the parent is the app.
    AppGrant,
    /// Refresh tokens; the parent is the app.
    AppToken,
    /// Group push mappings; the parent is the app.
    GroupPush,
    /// Profile mappings.
    ProfileMapping,
    /// API service integrations.
    ApiService,
    /// Shares of the rate limits.
    PrincipalRateLimit,
    /// Event hooks.
    EventHook,
    /// Inline hooks.
    InlineHook,
    /// Log streams.
    LogStream,
    /// Agent pools.
    AgentPool,
    /// Agents of agent pools.
    Agent,
    /// Brands.
    Brand,
    /// Domains.
    Domain,
    /// Domains as they are shown alone; the parent is the domain.
    DomainCertificate,
    /// E-mail domains.
    EmailDomain,
    /// Features.
    Feature,
    /// Scopes; the parent is the authorization server.
    AuthScope,
    /// Claims, likewise.
    AuthClaim,
    /// Access policies, likewise.
    AuthPolicy,
    /// Their rules; the parent is the policy.
    AuthPolicyRule,
    /// Signing keys; the parent is the authorization server, the id the key id.
    AuthKey,
    /// Policy mappings, of policies that link to them; the parent is the policy.
    PolicyMapping,
    /// Authenticators.
    Authenticator,
    /// Their methods; the parent is the authenticator, the id the type.
    AuthenticatorMethod,
    /// Identity providers.
    IdentityProvider,
    /// Their keys; the id is the key id.
    IdpKey,
    /// Behaviors.
    Behavior,
    /// The one setting of ThreatInsight.
    ThreatInsight,
    /// The one lockout setting.
    LockoutSettings,
    /// The one setting of authenticators.
    AuthenticatorSettings,
    /// Trusted origins.
    TrustedOrigin,
    /// Security events providers.
    SecurityEventsProvider,
    /// CAPTCHAs.
    Captcha,
}

impl Kind {
    /// Every kind.
    pub const ALL: &[Kind] = &[
        Kind::User,
        Kind::Group,
        Kind::GroupRule,
        Kind::App,
        Kind::AppUser,
        Kind::AppGroup,
        Kind::Factor,
        Kind::RoleAssignment,
        Kind::CustomRole,
        Kind::ResourceSet,
        Kind::Resource,
        Kind::Policy,
        Kind::PolicyRule,
        Kind::AuthServer,
        Kind::Zone,
        Kind::ApiToken,
        Kind::UserType,
        Kind::UserSchema,
        Kind::GroupSchema,
        Kind::LinkedObject,
        Kind::LinkedUser,
        Kind::Realm,
        Kind::RealmAssignment,
        Kind::Device,
        Kind::DeviceAssurance,
        Kind::BindingMember,
        Kind::UserGrant,
        Kind::AppFeature,
        Kind::AppKey,
        Kind::AppJwk,
        Kind::AppSecret,
        Kind::AppGrant,
        Kind::AppToken,
        Kind::GroupPush,
        Kind::ProfileMapping,
        Kind::ApiService,
        Kind::PrincipalRateLimit,
        Kind::EventHook,
        Kind::InlineHook,
        Kind::LogStream,
        Kind::AgentPool,
        Kind::Agent,
        Kind::Brand,
        Kind::Domain,
        Kind::DomainCertificate,
        Kind::EmailDomain,
        Kind::Feature,
        Kind::AuthScope,
        Kind::AuthClaim,
        Kind::AuthPolicy,
        Kind::AuthPolicyRule,
        Kind::AuthKey,
        Kind::PolicyMapping,
        Kind::Authenticator,
        Kind::AuthenticatorMethod,
        Kind::IdentityProvider,
        Kind::IdpKey,
        Kind::Behavior,
        Kind::ThreatInsight,
        Kind::LockoutSettings,
        Kind::AuthenticatorSettings,
        Kind::TrustedOrigin,
        Kind::SecurityEventsProvider,
        Kind::Captcha,
    ];
}

/// A relation between two objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// Group → its member.
    Member,
    /// App → its user.
    AppUser,
    /// App → the group assigned to it.
    AppGroup,
    /// Authorization server → the app that has had its tokens.
    ServerClient,
    /// Authorization server → the server whose tokens it takes.
    ServerTrust,
    /// Group → its owner, a user or a group.
    Owner,
    /// Device → its user.
    DeviceUser,
    /// User → the user who is their primary in some relation.
    Primary,
}

/// An object.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The parent's id; empty where there is none.
    pub parent: String,
    /// The id.
    pub id: String,
    /// The document.
    pub doc: Value,
}

/// See [`Org::truth`].
#[derive(Debug, Clone, Copy)]
pub struct Truth<'a> {
    org: &'a Org,
    origin: &'a str,
}

impl<'a> Truth<'a> {
    pub(super) fn new(org: &'a Org, origin: &'a str) -> Self {
        Self { org, origin }
    }

    /// Hands every object of a kind to `take`, one after the other; memory does not grow with their number. The org
    /// can't change meanwhile.
    pub fn each(&self, kind: Kind, mut take: impl FnMut(Record)) {
        let origin = self.origin;
        self.org.read(|view| {
            if kind == Kind::LinkedUser {
                // What Okta sends of a link says nothing of the relation that was asked for.
                return view.links().for_each(|(user, linked, primary)| {
                    let doc = routes::linked_user_json(view, primary, origin);
                    take(Record { parent: view.user_id(user), id: linked.primary.0.to_owned(), doc });
                });
            }
            let mut emit = |parent: &str, text: Out| {
                let doc: Value = serde_json::from_str(text.as_str()).unwrap_or_default();
                let id = match kind {
                    Kind::LinkedObject => &doc["primary"]["name"],
                    Kind::AppFeature => &doc["name"],
                    Kind::AppKey | Kind::AuthKey | Kind::IdpKey => &doc["kid"],
                    Kind::AuthenticatorMethod => &doc["type"],
                    _ => &doc["id"],
                };
                // Settings of which there is one go by the end of their path.
                let only = match kind {
                    Kind::ThreatInsight => Some("configuration"),
                    Kind::LockoutSettings => Some("user-lockout-settings"),
                    Kind::AuthenticatorSettings => Some("authenticator-settings"),
                    _ => None,
                };
                let mut id = only.or(id.as_str()).unwrap_or_default().to_owned();
                if matches!(kind, Kind::UserSchema | Kind::GroupSchema) {
                    // Its own id is a URL that says less than its link.
                    let href = doc["_links"]["self"]["href"].as_str().unwrap_or_default();
                    id = href.rsplit('/').next().unwrap_or_default().to_owned();
                }
                take(Record { parent: parent.to_owned(), id, doc });
            };
            each(view, kind, origin, &mut emit);
        });
    }

    /// All objects of a kind.
    pub fn list(&self, kind: Kind) -> Vec<Record> {
        let mut records = Vec::new();
        self.each(kind, |record| records.push(record));
        records
    }

    /// Hands every pair of a relation to `take`, as ids.
    pub fn each_edge(&self, relation: Relation, mut take: impl FnMut(&str, &str)) {
        self.org.read(|view| match relation {
            Relation::Member => {
                for group in (0..view.group_numbers()).filter(|g| view.group(*g).is_some()) {
                    let id = view.group_id(group);
                    view.members(group, None).for_each(|user| take(&id, &view.user_id(user)));
                }
            }
            Relation::AppUser => {
                for app in (0..view.app_numbers()).filter(|a| view.app(*a).is_some()) {
                    let id = view.app_id(app);
                    view.app_users(app, None).for_each(|user| take(&id, &view.user_id(user)));
                }
            }
            Relation::Owner => {
                for group in (0..view.group_numbers()).filter(|g| view.group(*g).is_some()) {
                    let id = view.group_id(group);
                    view.owners(group).into_iter().for_each(|owner| match owner {
                        Owner::User(user) => take(&id, &view.user_id(user)),
                        Owner::Group(owner) => take(&id, &view.group_id(owner)),
                    });
                }
            }
            Relation::DeviceUser => {
                for n in devices::numbers(view.base.config.seed, 0, view.base.people.count()) {
                    let id = view.base.ids.encode(IdKind::Device, n);
                    routes::device_users(view, n).into_iter().for_each(|user| take(&id, &view.user_id(user)));
                }
            }
            Relation::Primary => {
                view.links().for_each(|(user, _, primary)| take(&view.user_id(user), &view.user_id(primary)))
            }
            Relation::AppGroup => {
                for app in (0..view.app_numbers()).filter(|a| view.app(*a).is_some()) {
                    let id = view.app_id(app);
                    view.groups_of_app(app).into_iter().for_each(|group| take(&id, &view.group_id(group)));
                }
            }
            Relation::ServerClient => {
                for (server, app) in
                    view.state.access.clients.iter().filter(|(_, app)| view.app(*app).is_some())
                {
                    let server = view.state.servers.iter().find(|s| s.n == *server);
                    server.into_iter().for_each(|s| take(&routes::server_id(view, s), &view.app_id(*app)));
                }
            }
            Relation::ServerTrust => {
                let find = |n: u64| view.state.servers.iter().find(|s| s.n == n);
                for (from, to) in &view.state.access.trusts {
                    if let (Some(from), Some(to)) = (find(*from), find(*to)) {
                        take(&routes::server_id(view, from), &routes::server_id(view, to));
                    }
                }
            }
        });
    }

    /// All pairs of a relation.
    pub fn edges(&self, relation: Relation) -> Vec<(String, String)> {
        let mut edges = Vec::new();
        self.each_edge(relation, |from, to| edges.push((from.to_owned(), to.to_owned())));
        edges
    }
}

fn each(view: View<'_>, kind: Kind, origin: &str, emit: &mut dyn FnMut(&str, Out)) {
    let mut write = |parent: &str, fill: &mut dyn FnMut(&mut Out)| {
        let mut out = Out::with_capacity(1_024);
        fill(&mut out);
        emit(parent, out);
    };
    let state = view.state;
    let users =
        || (0..view.places()).map(move |p| view.at_place(p)).filter_map(move |n| Some((n, view.user(n)?)));
    let groups = || (0..view.group_numbers()).filter(move |g| view.group(*g).is_some());
    let apps = || (0..view.app_numbers()).filter(move |a| view.app(*a).is_some());
    match kind {
        Kind::User => users().for_each(|(n, user)| {
            write("", &mut |out| routes::write_user(out, view, n, &user, routes::Form::List, origin));
        }),
        Kind::Group => groups().for_each(|group| {
            write("", &mut |out| routes::write_group(out, view, group, routes::Expand::default(), origin));
        }),
        Kind::GroupRule => {
            state.rules.iter().for_each(|rule| write("", &mut |out| routes::write_rule(out, view, rule)))
        }
        Kind::App => apps().for_each(|app| {
            write("", &mut |out| out.raw_value(&routes::app_json(view, app, origin).to_string()));
        }),
        Kind::AppUser => apps().for_each(|app| {
            let parent = view.app_id(app);
            for n in view.app_users(app, None) {
                if let (Some(user), Some(via)) = (view.user(n), view.via(app, n)) {
                    write(&parent, &mut |out| routes::write_app_user(out, view, app, n, &user, via, origin));
                }
            }
        }),
        Kind::AppGroup => apps().for_each(|app| {
            let parent = view.app_id(app);
            for (priority, group) in view.groups_of_app(app).into_iter().enumerate() {
                write(&parent, &mut |out| routes::write_app_group(out, view, app, group, priority, origin));
            }
        }),
        Kind::Factor => users().for_each(|(n, user)| {
            let id = view.user_id(n);
            for factor in view.factors(n) {
                write(&id, &mut |out| factor.write(out, n, &user, &id, &view.base.ids, origin));
            }
        }),
        Kind::RoleAssignment => state.iam.assignments.iter().for_each(|assignment| {
            let parent = match assignment.holder {
                Holder::User(user) => view.user_id(user),
                Holder::Group(group) => view.group_id(group),
                Holder::App(app) => view.app_id(app),
            };
            write(&parent, &mut |out| {
                routes::write_assignment(out, view, assignment, false, routes::Targets::ALL, origin)
            });
        }),
        Kind::CustomRole => {
            state
                .iam
                .roles
                .iter()
                .for_each(|role| write("", &mut |out| routes::write_role(out, view, role, origin)));
        }
        Kind::ResourceSet => {
            state
                .iam
                .sets
                .iter()
                .for_each(|s| write("", &mut |out| routes::write_resource_set(out, view, s, origin)));
        }
        Kind::Resource => state.iam.sets.iter().for_each(|set| {
            let parent = view.base.ids.encode(IdKind::ResourceSet, set.n);
            for resource in &set.resources {
                write(&parent, &mut |out| routes::write_resource(out, view, set, resource, origin));
            }
        }),
        Kind::Policy => state.policies.iter().for_each(|policy| {
            write("", &mut |out| out.raw_value(&routes::policy_json(view, policy, origin).to_string()));
        }),
        Kind::PolicyRule => state.policies.iter().for_each(|policy| {
            let parent = view.base.ids.encode(policy.id_kind(), policy.n);
            for rule in &policy.rules {
                let json = routes::rule_json(view, policy, rule, origin).to_string();
                write(&parent, &mut |out| out.raw_value(&json));
            }
        }),
        Kind::AuthServer => state.servers.iter().for_each(|server| {
            write("", &mut |out| out.raw_value(&routes::server_json(view, server, origin).to_string()));
        }),
        Kind::Zone => state.zones.iter().for_each(|zone| {
            write("", &mut |out| out.raw_value(&routes::zone_json(view, zone, origin).to_string()));
        }),
        Kind::UserType => user_types(view.base.as_of).iter().for_each(|t| {
            write("", &mut |out| out.raw_value(&routes::user_type_json(view, t, origin).to_string()));
        }),
        Kind::UserSchema => user_types(view.base.as_of).iter().for_each(|t| {
            let parent = view.base.ids.encode(IdKind::UserType, t.n);
            write(&parent, &mut |out| out.raw_value(&routes::user_schema_json(view, t, origin).to_string()));
        }),
        Kind::GroupSchema => {
            write("", &mut |out| out.raw_value(&routes::group_schema_json(view, origin).to_string()));
        }
        Kind::LinkedObject => LINKED_OBJECTS.iter().for_each(|linked| {
            write("", &mut |out| out.raw_value(&routes::linked_object_json(linked, origin).to_string()));
        }),
        Kind::Realm => realms::realms(view.base.as_of).iter().for_each(|realm| {
            write("", &mut |out| out.raw_value(&routes::realm_json(view, realm, origin).to_string()));
        }),
        Kind::RealmAssignment => realms::assignments(view.base.as_of).iter().for_each(|assignment| {
            let json = routes::realm_assignment_json(view, assignment, origin).to_string();
            write("", &mut |out| out.raw_value(&json));
        }),
        Kind::Device => devices::numbers(view.base.config.seed, 0, view.base.people.count()).for_each(|n| {
            write("", &mut |out| routes::write_device(out, view, n, routes::Users::Summary, origin));
        }),
        Kind::DeviceAssurance => device_assurances(view.base.as_of).iter().for_each(|assurance| {
            let json = routes::device_assurance_json(view, assurance, origin).to_string();
            write("", &mut |out| out.raw_value(&json));
        }),
        Kind::BindingMember => state.iam.assignments.iter().for_each(|assignment| {
            if let Role::Custom { role, .. } = assignment.role {
                let parent = view.base.ids.encode(IdKind::CustomRole, role);
                write(&parent, &mut |out| routes::write_binding_member(out, view, assignment, origin));
            }
        }),
        Kind::UserGrant => users().for_each(|(n, _)| {
            let parent = view.user_id(n);
            for grant in routes::user_grants(view, n, origin) {
                write(&parent, &mut |out| out.raw_value(&grant.to_string()));
            }
        }),
        Kind::ApiToken => state.tokens.iter().filter(|t| !t.revoked).for_each(|token| {
            write("", &mut |out| out.raw_value(&routes::token_json(view, token, origin).to_string()));
        }),
        Kind::AppFeature
        | Kind::AppKey
        | Kind::AppJwk
        | Kind::AppSecret
        | Kind::AppGrant
        | Kind::AppToken
        | Kind::GroupPush => apps().for_each(|app| {
            let parent = view.app_id(app);
            for doc in below_app(view, kind, app, origin) {
                write(&parent, &mut |out| out.raw_value(&doc.to_string()));
            }
        }),
        Kind::ProfileMapping => routes::mapping_numbers(view, 0).for_each(|n| {
            write("", &mut |out| out.raw_value(&routes::mapping_json(view, n, false, origin).to_string()));
        }),
        Kind::ApiService => state.api_services.iter().for_each(|service| {
            write("", &mut |out| out.raw_value(&routes::api_service_json(view, service, origin).to_string()));
        }),
        Kind::PrincipalRateLimit => routes::principals(view).for_each(|principal| {
            write("", &mut |out| out.raw_value(&routes::share_json(view, principal).to_string()));
        }),
        Kind::EventHook
        | Kind::InlineHook
        | Kind::LogStream
        | Kind::AgentPool
        | Kind::Agent
        | Kind::Brand
        | Kind::Domain
        | Kind::DomainCertificate
        | Kind::EmailDomain
        | Kind::Feature => {
            for (parent, doc) in infrastructure::documents(view, kind, origin) {
                write(&parent, &mut |out| out.raw_value(&doc.to_string()));
            }
        }
        _ => super::truth_of_trust::each(view, kind, origin, &mut |parent, doc| {
            write(parent, &mut |out| out.raw_value(&doc.to_string()));
        }),
    }
}

/// What stands below an app, of one kind.
fn below_app(view: View<'_>, kind: Kind, app: u32, origin: &str) -> Vec<Value> {
    let (seed, as_of) = (view.base.config.seed, view.base.as_of);
    let Some(of) = view.app(app) else { return Vec::new() };
    match kind {
        Kind::AppFeature => {
            let features = routes::features(view, app);
            features.iter().map(|f| routes::feature_json(view, app, f, origin)).collect()
        }
        Kind::AppKey => {
            let keys = clients::keys(seed, as_of, app, &of);
            keys.iter().map(|key| routes::key_json(view, app, key)).collect()
        }
        Kind::AppJwk => routes::jwks_of(view, app, &of, origin).into_iter().map(|(_, jwk)| jwk).collect(),
        Kind::AppSecret => {
            let secrets = clients::secrets(seed, app, &of);
            secrets.iter().map(|secret| routes::secret_json(view, app, secret, origin)).collect()
        }
        Kind::AppGrant => {
            let grants = routes::grants_of(view, app);
            grants.into_iter().map(|grant| routes::grant_json(view, app, grant, origin)).collect()
        }
        Kind::AppToken => {
            let users = routes::token_holders(view, app);
            users.into_iter().map(|user| routes::refresh_token_json(view, app, user, origin)).collect()
        }
        Kind::GroupPush => {
            routes::pushes(view, app).iter().map(|push| routes::push_json(view, app, push, origin)).collect()
        }
        _ => Vec::new(),
    }
}
