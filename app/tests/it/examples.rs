//! The questions of the reference: each is asked on both databases of a synced org in which each has an answer.

use okta_sim::Config;
use serde_json::Value;

use crate::copy::Place;
use crate::places::{Files, Places, Server};
use crate::world::World;

/// The default org with all its situations, on a day of its own.
fn world() -> World {
    World::of(Config { as_of: Some(1_767_225_600_000), ..Config::default() })
}

#[test]
fn every_example_has_an_answer_on_both_databases() {
    let world = world();
    let here = Files(world.dir().to_owned()).make("sqlite");
    synced(&world, &here);
    let here = asked(&world, &here);
    match Server::find(world.dir()) {
        Ok(server) => {
            let there = server.make("examples");
            synced(&world, &there);
            server.analyze(&there);
            let there = asked(&world, &there);
            for ((name, here), (_, there)) in here.iter().zip(&there) {
                assert_eq!(here, there, "{name} is answered differently");
            }
        }
        Err(why) => eprintln!("PostgreSQL skipped: {why}"),
    }
}

fn synced(world: &World, place: &Place) {
    place.connect(world, &world.sim.tokens.super_admin);
    place.transom(world, ["sync"]).run().exits(0);
}

/// Each example's name and answer, the rows in an order of our own: text sorts differently from database to database.
fn asked(world: &World, place: &Place) -> Vec<(String, Vec<String>)> {
    let examples = place.transom(world, ["sql", "--examples", "--json"]).run().exits(0).json();
    let examples = examples.as_array().expect("examples");
    assert!(examples.len() >= 20, "{} examples", examples.len());
    let answers = examples.iter().map(|example| {
        let name = example["name"].as_str().expect("a name");
        let answer = place.transom(world, ["sql", "--example", name, "--json"]).run().exits(0).json();
        let rows = answer["rows"].as_array().expect("rows");
        assert!(!rows.is_empty(), "{name}: nothing in an org that has such a situation");
        assert_eq!(answer["columns"][0], "org", "{name} does not say of which org a row is");
        of_one_org(world, place, example, rows);
        let mut rows: Vec<String> = rows.iter().map(plain).collect();
        rows.sort();
        (name.to_string(), rows)
    });
    answers.collect()
}

/// The line of the reference asks an example of one org alone.
fn of_one_org(world: &World, place: &Place, example: &Value, rows: &[Value]) {
    let sql = example["sql"].as_str().expect("a query");
    if sql.contains("LIMIT") {
        assert!(sql.contains("\nWHERE u."), "the reference says what to write before it: {sql}");
        return;
    }
    let org = rows[0][0].as_str().expect("a label");
    for (org, n) in [(org, rows.len()), ("another", 0)] {
        let one = format!("SELECT * FROM ({sql}) AS answer WHERE org = '{org}'");
        let answer = place.transom(world, ["sql", &one, "--json"]).run().exits(0).json();
        assert_eq!(answer["rows"].as_array().map(Vec::len), Some(n), "{one}");
    }
}

/// A row as text. SQLite has no booleans and keeps numbers of JSON as numbers; what they say is the same.
fn plain(row: &Value) -> String {
    let cells = row.as_array().expect("cells").iter().map(|cell| match cell {
        Value::String(text) => text.clone(),
        Value::Bool(yes) => u8::from(*yes).to_string(),
        other => other.to_string(),
    });
    cells.collect::<Vec<_>>().join(" | ")
}

#[test]
fn an_example_that_does_not_exist_is_named() {
    let world = World::new();
    world.connect(&world.sim.tokens.super_admin).run().exits(0);
    let told = world.transom(["sql", "--example", "moons"]).run().exits(2).told();
    assert!(told.contains("There is no example moons. List them: transom sql --examples"), "{told}");
    world.transom(["sql"]).run().exits(2);
}
