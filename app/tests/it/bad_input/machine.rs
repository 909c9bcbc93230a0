//! The machine: rights, space, keys, databases.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::copy::{Place, same};
use crate::transom::Transom;
use crate::world::World;

/// Whether we are root, whom no mode stops.
fn root(world: &World) -> bool {
    fs::metadata(world.ca_file()).expect("our own file").uid() == 0
}

fn succeeds(program: &str, args: &[&str]) -> bool {
    Command::new(program).args(args).output().is_ok_and(|o| o.status.success())
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
}

#[test]
fn a_read_only_data_directory() {
    let world = World::new().connected();
    let nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"];
    let root = root(&world);
    if root && !succeeds(nobody[0], &["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--", "true"]) {
        return eprintln!("skipped: we are root, whom modes don't stop, and setpriv can't make us nobody");
    }
    let launcher = if root { &nobody[..] } else { &[] };
    let as_other = |data: &Path, args: &[&str]| {
        let transom = world.named(Transom::launched_by(launcher, data, args));
        transom.env("TRANSOM_ALLOW_LOOPBACK", "1").run()
    };
    // Nothing there yet, and no right to make it.
    set_mode(world.dir(), 0o555);
    let connect = ["org", "connect", "--domain", "acme", "--token-stdin"];
    let fresh = as_other(&world.dir().join("fresh"), &connect).exits(4);
    insta::assert_snapshot!("data_directory_cannot_be_made", fresh.told());
    // A database that can be read and not written.
    for file in fs::read_dir(world.data()).expect("the data directory") {
        set_mode(&file.expect("a file").path(), 0o444);
    }
    set_mode(&world.data(), 0o555);
    insta::assert_snapshot!("database_is_read_only", as_other(&world.data(), &["sync"]).exits(4).told());
    // A database of somebody else.
    set_mode(&world.data().join("transom.db"), 0o000);
    insta::assert_snapshot!("database_of_somebody_else", as_other(&world.data(), &["sync"]).exits(4).told());
    set_mode(world.dir(), 0o755);
    set_mode(&world.data(), 0o755);
}

/// A file system of its own that is gone at the end.
struct Mounted(PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        succeeds("umount", &["--lazy", &self.0.display().to_string()]);
    }
}

#[test]
fn a_full_disk() {
    let world = World::new().connected();
    let place = world.dir().join("small");
    fs::create_dir(&place).expect("a directory");
    let at = place.display().to_string();
    if !root(&world) || !succeeds("mount", &["-t", "tmpfs", "-o", "size=24m", "tmpfs", &at]) {
        return eprintln!("skipped: it takes the right to mount a small file system");
    }
    let _mounted = Mounted(place.clone());
    for file in ["transom.db", "master.key"] {
        fs::copy(world.data().join(file), place.join(file)).expect("a copy");
    }
    // All but some pages' worth of space goes.
    let free =
        24 * 1024 * 1024 - fs::metadata(place.join("transom.db")).expect("it").len() as usize - 160 * 1024;
    fs::write(place.join("ballast"), vec![1_u8; free]).expect("ballast");
    let ran = world.transom_in(&place, ["sync"]).run().exits(4);
    let failure = ran.err.split("\n\n").last().expect("a failure").to_owned();
    insta::assert_snapshot!("no_space_left", ran.readable(&failure).replace("DIR/small", "DATA"));
    // With space again it goes on, to the same end.
    fs::remove_file(place.join("ballast")).expect("gone");
    world.transom_in(&place, ["sync"]).run().exits(0);
    world.transom(["sync"]).run().exits(0);
    let (small, roomy) = (Place::sqlite(&place), Place::sqlite(&world.data()));
    same("the copy", &small.contents(&world), &roomy.contents(&world));
}

/// A key that others may read is used, with a word of warning each time; ours is made for its owner alone.
#[test]
fn a_master_key_that_others_may_read() {
    let world = World::new().connected();
    let key = world.data().join("master.key");
    let warning = "open to other users of this machine";
    assert!(!world.transom(["org", "list"]).run().exits(0).holds(warning), "as it was made");
    for mode in [0o640, 0o604, 0o620, 0o644] {
        set_mode(&key, mode);
        let ran = world.transom(["org", "list"]).run().exits(0);
        let told = format!("(mode {mode:04o})");
        assert!(ran.err.contains(warning) && ran.err.contains(&told), "{}", ran.err);
    }
    insta::assert_snapshot!(
        "master_key_open_to_others",
        world.transom(["org", "pause", "Acme"]).run().exits(0).told()
    );
    let ran = world.transom(["org", "list", "--json"]).run().exits(0);
    assert!(ran.json().is_array() && ran.err.contains(warning), "the document stays one: {}", ran.err);
    let checks = world.transom(["doctor", "--json"]).run().exits(1).json();
    let check = checks.as_array().expect("checks").iter().find(|c| c["check"] == "Master key's file");
    assert_eq!(check.expect("the check")["ok"], false);
    // Where another key is used, that file does not matter.
    let right = fs::read_to_string(&key).expect("a key");
    let given = world.transom(["org", "list"]).env("TRANSOM_MASTER_KEY", right.trim()).run().exits(0);
    assert!(!given.holds(warning), "{}", given.err);
    // What the warning says to do ends it.
    let chmod = ran.err.split_once("Close it: ").expect("what to do").1.trim();
    assert!(succeeds("sh", &["-c", chmod]), "{chmod}");
    assert!(!world.transom(["org", "list"]).run().exits(0).holds(warning));
    assert_eq!(fs::metadata(&key).expect("a key").permissions().mode() & 0o777, 0o600);
}

#[test]
fn master_keys() {
    let world = World::new().connected();
    let key = world.data().join("master.key");
    assert_eq!(fs::metadata(&key).expect("a key").permissions().mode() & 0o777, 0o600);
    let right = fs::read_to_string(&key).expect("a key");
    let told = |name: &str, args: &[&str]| {
        insta::assert_snapshot!(name, world.transom(args).run().exits(2).told());
    };
    fs::write(&key, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n").expect("a file");
    told("wrong_master_key", &["sync"]);
    fs::write(&key, "hunter2\n").expect("a file");
    told("master_key_is_none", &["sync"]);
    fs::remove_file(&key).expect("gone");
    told("missing_master_key", &["sync"]);
    assert!(!key.exists(), "no key is made for a database that has one");
    let given = world.transom(["sync"]).env("TRANSOM_MASTER_KEY", "hunter2").run().exits(2);
    insta::assert_snapshot!("master_key_in_the_environment_is_none", given.told());
    assert!(!given.holds("hunter2"));
    world.transom(["sync"]).env("TRANSOM_MASTER_KEY", right.trim()).run().exits(0);
    let lost = world.transom(["uninstall", "--dry-run"]).run().exits(2);
    assert!(lost.err.contains("no key was given"), "{}", lost.err);
    let lost = world.transom(["uninstall", "--keep-tokens", "--dry-run"]).run().exits(0);
    insta::assert_snapshot!("uninstall_without_key", lost.told());
    let postgres = world.transom(["sync", "--database", "postgres://127.0.0.1:1/none"]).run();
    insta::assert_snapshot!("postgres_is_not_there", postgres.exits(3).told());
}

/// Runs a statement on a SQLite file with whatever is here to do so.
fn sqlite(file: &Path, statement: &str) -> bool {
    let file = file.display().to_string();
    let python = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()";
    succeeds("sqlite3", &[&file, statement]) || succeeds("python3", &["-c", python, &file, statement])
}

#[test]
fn databases_that_are_not_ours() {
    let world = World::new().connected();
    let database = world.data().join("transom.db");
    let whole = fs::read(&database).expect("a database");
    if sqlite(&database, "INSERT INTO schema_version VALUES (99, '0099_later', 'x', 0)") {
        insta::assert_snapshot!("newer_database", world.transom(["sync"]).run().exits(4).told());
    } else {
        eprintln!(
            "skipped: neither sqlite3 nor python3 is here to make a newer database; the store's own tests do"
        );
    }
    fs::write(&database, "This is a letter, not a database. ".repeat(100)).expect("a file");
    for side in ["transom.db-wal", "transom.db-shm"] {
        let _ = fs::remove_file(world.data().join(side));
    }
    insta::assert_snapshot!("no_database", world.transom(["sync"]).run().exits(4).told());
    fs::write(&database, whole).expect("restored");
    world.transom(["sync"]).run().exits(0);
    let odd = world.transom(["sync", "--database", "mysql://localhost/x"]).run().exits(2);
    insta::assert_snapshot!("another_database", odd.told());
}
