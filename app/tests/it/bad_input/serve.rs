//! How the web app may not be started.

use crate::world::World;

/// Beyond this machine nobody is answered without TLS.
#[test]
fn serving_others_takes_an_address_and_tls() {
    let world = World::new();
    let url = "https://transom.example.com";
    let mut told = String::new();
    for args in [
        vec!["--listen", "0.0.0.0:0"],
        vec!["--public-url", url],
        vec!["--public-url", "http://transom.example.com", "--trusted-proxy", "10.0.0.0/8"],
        vec!["--public-url", "https://transom.example.com/under", "--trusted-proxy", "10.0.0.0/8"],
        vec!["--public-url", url, "--trusted-proxy", "ten"],
        vec!["--public-url", url, "--tls-cert", "no.pem", "--tls-key", "no.pem"],
        vec!["--tls-cert", "no.pem"],
    ] {
        let ran = world.transom(["serve"].iter().chain(&args)).run().exits(2);
        told.push_str(&format!("$ transom serve {}\n{}\n", args.join(" "), ran.told()));
    }
    insta::assert_snapshot!(told);
    // Before any server ran there is no address for a link.
    let link = world.transom(["owner-link"]).run().exits(2);
    assert!(link.err.contains("transom serve"), "{}", link.err);
}
