//! The set-up as Terraform, for Okta's official provider.

use okta_client::Origin;

use super::model::{Model, Resource};
use super::names::Names;

/// The first version of the provider with every resource and data source that is used.
const PROVIDER: &str = ">= 6.12.0";

/// A configuration that makes role, resource set, user and both assignments, formatted as `terraform fmt` does.
///
/// The partition of Okta resource names is read from the org when it is planned, as host names don't tell it. The token
/// is not in it: the provider takes its credential from the environment, and step 4 stays with the person.
pub fn configuration(model: &Model, names: &Names, origin: &Origin) -> String {
    let host = origin.host();
    let (org, base) = host.split_once('.').unwrap_or((&host, ""));
    let permissions: Vec<String> = model.permissions.iter().map(|g| text(g.name)).collect();
    let roles: Vec<String> = model.roles.iter().map(|g| text(g.name)).collect();
    let resources: Vec<String> = model.resources.iter().map(|m| orn(m.resource)).collect();
    format!(
        r#"# The rights that Transom needs to read {host}.
# Made by: transom setup terraform
# The credential comes from the environment: OKTA_API_TOKEN, or OKTA_API_CLIENT_ID and its companions.
# It has to be a Super Administrator's, as only they may give administrator roles.

terraform {{
  required_providers {{
    okta = {{
      source  = "okta/okta"
      version = "{PROVIDER}"
    }}
  }}
}}

provider "okta" {{
  org_name = {org}
  base_url = {base}
}}

data "okta_org_metadata" "org" {{}}

data "okta_iam_assignees_user" "all" {{}}

locals {{
  org_id = data.okta_org_metadata.org.id
  # okta or oktapreview: read from the org, host names don't tell it.
  partition = split(":", data.okta_iam_assignees_user.all.items[0].orn)[1]
}}

resource "okta_admin_role_custom" "transom" {{
  label       = {role}
  description = "Lets Transom read this org."
  permissions = [{permissions}]
}}

resource "okta_resource_set" "transom" {{
  label       = {set}
  description = "Lets Transom read this org."
  resources_orn = [
{resources}
  ]
}}

# Without a password Okta sends an activation e-mail to the address.
resource "okta_user" "transom" {{
  first_name = "Transom"
  last_name  = "Service"
  login      = {login}
  email      = {email}
}}

resource "okta_user_admin_roles" "transom" {{
  user_id     = okta_user.transom.id
  admin_roles = [{roles}]
}}

resource "okta_admin_role_custom_assignments" "transom" {{
  resource_set_id = okta_resource_set.transom.id
  custom_role_id  = okta_admin_role_custom.transom.id
  members         = ["https://{host}/api/v1/users/${{okta_user.transom.id}}"]
}}
"#,
        org = text(org),
        base = text(base),
        role = text(&names.role),
        set = text(&names.set),
        login = text(&names.login),
        email = text(&names.email),
        permissions = permissions.join(", "),
        roles = roles.join(", "),
        resources = resources.join("\n"),
    )
}

fn orn(resource: Resource) -> String {
    let (service, kind) = resource.place();
    format!("    \"orn:${{local.partition}}:{service}:${{local.org_id}}:{kind}\",")
}

/// A quoted string: what begins a template, ends the string or escapes is escaped.
fn text(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    let mut letters = value.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '$' | '%' if letters.peek() == Some(&'{') => out.extend([c, c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
