//! The guide, the Terraform and the script, as people get them.

use std::io::Write;
use std::process::{Command, Stdio};

use hcl::{Body, Expression, Structure};
use okta_client::{Method, Origin, PrivateKey};
use transom_engine::setup::{Model, Names, Reader, Record, Verdict, configuration, markdown, script};

use super::world::{World, engine, names, verdicts, wanted, wanted_by_app};

const READERS: [Reader; 2] = [Reader::User, Reader::App];

fn acme() -> Origin {
    Origin::stored("https://acme.okta.com").expect("an origin")
}

/// Names that would break out of whatever they are written into.
fn nasty() -> Names {
    Names {
        role: r#"It's "${x}" %{y} `id` $(id) «SET» **b**"#.to_string(),
        set: "back\\slash ORG_ID".to_string(),
        login: "o'neill@acme.example".to_string(),
        email: "ops@acme.example".to_string(),
        app: r#"O'Neill "${x}" $(id) «APP»"#.to_string(),
    }
}

#[test]
fn as_people_get_them() {
    let (model, names) = (Model::read(), Names::usual(&acme()));
    for (reader, of) in READERS.into_iter().zip(["", "_of_an_app"]) {
        insta::assert_snapshot!(format!("guide{of}"), markdown(&model, &names, reader, Some(&acme())));
        insta::assert_snapshot!(format!("terraform{of}"), configuration(&model, &names, reader, &acme()));
        insta::assert_snapshot!(format!("curl{of}"), script(&model, &names, reader, &acme()));
    }
}

/// What the official provider documents of a resource or data source (docs/resources and docs/data-sources of its version
/// 6.12.0): the attributes it needs, and those it takes besides.
const PROVIDER: &[(&str, &[&str], &[&str])] = &[
    ("okta_admin_role_custom", &["label", "description"], &["permissions"]),
    ("okta_resource_set", &["label", "description"], &["resources", "resources_orn"]),
    (
        "okta_user",
        &["first_name", "last_name", "login", "email"],
        &["department", "display_name", "title", "password", "status", "second_email", "user_type"],
    ),
    ("okta_user_admin_roles", &["user_id", "admin_roles"], &["disable_notifications"]),
    ("okta_admin_role_custom_assignments", &["resource_set_id", "custom_role_id"], &["members"]),
    (
        "okta_app_oauth",
        &["label", "type"],
        &[
            "grant_types",
            "jwks",
            "jwks_uri",
            "omit_secret",
            "pkce_required",
            "response_types",
            "status",
            "token_endpoint_auth_method",
        ],
    ),
    ("jwks", &["kid", "kty"], &["e", "n", "x", "y"]),
    ("okta_app_oauth_api_scope", &["app_id", "issuer", "scopes"], &[]),
    ("okta_app_oauth_role_assignment", &["client_id", "type"], &["resource_set", "role"]),
    ("okta_org_metadata", &[], &[]),
    ("okta_iam_assignees_user", &[], &[]),
];

/// Holds a block to what the provider documents of its kind, and the blocks in it too.
fn documented(kind: &str, body: &Body) {
    let known = PROVIDER.iter().find(|(name, ..)| *name == kind);
    let (_, required, optional) = known.unwrap_or_else(|| panic!("{kind} is in no table"));
    // Terraform's own.
    let has: Vec<&str> =
        body.attributes().map(|a| a.key.as_str()).filter(|name| *name != "for_each").collect();
    let within: Vec<&str> = body.blocks().map(|b| b.identifier.as_str()).collect();
    assert!(required.iter().all(|r| has.contains(r)), "{kind} lacks one of {required:?}");
    assert!(
        has.iter().chain(&within).all(|h| required.contains(h) || optional.contains(h)),
        "{kind}: {has:?}, {within:?}"
    );
    body.blocks().for_each(|block| documented(block.identifier.as_str(), &block.body));
}

/// The types of the resources and data sources, each held to what the provider documents.
fn kinds(body: &Body) -> Vec<String> {
    let mut kinds = Vec::new();
    for structure in body {
        let Structure::Block(block) = structure else { panic!("an attribute outside a block") };
        let labels: Vec<&str> = block.labels.iter().map(|l| l.as_str()).collect();
        match block.identifier.as_str() {
            "terraform" | "locals" | "variable" | "output" => {}
            "provider" => assert_eq!(labels, ["okta"]),
            "resource" | "data" => {
                let kind = labels.first().copied().expect("a type");
                documented(kind, &block.body);
                kinds.push(kind.to_string());
            }
            other => panic!("a block {other}"),
        }
    }
    kinds.sort();
    kinds
}

#[test]
fn the_terraform_is_what_the_provider_documents() {
    let of = |reader| -> Body {
        hcl::parse(&configuration(&Model::read(), &Names::usual(&acme()), reader, &acme())).expect("HCL")
    };
    let [user, app] = READERS.map(of);
    let rights =
        ["okta_admin_role_custom", "okta_iam_assignees_user", "okta_org_metadata", "okta_resource_set"];
    let mut all = rights.to_vec();
    all.extend(["okta_admin_role_custom_assignments", "okta_user", "okta_user_admin_roles"]);
    all.sort_unstable();
    assert_eq!(kinds(&user), all);
    let mut all = rights.to_vec();
    all.extend(["okta_app_oauth", "okta_app_oauth_api_scope"]);
    all.extend(["okta_app_oauth_role_assignment"; 2]);
    all.sort_unstable();
    assert_eq!(kinds(&app), all);
    for body in [&user, &app] {
        let permissions = attribute(body, "okta_admin_role_custom", "permissions");
        assert_eq!(permissions, r#"["okta.authzServers.read", "okta.iam.read"]"#);
    }
    assert_eq!(attribute(&user, "okta_user_admin_roles", "admin_roles"), r#"["READ_ONLY_ADMIN"]"#);
    let each = attribute(&app, "okta_app_oauth_role_assignment", "for_each");
    assert_eq!(each, r#"toset(["READ_ONLY_ADMIN"])"#);
    assert_eq!(attribute(&app, "okta_app_oauth", "token_endpoint_auth_method"), "private_key_jwt");
    assert_eq!(attribute(&app, "okta_app_oauth", "type"), "service");
    let scopes = attribute(&app, "okta_app_oauth_api_scope", "scopes");
    let named: Vec<&str> = scopes.split('"').skip(1).step_by(2).collect();
    assert_eq!(named, Model::read().scope_names());
}

/// The key is a variable whose type has room for what is public alone: Terraform drops the rest, so that it reaches no state.
#[test]
fn no_private_key_reaches_terraform() {
    let text = configuration(&Model::read(), &Names::usual(&acme()), Reader::App, &acme());
    let body: Body = hcl::parse(&text).expect("HCL");
    let variable = body.blocks().find(|b| b.identifier.as_str() == "variable").expect("there");
    assert_eq!(variable.labels.iter().map(|l| l.as_str()).collect::<Vec<_>>(), ["public_key"]);
    let kind = variable.body.attributes().find(|a| a.key.as_str() == "type").expect("a type");
    let kind = kind.expr.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(kind, "object({ kty = string, kid = string, n = string, e = string })");
    assert!(!text.contains("BEGIN") && !text.contains("file("));
}

fn attribute(body: &Body, kind: &str, name: &str) -> String {
    let block = body.blocks().find(|b| b.labels.first().is_some_and(|l| l.as_str() == kind)).expect("there");
    let attribute = block.body.attributes().find(|a| a.key.as_str() == name).expect("there");
    match &attribute.expr {
        Expression::String(text) => text.clone(),
        other => other
            .to_string()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace("[ ", "[")
            .replace(" ]", "]"),
    }
}

#[test]
fn names_stay_names() {
    let names = nasty();
    let body: Body = hcl::parse(&configuration(&Model::read(), &names, Reader::User, &acme())).expect("HCL");
    let label = attribute(&body, "okta_admin_role_custom", "label");
    assert!(label.contains("It's") && label.contains("`id`"), "{label}");
    let read = body.blocks().find(|b| b.labels.first().is_some_and(|l| l.as_str() == "okta_resource_set"));
    let set = read.and_then(|b| b.body.attributes().find(|a| a.key.as_str() == "label")).expect("there");
    assert_eq!(set.expr, Expression::String(names.set.clone()));
    let app: Body = hcl::parse(&configuration(&Model::read(), &names, Reader::App, &acme())).expect("HCL");
    let label = attribute(&app, "okta_app_oauth", "label");
    assert!(label.contains("O'Neill") && label.contains("$(id)"), "{label}");
    for reader in READERS {
        let guide = markdown(&Model::read(), &names, reader, None);
        assert!(!guide.contains("**b**"), "a name does not end the mark around it");
    }
    // The shell reads the words back as they are.
    let [text, app] = READERS.map(|reader| script(&Model::read(), &names, reader, &acme()));
    let head: String = text
        .lines()
        .filter(|l| l.starts_with("role_label=") || l.starts_with("login="))
        .map(|l| format!("{l}\n"))
        .collect();
    let said = run("sh", &["-s"], &format!("{head}printf '%s|%s' \"$role_label\" \"$login\""));
    assert_eq!(said.as_deref(), Some(format!("{}|{}", names.role, names.login).as_str()));
    let head = app.lines().find(|l| l.starts_with("app_label=")).expect("there");
    let said = run("sh", &["-s"], &format!("{head}\nprintf '%s' \"$app_label\""));
    assert_eq!(said.as_deref(), Some(names.app.as_str()));
    for text in [text, app] {
        assert!(run("sh", &["-n"], &text).is_some(), "the shell can parse it");
    }
}

/// What a program says about its input; nothing where it refuses, and where it is not there.
fn run(program: &str, args: &[&str], input: &str) -> Option<String> {
    let command = Command::new(program).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = match command {
        Ok(child) => child,
        Err(_) => return None,
    };
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("read");
    let output = child.wait_with_output().expect("its end");
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What the script says as it refuses.
fn refuses(args: &[&str], input: &str) -> String {
    let mut command = Command::new("sh");
    command.args(args).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("a shell");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("read");
    let output = child.wait_with_output().expect("its end");
    assert!(!output.status.success(), "it did it");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn there(program: &str) -> bool {
    let found = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let there = found.is_ok();
    if !there {
        println!("skipped: no {program} on this machine");
    }
    there
}

#[test]
fn other_tools_have_nothing_to_say() {
    // That what stands in single quotes stays as it is, is what is meant.
    let both = [(Names::usual(&acme()), "--severity=style"), (nasty(), "--exclude=SC2016")];
    for ((names, but), reader) in both.iter().flat_map(|case| READERS.map(|reader| (case, reader))) {
        let terraform = configuration(&Model::read(), names, reader, &acme());
        if there("terraform") {
            let formatted = run("terraform", &["fmt", "-"], &terraform);
            assert_eq!(formatted.as_deref(), Some(terraform.as_str()), "terraform fmt leaves it as it is");
        }
        if there("shellcheck") {
            let said = run("shellcheck", &[but, "-"], &script(&Model::read(), names, reader, &acme()));
            assert!(said.is_some(), "shellcheck has nothing to say");
        }
    }
}

#[test]
fn no_token_is_on_a_command_line() {
    for reader in READERS {
        let text = script(&Model::read(), &Names::usual(&acme()), reader, &acme());
        let uses: Vec<&str> = text.lines().filter(|l| l.contains("$token")).map(str::trim).collect();
        assert_eq!(uses.len(), 2, "{uses:?}");
        assert!(
            uses.iter().all(|l| l.starts_with("printf ") || l.starts_with("case ")),
            "printf is of the shell"
        );
    }
}

/// The script makes on a simulated org what a plan asks for, and nothing when it is run again.
#[tokio::test(flavor = "multi_thread")]
async fn the_script_does_what_a_plan_asks_for() {
    if !["sh", "curl", "jq"].into_iter().all(there) {
        return;
    }
    let world = World::new().await;
    let token = world.sim.tokens.super_admin.clone();
    let origin = Origin::stored(&world.sim.origin).expect("an origin");
    let text = script(&Model::read(), &names(), Reader::User, &origin);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("setup.sh");
    std::fs::write(&path, text).expect("written");
    let path = path.display().to_string();
    let before = world.state();
    for bad in ["", "not a token\n", "00wrong\n"] {
        assert!(run("sh", &[&path], bad).is_none(), "{bad:?}");
    }
    assert_eq!(world.state(), before);
    run("sh", &[&path], &format!("{token}\n")).expect("done");
    let wanted = wanted(false);
    let plan = world.session(&token).await.plan(&wanted, &Record::default()).await.expect("a plan");
    let verdicts = verdicts(&plan);
    let user = Verdict::InTheWay;
    let leave = Verdict::Leave;
    assert_eq!(verdicts, [leave, leave, user, leave, leave], "the user was made by somebody else: {plan:?}");
    let after = world.state();
    run("sh", &[&path], &format!("{token}\n")).expect("done again");
    assert_eq!(world.state(), after);
}

/// The same with a service app in place of the user: what it makes connects, without excess.
#[tokio::test(flavor = "multi_thread")]
async fn the_script_makes_a_service_app_that_connects() {
    if !["sh", "curl", "jq"].into_iter().all(there) {
        return;
    }
    let world = World::new().await;
    let token = format!("{}\n", world.sim.tokens.super_admin);
    let origin = Origin::stored(&world.sim.origin).expect("an origin");
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("written");
        folder.path().join(name).display().to_string()
    };
    let path = file("setup.sh", &script(&Model::read(), &names(), Reader::App, &origin));
    let key = PrivateKey::generate().expect("a key");
    let jwk = key.public_jwk().expect("its public half");
    let mut private = jwk.clone();
    private["d"] = "AQAB".into();
    let (public, private) =
        (file("transom.jwk", &jwk.to_string()), file("private.jwk", &private.to_string()));
    let before = world.state();
    // The org would make it a super admin; and what is no public key is none.
    let said = refuses(&[&path, &public], &token);
    assert!(said.contains("Public client app admins"), "{said}");
    let setting = "/api/v1/org/settings/clientPrivilegesSetting";
    world.call(Method::PUT, setting, Some(serde_json::json!({"clientPrivilegesSetting": false}))).await;
    for bad in [&[path.as_str(), &private][..], &[&path, &path], &[&path, ""], &[&path]] {
        let said = refuses(bad, &token);
        assert!(said.contains("the public half of the key"), "{bad:?}: {said}");
    }
    assert_eq!(world.state(), before);

    run("sh", &[&path, &public], &token).expect("done");
    let wanted = wanted_by_app(&key);
    let session = world.session(token.trim()).await;
    let plan = session.plan(&wanted, &Record::default()).await.expect("a plan");
    assert_eq!(verdicts(&plan), [Verdict::Leave; 6], "{plan:?}");
    let after = world.state();
    run("sh", &[&path, &public], &token).expect("done again");
    assert_eq!(world.state(), after);
    // Whoever has another key gets no roles by it.
    let other = PrivateKey::generate().and_then(|k| k.public_jwk()).expect("another");
    let other = file("other.jwk", &other.to_string());
    let said = refuses(&[&path, &other], &token);
    assert!(said.contains("is there, with another key."), "{said}");
    assert_eq!(world.state(), after);
    // Where the org does not tell whether it makes apps super admins, the script says so.
    let names = Names { app: "Another app".to_string(), ..names() };
    let text = script(&Model::read(), &names, Reader::App, &origin);
    let untold = file("untold.sh", &text.replace("settings/clientPrivilegesSetting", "settings/none"));
    let said = run("sh", &["-c", "exec sh \"$0\" \"$1\" 2>&1", &untold, &other], &token).expect("done");
    assert!(said.contains("Not checked") && said.contains("Public client app admins"), "{said}");

    let client_id = plan.items.iter().find_map(|i| i.id.clone().filter(|id| id.starts_with("0oa")));
    let (engine, _folder) = engine().await;
    world.connects(&engine, client_id.expect("an app"), &key).await;
}
