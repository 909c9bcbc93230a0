//! Verify: whom the credential stands for, what its roles are, what it may read, one probe per data set.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{StreamExt, stream};
use okta_client::{Client, Discovered, Error, Listing, PageSize, View, api};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use transom_core::{ConnectionState, CoverageState, EntityId, Evidence, KindCode, Millis};

use super::audit::{Asked, Facts, Finding, Known, Lack, audit};
use super::{
    AppInfo, OwnerRoles, Step, Subject, inherited, is_limit, read_roles, state_of_error, unreadable,
};
use crate::Problem;
use crate::dataset::{Dataset, Over, Scope};
use crate::entity::{catalogue, dataset, datasets, user::USER};
use crate::sync::stops_all;

/// Probes in flight at once: quick for a person who waits, far below any limit.
const PROBES: usize = 8;

/// How many data sets may stay unanswered: with more of them a verification says little.
const UNANSWERED: usize = 3;

/// The data set of the users: whether the credential shows anybody.
const USER_SET: &str = "user";

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
    /// Whose token it is, or the service app, where it may be read.
    pub owner: Option<Owner>,
    /// The token's metadata, where one token can be told to be ours.
    pub token: Option<TokenInfo>,
    /// What the service app may do, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<AppInfo>,
    /// The owner's roles.
    pub roles: OwnerRoles,
    /// One row per data set.
    pub probes: Vec<Probe>,
    /// What should be changed about the credential, what matters most first.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// When Okta was last asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Millis>,
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
    /// The state by the same credential's last answer, where Okta gave none now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<CoverageState>,
    /// Why, where it is not complete.
    pub reason: String,
    /// Inferred facts it rests on.
    pub assumed: Vec<String>,
    /// How sure the permission table is of the right it takes.
    pub evidence: Evidence,
}

/// Verifies the connection with `client`; `settings` are the connection's, which say what was opted in to; `known` is
/// what the audit knows without asking. `step` is told how far it is.
///
/// # Errors
/// Problems that leave nothing to connect: the token is rejected, shows nothing, or Okta can't be reached.
pub async fn verify(
    client: &Client,
    found: &Discovered,
    settings: &Value,
    known: &Known,
    step: &(dyn Fn(Step) + Sync),
) -> Result<Verification, Problem> {
    let subject = Subject::of(client).await?;
    let (named, owner_id) = (subject.named(), subject.user_id());
    step(Step::Accepted { owner: named.clone() });
    let roles = read_roles(client, &subject).await?;
    step(Step::Roles(roles.clone()));
    let probing = Probing {
        client,
        org_id: &found.org_id,
        owner_id,
        roles: &roles,
        settings,
        step,
        unanswered: AtomicUsize::new(0),
    };
    let (probes, samples) = probing.all().await?;
    let users = probes.iter().find(|p| p.dataset == USER_SET);
    let empty = users.is_some_and(|p| match p.state {
        CoverageState::Complete => true,
        // An administrator of parts may administer nobody; one without any role sees nobody at all.
        CoverageState::PartialByRight => roles.types.as_ref().is_none_or(Vec::is_empty),
        _ => false,
    });
    if empty && !samples.contains_key(&USER.code) {
        return Err(subject.no_roles());
    }
    let limited = probes.iter().any(|p| is_limit(&p.dataset, p.state));
    let asked = Asked::of(client, &subject, &roles, None).await;
    let findings = audit(&Facts {
        who: named.as_ref(),
        app: subject.app(),
        roles: &roles,
        lacks: &Lack::probed(&probes, &roles),
        reads: probes.iter().any(|p| p.state == CoverageState::Complete),
        asked: &asked,
        known,
    });
    let org_name = client.get_one(api::org::get()).await.ok().map(View::into_raw);
    let org_name = org_name.as_ref().and_then(|o| o.pointer("/companyName")).and_then(Value::as_str);
    Ok(Verification {
        org_id: found.org_id.clone(),
        org_name: org_name.map(str::to_string),
        pipeline: found.pipeline.to_string(),
        origin: found.origin.to_string(),
        proxy: client.proxy().map(ToString::to_string),
        findings,
        at: Some(known.now),
        owner: named,
        token: asked.token(),
        app: subject.app().cloned(),
        roles,
        probes,
        state: if limited { ConnectionState::ConnectedLimited } else { ConnectionState::Connected },
    })
}

struct Probing<'a> {
    client: &'a Client,
    org_id: &'a str,
    owner_id: &'a str,
    roles: &'a OwnerRoles,
    settings: &'a Value,
    step: &'a (dyn Fn(Step) + Sync),
    /// How many data sets Okta gave no answer about.
    unanswered: AtomicUsize,
}

/// An object of each kind that something is listed over, and the object it lives under itself.
type Samples = HashMap<KindCode, Sample>;

/// Its id, and the id of the object that it lives under.
type Sample = (String, Option<String>);

/// A data set's row, and the id of the first object that its listing shows.
type Answer = Result<(Probe, Option<String>), Problem>;

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
                    let (sample, answer) = self.probe(d, sample, seen, known).await;
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
    fn sample_for(&self, dataset: &Dataset, samples: &Samples) -> Option<Sample> {
        let kind = match dataset.over {
            Over::Org => return None,
            Over::Each(selector) => selector.kind(),
        };
        if kind == USER.code && !self.owner_id.is_empty() {
            return Some((self.owner_id.to_string(), None));
        }
        Some(samples.get(&kind).cloned().unwrap_or_default())
    }

    /// Probes a data set over `sample`. Where that is the credential's owner, and refused, another user is asked for too: an
    /// administrator of parts seldom is among those whom they administer, and a sync reads those. Returns the sample that
    /// the answer is about.
    async fn probe(
        &self,
        d: &'static Dataset,
        sample: Option<Sample>,
        samples: &Samples,
        known: &HashMap<&'static str, Probe>,
    ) -> (Option<Sample>, Answer) {
        let refused =
            |answer: &Answer| matches!(answer, Ok((p, _)) if p.state == CoverageState::NotPermitted);
        let answer = self.one(d, sample.as_ref(), samples, known).await;
        let owner = |id: &str| !id.is_empty() && id == self.owner_id;
        if refused(&answer)
            && sample.as_ref().is_some_and(|(id, _)| owner(id))
            && let Some(other) = samples.get(&USER.code).filter(|(id, _)| !owner(id))
        {
            let again = self.one(d, Some(other), samples, known).await;
            if !refused(&again) {
                return (Some(other.clone()), again);
            }
        }
        (sample, answer)
    }

    /// One call of one data set: the state it would reach, and the id of the first object seen. `samples` and `known`
    /// are of the data sets probed before.
    async fn one(
        &self,
        d: &'static Dataset,
        over: Option<&Sample>,
        samples: &Samples,
        known: &HashMap<&'static str, Probe>,
    ) -> Answer {
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
            answered: None,
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
                let (state, reason) = state_of_error(d, &error, self.roles);
                Ok((row(state, reason, self.roles.assumed(d)), None))
            }
            Err(error) if (d.none)(&error) => {
                Ok((row(CoverageState::Complete, String::new(), self.roles.assumed(d)), None))
            }
            // A data set may time out by itself, and the others can be asked all the same. Where several do, it is Okta; and
            // without the users nothing tells a credential that sees nobody.
            Err(error)
                if !stops_all(&error)
                    && d.name != USER_SET
                    && self.unanswered.fetch_add(1, Ordering::Relaxed) < UNANSWERED =>
            {
                let (state, reason) = state_of_error(d, &error, self.roles);
                Ok((row(state, reason, self.roles.assumed(d)), None))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// The same listing, asking for its smallest page: a probe needs no more, and Okta's spec sets a minimum for some
/// (groups of an app: 20).
pub(super) fn first_only(mut listing: Listing) -> Listing {
    if let Some(size) = &mut listing.page_size {
        *size = PageSize { ask: size.floor, ..*size };
    }
    listing
}

pub(super) fn text(doc: &Value, path: &str) -> String {
    doc.pointer(path).and_then(Value::as_str).unwrap_or_default().to_string()
}
