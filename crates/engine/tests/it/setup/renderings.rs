//! The guide, the Terraform and the script, as people get them.

use std::io::Write;
use std::process::{Command, Stdio};

use hcl::{Body, Expression, Structure};
use okta_client::Origin;
use transom_engine::setup::{Model, Names, Record, Verdict, configuration, markdown, script};

use super::world::{World, names, verdicts, wanted};

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
        app: "Transom".to_string(),
    }
}

#[test]
fn as_people_get_them() {
    let (model, names) = (Model::read(), Names::usual(&acme()));
    insta::assert_snapshot!("guide", markdown(&model, &names, Some(&acme())));
    insta::assert_snapshot!("terraform", configuration(&model, &names, &acme()));
    insta::assert_snapshot!("curl", script(&model, &names, &acme()));
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
    ("okta_org_metadata", &[], &[]),
    ("okta_iam_assignees_user", &[], &[]),
];

#[test]
fn the_terraform_is_what_the_provider_documents() {
    let text = configuration(&Model::read(), &Names::usual(&acme()), &acme());
    let body: Body = hcl::parse(&text).expect("HCL");
    let mut kinds = Vec::new();
    for structure in &body {
        let Structure::Block(block) = structure else { panic!("an attribute outside a block") };
        let labels: Vec<&str> = block.labels.iter().map(|l| l.as_str()).collect();
        match block.identifier.as_str() {
            "terraform" | "locals" => {}
            "provider" => assert_eq!(labels, ["okta"]),
            "resource" | "data" => {
                let kind = labels.first().copied().expect("a type");
                let known = PROVIDER.iter().find(|(name, ..)| *name == kind);
                let (_, required, optional) = known.unwrap_or_else(|| panic!("{kind} is in no table"));
                let has: Vec<&str> = block.body.attributes().map(|a| a.key.as_str()).collect();
                assert!(required.iter().all(|r| has.contains(r)), "{kind} lacks one of {required:?}");
                assert!(has.iter().all(|h| required.contains(h) || optional.contains(h)), "{kind}: {has:?}");
                kinds.push(kind.to_string());
            }
            other => panic!("a block {other}"),
        }
    }
    assert_eq!(kinds.len(), PROVIDER.len(), "each once: {kinds:?}");
    let permissions = attribute(&body, "okta_admin_role_custom", "permissions");
    assert_eq!(permissions, r#"["okta.authzServers.read", "okta.iam.read"]"#);
    assert_eq!(attribute(&body, "okta_user_admin_roles", "admin_roles"), r#"["READ_ONLY_ADMIN"]"#);
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
    let body: Body = hcl::parse(&configuration(&Model::read(), &names, &acme())).expect("HCL");
    let label = attribute(&body, "okta_admin_role_custom", "label");
    assert!(label.contains("It's") && label.contains("`id`"), "{label}");
    let read = body.blocks().find(|b| b.labels.first().is_some_and(|l| l.as_str() == "okta_resource_set"));
    let set = read.and_then(|b| b.body.attributes().find(|a| a.key.as_str() == "label")).expect("there");
    assert_eq!(set.expr, Expression::String(names.set.clone()));
    let guide = markdown(&Model::read(), &names, None);
    assert!(!guide.contains("**b**"), "a name does not end the mark around it");
    // The shell reads the words back as they are.
    let text = script(&Model::read(), &names, &acme());
    let head: String = text
        .lines()
        .filter(|l| l.starts_with("role_label=") || l.starts_with("login="))
        .map(|l| format!("{l}\n"))
        .collect();
    let said = run("sh", &["-s"], &format!("{head}printf '%s|%s' \"$role_label\" \"$login\""));
    assert_eq!(said.as_deref(), Some(format!("{}|{}", names.role, names.login).as_str()));
    assert!(run("sh", &["-n"], &text).is_some(), "the shell can parse it");
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
    for (names, but) in [(Names::usual(&acme()), "--severity=style"), (nasty(), "--exclude=SC2016")] {
        let terraform = configuration(&Model::read(), &names, &acme());
        if there("terraform") {
            let formatted = run("terraform", &["fmt", "-"], &terraform);
            assert_eq!(formatted.as_deref(), Some(terraform.as_str()), "terraform fmt leaves it as it is");
        }
        if there("shellcheck") {
            let said = run("shellcheck", &[but, "-"], &script(&Model::read(), &names, &acme()));
            assert!(said.is_some(), "shellcheck has nothing to say");
        }
    }
}

#[test]
fn no_token_is_on_a_command_line() {
    let text = script(&Model::read(), &Names::usual(&acme()), &acme());
    let uses: Vec<&str> = text.lines().filter(|l| l.contains("$token")).map(str::trim).collect();
    assert_eq!(uses.len(), 2, "{uses:?}");
    assert!(
        uses.iter().all(|l| l.starts_with("printf ") || l.starts_with("case ")),
        "printf is of the shell"
    );
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
    let text = script(&Model::read(), &names(), &origin);
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
