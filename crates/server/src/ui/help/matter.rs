//! Which page of the help is about which page of the app: one table, from which the rail takes its link.

/// Paths as the table of routes has them, and what the help says of them.
const MATTERS: &[(&str, &str)] = &[
    ("/settings/integrations", "connect#integrations"),
    ("/settings/integrations/okta/connect", "connect"),
    ("/settings/integrations/okta/setup", "setup#on-the-web"),
    ("/settings/integrations/okta/setup/made", "setup#teardown"),
    ("/settings/integrations/okta/setup/jobs/{job}", "setup#on-the-web"),
    ("/settings/members", "members"),
    ("/settings/members/invite", "members#invitations"),
    ("/settings/members/{account}", "members#changing-and-removing-members"),
    ("/settings/api-tokens", "tokens"),
    ("/api", "tokens#the-api"),
    ("/settings/sign-in", "members#signing-in-with-okta-or-another-provider"),
    ("/settings/audit", "audit"),
    ("/settings/account", "members#your-account"),
    ("/settings/feedback", "members#help-and-its-answers"),
    ("/settings/about", "backup#what-runs-here"),
    ("/orgs/{org}", "finding#the-overview"),
    ("/orgs/{org}/search", "finding#search"),
    ("/orgs/{org}/inventory", "finding#the-inventory"),
    ("/orgs/{org}/inventory/{kind}", "finding#lists"),
    ("/orgs/{org}/inventory/{kind}/{id}", "finding#objects"),
    ("/orgs/{org}/connection", "sync#the-connection-page"),
    ("/orgs/{org}/connection/forecast", "sync#the-forecast"),
    ("/orgs/{org}/connection/rotate", "sync#rotating-the-credential"),
    ("/orgs/{org}/connection/disconnect", "sync#disconnecting"),
];

/// Where the help tells of the page at `path`, which may have a query; the contents where no page does.
pub(crate) fn of(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let fits = |pattern: &str| {
        let (mut ours, mut theirs) = (pattern.split('/'), path.split('/'));
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some(a), Some(b)) if a == b || a.starts_with('{') => {}
                _ => return false,
            }
        }
    };
    // A path with a name in it stands after the one that it would hide.
    let found = MATTERS.iter().find(|(pattern, _)| fits(pattern));
    found.map_or("/help".to_string(), |(_, at)| format!("/help/{at}"))
}

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use super::super::book;
    use super::*;
    use crate::auth::Need;

    /// What is no page that people read, or is the help itself.
    const NONE: &[&str] = &[
        "/",
        "/design",
        "/help",
        "/help/{page}",
        "/settings/audit/export",
        "/settings/integrations/okta/domain",
        "/settings/integrations/okta/setup/paper",
        "/orgs/{org}/csv/{kind}",
    ];

    #[test]
    fn each_page_has_its_matter_and_each_matter_its_page() {
        let table = crate::table(true);
        let pages: Vec<&str> = table
            .iter()
            .filter(|r| r.method == Method::GET && !matches!(r.need, Need::Open | Need::Public))
            .map(|r| r.path.as_str())
            .filter(|path| !NONE.contains(path) && !path.starts_with("/api/"))
            .collect();
        for path in &pages {
            assert!(MATTERS.iter().any(|(pattern, _)| pattern == path), "the help has nothing of {path}");
        }
        for (pattern, at) in MATTERS {
            assert!(pages.contains(pattern), "{pattern} is no page");
            let (name, section) = at.split_once('#').map_or((*at, None), |(name, id)| (name, Some(id)));
            let (_, chapter) = book::chapter(name).expect("a chapter");
            let there = section.is_none_or(|id| chapter.headings.iter().any(|h| h.id == id));
            assert!(there, "there is no {at}");
        }
    }

    #[test]
    fn the_page_at_hand_is_found() {
        assert_eq!(of("/orgs/7/inventory/user?q=a/b"), "/help/finding#lists");
        assert_eq!(of("/settings/members/invite"), "/help/members#invitations");
        assert_eq!(of("/settings/members/7"), "/help/members#changing-and-removing-members");
        assert_eq!([of("/nowhere"), of("/")], ["/help", "/help"]);
    }
}
