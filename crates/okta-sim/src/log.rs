//! The System Log: a made-up month of sign-ins, then what really happened to the simulated org.

use serde_json::{Value, json};

use crate::generate::Base;
use crate::generate::catalogue::CATALOGUE;
use crate::generate::ids::{IdKind, hex, uuid};
use crate::generate::people::{CAST, DAY, Status};
use crate::generate::permutation::hash;
use crate::json::time;

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A user.
    User(u32),
    /// A service app.
    App(u32),
    /// Okta itself.
    System,
}

/// What it was done to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogTarget {
    /// Okta id.
    pub id: String,
    /// `User`, `UserGroup`, `AppInstance`, …
    pub kind: &'static str,
    /// Login or name.
    pub alternate: String,
    /// Name.
    pub display: String,
}

/// An event.
#[derive(Debug, Clone)]
pub struct Event {
    /// `published`
    pub at: i64,
    /// When it was stored: the order in which polling shows events.
    pub stored: i64,
    /// Makes the uuid.
    pub n: u64,
    /// `eventType`
    pub kind: &'static str,
    /// `displayMessage`
    pub message: &'static str,
    /// Who.
    pub actor: Actor,
    /// What to.
    pub targets: Vec<LogTarget>,
    /// `SUCCESS`, `FAILURE`, …
    pub result: &'static str,
    /// Why, where it failed.
    pub reason: Option<&'static str>,
    /// The API token's id, when done by API.
    pub token: Option<String>,
    /// The request, when done by API.
    pub request: Option<String>,
}

/// Days of made-up sign-ins.
const PAST: i64 = 30 * DAY;

/// The log: made-up past first, then what was appended.
#[derive(Debug, Default)]
pub struct Log {
    appended: Vec<Event>,
}

impl Log {
    /// How many events of the past are made up.
    pub fn past(base: &Base) -> u64 {
        (u64::from(base.people.count()) * 4).min(20_000)
    }

    /// How many events there are.
    pub fn len(&self, base: &Base) -> u64 {
        Self::past(base) + self.appended.len() as u64
    }

    /// Appends an event.
    pub fn append(&mut self, event: Event) {
        self.appended.push(event);
    }

    /// The event at a position of the stored order, which must be below [`Self::len`].
    pub fn get(&self, base: &Base, position: u64) -> Event {
        let past = Self::past(base);
        match position.checked_sub(past) {
            None => made_up(base, position, past),
            Some(n) => self.appended[n as usize].clone(),
        }
    }

    /// The first position stored at or after a time.
    pub fn position_at(&self, base: &Base, since: i64) -> u64 {
        let past = Self::past(base);
        let from = base.as_of - PAST;
        let step = PAST / past as i64;
        let guess = ((since - from) / step).clamp(0, past as i64) as u64;
        let mut position = guess.saturating_sub(1);
        while position < past && made_up_at(base, position, past) < since {
            position += 1;
        }
        if position < past {
            position
        } else {
            past + self.appended.partition_point(|e| e.stored < since) as u64
        }
    }
}

fn made_up_at(base: &Base, position: u64, past: u64) -> i64 {
    let step = PAST / past as i64;
    let jitter = (hash(base.config.seed, position, 0x106) % step as u64) as i64;
    base.as_of - PAST + position as i64 * step + jitter
}

fn made_up(base: &Base, position: u64, past: u64) -> Event {
    let chance = hash(base.config.seed, position, 0x107);
    let ordinary = u64::from(base.people.live()) - CAST.len() as u64;
    let somebody = (0..8)
        .map(|attempt| {
            CAST.len() as u32 + (hash(base.config.seed, position, 0x108 + attempt) % ordinary) as u32
        })
        .find(|user| base.people.head(*user).status == Status::Active)
        .unwrap_or(0);
    let app = (chance >> 32) as u32 % base.config.apps as u32;
    let made = crate::generate::apps::app(&base.config, base.as_of, app);
    let app_target = LogTarget {
        id: base.ids.encode(IdKind::App, u64::from(app)),
        kind: "AppInstance",
        alternate: made.label.clone(),
        display: CATALOGUE
            .iter()
            .find(|e| e.name == made.entry.name)
            .map_or(made.label, |e| e.label.to_owned()),
    };
    let (kind, message, result, reason, targets) = match chance % 20 {
        0 => ("user.session.start", "User login to Okta", "FAILURE", Some("INVALID_CREDENTIALS"), vec![]),
        1..=4 => {
            ("user.authentication.auth_via_mfa", "Authentication of user via MFA", "SUCCESS", None, vec![])
        }
        5..=10 => {
            ("user.authentication.sso", "User single sign on to app", "SUCCESS", None, vec![app_target])
        }
        _ => ("user.session.start", "User login to Okta", "SUCCESS", None, vec![]),
    };
    let at = made_up_at(base, position, past);
    Event {
        at,
        stored: at,
        n: position,
        kind,
        message,
        actor: Actor::User(somebody),
        targets,
        result,
        reason,
        token: None,
        request: None,
    }
}

impl Event {
    /// The event as Okta sends it [spec example ListLogs]. `who` is the actor's id, login and name.
    pub fn json(&self, base: &Base, who: Option<(String, String, String)>) -> Value {
        let kind = if matches!(self.actor, Actor::App(_)) { "PublicClientApp" } else { "User" };
        let by_api = self.token.is_some() || matches!(self.actor, Actor::App(_));
        let seed = base.config.seed;
        let request = self.request.clone().unwrap_or_else(|| hex(seed, self.n ^ 0xfeed, 32));
        let actor = match who {
            Some((id, login, name)) => {
                json!({"id": id, "type": kind, "alternateId": login, "displayName": name, "detailEntry": null})
            }
            None => json!({
                "id": base.ids.encode(IdKind::User, u64::from(u32::MAX)), "type": "SystemPrincipal",
                "alternateId": "system@okta.com", "displayName": "Okta System", "detailEntry": null,
            }),
        };
        let ip = format!("203.0.113.{}", 1 + hash(seed, self.n, 0x1b) % 200);
        let place = json!({
            "city": "Berlin", "state": "Land Berlin", "country": "Germany", "postalCode": "10115",
            "geolocation": {"lat": 52.53, "lon": 13.38},
        });
        let agent = if by_api { "transom" } else { "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)" };
        let targets: Vec<Value> = self
            .targets
            .iter()
            .map(|t| {
                json!({
                    "id": t.id, "type": t.kind, "alternateId": t.alternate, "displayName": t.display,
                    "detailEntry": null,
                })
            })
            .collect();
        let session = if by_api { "unknown".to_owned() } else { format!("idx{}", &hex(seed, self.n, 22)) };
        json!({
            "actor": actor,
            "client": {
                "userAgent": {"rawUserAgent": agent, "os": "Unknown", "browser": "UNKNOWN"},
                "zone": null, "device": "Unknown", "id": null, "ipAddress": ip, "geographicalContext": place,
            },
            "device": null,
            "authenticationContext": {
                "authenticationProvider": null, "credentialProvider": null, "credentialType": null, "issuer": null,
                "interface": null, "authenticationStep": 0, "rootSessionId": session, "externalSessionId": session,
            },
            "displayMessage": self.message,
            "eventType": self.kind,
            "outcome": {"result": self.result, "reason": self.reason},
            "published": time(self.at),
            "securityContext": {"asNumber": null, "asOrg": null, "isp": null, "domain": null, "isProxy": null},
            "severity": if self.result == "SUCCESS" { "INFO" } else { "WARN" },
            "debugContext": {"debugData": {"requestId": request, "dtHash": hex(seed, self.n, 16)}},
            "legacyEventType": null,
            "transaction": {
                "type": if by_api { "API" } else { "WEB" },
                "id": request,
                "detail": self.token.as_ref().map_or(json!({}), |id| json!({"requestApiTokenId": id})),
            },
            "uuid": uuid(seed, self.n),
            "version": "0",
            "request": {"ipChain": [{"ip": ip, "geographicalContext": place, "version": "V4", "source": null}]},
            "target": if targets.is_empty() { Value::Null } else { Value::Array(targets) },
        })
    }
}
