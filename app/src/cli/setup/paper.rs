//! `transom setup guide | terraform | curl | key`: what asks no org.

use std::path::Path;

use serde_json::json;
use transom_engine::connection::address;
use transom_engine::setup::{Model, Names, Profile, Reader, configuration, features, markdown, script};

use super::{Named, OrgArgs, key};
use crate::config::allow_loopback;
use crate::out::{DONE, Failure, Out};

pub fn guide(out: Out, domain: Option<&str>, named: &Named, reader: Reader) -> Result<u8, Failure> {
    let origin = domain.map(|d| address(d, None, allow_loopback())).transpose()?;
    let model = Model::with(&named.with)?;
    let names = named.names(origin.as_ref().map_or_else(Names::example, Names::usual));
    let text = markdown(&model, &names, reader, origin.as_ref());
    if out.is_json() {
        let act = Profile::Act.says();
        out.json(&json!({
            "profile": model.profile, "says": model.profile.says(), "names": names, "model": model,
            "features": features(), "act": act, "guide": text,
        }));
    } else {
        out.document(text.trim_end());
    }
    Ok(DONE)
}

/// The public half of a service app's key pair, which is made where it is not there.
pub fn key(out: Out, path: &Path) -> Result<u8, Failure> {
    let jwk = key::public(path, true)?;
    if out.is_json() {
        out.json(&jwk)
    } else {
        out.document(jwk.to_string())
    }
    Ok(DONE)
}

pub fn paper(out: Out, org: &OrgArgs, named: &Named, reader: Reader, kind: &str) -> Result<u8, Failure> {
    let origin = address(&org.domain, org.okta_host.as_deref(), allow_loopback())?;
    let (model, names) = (Model::with(&named.with)?, named.names(Names::usual(&origin)));
    let text = match kind {
        "terraform" => configuration(&model, &names, reader, &origin),
        _ => script(&model, &names, reader, &origin),
    };
    if out.is_json() {
        out.json(&json!({ "names": names, "model": model, kind: text }));
    } else {
        out.document(text.trim_end());
    }
    Ok(DONE)
}
