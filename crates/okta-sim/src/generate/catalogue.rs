//! The apps an organisation has: names, sign-on modes and features. Data only.

/// How an app signs people on, with what its settings look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// SAML 2.0 from the catalogue.
    Saml,
    /// SAML 2.0 set up by hand (name carries the org's subdomain).
    CustomSaml,
    /// OpenID Connect web app with a client secret.
    OidcWeb,
    /// OpenID Connect single-page app.
    OidcBrowser,
    /// OpenID Connect native app.
    OidcNative,
    /// OAuth service app (client credentials).
    Service,
    /// Password filled in by the browser plugin.
    Plugin,
    /// Password posted to a form.
    PasswordStore,
    /// Password filled in on a page set up by hand.
    AutoLogin,
    /// HTTP basic authentication.
    BasicAuth,
    /// A link.
    Bookmark,
    /// WS-Federation.
    WsFed,
    /// A directory: no sign-on ([rec] such apps have `signOnMode: null`).
    Directory,
}

impl Mode {
    /// `signOnMode` as Okta writes it; `None` is null.
    pub fn sign_on_mode(self) -> Option<&'static str> {
        Some(match self {
            Mode::Saml | Mode::CustomSaml => "SAML_2_0",
            Mode::OidcWeb | Mode::OidcBrowser | Mode::OidcNative | Mode::Service => "OPENID_CONNECT",
            Mode::Plugin => "BROWSER_PLUGIN",
            Mode::PasswordStore => "SECURE_PASSWORD_STORE",
            Mode::AutoLogin => "AUTO_LOGIN",
            Mode::BasicAuth => "BASIC_AUTH",
            Mode::Bookmark => "BOOKMARK",
            Mode::WsFed => "WS_FEDERATION",
            Mode::Directory => return None,
        })
    }

    /// Whether the app is an OAuth client.
    pub fn is_oauth(self) -> bool {
        matches!(self, Mode::OidcWeb | Mode::OidcBrowser | Mode::OidcNative | Mode::Service)
    }
}

/// An app of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The catalogue's key.
    pub name: &'static str,
    /// What people see.
    pub label: &'static str,
    /// How it signs on.
    pub mode: Mode,
    /// Provisioning features.
    pub features: &'static [&'static str],
}

const NONE: &[&str] = &[];
const PUSH: &[&str] = &["PUSH_NEW_USERS", "PUSH_PROFILE_UPDATES", "PUSH_USER_DEACTIVATION"];
const FULL: &[&str] = &[
    "GROUP_PUSH",
    "IMPORT_NEW_USERS",
    "IMPORT_PROFILE_UPDATES",
    "PUSH_NEW_USERS",
    "PUSH_PROFILE_UPDATES",
    "PUSH_USER_DEACTIVATION",
    "REACTIVATE_USERS",
];
const SOURCE: &[&str] =
    &["IMPORT_NEW_USERS", "IMPORT_PROFILE_UPDATES", "IMPORT_USER_SCHEMA", "PROFILE_MASTERING"];

const fn app(
    name: &'static str,
    label: &'static str,
    mode: Mode,
    features: &'static [&'static str],
) -> Entry {
    Entry { name, label, mode, features }
}

/// What a service app that somebody registered comes from.
pub const SERVICE: Entry = app("oidc_client", "API Services", Mode::Service, NONE);

/// The number in [`CATALOGUE`] of the Active Directory.
pub const DIRECTORY: usize = 2;

/// The catalogue: Okta's own first, then the directory, then the rest.
pub const CATALOGUE: &[Entry] = &[
    app("saasure", "Okta Admin Console", Mode::OidcWeb, NONE),
    app("okta_enduser", "Okta Dashboard", Mode::OidcWeb, NONE),
    app("active_directory", "acme.example", Mode::Directory, FULL),
    app("office365", "Microsoft Office 365", Mode::WsFed, FULL),
    app("slack", "Slack", Mode::Saml, FULL),
    app("salesforce", "Salesforce.com", Mode::Saml, FULL),
    app("google", "Google Workspace", Mode::Saml, FULL),
    app("amazon_aws_sso", "AWS IAM Identity Center", Mode::Saml, PUSH),
    app("githubcloud", "GitHub Enterprise Cloud", Mode::Saml, PUSH),
    app("oidc_client", "Customer Portal", Mode::OidcWeb, NONE),
    app("workday", "Workday", Mode::Saml, SOURCE),
    app("zoomus", "Zoom", Mode::Saml, PUSH),
    app("atlassian", "Atlassian Cloud", Mode::Saml, FULL),
    app("oidc_client", "Billing Export Job", Mode::Service, NONE),
    app("servicenow_ud", "ServiceNow", Mode::Saml, FULL),
    app("boxnet", "Box", Mode::Plugin, PUSH),
    app("bookmark", "Employee Handbook", Mode::Bookmark, NONE),
    app("template_sps", "Supplier Portal", Mode::PasswordStore, NONE),
    app("template_basic_auth", "Legacy Reports", Mode::BasicAuth, NONE),
    app("acme_timesheets_1", "Timesheets", Mode::AutoLogin, NONE),
    app("acme_warehouse_1", "Warehouse Console", Mode::CustomSaml, NONE),
    app("oidc_client", "Field App", Mode::OidcNative, NONE),
    app("oidc_client", "Status Board", Mode::OidcBrowser, NONE),
    app("datadog", "Datadog", Mode::Saml, PUSH),
    app("snowflake", "Snowflake", Mode::Saml, PUSH),
    app("zendesk", "Zendesk", Mode::Saml, PUSH),
    app("docusign", "DocuSign", Mode::Saml, PUSH),
    app("netsuite", "NetSuite", Mode::Saml, FULL),
    app("concur", "SAP Concur", Mode::Saml, NONE),
    app("tableau_online", "Tableau Cloud", Mode::Saml, PUSH),
    app("dropbox_for_business", "Dropbox Business", Mode::Saml, FULL),
    app("figma", "Figma", Mode::Saml, PUSH),
    app("miro", "Miro", Mode::Saml, PUSH),
    app("notion", "Notion", Mode::Saml, PUSH),
    app("asana", "Asana", Mode::Saml, PUSH),
    app("pagerduty", "PagerDuty", Mode::Saml, PUSH),
    app("oidc_client", "Identity Sync Worker", Mode::Service, NONE),
    app("hubspot", "HubSpot", Mode::Saml, NONE),
    app("gusto", "Gusto", Mode::Plugin, NONE),
    app("expensify", "Expensify", Mode::Saml, NONE),
    app("greenhouse", "Greenhouse", Mode::Saml, PUSH),
    app("bamboohr", "BambooHR", Mode::Saml, SOURCE),
    app("lucidchart", "Lucidchart", Mode::Saml, PUSH),
    app("adobe_creative", "Adobe Creative Cloud", Mode::Saml, NONE),
    app("jamfsoftwareserver", "Jamf Pro", Mode::Saml, PUSH),
    app("crowdstrike", "CrowdStrike Falcon", Mode::Saml, NONE),
    app("zscaler", "Zscaler", Mode::Saml, PUSH),
    app("paloaltonetworks", "GlobalProtect", Mode::Saml, NONE),
    app("splunk", "Splunk Cloud", Mode::Saml, NONE),
    app("sumologic", "Sumo Logic", Mode::Saml, NONE),
    app("newrelic", "New Relic", Mode::Saml, PUSH),
    app("gitlab", "GitLab", Mode::Saml, NONE),
    app("circleci", "CircleCI", Mode::Plugin, NONE),
    app("mongodb_atlas", "MongoDB Atlas", Mode::Saml, NONE),
    app("oidc_client", "Partner API", Mode::Service, NONE),
    app("linkedin", "LinkedIn Learning", Mode::Saml, NONE),
    app("bookmark", "Canteen Menu", Mode::Bookmark, NONE),
    app("twitter", "Brand Account", Mode::Plugin, NONE),
    app("acme_archive_1", "Document Archive", Mode::CustomSaml, NONE),
    app("strongdm", "StrongDM", Mode::OidcWeb, NONE),
    app("oidc_client", "Internal Wiki", Mode::OidcWeb, NONE),
    app("template_sps", "Bank Portal", Mode::PasswordStore, NONE),
];
