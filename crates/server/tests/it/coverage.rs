//! What is known of each data set, as the pages say it: what it rests on, and how fresh it is.

use std::collections::{BTreeMap, BTreeSet};

use transom_core::{Evidence, OrgId};
use transom_engine::dataset::Tier;
use transom_engine::entity::datasets;
use transom_engine::sync::{dataset_summaries, tier_summaries};

use crate::browser::House;
use crate::connecting::{owner, settled};
use crate::inventory::synced;

const CONNECTION: &str = "/orgs/1/connection";
const HOUR: i64 = 3_600_000;

/// As a page has it.
fn escaped(text: &str) -> String {
    text.replace('&', "&#38;").replace('\'', "&#39;").replace('"', "&#34;")
}

/// What stands in the disclosures of this place on a page, by data set.
fn marked<'a>(page: &'a str, at: &str) -> BTreeMap<&'a str, &'a str> {
    let begin = format!("<details class=\"assumed\" id=\"{at}-");
    let all = page.split(begin.as_str()).skip(1);
    let one = |part: &'a str| (part.split_once('"').expect("an id").0, part.split("</details>").next());
    all.map(one).map(|(name, says)| (name, says.expect("an end"))).collect()
}

/// What is known of the data sets that rest on something assumed.
async fn resting(house: &House) -> BTreeMap<String, Vec<String>> {
    let coverage = house.app.engine.coverage(OrgId(1)).await.expect("reads");
    let rests = coverage.into_iter().filter(|c| !c.assumed.is_empty());
    rests.map(|c| (c.dataset, c.assumed)).collect()
}

#[tokio::test]
async fn what_rests_on_inference_says_so() {
    let (house, _sim, mut browser) = synced(|t| &t.read_only_custom).await;
    // Every row of the rights table that is inferred, of what a sync reads unasked.
    let inferred: Vec<&str> = datasets()
        .filter(|d| d.right.evidence == Evidence::Assumed && d.opt_in.is_none() && d.tier != Tier::OnDemand)
        .map(|d| d.name)
        .collect();
    assert!(inferred.contains(&"network_zone") && inferred.contains(&"captcha"), "{inferred:?}");
    let stored = resting(&house).await;
    let page = browser.get(CONNECTION).await;
    let shown = marked(&page.text, "covers");
    let silent: Vec<_> = inferred.iter().filter(|name| !shown.contains_key(*name)).collect();
    assert!(silent.is_empty(), "rest on inference and don't say so: {silent:?}");
    // Just those that the command line marks, each with the sentences that it says.
    assert_eq!(shown.keys().copied().collect::<BTreeSet<_>>(), stored.keys().map(String::as_str).collect());
    for (name, facts) in &stored {
        let says = shown[name.as_str()];
        assert!(facts.iter().all(|f| says.contains(&format!("<p>{}</p>", escaped(f)))), "{name}: {says}");
    }
    assert!(page.says(&format!("{} rest on what is assumed", stored.len())), "{}", page.text);

    // By kind, above the list of a kind, and not where nothing is assumed.
    let zone = escaped(&stored["network_zone"][0]);
    let page = browser.get("/orgs/1/inventory").await;
    assert!(marked(&page.text, "kind")["network_zone"].contains(&zone), "{}", page.text);
    let page = browser.get("/orgs/1/inventory/network_zone").await;
    assert!(marked(&page.text, "rests")["network_zone"].contains(&zone), "{}", page.text);
    assert!(!stored.contains_key("group"));
    assert!(!browser.get("/orgs/1/inventory/group").await.says("assumed"));
    // Beside the numbers of the overview, and in its list of what is not whole.
    let page = browser.get("/orgs/1").await;
    assert!(marked(&page.text, "picture").values().any(|says| says.contains(&escaped(&stored["factor"][0]))));
    let gaps = marked(&page.text, "gap");
    let coverage = dataset_summaries(&house.app.engine.coverage(OrgId(1)).await.expect("reads"));
    let open = coverage.iter().filter(|d| !d.without.is_empty() && !d.coverage.assumed.is_empty());
    let open: Vec<_> = open.map(|d| d.coverage.dataset.as_str()).collect();
    assert!(!open.is_empty() && open.iter().all(|name| gaps.contains_key(name)), "{open:?}: {gaps:?}");

    // A verification says it row by row, in the gaps and of what can be read.
    let mut browser = house.signed_in(&owner(&house).await).await;
    let answer = browser.post(&format!("{CONNECTION}/verify"), &[]).await;
    let page = settled(&mut browser, answer.leads_to()).await;
    let org = house.store.org(OrgId(1)).await.expect("reads");
    let found = house.app.engine.verification(&org).await.expect("reads").expect("verified");
    let probes: Vec<_> = found.probes.iter().filter(|p| !p.assumed.is_empty()).collect();
    assert!(page.says(&format!("{} rest on what is assumed", probes.len())), "{}", page.text);
    let gaps = marked(&page.text, "gap");
    let rests = page.text.split("Assumed, not verified against Okta:").nth(1).expect("what is assumed");
    let rests = rests.split("</ul>").next().expect("an end");
    for probe in probes {
        for fact in probe.assumed.iter().map(|fact| escaped(fact)) {
            let line = rests.lines().flat_map(|l| l.split("<li>")).find(|l| l.contains(&fact));
            let fine = line.is_some_and(|line| line.contains(&escaped(&probe.title)));
            let gap = gaps.get(probe.dataset.as_str()).is_some_and(|says| says.contains(&fact));
            assert!(fine != gap, "{}: {fact}: {rests}", probe.dataset);
        }
    }
}

#[tokio::test]
async fn each_tier_says_how_fresh_it_is() {
    let (house, _sim, _) = synced(|t| &t.read_only_custom).await;
    house.clock.advance(3 * HOUR);
    let org = house.store.org(OrgId(1)).await.expect("reads");
    house.app.engine.sync(&org, std::sync::Arc::new(|_| ())).await.expect("syncs");
    let mut browser = house.signed_in(&owner(&house).await).await;
    let page = browser.get(CONNECTION).await;
    let table =
        page.text.split("id=\"tiers\"").nth(1).and_then(|t| t.split("</table>").next()).expect("tiers");
    let row = |title: &str| {
        let rest = table.split(&format!(" scope=\"row\">{title}</th>")).nth(1).expect("a row");
        rest.split("</tr>").next().expect("an end")
    };
    // The core was read with the second sync, too; the deep tier is read once a day.
    assert!(row("Core").contains("just now") && row("Factors").contains("just now"), "{table}");
    assert!(row("Deep").contains("3 hours ago") && !row("Deep").contains("just now"), "{table}");
    assert!(row("On demand").contains("never"), "{table}");
    let coverage = dataset_summaries(&house.app.engine.coverage(OrgId(1)).await.expect("reads"));
    for tier in tier_summaries(&coverage) {
        let word = tier.tier.as_str();
        let row = row(&(word[..1].to_uppercase() + &word[1..]));
        assert!(row.contains(tier.when) && row.contains(&format!(">{}</td>", tier.datasets)), "{row}");
        for (state, n) in tier.states {
            assert!(row.contains(&format!("{n} {}", state.label().to_lowercase())), "{row}");
        }
    }
    let page = browser.get("/orgs/1").await;
    let says = page.text.split("Read by ").nth(1).and_then(|t| t.split("</p>").next()).expect("a line");
    let parts: Vec<&str> = says.split(" · ").collect();
    assert!(parts[0].contains("core") && parts[0].contains("just now"), "{says}");
    assert!(parts[2].contains("deep") && parts[2].contains("3 hours ago"), "{says}");
}

#[tokio::test]
async fn a_forecast_is_told_as_the_command_line_tells_it() {
    use transom_engine::sync::plan::{NOTHING_KNOWN, Options, Plan, Sure};
    let (house, _sim, mut browser) = synced(|t| &t.read_only_custom).await;
    house.org("New").await;
    let plan = async |id: i64| -> Plan {
        let org = house.store.org(OrgId(id)).await.expect("reads");
        house.app.engine.forecast(&org, &Options { ask: false, ..Options::default() }).await.expect("plans")
    };
    for (id, known) in [(1, true), (2, false)] {
        let plan = plan(id).await;
        let page = browser.get(&format!("/orgs/{id}/connection/forecast")).await;
        assert!(page.says(&format!("The next sync: {}", escaped(&plan.cost()))), "{}", page.text);
        assert_eq!(page.says(NOTHING_KNOWN), !known, "{}", page.text);
        for sure in [Sure::AtLeast, Sure::Guessed] {
            let there = plan.steps.iter().any(|s| s.sure() == sure);
            assert_eq!(page.says(sure.means()), there, "{sure:?}: {}", page.text);
            assert_eq!(page.says(&format!(">{}", sure.sign())), there, "{sure:?}: {}", page.text);
            assert!(there || known, "of an org that nothing is known of nothing is sure");
        }
        assert_eq!(plan.cost().starts_with("at least "), page.says("≥ at least: "), "{}", page.text);
    }
}
