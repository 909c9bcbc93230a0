//! `transom sync --of USER`: what is read only when asked for, of one user.

use okta_sim::Kind;

use crate::world::World;

#[test]
fn one_user_is_read_by_login_and_shown_with_the_time_of_it() {
    let world = World::new().connected();
    world.transom(["sync"]).run().exits(0);
    let truth = world.sim.org.truth(&world.sim.origin);
    let grants = truth.list(Kind::UserGrant);
    let user = grants.first().expect("a grant").parent.clone();
    let own: Vec<_> = grants.iter().filter(|g| g.parent == user).collect();
    let users = truth.list(Kind::User);
    let login = users.iter().find(|u| u.id == user).expect("there").doc["profile"]["login"].clone();
    let login = login.as_str().expect("a login");

    let shown = world.transom(["show", "user", login]).run().exits(0);
    assert!(shown.out.contains("Not read of this user yet."), "{}", shown.out);
    assert!(shown.out.contains(&format!("Read it now: transom sync --of {user}")), "{}", shown.out);

    world.asked.take();
    let read = world.transom(["sync", "--of", login]).run().exits(0);
    assert!(
        read.out.contains(login) && read.out.contains(&format!("Grants of users: {}, read 20", own.len()))
    );
    assert!(own.iter().all(|g| read.out.contains(&g.id)), "{}", read.out);
    let asked: Vec<String> = world.asked.take().into_iter().map(|call| call.path).collect();
    assert!(asked.contains(&format!("/api/v1/users/{user}/grants")) && asked.len() < 8, "{asked:?}");
    let shown = world.transom(["show", "user", login]).run().exits(0);
    assert!(
        shown.out.contains("Linked users — Not permitted") && !shown.out.contains("Read it now"),
        "{}",
        shown.out
    );
    // Of all users nothing more is known than before.
    let all = world.transom(["list", "user_grant"]).run().exits(0);
    assert!(all.out.contains("Never collected"), "{}", all.out);

    let read = world.transom(["sync", "--of", &user, "--with", "user_grant", "--json"]).run().exits(0).json();
    assert_eq!(read["of"]["id"], user.as_str());
    assert_eq!(read["objects"]["user_grant"].as_array().map(Vec::len), Some(own.len()));
    assert_eq!(read["datasets"].as_array().map(Vec::len), Some(1), "what was asked for");
    assert_eq!(read["datasets"][0]["state"], "complete");

    insta::assert_snapshot!(
        "of_nobody",
        world.transom(["sync", "--of", "nobody@acme.example"]).run().exits(2).told()
    );
    let wrong = world.transom(["sync", "--of", login, "--with", "factor"]).run().exits(2);
    insta::assert_snapshot!("of_one_user_with_what_a_sync_reads", wrong.told());
    world.transom(["sync", "--of", login, "--full"]).run().exits(2);
}
