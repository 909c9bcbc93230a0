//! `/api/v1/devices` and `/api/v1/device-assurances`.

use serde_json::{Value, json};

use super::users::{Form, write_user};
use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::device_assurances::{DeviceAssurance, device_assurances};
use crate::generate::devices::{self, Device};
use crate::generate::ids::IdKind;
use crate::generate::people::cast;
use crate::json::{Out, time};
use crate::org::view::View;
use crate::page::{self, Page, Sizes};
use crate::reply::{Answer, Reply};
use crate::scim::{Expression, Found};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/devices", Devices, list),
    route!(GET "/api/v1/devices/{id}", Devices, get),
    route!(GET "/api/v1/devices/{id}/users", Devices, users),
    route!(GET "/api/v1/device-assurances", DeviceAssurances, assurances),
    route!(GET "/api/v1/device-assurances/{id}", DeviceAssurances, assurance),
];

/// How much of a device's users is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Users {
    /// Nothing.
    None,
    /// `expand=userSummary`
    Summary,
    /// `expand=user`
    Whole,
}

/// Everything known of a device, and the users it has now.
#[derive(Debug)]
struct Known {
    device: Device,
    users: Vec<u32>,
}

/// A device; those of users who left have lost them [spec: deactivation takes a device's users].
fn known(view: View<'_>, n: u64) -> Option<Known> {
    let base = view.base;
    let place = devices::place(base.config.seed, n, base.people.count())?;
    let owner = base.people.at_place(place);
    let device = devices::device(base.config.seed, base.as_of, n, base.people.head(owner).created);
    let mut users = vec![owner];
    if device.shared() && place + 1 < base.people.count() {
        users.push(base.people.at_place(place + 1));
    }
    users.retain(|user| device.status != "DEACTIVATED" && view.head(*user).is_some());
    Some(Known { device, users })
}

/// The users that a device has now.
pub(crate) fn device_users(view: View<'_>, n: u64) -> Vec<u32> {
    known(view, n).map_or_else(Vec::new, |known| known.users)
}

/// Writes a device as Okta sends it.
pub(crate) fn write_device(out: &mut Out, view: View<'_>, n: u64, expand: Users, origin: &str) {
    let Some(known) = known(view, n) else { return };
    let device = &known.device;
    let id = view.base.ids.encode(IdKind::Device, n);
    let (platform, manufacturer, model, version) = *device.model;
    let (serial, url) = (device.serial(), format!("{origin}/api/v1/devices/{id}"));
    let name = format!("{platform}-{}", &serial[..6]);
    out.object(|o| {
        o.text("id", &id);
        o.text("status", device.status);
        o.time("created", device.created);
        o.time("lastUpdated", device.last_updated);
        o.object_at("profile", |o| {
            o.text("displayName", &name);
            o.text("platform", platform);
            o.text("manufacturer", manufacturer);
            o.text("model", model);
            o.text("osVersion", version);
            o.text("serialNumber", &serial);
            match platform {
                "WINDOWS" => o.plain("sid", format_args!("S-1-5-21-{}-{}", n + 1_000, device.chance >> 40)),
                "IOS" | "MACOS" => o.plain("udid", format_args!("{:08X}-{:016X}", n, device.chance)),
                _ => {}
            }
            o.flag("registered", true);
            o.flag("secureHardwarePresent", device.chance >> 52 & 0xf != 0);
            if let Some(encryption) = device.encryption() {
                o.text("diskEncryptionType", encryption);
            }
        });
        o.text("resourceType", "UDDevice");
        o.object_at("resourceDisplayName", |o| {
            o.text("value", &name);
            o.flag("sensitive", false);
        });
        o.text("resourceId", &id);
        o.null("resourceAlternateId");
        let verbs: &[&str] = match device.status {
            "ACTIVE" => &["suspend", "deactivate"],
            "SUSPENDED" => &["unsuspend", "deactivate"],
            _ => &["activate"],
        };
        o.raw("_links", &links(&url, verbs).to_string());
        if expand != Users::None {
            o.object_at("_embedded", |o| {
                o.array_at("users", |o| {
                    known
                        .users
                        .iter()
                        .for_each(|user| write_device_user(o, view, device, *user, expand, origin));
                });
            });
        }
    });
}

/// A device's links by what can be done to it; a deactivated one has lost its users [rec].
fn links(url: &str, verbs: &[&str]) -> Value {
    let link =
        |path: &str, allow: &[&str]| json!({"href": format!("{url}{path}"), "hints": {"allow": allow}});
    let mut links = json!({"self": link("", &["GET", "PATCH", "PUT"])});
    for verb in verbs {
        links[*verb] = link(&format!("/lifecycle/{verb}"), &["POST"]);
    }
    if *verbs != ["activate"] {
        links["users"] = link("/users", &["GET"]);
    }
    links
}

fn write_device_user(o: &mut Out, view: View<'_>, device: &Device, user: u32, form: Users, origin: &str) {
    let Some(found) = view.user(user) else { return };
    o.object(|o| {
        o.time("created", device.created);
        o.text("managementStatus", if device.managed() { "MANAGED" } else { "NOT_MANAGED" });
        o.text("screenLockType", device.lock());
        if form == Users::Whole {
            let mut whole = Out::with_capacity(2_048);
            write_user(&mut whole, view, user, &found, Form::Alone, origin);
            return o.raw("user", whole.as_str());
        }
        let id = view.user_id(user);
        o.object_at("user", |o| {
            o.text("id", &id);
            o.text("realmId", &view.realm_id(user));
            o.object_at("profile", |o| {
                for name in ["firstName", "lastName", "login", "email"] {
                    o.text(name, found.get(name).unwrap_or_default());
                }
            });
            o.object_at("_links", |o| o.href("self", format_args!("{origin}/api/v1/users/{id}")));
        });
    });
}

fn attribute<'d>(path: &str, known: &'d Known, id: &str) -> Found<'d> {
    let device = &known.device;
    let (platform, manufacturer, model, version) = *device.model;
    match path {
        "id" => Found::Text(id.to_owned().into()),
        "status" => Found::Text(device.status.into()),
        "created" => Found::Time(device.created),
        "lastUpdated" => Found::Time(device.last_updated),
        "profile.platform" => Found::Text(platform.into()),
        "profile.manufacturer" => Found::Text(manufacturer.into()),
        "profile.model" => Found::Text(model.into()),
        "profile.osVersion" => Found::Text(version.into()),
        "profile.serialNumber" => Found::Text(device.serial().into()),
        _ => Found::Nothing,
    }
}

fn list(call: &Call<'_>) -> Answer {
    let page = Page::of(call, Sizes::new(200, 200));
    let search = call.query.get("search").map(Expression::parse).transpose().map_err(Refusal::bad_search)?;
    let expand = match call.query.get("expand") {
        Some("user") => Users::Whole,
        Some("userSummary") => Users::Summary,
        _ => Users::None,
    };
    call.org.read(|view| {
        let base = view.base;
        let after = page.after.as_deref().map(|id| base.ids.decode(IdKind::Device, id)).map(|n| {
            // [rec] devices have a cursor error of their own.
            n.ok_or_else(|| Refusal::bad_search("Invalid cursor."))
        });
        let first = after.transpose()?.map_or(0, |n| n.saturating_add(1));
        let id = |n: &u64| base.ids.encode(IdKind::Device, *n);
        let devices = devices::numbers(base.config.seed, first, base.people.count()).filter(|n| {
            search.as_ref().is_none_or(|search| {
                known(view, *n).is_some_and(|known| search.holds(&|path| attribute(path, &known, &id(n))))
            })
        });
        page::list(call, &page, devices, id, |out, n| write_device(out, view, *n, expand, call.origin))
    })
}

fn find(call: &Call<'_>, view: View<'_>, kind: &str) -> Result<u64, Refusal> {
    let n = view.base.ids.decode(IdKind::Device, call.arg(0));
    let n = n.filter(|n| known(view, *n).is_some());
    n.ok_or_else(|| Refusal::not_found(call.arg(0), kind))
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let mut out = Out::with_capacity(1_024);
        write_device(&mut out, view, find(call, view, "Device")?, Users::None, call.origin);
        Ok(Reply::json(out.into_bytes()))
    })
}

fn users(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        // [rec] the type is called otherwise here.
        let known = known(view, find(call, view, "GenericUDObject")?).ok_or_else(Refusal::internal)?;
        let mut out = Out::with_capacity(4_096);
        out.array(|out| {
            for user in &known.users {
                write_device_user(out, view, &known.device, *user, Users::Whole, call.origin);
            }
        });
        Ok(Reply::json(out.into_bytes()))
    })
}

/// A device assurance policy as Okta sends it.
pub(crate) fn device_assurance_json(view: View<'_>, assurance: &DeviceAssurance, origin: &str) -> Value {
    let id = view.base.ids.encode(IdKind::DeviceAssurance, assurance.n);
    let by = view.user_id(cast::ORG_ADMIN);
    let mut json = assurance.fields.clone();
    let name = json["name"].clone();
    json["id"] = id.clone().into();
    json["createdDate"] = time(assurance.created).into();
    json["createdBy"] = by.clone().into();
    json["lastUpdate"] = time(assurance.created).into();
    json["lastUpdatedBy"] = by.into();
    json["resourceType"] = "DeviceAssurancePolicyEntity".into();
    json["resourceDisplayName"] = json!({"value": name, "sensitive": false});
    json["resourceId"] = id.clone().into();
    let href = format!("{origin}/api/v1/device-assurances/{id}");
    json["_links"] = json!({"self": {"href": href, "hints": {"allow": ["GET", "PUT", "DELETE"]}}});
    json
}

fn assurances(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let all = device_assurances(view.base.as_of);
        Ok(Reply::value(&all.iter().map(|a| device_assurance_json(view, a, call.origin)).collect()))
    })
}

fn assurance(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let n = view.base.ids.decode(IdKind::DeviceAssurance, call.arg(0));
        let found = device_assurances(view.base.as_of).into_iter().find(|a| Some(a.n) == n);
        let found = found.ok_or_else(|| Refusal::not_found(call.arg(0), "DeviceAssuranceRuleManagerImpl"))?;
        Ok(Reply::value(&device_assurance_json(view, &found, call.origin)))
    })
}
