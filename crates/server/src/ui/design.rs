//! `/design`, in a demo: the closed list of components, each as pages use it.

use askama::Template;

use super::{Answer, Moment, Page, Section, State, render};
use crate::Visit;

#[derive(Template)]
#[template(path = "pages/design.html")]
struct Design {
    page: Page,
    states: Vec<State>,
    moment: Moment,
    assumed: [&'static str; 1],
}

pub(crate) async fn show(visit: Visit) -> Answer {
    let page = Page::new(&visit, "Components", Section::Elsewhere).await?;
    let state = |tone, label| State { tone, label };
    let states = vec![
        state("ok", "Complete"),
        state("unknown", "Not permitted"),
        state("warn", "Paused"),
        state("bad", "Failed"),
        state("info", "Open"),
        state("busy", "Verifying"),
        state("off", "Not licensed"),
    ];
    let assumed = ["Read Only Administrator may list network zones."];
    let now = visit.app.now();
    render(&Design { page, states, moment: Moment::new(now - 40_000, now), assumed })
}
