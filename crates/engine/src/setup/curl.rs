//! The set-up as a script, for who wants to read every call before it is made.

use okta_client::{Origin, api};
use serde_json::{Value, json};

use super::model::Model;
use super::names::{Names, Reader};

/// A POSIX shell script that makes role, resource set, user or service app, and both assignments. What is there already it
/// leaves, so it can be run again. Of a service app's key it takes the public half, from a file.
///
/// The token is read from standard input or the terminal, and reaches curl by its standard input: command lines are shown
/// by `ps`.
pub fn script(model: &Model, names: &Names, reader: Reader, origin: &Origin) -> String {
    let description = "Lets Transom read this org.";
    let role = json!({
        "label": names.role, "description": description, "permissions": model.permission_names(),
    });
    let orns: Vec<String> = model.orns("PARTITION", "ORG_ID");
    let set = json!({ "label": names.set, "description": description, "resources": orns });
    let user = json!({
        "profile": {
            "firstName": "Transom", "lastName": "Service", "login": names.login, "email": names.email,
        },
    });
    let standard: String = model
        .roles
        .iter()
        .map(|g| format!("give {}\n", quoted(&json!({ "type": g.name }).to_string())))
        .collect();
    let scopes: Vec<String> = model.scope_names().into_iter().map(quoted).collect();
    // The public key takes its place when the script is run.
    let app = api::app::create_service(&names.app, &Value::Null).body.unwrap_or_default();
    let (template, holder, path) = match reader {
        Reader::User => {
            ([USER_HEAD, TOOLS, RIGHTS, USER, GIVE, USER_DONE].concat(), "user", "/api/v1/users/$user/roles")
        }
        Reader::App => {
            let parts = [APP_HEAD, TOOLS, APP_FIND, RIGHTS, APP, GIVE, APP_DONE];
            (parts.concat(), "app", "/oauth2/v1/clients/$app/roles")
        }
    };
    fill(
        &template,
        &[
            ("HOLDER", holder.to_string()),
            ("ROLES", path.to_string()),
            ("ORIGIN", quoted(&origin.to_string())),
            ("ROLE_LABEL", quoted(&names.role)),
            ("SET_LABEL", quoted(&names.set)),
            ("LOGIN", quoted(&names.login)),
            ("ROLE", quoted(&role.to_string())),
            ("SET", quoted(&set.to_string())),
            ("USER", quoted(&user.to_string())),
            ("APP_LABEL", quoted(&names.app)),
            ("APP", quoted(&app.to_string())),
            ("SCOPES", scopes.join(" \\\n  ")),
            ("STANDARD", standard),
        ],
    )
}

/// The script with what stands for each name, in one pass: what a name is filled with is not looked at again.
fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut out = String::with_capacity(template.len() * 2);
    for piece in template.split('«') {
        match piece.split_once('»') {
            Some((name, rest)) => {
                out.extend(values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str()));
                out.push_str(rest);
            }
            None => out.push_str(piece),
        }
    }
    out
}

/// A word of a shell: nothing in it means anything.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// What the script of a user begins with.
const USER_HEAD: &str = r#"#!/bin/sh
# Makes what Transom needs to read an Okta org: a custom role, a resource set, a user, and its two roles.
# Made by: transom setup curl
# Run it with a Super Administrator's API token on standard input, or answer when it asks. Needs curl and jq.
set -eu

origin=«ORIGIN»
role_label=«ROLE_LABEL»
set_label=«SET_LABEL»
login=«LOGIN»

"#;

/// What the script of a service app begins with.
const APP_HEAD: &str = r#"#!/bin/sh
# Makes what Transom needs to read an Okta org: a custom role, a resource set, a service app with its scopes, and its two roles.
# Made by: transom setup curl --service-app
# The key pair is made by: transom setup key --key-file transom.pem > transom.jwk
# Run it with the file of the public half as its argument, and a Super Administrator's API token on standard input, or answer
# when it asks. Needs curl and jq.
set -eu

origin=«ORIGIN»
role_label=«ROLE_LABEL»
set_label=«SET_LABEL»
app_label=«APP_LABEL»

"#;

/// The token, and how the org is asked.
const TOOLS: &str = r#"command -v jq >/dev/null || { echo 'jq is missing.' >&2; exit 2; }
if [ -t 0 ]; then
  printf 'API token (not shown): ' >&2
  trap 'stty echo' EXIT INT TERM
  stty -echo
  IFS= read -r token
  stty echo
  trap - EXIT INT TERM
  echo >&2
else
  IFS= read -r token
fi
case $token in
  '' | *[!A-Za-z0-9_-]*) echo 'That is no API token.' >&2; exit 2 ;;
esac

# call METHOD PATH [BODY]: prints the answer's body and, on a last line, its status.
call() {
  {
    printf 'header = "Authorization: SSWS %s"\n' "$token"
    printf 'header = "Accept: application/json"\n'
    printf 'header = "Content-Type: application/json"\n'
  } | curl --silent --show-error --config - --request "$1" --write-out '\n%{http_code}\n' \
    ${3+--data-raw "$3"} "$origin$2"
}

# ask METHOD PATH [BODY]: prints the body of a success; ends the script at anything else.
ask() {
  answer=$(call "$@")
  status=$(printf '%s\n' "$answer" | tail -n 1)
  body=$(printf '%s\n' "$answer" | sed '$d')
  case $status in
    2*) printf '%s\n' "$body" ;;
    *) printf '%s %s answered %s: %s\n' "$1" "$2" "$status" "$body" >&2; exit 3 ;;
  esac
}

# there PATH: whether the object is there.
there() {
  status=$(call GET "$1" | tail -n 1)
  case $status in
    2*) return 0 ;;
    404) return 1 ;;
    *) printf 'GET %s answered %s\n' "$1" "$status" >&2; exit 3 ;;
  esac
}

encoded() { jq -rn --arg text "$1" '$text|@uri'; }

"#;

/// The key of the service app, and whether the app is there.
const APP_FIND: &str = r#"# The private half stays where it is.
public='type == "object" and (.kty | type) == "string" and (.kid | type) == "string" and (has("d") | not)'
key=$(jq -c "select($public)" "${1:-/dev/null}") || key=
[ -n "$key" ] || {
  echo 'Give the file with the public half of the key, a JWK with its kid, as the argument.' >&2
  exit 2
}
kid=$(printf '%s' "$key" | jq -r .kid)

# What has the label and another key is somebody else's.
apps=$(ask GET "/api/v1/apps?limit=200&q=$(encoded "$app_label")")
app=$(printf '%s' "$apps" | jq -r --arg name "$app_label" 'map(select(.label == $name))[0].id // empty')
if [ -n "$app" ]; then
  printf '%s' "$apps" | jq -e --arg app "$app" --arg kid "$kid" \
    'any(.[]; .id == $app and any(.settings.oauthClient.jwks.keys[]?; .kid == $kid))' >/dev/null || {
    echo "The app $app_label is there, with another key." >&2
    exit 3
  }
  echo "The app $app_label is there." >&2
elif there /api/v1/org/settings/clientPrivilegesSetting; then
  setting=$(ask GET /api/v1/org/settings/clientPrivilegesSetting)
  if printf '%s' "$setting" | jq -e .clientPrivilegesSetting >/dev/null; then
    echo 'The org makes every new API services app a Super Administrator (Public client app admins).' >&2
    echo 'Switch that off in the Admin Console under Settings > Account, then run this again.' >&2
    exit 3
  fi
else
  echo 'Not checked: whether the org makes every new API services app a Super Administrator. It does not tell (404).' >&2
  echo 'Look in the Admin Console under Settings > Account: Public client app admins has to be off. Where it was on, take' >&2
  echo "that role from $app_label on its tab Admin roles." >&2
fi

"#;

/// Role and resource set.
const RIGHTS: &str = r#"# The partition of Okta resource names is the org's own: host names don't tell it.
org_id=$(ask GET /.well-known/okta-organization | jq -er .id)
partition=$(ask GET '/api/v1/iam/assignees/users?limit=1' | jq -er '.value[0].orn|split(":")[1]')
: "${org_id:?is missing}" "${partition:?is missing}"

role_path=/api/v1/iam/roles/$(encoded "$role_label")
if there "$role_path"; then
  echo "The role $role_label is there." >&2
  role=$(ask GET "$role_path" | jq -er .id)
else
  role=$(ask POST /api/v1/iam/roles «ROLE» | jq -er .id)
fi
: "${role:?is missing}"

set_path=/api/v1/iam/resource-sets/$(encoded "$set_label")
if there "$set_path"; then
  echo "The resource set $set_label is there." >&2
  set=$(ask GET "$set_path" | jq -er .id)
else
  members=$(printf '%s' «SET» | jq -c --arg p "$partition" --arg o "$org_id" \
    '.resources |= map(sub("PARTITION"; $p) | sub("ORG_ID"; $o))')
  set=$(ask POST /api/v1/iam/resource-sets "$members" | jq -er .id)
fi
: "${set:?is missing}"

"#;

/// The user.
const USER: &str = r#"user_path=/api/v1/users/$(encoded "$login")
if there "$user_path"; then
  echo "The user $login is there." >&2
  user=$(ask GET "$user_path" | jq -er .id)
else
  # Without a password Okta sends an activation e-mail to the address.
  user=$(ask POST '/api/v1/users?activate=true' «USER» | jq -er .id)
fi
: "${user:?is missing}"

"#;

/// The service app.
const APP: &str = r#"if [ -z "$app" ]; then
  new=$(printf '%s' «APP» | jq -c --argjson key "$key" '.settings.oauthClient.jwks.keys = [$key]')
  app=$(ask POST '/api/v1/apps?activate=true' "$new" | jq -er .id)
fi
: "${app:?is missing}"

"#;

/// Both roles.
const GIVE: &str = r#"# give BODY: gives the «HOLDER» a role; 409 says that it has it.
give() {
  answer=$(call POST "«ROLES»" "$1")
  status=$(printf '%s\n' "$answer" | tail -n 1)
  case $status in
    2* | 409) ;;
    *) printf 'The role could not be given: %s\n' "$answer" >&2; exit 3 ;;
  esac
}
«STANDARD»give "{\"type\":\"CUSTOM\",\"role\":\"$role\",\"resource-set\":\"$set\"}"
"#;

/// What is left to do with a user.
const USER_DONE: &str = r#"
echo "Done: role $role, resource set $set, user $user." >&2
echo "Revoke the token you used. Then sign in as $login and create Transom's own." >&2
"#;

/// The scopes, and what is left to do with a service app.
const APP_DONE: &str = r#"
# An app without any scope has no list of them.
granted=
grants_path=/api/v1/apps/$app/grants
if there "$grants_path"; then
  granted=$(ask GET "$grants_path" | jq -r '.[].scopeId')
fi
for scope in \
  «SCOPES»; do
  printf '%s\n' "$granted" | grep -Fqx "$scope" ||
    ask POST "$grants_path" "{\"scopeId\":\"$scope\",\"issuer\":\"$origin\"}" >/dev/null
done

echo "Done: role $role, resource set $set, service app $app." >&2
echo "Revoke the token you used. Then connect: transom org connect --domain $origin --client-id $app --key-file transom.pem" >&2
"#;
