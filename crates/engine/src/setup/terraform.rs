//! The set-up as Terraform, for Okta's official provider.

use okta_client::Origin;

use super::model::{Model, Resource};
use super::names::{Names, Reader};

/// The first version of the provider with every resource and data source that is used.
const PROVIDER: &str = ">= 6.12.0";

/// A configuration that makes role, resource set, user or service app, and both assignments, formatted as `terraform fmt`
/// does.
///
/// The partition of Okta resource names is read from the org when it is planned, as host names don't tell it. No secret is in
/// it: the provider takes its credential from the environment, a user's token is made by the person, and of a service app's
/// key it takes the public half.
pub fn configuration(model: &Model, names: &Names, reader: Reader, origin: &Origin) -> String {
    let host = origin.host();
    let (org, base) = host.split_once('.').unwrap_or((&host, ""));
    let permissions: Vec<String> = model.permissions.iter().map(|g| text(g.name)).collect();
    let resources: Vec<String> = model.resources.iter().map(|m| orn(m.resource)).collect();
    let (variant, first, reads) = match reader {
        Reader::User => ("", "", user(model, names, &host)),
        Reader::App => (" --service-app", APP_FIRST, app(model, names, &host)),
    };
    format!(
        r#"# The rights that Transom needs to read {host}.
# Made by: transom setup terraform{variant}
# The credential comes from the environment: OKTA_API_TOKEN, or OKTA_API_CLIENT_ID and its companions.
# It has to be a Super Administrator's, as only they may give administrator roles.
{first}
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

{reads}"#,
        org = text(org),
        base = text(base),
        role = text(&names.role),
        set = text(&names.set),
        permissions = permissions.join(", "),
        resources = resources.join("\n"),
    )
}

/// What is to be seen to before a service app is made.
const APP_FIRST: &str = "\
# An org with the setting Public client app admins makes every new API services app a Super Administrator: switch that off in
# the Admin Console under Settings > Account before this is applied.
";

/// The user, and what gives it both roles.
fn user(model: &Model, names: &Names, host: &str) -> String {
    let roles: Vec<String> = model.roles.iter().map(|g| text(g.name)).collect();
    format!(
        r#"# Without a password Okta sends an activation e-mail to the address.
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
        login = text(&names.login),
        email = text(&names.email),
        roles = roles.join(", "),
    )
}

/// The service app, its scopes, and what gives it both roles. The provider writes a key on a curve without its curve, so the
/// key is an RSA one; and it has no argument for DPoP [provider 6.12.0: docs and source of `okta_app_oauth`].
fn app(model: &Model, names: &Names, host: &str) -> String {
    let scopes: Vec<String> = model.scopes.iter().map(|g| format!("    {},", text(g.name))).collect();
    let roles: Vec<String> = model.roles.iter().map(|g| text(g.name)).collect();
    format!(
        r#"# The key pair is made by: transom setup key --key-file transom.pem > transom.jwk
# and its public half given by: terraform apply -var "public_key=$(cat transom.jwk)"
# What else the document holds is dropped here, and never reaches the state.
variable "public_key" {{
  description = "The public half of the service app's RSA key, as a JWK."
  type = object({{
    kty = string
    kid = string
    n   = string
    e   = string
  }})
}}

# The provider has no argument for DPoP: tick Require Demonstrating Proof of Possession (DPoP) header in token requests on the
# app's tab General when it is made, and look again after Terraform changed it.
resource "okta_app_oauth" "transom" {{
  label                      = {label}
  type                       = "service"
  grant_types                = ["client_credentials"]
  response_types             = ["token"]
  token_endpoint_auth_method = "private_key_jwt"
  omit_secret                = true

  jwks {{
    kty = var.public_key.kty
    kid = var.public_key.kid
    n   = var.public_key.n
    e   = var.public_key.e
  }}
}}

resource "okta_app_oauth_api_scope" "transom" {{
  app_id = okta_app_oauth.transom.id
  issuer = "https://{host}"
  scopes = [
{scopes}
  ]
}}

resource "okta_app_oauth_role_assignment" "standard" {{
  for_each  = toset([{roles}])
  client_id = okta_app_oauth.transom.client_id
  type      = each.value
}}

resource "okta_app_oauth_role_assignment" "custom" {{
  client_id    = okta_app_oauth.transom.client_id
  type         = "CUSTOM"
  role         = okta_admin_role_custom.transom.id
  resource_set = okta_resource_set.transom.id
}}

# Connect with it: transom org connect --domain {host} --client-id ID --key-file transom.pem
output "client_id" {{
  value = okta_app_oauth.transom.client_id
}}
"#,
        label = text(&names.app),
        scopes = scopes.join("\n"),
        roles = roles.join(", "),
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
