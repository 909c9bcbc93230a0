//! Verify: who the token is, what its roles are, what it may read, one probe per data set.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{StreamExt, stream};
use okta_client::{Client, Discovered, Error, Listing, PageSize, View, api};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use transom_core::{ConnectionState, CoverageState, EntityId, Evidence, KindCode};

use super::{OwnerRoles, Step, inherited, is_limit, state_of_error, unreadable};
use crate::dataset::{Dataset, Over, Scope};
use crate::entity::{catalogue, dataset, datasets, user::USER};
use crate::{Class, Problem};

/// Probes in flight at once: quick for a person who waits, far below any limit.
const PROBES: usize = 8;

/// What verification found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Verification {
    /// Okta's id of the org.
    pub org_id: String,
    /// The org's name, where it may be read.
    pub org_name: Option<String>,
    /// `Identity Engine` or `Classic Engine`.
    pub pipeline: String,
    /// The address that is called.
    pub origin: String,
    /// The proxy in force, without its password.
    pub proxy: Option<String>,
    /// Whose token it is, where it may be read.
    pub owner: Option<Owner>,
    /// The token's metadata, where one token can be told to be ours.
    pub token: Option<TokenInfo>,
    /// The owner's roles.
    pub roles: OwnerRoles,
    /// One row per data set.
    pub probes: Vec<Probe>,
    /// What works but should be changed.
    pub warnings: Vec<Warning>,
    /// `Connected` or `Connected, limited`.
    pub state: ConnectionState,
}

/// The user who owns the token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Owner {
    /// Okta's id.
    pub id: String,
    /// The login.
    pub login: String,
    /// The status, verbatim.
    pub status: String,
}

/// The token's metadata.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TokenInfo {
    /// Its name in Okta.
    pub name: String,
    /// ANYWHERE, or the zones it works from.
    pub network: String,
    /// When it lapses if nobody uses it (RFC 3339).
    pub expires_at: Option<String>,
}

/// The answer for one data set.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Probe {
    /// The data set's name.
    pub dataset: String,
    /// What people read.
    pub title: String,
    /// What Transom does with it.
    pub used_for: String,
    /// What is lost without it; empty where nothing is.
    pub without: String,
    /// The state that a sync would reach.
    pub state: CoverageState,
    /// Why, where it is not complete.
    pub reason: String,
    /// Inferred facts it rests on.
    pub assumed: Vec<String>,
    /// How sure the permission table is of the right it takes.
    pub evidence: Evidence,
}

/// Something that works but should be changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Warning {
    /// A stable word for callers.
    pub id: String,
    /// What, why, what to do.
    pub text: String,
}

/// Verifies the connection with `client`; `settings` are the connection's, which say what was opted in to. `step` is told
/// how far it is.
///
/// # Errors
/// Problems that leave nothing to connect: the token is rejected, shows nothing, or Okta can't be reached.
pub async fn verify(
    client: &Client,
    found: &Discovered,
    settings: &Value,
    step: &(dyn Fn(Step) + Sync),
) -> Result<Verification, Problem> {
    let owner = match client.get_one(api::user::me()).await {
        Ok(me) => Some(me.into_raw()),
        Err(Error::MissingPermission(_) | Error::NotFound(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let owner_id = owner.as_ref().and_then(|o| o.pointer("/id")).and_then(Value::as_str).unwrap_or_default();
    let named = owner.as_ref().map(|o| Owner {
        id: owner_id.to_string(),
        login: text(o, "/profile/login"),
        status: text(o, "/status"),
    });
    step(Step::Accepted { owner: named.clone() });
    let roles = read_roles(client, owner_id).await?;
    step(Step::Roles(roles.clone()));
    let probing = Probing { client, org_id: &found.org_id, owner_id, roles: &roles, settings, step };
    let (probes, samples) = probing.all().await?;
    let users = probes.iter().find(|p| p.dataset == "user");
    let empty = users.is_some_and(|p| match p.state {
        CoverageState::Complete => true,
        // An administrator of parts may administer nobody; one without any role sees nobody at all.
        CoverageState::PartialByRight => roles.types.as_ref().is_none_or(Vec::is_empty),
        _ => false,
    });
    if empty && !samples.contains_key(&USER.code) {
        return Err(no_roles(owner.as_ref()));
    }
    let limited = probes.iter().any(|p| is_limit(&p.dataset, p.state));
    let token = own_token(client, owner_id).await;
    let org_name = client.get_one(api::org::get()).await.ok().map(View::into_raw);
    let org_name = org_name.as_ref().and_then(|o| o.pointer("/companyName")).and_then(Value::as_str);
    Ok(Verification {
        org_id: found.org_id.clone(),
        org_name: org_name.map(str::to_string),
        pipeline: found.pipeline.to_string(),
        origin: found.origin.to_string(),
        proxy: client.proxy().map(ToString::to_string),
        warnings: warnings(owner.as_ref(), &roles, token.as_ref()),
        owner: named,
        token,
        roles,
        probes,
        state: if limited { ConnectionState::ConnectedLimited } else { ConnectionState::Connected },
    })
}

/// Refuses a token whose owner, since it was connected, has lost every role: Okta then shows an empty org with 200.
///
/// # Errors
/// [`Class::NoRoles`], and whatever a call can fail with.
pub(crate) async fn check_sight(client: &Client, roles: &OwnerRoles, me: &Value) -> Result<(), Problem> {
    if roles.types.as_ref().is_some_and(|types| !types.is_empty()) || roles.reads_org == Some(true) {
        return Ok(());
    }
    match client.page(&first_only(api::user::list().into_listing()), None).await {
        Ok(page) if page.items.is_empty() => Err(no_roles(Some(me).filter(|me| !me.is_null()))),
        Err(error @ Error::TokenRejected(_)) => Err(error.into()),
        _ => Ok(()),
    }
}

/// The owner's roles. A missing permission is an answer too: they are unknown then, and whether the owner may read
/// the org's settings tells an administrator of the whole org from one of parts of it.
///
/// # Errors
/// Everything that is not an answer about permissions.
pub(crate) async fn read_roles(client: &Client, owner_id: &str) -> Result<OwnerRoles, Problem> {
    if !owner_id.is_empty() {
        match client.page(api::role_assignment::names_of_user(owner_id).listing(), None).await {
            Ok(page) => return Ok(OwnerRoles::read(&page.items)),
            Err(Error::MissingPermission(_) | Error::NotFound(_) | Error::NotLicensed(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let reads_org = match client.get_one(api::org::get()).await {
        Ok(_) => true,
        Err(Error::MissingPermission(_) | Error::NotFound(_) | Error::NotLicensed(_)) => false,
        Err(error) => return Err(error.into()),
    };
    Ok(OwnerRoles { reads_org: Some(reads_org), ..OwnerRoles::default() })
}

struct Probing<'a> {
    client: &'a Client,
    org_id: &'a str,
    owner_id: &'a str,
    roles: &'a OwnerRoles,
    settings: &'a Value,
    step: &'a (dyn Fn(Step) + Sync),
}

/// An object of each kind that something is listed over, and the object it lives under itself.
type Samples = HashMap<KindCode, (String, Option<String>)>;

impl Probing<'_> {
    /// Probes the org's own listings first, then those that need an object of an earlier one.
    async fn all(&self) -> Result<(Vec<Probe>, Samples), Problem> {
        let mut samples = Samples::new();
        let mut rows: HashMap<&'static str, Probe> = HashMap::new();
        let mut left: Vec<&'static Dataset> = datasets().collect();
        let (all, done) = (left.len(), AtomicUsize::new(0));
        while !left.is_empty() {
            // Each in its turn: what it is listed over must have been probed, its state and its sample are needed.
            let ready = |d: &&Dataset| d.after.iter().all(|name| rows.contains_key(name));
            let (ready, later): (Vec<_>, Vec<_>) = left.into_iter().partition(ready);
            let wave = if ready.is_empty() { &later } else { &ready };
            let scopes: Vec<_> = wave.iter().map(|d| (*d, self.sample_for(d, &samples))).collect();
            let (known, seen, done) = (&rows, &samples, &done);
            // Futures, not a closure that makes them: one held over an await would keep this from being spawned.
            let asks: Vec<_> = scopes
                .into_iter()
                .map(|(d, sample)| async move {
                    let answer = self.one(d, sample.as_ref(), seen, known).await;
                    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                    (self.step)(Step::Probed { title: d.title, done, all });
                    (d, sample, answer)
                })
                .collect();
            let answers: Vec<_> = stream::iter(asks).buffered(PROBES).collect().await;
            for (d, sample, answer) in answers {
                let (probe, first) = answer?;
                if let Some((kind, id)) = d.lists().zip(first) {
                    samples.entry(kind).or_insert((id, sample.map(|(id, _)| id).filter(|id| !id.is_empty())));
                }
                rows.insert(d.name, probe);
            }
            left = if ready.is_empty() { Vec::new() } else { later };
        }
        Ok((datasets().filter_map(|d| rows.remove(d.name)).collect(), samples))
    }

    /// An object of the kind the data set is listed over; `None` for the org's own, `Some("")` where none exists.
    fn sample_for(&self, dataset: &Dataset, samples: &Samples) -> Option<(String, Option<String>)> {
        let kind = match dataset.over {
            Over::Org => return None,
            Over::Each(selector) => selector.kind(),
        };
        if kind == USER.code && !self.owner_id.is_empty() {
            return Some((self.owner_id.to_string(), None));
        }
        Some(samples.get(&kind).cloned().unwrap_or_default())
    }

    /// One call of one data set: the state it would reach, and the id of the first object seen. `samples` and `known`
    /// are of the data sets probed before.
    async fn one(
        &self,
        d: &'static Dataset,
        over: Option<&(String, Option<String>)>,
        samples: &Samples,
        known: &HashMap<&'static str, Probe>,
    ) -> Result<(Probe, Option<String>), Problem> {
        // What is listed over a set that is not whole is no more than that, and nothing where one can't be read.
        let bases = d.after.iter().filter_map(|name| known.get(name)).filter(|_| over.is_some());
        let lacking: Vec<&Probe> = bases.filter(|p| p.state != CoverageState::Complete).collect();
        let base = lacking.iter().find(|p| unreadable(p.state)).or(lacking.first());
        let inherited = base.map(|p| (p.state, inherited(&p.title, p.state, &p.reason)));
        let row = |state, reason, assumed| Probe {
            dataset: d.name.to_string(),
            title: d.title.to_string(),
            used_for: d.used_for.to_string(),
            without: if state == CoverageState::Complete { String::new() } else { d.without.to_string() },
            state,
            reason,
            assumed,
            evidence: d.right.evidence,
        };
        if let Some(opt_in) = d.opt_in.filter(|opt_in| !opt_in.given(self.settings)) {
            return Ok((
                row(CoverageState::NeverCollected, opt_in.why.to_string(), self.roles.assumed(d)),
                None,
            ));
        }
        let per = d.per.and_then(dataset).and_then(Dataset::lists).and_then(|kind| samples.get(&kind));
        let per: Vec<&str> = per.into_iter().map(|(id, _)| id.as_str()).collect();
        let (okta_id, above) = over.map_or(("", None), |(id, above)| (id.as_str(), above.as_deref()));
        let scope = Scope { okta_id, above, per: &per, id: EntityId::ROOT, ..Scope::of_org(self.org_id) };
        let listing =
            if over.is_some() && okta_id.is_empty() { None } else { (d.parts)(&scope).into_iter().next() };
        let Some(listing) = listing else {
            if let Some((state, reason)) = inherited {
                return Ok((row(state, reason, self.roles.assumed(d)), None));
            }
            let reason = "Nothing to read yet: there is no object it belongs to.".to_string();
            return Ok((row(CoverageState::Complete, reason, self.roles.assumed(d)), None));
        };
        match self.client.page(&first_only(listing), None).await {
            Ok(page) => {
                let kind = d.lists().and_then(|code| catalogue().kind(code));
                let first = page.items.first().zip(kind).and_then(|(item, kind)| kind.id_of(item));
                let (mut state, mut reason, assumed) = self.roles.sight(d);
                if let Some(inherited) = inherited.filter(|_| state == CoverageState::Complete) {
                    (state, reason) = inherited;
                }
                Ok((row(state, reason, assumed), first))
            }
            Err(error @ (Error::MissingPermission(_) | Error::NotLicensed(_))) => {
                let (state, reason) = state_of_error(d, &error);
                Ok((row(state, reason, self.roles.assumed(d)), None))
            }
            Err(error) if (d.none)(&error) => {
                Ok((row(CoverageState::Complete, String::new(), self.roles.assumed(d)), None))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// The same listing, asking for its smallest page: a probe needs no more, and Okta's spec sets a minimum for some
/// (groups of an app: 20).
fn first_only(mut listing: Listing) -> Listing {
    if let Some(size) = &mut listing.page_size {
        *size = PageSize { ask: size.floor, ..*size };
    }
    listing
}

/// The token in use: the one most recently renewed among its owner's. With several, that is a guess Okta's API
/// does not let us check, and `None` is better than a wrong name.
async fn own_token(client: &Client, owner_id: &str) -> Option<TokenInfo> {
    let page = client.page(api::api_token::list().listing(), None).await.ok()?;
    let mut own = page.items.iter().filter(|t| text(t, "/userId") == owner_id);
    let (Some(token), None) = (own.next(), own.next()) else { return None };
    let expires = text(token, "/expiresAt");
    Some(TokenInfo {
        name: text(token, "/name"),
        network: text(token, "/network/connection"),
        expires_at: (!expires.is_empty()).then_some(expires),
    })
}

fn no_roles(owner: Option<&Value>) -> Problem {
    let who = owner.map(|o| text(o, "/profile/login")).filter(|l| !l.is_empty());
    let who = who.unwrap_or_else(|| "the token's owner".to_string());
    Problem::new(
        Class::NoRoles,
        "The token shows nothing.",
        format!(
            "Okta accepted the token and answered 200 with no users at all, although {who} is one: the owner has no \
             admin role, so Okta shows an empty org."
        ),
        format!(
            "In the Admin Console under Security > Administrators give {who} the role Read Only Administrator and the \
             custom role with \u{201c}View roles, resources, and admin assignments\u{201d}; then try again."
        ),
    )
}

fn warnings(owner: Option<&Value>, roles: &OwnerRoles, token: Option<&TokenInfo>) -> Vec<Warning> {
    let mut out = Vec::new();
    let mut warn = |id: &str, text: String| out.push(Warning { id: id.to_string(), text });
    if roles.holds("SUPER_ADMIN") == Some(true) {
        warn(
            "owner_super_admin",
            "The token's owner is a Super Administrator, so this token can change everything. Transom only reads: \
             Read Only Administrator and a custom role with \u{201c}View roles, resources, and admin \
             assignments\u{201d} are enough. Replace the token by one of a dedicated user."
                .to_string(),
        );
    } else if let Some(types) = &roles.types {
        let excess: Vec<&str> = types
            .iter()
            .map(String::as_str)
            .filter(|t| !matches!(*t, "READ_ONLY_ADMIN" | "CUSTOM"))
            .collect();
        if !excess.is_empty() {
            let list = excess.join(", ");
            warn(
                "owner_more_than_read",
                format!("The token's owner holds {list}, more than reading needs. Remove it."),
            );
        }
    }
    if roles.types.is_none() {
        warn(
            "roles_unreadable",
            "The owner's admin roles can't be read, so who administers the org stays unknown. Give the owner a custom \
             role with \u{201c}View roles, resources, and admin assignments\u{201d}."
                .to_string(),
        );
    }
    if let Some(o) = owner
        && !text(o, "/profile/department").is_empty()
        && !text(o, "/profile/managerId").is_empty()
    {
        let login = text(o, "/profile/login");
        warn(
            "owner_looks_human",
            format!(
                "{login} looks like a person (it has a department and a manager; assumed). The token dies when that \
                 account is deactivated. Use a dedicated user."
            ),
        );
    }
    if let Some(t) = token
        && t.network == "ANYWHERE"
    {
        warn(
            "token_any_network",
            "The token works from any network. Limit it to the network zone of this machine under Security > API > \
             Tokens."
                .to_string(),
        );
    }
    out
}

fn text(doc: &Value, path: &str) -> String {
    doc.pointer(path).and_then(Value::as_str).unwrap_or_default().to_string()
}
