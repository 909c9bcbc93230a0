//! `next` links: Okta sends one `Link` header per relation, some proxies join them with commas, and the IAM lists
//! put theirs into the body. Only path and query are kept: Okta's links name other hosts of the same org (the
//! `-admin` host, the canonical host) [rec], and a followed host would be a way to send a token elsewhere.

use serde_json::Value;
use url::Url;

/// Target of the first `rel="next"` among all `Link` header values.
pub(crate) fn next_in_headers<'a>(values: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    values.into_iter().find_map(next_in_value)
}

/// Target of `_links.next.href`.
pub(crate) fn next_in_body(body: &Value) -> Option<&str> {
    body.pointer("/_links/next/href").and_then(Value::as_str).filter(|href| !href.is_empty())
}

/// Path and query of an absolute or relative link.
pub(crate) fn path_and_query(link: &str) -> Option<String> {
    // The base only lends its scheme to relative links; its host is thrown away with every other.
    let base = Url::parse("https://okta.invalid/").ok()?;
    let url = base.join(link).ok()?;
    if url.cannot_be_a_base() {
        return None;
    }
    Some(match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    })
}

fn next_in_value(mut rest: &str) -> Option<&str> {
    // RFC 8288: <target>; name=value; name="va,l;ue", <target>; …
    while let Some(open) = rest.find('<') {
        let close = open + rest[open..].find('>')?;
        let target = &rest[open + 1..close];
        let parameters = &rest[close + 1..];
        let end = end_of_parameters(parameters);
        if is_next(&parameters[..end]) {
            return Some(target);
        }
        rest = &parameters[end..];
    }
    None
}

/// Index of the comma that ends this link's parameters, not counting commas in quotes.
fn end_of_parameters(parameters: &str) -> usize {
    let mut quoted = false;
    for (at, c) in parameters.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => return at,
            _ => {}
        }
    }
    parameters.len()
}

fn is_next(parameters: &str) -> bool {
    parameters.split(';').any(|parameter| {
        let Some((name, value)) = parameter.split_once('=') else { return false };
        let value = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("rel")
            && value.split_ascii_whitespace().any(|rel| rel.eq_ignore_ascii_case("next"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_is_found_among_several_headers_and_in_one_joined_header() {
        let own = r#"<https://acme.okta.com/api/v1/apps?limit=2>; rel="self""#;
        let next = r#"<https://acme.okta.com/api/v1/apps?after=0oa1&limit=2>; rel="next""#;
        let want = Some("https://acme.okta.com/api/v1/apps?after=0oa1&limit=2");
        assert_eq!(next_in_headers([own, next]), want);
        assert_eq!(next_in_headers([format!("{own}, {next}").as_str()]), want);
        assert_eq!(next_in_headers([own]), None);
    }

    #[test]
    fn commas_in_targets_and_quotes_do_not_split() {
        let value = r#"<https://h/a?x=1,2>; title="a, <b>"; rel="self", <https://h/a?x=3,4>; rel=next"#;
        assert_eq!(next_in_headers([value]), Some("https://h/a?x=3,4"));
    }

    #[test]
    fn only_path_and_query_are_kept() {
        assert_eq!(
            path_and_query("https://acme-admin.okta.com/api/v1/iam/roles?after=cr0"),
            Some("/api/v1/iam/roles?after=cr0".to_owned())
        );
        assert_eq!(path_and_query("//evil.example/api?x=1"), Some("/api?x=1".to_owned()));
        assert_eq!(path_and_query("/api/v1/users?a=b%20c"), Some("/api/v1/users?a=b%20c".to_owned()));
        assert_eq!(path_and_query("mailto:x@example.com"), None);
    }
}
