//! What people meet when the disk or the server is not as it should be.

use transom_store::{DatabaseUrl, Error, Store};

use crate::{catalogue::catalogue, stage::Place};

#[tokio::test]
async fn file_and_folder_are_private_and_odd_paths_are_explained() {
    let place = Place::sqlite();
    let store = place.open().await.expect("opens");
    let DatabaseUrl::Sqlite(path) = &place.url else { unreachable!("a SQLite place") };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |p: &std::path::Path| std::fs::metadata(p).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(path), 0o600);
        assert_eq!(mode(path.parent().expect("a folder")), 0o700);
        assert_eq!(mode(&path.with_extension("db-wal")), 0o600, "the write-ahead log too");
    }
    let no_database = place.folder.path().join("notes.txt");
    std::fs::write(&no_database, "This is not a database. ".repeat(100)).expect("writes");
    let url = DatabaseUrl::Sqlite(no_database);
    let error =
        Store::open(&url, catalogue(), place.clock.clone()).await.expect_err("no database").to_string();
    assert!(error.contains("notes.txt") && error.contains("no SQLite database"), "{error}");
    let under_a_file = DatabaseUrl::Sqlite(path.join("x.db"));
    assert!(Store::open(&under_a_file, catalogue(), place.clock.clone()).await.is_err());
    place.drop(&store).await;
}

#[tokio::test]
async fn a_file_without_write_permission_is_named() {
    let place = Place::sqlite();
    place.open().await.expect("opens").close().await;
    let DatabaseUrl::Sqlite(path) = &place.url else { unreachable!("a SQLite place") };
    let mut rights = std::fs::metadata(path).expect("there").permissions();
    rights.set_readonly(true);
    std::fs::set_permissions(path, rights).expect("sets");
    if std::fs::OpenOptions::new().append(true).open(path).is_ok() {
        eprintln!(
            "this user may write everything: the read-only file is skipped (see the unit test of the writer)"
        );
        return;
    }
    let error = place.open().await.expect_err("read-only");
    assert!(matches!(&error, Error::ReadOnly { path } if path.ends_with("transom.db")), "{error}");
}

#[tokio::test]
async fn an_unreachable_server_is_named_without_its_password() {
    let url = DatabaseUrl::parse("postgres://ada:s3cret@127.0.0.1:1/transom").expect("an address");
    let place = Place::sqlite();
    let error = Store::open(&url, catalogue(), place.clock.clone()).await.expect_err("nobody there");
    let text = error.to_string();
    assert!(matches!(error, Error::Unreachable { .. }), "{text}");
    assert!(text.contains("127.0.0.1:1") && !text.contains("s3cret"), "{text}");
}
