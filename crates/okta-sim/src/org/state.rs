//! What has changed since the beginning, and the small sets that are kept whole.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::generate::Base;
use crate::generate::api_access::ApiAccess;
use crate::generate::apps::App;
use crate::generate::document::Document;
use crate::generate::groups::Group;
use crate::generate::iam::Iam;
use crate::generate::integrations::ApiService;
use crate::generate::people::User;
use crate::generate::policies::Policy;
use crate::generate::rules::GroupRule;
use crate::generate::servers::AuthServer;
use crate::generate::settings::Settings;
use crate::generate::tokens::Token;
use crate::generate::trust::Trust;
use crate::generate::zones::Zone;
use crate::generate::{
    agents, brands, features, hooks, integrations, policies, rules, servers, tokens, zones,
};
use crate::log::Log;
use crate::org::change::By;

/// A user as `search` still shows it.
#[derive(Debug)]
pub struct Shadow {
    /// When the change was made that `search` does not show yet.
    pub since: i64,
    /// What it shows instead; `None`: no such user.
    pub was: Option<User>,
}

/// A scope that was granted to an app since the beginning.
#[derive(Debug, Clone)]
pub struct AddedGrant {
    /// The app.
    pub app: u32,
    /// Number below the app.
    pub n: u32,
    /// The scope.
    pub scope: String,
    /// The user who granted it.
    pub by: u32,
    /// When.
    pub created: i64,
}

/// How a user is about to go.
#[derive(Debug, Clone)]
pub struct Leaving {
    /// When it is done.
    pub until: i64,
    /// Deleted, else deactivated.
    pub deleted: bool,
    /// On whose behalf.
    pub by: By,
}

/// The changes and the small sets.
#[derive(Debug, Default)]
pub struct State {
    /// Users that differ from the beginning; `None`: deleted. Numbers from the base's count on are new ones.
    pub users: HashMap<u32, Option<User>>,
    /// How many users were created.
    pub created_users: u32,
    /// Logins of changed and created users, lower case.
    pub logins: HashMap<String, u32>,
    /// Passwords as they were set by call or chosen, by user: what is in a simulated org is no secret.
    pub passwords: HashMap<u32, String>,
    /// How many users more (or fewer) than at the beginning are not deprovisioned.
    pub live_change: i64,
    /// What `search` shows for recently changed users.
    pub shadows: HashMap<u32, Shadow>,
    /// Groups that differ; `None`: deleted.
    pub groups: HashMap<u32, Option<Group>>,
    /// How many groups were created.
    pub created_groups: u32,
    /// Apps that differ; `None`: deleted. Numbers from the base's count on are new ones.
    pub apps: HashMap<u32, Option<App>>,
    /// How many apps were created.
    pub created_apps: u32,
    /// Scopes that were granted to apps.
    pub grants_added: Vec<AddedGrant>,
    /// Grants of the beginning that were revoked: the app, the grant's number.
    pub grants_revoked: HashSet<(u32, u32)>,
    /// Users whose deactivation or deletion is under way.
    pub leaving: HashMap<u32, Leaving>,
    /// Members that were added, by group.
    pub joined: HashMap<u32, BTreeSet<u32>>,
    /// The same by user.
    pub joined_by_user: HashMap<u32, BTreeSet<u32>>,
    /// Members of the beginning that were removed, by group.
    pub left: HashMap<u32, HashSet<u32>>,
    /// App users that were assigned in person, by app.
    pub granted: HashMap<u32, BTreeSet<u32>>,
    /// The same by user.
    pub granted_by_user: HashMap<u32, BTreeSet<u32>>,
    /// Assignments in person of the beginning that were removed, by app.
    pub withdrawn: HashMap<u32, HashSet<u32>>,
    /// Groups that were assigned to apps, in order: (app, group, when).
    pub app_groups_added: Vec<(u32, u32, i64)>,
    /// Groups of the beginning that were taken from apps.
    pub app_groups_removed: HashSet<(u32, u32)>,
    /// Factors that were removed: a bit per slot.
    pub factors_removed: HashMap<u32, u8>,
    /// Administration.
    pub iam: Iam,
    /// API tokens.
    pub tokens: Vec<Token>,
    /// Group rules.
    pub rules: Vec<GroupRule>,
    /// Policies.
    pub policies: Vec<Policy>,
    /// Network zones.
    pub zones: Vec<Zone>,
    /// Authorization servers.
    pub servers: Vec<AuthServer>,
    /// API service integrations.
    pub api_services: Vec<ApiService>,
    /// Event hooks.
    pub event_hooks: Vec<Document>,
    /// Inline hooks.
    pub inline_hooks: Vec<Document>,
    /// Log streams.
    pub log_streams: Vec<Document>,
    /// Agent pools with their agents.
    pub agent_pools: Vec<Document>,
    /// Brands.
    pub brands: Vec<Document>,
    /// Domains.
    pub domains: Vec<Document>,
    /// E-mail domains.
    pub email_domains: Vec<Document>,
    /// Features.
    pub features: Vec<Document>,
    /// The org's settings.
    pub settings: Settings,
    /// What is below the authorization servers.
    pub access: ApiAccess,
    /// How people sign in, and whom the org trusts.
    pub trust: Trust,
    /// The System Log.
    pub log: Log,
}

impl State {
    /// The state at the beginning: no changes. `now` is when the tokens were last used.
    pub fn new(base: &Base, now: i64) -> Self {
        let (seed, as_of) = (base.config.seed, base.as_of);
        let servers = servers::servers(as_of);
        let access = ApiAccess::new(&base.config, as_of, &base.ids, &base.layout, &base.people, &servers);
        let client = access.clients.first().map_or(0, |(_, app)| *app);
        Self {
            iam: Iam::new(&base.config, as_of, &base.people, &base.layout),
            tokens: tokens::tokens(seed, now, &base.people),
            rules: rules::rules(seed, as_of, &base.layout),
            policies: policies::policies(as_of, &base.ids, &base.layout, &base.people),
            zones: zones::zones(as_of),
            api_services: integrations::api_services(as_of),
            event_hooks: hooks::event_hooks(as_of, &base.ids, &base.people),
            inline_hooks: hooks::inline_hooks(as_of),
            log_streams: hooks::log_streams(as_of),
            agent_pools: agents::agent_pools(as_of, &base.ids, base.directory),
            brands: brands::brands(&base.ids),
            domains: brands::domains(&base.ids),
            email_domains: brands::email_domains(seed),
            features: features::features(),
            settings: Settings::new(as_of),
            servers,
            access,
            trust: Trust::new(base, client),
            ..Self::default()
        }
    }
}
