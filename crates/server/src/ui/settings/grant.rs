//! A role and the orgs it holds for, as a form asks for them and as people read them.

use transom_core::{OrgId, Reach, Role};
use transom_store::Org;

use crate::auth::may_give;

/// What a form offers. Its fields are `role`, `reach` (`all` or `some`) and, as often as wanted, `org`.
#[derive(Debug)]
pub(crate) struct Grant {
    pub roles: Vec<Choice>,
    pub orgs: Vec<OrgChoice>,
    /// Whether all orgs can be chosen.
    pub all: bool,
    /// Whether some orgs are chosen, and not all.
    pub some: bool,
}

/// A role that can be chosen.
#[derive(Debug)]
pub(crate) struct Choice {
    pub role: Role,
    pub chosen: bool,
}

/// An org that can be chosen.
#[derive(Debug)]
pub(crate) struct OrgChoice {
    pub id: i64,
    pub label: String,
    pub chosen: bool,
}

impl Grant {
    /// A form that offers roles up to `most` for `orgs`, and all of them where `limit` is [`Reach::All`]; `role` and
    /// `reach` are chosen.
    pub fn new(most: Role, limit: &Reach, orgs: &[Org], role: Role, reach: &Reach) -> Self {
        let all = *limit == Reach::All;
        Self {
            roles: Role::ALL
                .into_iter()
                .filter(|r| *r <= most)
                .map(|r| Choice { role: r, chosen: r == role })
                .collect(),
            orgs: orgs
                .iter()
                .map(|org| OrgChoice {
                    id: org.id.0,
                    label: org.label.clone(),
                    chosen: *reach != Reach::All && reach.covers(org.id),
                })
                .collect(),
            all,
            some: !all || *reach != Reach::All,
        }
    }
}

/// The value of a field, trimmed; empty where it was not sent.
pub(super) fn value<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.trim())
}

/// What was chosen, no more than `most` for `limit`; a sentence where that can't be.
pub(super) fn chosen(
    fields: &[(String, String)],
    most: Role,
    limit: &Reach,
) -> Result<(Role, Reach), String> {
    let role = Role::parse(value(fields, "role")).ok_or("Choose a role.")?;
    let reach = match value(fields, "reach") {
        "all" => Reach::All,
        "some" => Reach::Orgs(
            fields
                .iter()
                .filter(|(n, _)| n == "org")
                .filter_map(|(_, v)| v.parse().ok().map(OrgId))
                .collect(),
        ),
        _ => return Err("Choose all orgs, or some.".to_string()),
    };
    may_give(most, limit, role, &reach)?;
    Ok((role, reach))
}

/// The orgs of a reach as people read them.
pub(crate) fn told(reach: &Reach, orgs: &[Org]) -> String {
    if *reach == Reach::All {
        return "All orgs".to_string();
    }
    let labels: Vec<&str> = orgs.iter().filter(|o| reach.covers(o.id)).map(|o| o.label.as_str()).collect();
    if labels.is_empty() { "No org".to_string() } else { labels.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str, most: Role, limit: &Reach) -> Result<(Role, Reach), String> {
        let fields: Vec<(String, String)> =
            url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        chosen(&fields, most, limit)
    }

    #[test]
    fn nobody_gives_more_than_they_have() {
        let some = Reach::Orgs([OrgId(1), OrgId(2)].into());
        let (owner, admin) = (Role::Owner, Role::Admin);
        assert_eq!(asked("role=owner&reach=all", owner, &Reach::All), Ok((Role::Owner, Reach::All)));
        assert_eq!(
            asked("role=viewer&reach=some&org=1&org=2", admin, &some),
            Ok((Role::Viewer, some.clone()))
        );
        for (text, says) in [
            ("reach=all", "a role"),
            ("role=viewer", "all orgs, or some"),
            ("role=viewer&reach=some", "at least one"),
            ("role=owner&reach=some&org=1", "no more than you"),
            ("role=viewer&reach=all", "no more than you"),
            ("role=viewer&reach=some&org=3", "no more than you"),
        ] {
            let fault = asked(text, admin, &some).expect_err(text);
            assert!(fault.contains(says), "{text}: {fault}");
        }
        assert!(asked("role=owner&reach=some&org=1", owner, &Reach::All).is_err());
    }
}
