//! What people read when something is wrong: what happened, what was expected, what to do.

use std::net::SocketAddr;
use std::path::PathBuf;

use okta_client::{Client, DomainKind, HttpOptions, OrgDomain, Origin};
use proptest::prelude::*;

#[test]
fn domains_as_people_type_them() {
    let typed = [
        "acme",
        "  ACME ",
        "acme.okta.com",
        "https://acme.okta.com",
        "https://acme.okta.com/",
        "http://acme.okta.com/login",
        "https://acme-admin.okta.com/admin/dashboard?x=1#y",
        "acme-admin",
        "acme.okta.com.",
        "acme.okta.com:443",
        "acme.okta.com:",
        "acme.oktapreview.com",
        "acme.okta-emea.com",
        "acme.okta-gov.com",
        "acme.okta.mil",
        "acme.okta-miltest.com",
        "acme.trex-govcloud.com",
        "trial-1234567.okta.com",
        "my-admin-org.okta.com",
        "login.acme.example",
        "login-admin.acme.example",
        "acme.okta.com.evil.example",
        "notokta.com",
        "okta.com.example",
    ];
    let read: Vec<String> = typed
        .iter()
        .map(|text| {
            let domain = OrgDomain::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
            let kind = if domain.kind() == DomainKind::Custom { "custom" } else { "okta" };
            format!("{text:?} -> {domain} ({kind}) {:?}", domain.notes())
        })
        .collect();
    insta::assert_snapshot!("domains_read", read.join("\n"));
}

#[test]
fn domains_that_are_none() {
    let typed = [
        "",
        "   ",
        "https://",
        "{yourOktaDomain}",
        "https://${yourOktaDomain}/api",
        "https://<org>.okta.com",
        "yourOktaDomain.okta.com",
        "https://https://acme.okta.com",
        "acme.okta.com.com",
        "ftp://acme.okta.com",
        "javascript://acme.okta.com",
        "https://root:hunter2@acme.okta.com",
        "acme@okta.com",
        "acme.okta.com:8443",
        "acme.okta.com:443:443",
        "127.0.0.1",
        "http://10.0.0.1/",
        "2130706433",
        "0x7f000001",
        "127.1",
        "https://[::1]/",
        "localhost",
        "okta.localhost",
        "okta.com",
        "-admin.okta.com",
        "acme..okta.com",
        "-acme.okta.com",
        "ac me.okta.com",
        "acme_corp.okta.com",
        "аcme.okta.com",
        "acme.okta.com\u{200b}",
        &"a".repeat(64),
        &format!("{}.okta.com", "a.".repeat(130)),
    ];
    let refused: Vec<String> = typed
        .iter()
        .map(|text| {
            let error = OrgDomain::parse(text).expect_err(text);
            assert!(!error.to_string().contains("hunter2"));
            format!("{:?} {:?}\n  {error}", error.problem, text.chars().take(50).collect::<String>())
        })
        .collect();
    insta::assert_snapshot!("domains_refused", refused.join("\n"));
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic_or_leave_its_alphabet(text in "\\PC{0,80}") {
        if let Ok(domain) = OrgDomain::parse(&text) {
            prop_assert!(domain.host().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b)));
            prop_assert_eq!(OrgDomain::parse(domain.host()).map(|d| d.host().to_owned()), Ok(domain.host().to_owned()));
            let url = url::Url::parse(&Origin::of(&domain).to_string()).expect("a URL");
            prop_assert_eq!(url.host_str(), Some(domain.host()));
        }
    }

    #[test]
    fn a_name_counts_as_oktas_only_below_its_suffixes(prefix in "[a-z0-9.-]{0,12}", suffix in "[a-z.-]{0,12}") {
        let text = format!("{prefix}okta.com{suffix}");
        if let Ok(domain) = OrgDomain::parse(&text) && domain.kind() == DomainKind::OktaSuffix {
            prop_assert!(domain.host().ends_with(".okta.com"), "{} from {}", domain, text);
        }
    }
}

#[test]
fn origins_are_read_back_as_they_were_written() {
    let okta = Origin::of(&OrgDomain::parse("acme").expect("a domain"));
    let address: SocketAddr = "127.0.0.1:8080".parse().expect("an address");
    let simulator = Origin::simulator(address).expect("loopback");
    for origin in [okta, simulator] {
        assert_eq!(Origin::stored(&origin.to_string()), Ok(origin));
    }
    for bad in [
        "https://login.acme.example",
        "http://10.0.0.1:80",
        "https://acme.okta.com:8443",
        "acme",
        "http://acme.okta.com",
    ] {
        assert!(Origin::stored(bad).is_err(), "{bad}");
    }
}

#[test]
fn settings_that_cannot_work() {
    let okta = Origin::of(&OrgDomain::parse("acme").expect("a domain"));
    let custom = Origin::of(&OrgDomain::parse("login.acme.example").expect("a domain"));
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    };
    let empty = file("empty.pem", "");
    let broken = file("broken.pem", "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n");
    let with = |http: HttpOptions| Client::builder(okta.clone()).http(http).build();
    let ca = |path: PathBuf| with(HttpOptions { ca_file: Some(path), ..HttpOptions::default() });
    let proxy = |url: &str| with(HttpOptions { proxy: url.parse().ok(), ..HttpOptions::default() });
    let token = |text: &str| Client::builder(okta.clone()).token(text.into()).build();
    let refused: Vec<String> = [
        token(""),
        token("00abc def"),
        Client::builder(custom).token("00abc".into()).build(),
        ca(folder.path().join("missing.pem")),
        ca(empty),
        ca(broken),
        proxy("socks5://u:hunter2@proxy:1080"),
    ]
    .into_iter()
    .map(|built| built.expect_err("refused").to_string().replace(&folder.path().display().to_string(), "DIR"))
    .collect();
    let refused = refused.join("\n");
    assert!(!refused.contains("00abc") && !refused.contains("hunter2"));
    insta::assert_snapshot!("settings_refused", refused);
    assert!(token(" SSWS 00abc\n").is_ok(), "as copied from an example");
}
