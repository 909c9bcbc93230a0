//! `/api/v1/brands`, `/api/v1/domains`, `/api/v1/email-domains`.

use serde_json::{Value, json};

use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::brands::{certificate, dns_records};
use crate::generate::document::Document;
use crate::generate::ids::IdKind;
use crate::org::view::View;
use crate::page::{self, Page, Sizes};
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/brands", Brands, brands),
    route!(GET "/api/v1/brands/{id}", Brands, brand),
    route!(GET "/api/v1/domains", Domains, domains),
    route!(GET "/api/v1/domains/{id}", Domains, domain),
    route!(GET "/api/v1/email-domains", Domains, email_domains),
    route!(GET "/api/v1/email-domains/{id}", Domains, email_domain),
];

/// A brand as Okta sends it, not expanded.
pub(crate) fn brand_json(view: View<'_>, brand: &Document, origin: &str) -> Value {
    let url = format!("{origin}/api/v1/brands/{}", brand.id(&view.base.ids));
    let mut json = brand.unlinked(&view.base.ids);
    json["_links"] = json!({
        "themes": {"href": format!("{url}/themes"), "hints": {"allow": ["GET"]}},
        "self": {"href": url, "hints": {"allow": ["GET", "PUT", "DELETE"]}},
    });
    json
}

fn domain_id(view: View<'_>, domain: &Document) -> String {
    if domain.n == 0 { "default".into() } else { domain.id(&view.base.ids) }
}

/// A domain as lists show it.
pub(crate) fn domain_json(view: View<'_>, domain: &Document, origin: &str) -> Value {
    let id = domain_id(view, domain);
    let allow: &[&str] = if domain.n == 0 { &["GET"] } else { &["GET", "DELETE"] };
    let brand = domain.fields["brandId"].as_str().unwrap_or_default();
    let mut json = domain.fields.clone();
    json["_links"] = json!({
        "self": {"href": format!("{origin}/api/v1/domains/{id}"), "hints": {"allow": allow}},
        "brand": {"href": format!("{origin}/api/v1/brands/{brand}"), "hints": {"allow": ["GET", "PUT", "DELETE"]}},
    });
    json["id"] = id.into();
    json
}

/// A domain as it is shown alone: with its DNS records, and its certificate where it brought one [rec][spec].
pub(crate) fn whole_domain_json(view: View<'_>, domain: &Document, origin: &str) -> Value {
    let (seed, as_of) = (view.base.config.seed, view.base.as_of);
    let mut json = domain_json(view, domain, origin);
    json["dnsRecords"] = dns_records(seed, domain).into();
    if let Some(certificate) = certificate(seed, as_of, domain) {
        json["publicCertificate"] = certificate;
    }
    let url = json["_links"]["self"]["href"].as_str().unwrap_or_default().to_owned();
    json["_links"]["verify"] = json!({"href": format!("{url}/verify"), "hints": {"allow": ["POST"]}});
    json
}

/// An e-mail domain as Okta sends it: without links [rec].
pub(crate) fn email_domain_json(view: View<'_>, domain: &Document) -> Value {
    domain.unlinked(&view.base.ids)
}

fn brands(call: &Call<'_>) -> Answer {
    let page = Page::of(call, Sizes::new(20, 200));
    let query = call.query.get("q").map(str::to_lowercase);
    call.org.read(|view| {
        let after = page.cursor(|id| view.base.ids.decode(IdKind::Brand, id).map(|n| n as u32))?;
        let named = |b: &&Document| {
            let name = b.fields["name"].as_str().unwrap_or_default().to_lowercase();
            query.as_ref().is_none_or(|q| name.contains(q.as_str()))
        };
        let brands =
            view.state.brands.iter().filter(|b| after.is_none_or(|a| b.n > u64::from(a))).filter(named);
        page::list(
            call,
            &page,
            brands,
            |brand| brand.id(&view.base.ids),
            |out, brand| out.raw_value(&brand_json(view, brand, call.origin).to_string()),
        )
    })
}

fn brand(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let n = view.base.ids.decode(IdKind::Brand, call.arg(0));
        let brand = view.state.brands.iter().find(|brand| Some(brand.n) == n);
        let brand = brand.ok_or_else(|| Refusal::not_found(call.arg(0), "Brand"))?;
        Ok(Reply::value(&brand_json(view, brand, call.origin)))
    })
}

fn domains(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let domains: Vec<Value> =
            view.state.domains.iter().map(|domain| domain_json(view, domain, call.origin)).collect();
        Ok(Reply::value(&json!({"domains": domains})))
    })
}

fn domain(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let domain = view.state.domains.iter().find(|domain| domain_id(view, domain) == call.arg(0));
        let domain = domain.ok_or_else(|| Refusal::not_found(call.arg(0), "Domain"))?;
        Ok(Reply::value(&whole_domain_json(view, domain, call.origin)))
    })
}

fn email_domains(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        Ok(Reply::value(
            &view.state.email_domains.iter().map(|domain| email_domain_json(view, domain)).collect(),
        ))
    })
}

fn email_domain(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let n = view.base.ids.decode(IdKind::EmailDomain, call.arg(0));
        let domain = view.state.email_domains.iter().find(|domain| Some(domain.n) == n);
        let domain = domain.ok_or_else(|| Refusal::not_found(call.arg(0), "EmailDomain"))?;
        Ok(Reply::value(&email_domain_json(view, domain)))
    })
}
