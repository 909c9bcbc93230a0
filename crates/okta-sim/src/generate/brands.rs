//! Brands, domains and e-mail domains at the beginning: the org's own, one of a custom domain, one half done.

use serde_json::{Value, json};

use super::document::Document;
use super::ids::{IdKind, Ids, hex};
use crate::json::time;

/// The org's own brand.
const OWN: u64 = 0;
/// The brand of the custom domain.
const CUSTOM: u64 = 1;
/// The one custom domain that works; its certificate ends soon.
const LOGIN: u64 = 1;

/// The brands at the beginning.
pub fn brands(ids: &Ids) -> Vec<Document> {
    let brand =
        |n: u64, name: &str, privacy: Option<&str>, own: bool, email: Option<u64>, app: Option<u64>| {
            let mut fields = json!({
                "name": name, "removePoweredByOkta": false, "customPrivacyPolicyUrl": privacy,
                "agreeToCustomPrivacyPolicy": privacy.is_some(), "isDefault": own,
                "defaultApp": {
                    "appInstanceId": app.map(|app| ids.encode(IdKind::App, app)), "appLinkName": null,
                    "classicApplicationUri": null,
                },
            });
            if let Some(email) = email {
                fields["emailDomainId"] = ids.encode(IdKind::EmailDomain, email).into();
            }
            Document::new(IdKind::Brand, n, fields)
        };
    vec![
        brand(OWN, "Acme Corp", None, true, None, None),
        brand(CUSTOM, "Acme login", Some("https://www.acme.example/privacy"), false, Some(0), Some(0)),
    ]
}

/// The domains at the beginning. The first is Okta's own, called `default`.
pub fn domains(ids: &Ids) -> Vec<Document> {
    let domain = |n, name: &str, source: &str, status: &str, brand: u64| {
        let fields = json!({
            "domain": name, "certificateSourceType": source, "validationStatus": status,
            "brandId": ids.encode(IdKind::Brand, brand),
        });
        Document::new(IdKind::Domain, n, fields)
    };
    vec![
        domain(0, "acme.okta.com", "OKTA_MANAGED", "COMPLETED", OWN),
        domain(LOGIN, "login.acme.example", "MANUAL", "COMPLETED", CUSTOM),
        domain(2, "id.acme.example", "OKTA_MANAGED", "NOT_STARTED", CUSTOM),
    ]
}

/// What a domain's DNS is to hold [rec]; Okta's own needs nothing.
pub fn dns_records(seed: u64, domain: &Document) -> Vec<Value> {
    let Some(name) = domain.fields["domain"].as_str().filter(|_| domain.n != 0) else { return Vec::new() };
    vec![
        json!({"recordType": "TXT", "fqdn": format!("_oktaverification.{name}"), "values": [hex(seed, domain.n, 32)]}),
        json!({"recordType": "CNAME", "fqdn": name, "values": ["acme.customdomains.okta.com"]}),
    ]
}

/// The certificate of a domain that brought its own [spec]: it ends 20 days after the org's past.
pub fn certificate(seed: u64, as_of: i64, domain: &Document) -> Option<Value> {
    (domain.n == LOGIN).then(|| {
        json!({
            "subject": format!("CN={}", domain.fields["domain"].as_str().unwrap_or_default()),
            "fingerprint": hex(seed, domain.n + 50, 64),
            "expiration": time(as_of + 20 * super::people::DAY),
        })
    })
}

/// The e-mail domains at the beginning.
pub fn email_domains(seed: u64) -> Vec<Document> {
    let mail = |n: u64, domain: &str, status: &str| {
        let record = |kind: &str, fqdn: String, value: String| json!({"recordType": kind, "fqdn": fqdn, "verificationValue": value});
        let fields = json!({
            "validationStatus": status, "displayName": "Acme IT", "userName": "noreply", "domain": domain,
            "validationSubdomain": "mail",
            "dnsValidationRecords": [
                record("TXT", format!("_oktaverification.{domain}"), hex(seed, n + 70, 32)),
                record("CNAME", format!("mail.{domain}"), "u1.wl.mail.example".into()),
            ],
        });
        Document::new(IdKind::EmailDomain, n, fields)
    };
    vec![mail(0, "acme.example", "VERIFIED"), mail(1, "news.acme.example", "ERROR")]
}
