//! Progress of a sync: one bar per data set on a terminal, plain lines elsewhere.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};
use transom_core::CoverageState;
use transom_engine::sync::{Event, Extent, Watch};

use crate::out::{Out, number};

/// A watcher that draws on standard error.
pub fn watch(out: Out) -> Watch {
    if out.is_json() {
        return Arc::new(|_| {});
    }
    if !out.is_watched() {
        return Arc::new(move |event| lines(out, event));
    }
    let bars = Mutex::new(Bars::new());
    Arc::new(move |event| bars.lock().unwrap_or_else(PoisonError::into_inner).draw(event))
}

/// Plain lines: one when a data set is done, none in between.
fn lines(out: Out, event: Event) {
    match event {
        Event::Note(text) => out.note(text),
        Event::Started { resumed: true } => out.note("Going on with the sync that did not finish."),
        Event::Finished { name, coverage } => {
            out.note(format!("{name}: {} ({})", number(coverage.objects), coverage.state.label()));
        }
        _ => {}
    }
}

struct Bars {
    all: MultiProgress,
    bars: HashMap<&'static str, Bar>,
}

struct Bar {
    bar: ProgressBar,
    items: u64,
    over_parents: bool,
}

impl Bars {
    fn new() -> Self {
        Self { all: MultiProgress::new(), bars: HashMap::new() }
    }

    fn draw(&mut self, event: Event) {
        match event {
            Event::Note(text) => drop(self.all.println(text)),
            Event::Started { resumed } => {
                if resumed {
                    drop(self.all.println("Going on with the sync that did not finish."));
                }
            }
            Event::Dataset { name, title, extent } => self.begin(name, title, extent),
            Event::Page { name, items, parent_done } => {
                if let Some(b) = self.bars.get_mut(name) {
                    b.items += items;
                    b.bar.set_message(number(b.items));
                    if b.over_parents {
                        b.bar.inc(u64::from(parent_done));
                    } else {
                        b.bar.inc(items);
                    }
                }
            }
            Event::Finished { name, coverage } => {
                if let Some(b) = self.bars.remove(name) {
                    let state = match coverage.state {
                        CoverageState::Complete => String::new(),
                        other => format!("  {}", other.label()),
                    };
                    b.bar.set_style(style("{prefix:32} {msg}"));
                    b.bar.finish_with_message(format!("{:>10}{state}", number(coverage.objects)));
                }
            }
        }
    }

    fn begin(&mut self, name: &'static str, title: &'static str, extent: Extent) {
        const FAR: &str = "{prefix:32} {msg:>10}  {bar:24} {pos}/{len}  {rate:>8}  {eta} left";
        let (bar, template) = match extent {
            Extent::Parents { all, done } => (ProgressBar::new(all).with_position(done), FAR),
            Extent::Items { expected: Some(n) } => (ProgressBar::new(n), FAR),
            Extent::Items { expected: None } => {
                (ProgressBar::no_length(), "{prefix:32} {msg:>10}  {spinner} {rate}")
            }
        };
        let bar = self.all.add(bar.with_style(style(template)).with_prefix(title));
        bar.enable_steady_tick(Duration::from_millis(250));
        let over_parents = matches!(extent, Extent::Parents { .. });
        self.bars.insert(name, Bar { bar, items: 0, over_parents });
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    // A person wants to know whether it is 3 or 300 a second, not the fourth decimal.
    style.with_key("rate", |state: &ProgressState, out: &mut dyn Write| {
        let _ = write!(out, "{:.0}/s", state.per_sec());
    })
}
