//! Progress of a sync: one bar per data set on a terminal, plain lines elsewhere.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use transom_core::CoverageState;
use transom_engine::sync::{Event, Extent, Watch};

use crate::out::{Out, number};

/// The progress of one sync.
pub struct Progress {
    out: Out,
    all: MultiProgress,
    begun: Arc<AtomicBool>,
}

impl Progress {
    /// Progress on standard error; none with `--json`.
    pub fn new(out: Out) -> Self {
        Self { out, all: MultiProgress::new(), begun: Arc::default() }
    }

    /// What the sync tells its events to.
    pub fn watch(&self) -> Watch {
        let (out, begun) = (self.out, Arc::clone(&self.begun));
        let bars = Mutex::new(Bars { all: self.all.clone(), bars: HashMap::new() });
        Arc::new(move |event| {
            if matches!(event, Event::Started { .. }) {
                begun.store(true, Ordering::Relaxed);
            }
            if out.is_watched() {
                bars.lock().unwrap_or_else(PoisonError::into_inner).draw(event);
            } else if !out.is_json() {
                lines(out, event);
            }
        })
    }

    /// Whether the sync got to work: before that it may wait for another process.
    pub fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Relaxed)
    }

    /// Takes the bars off the screen, for good: the summary says what they said.
    pub fn end(&self) {
        drop(self.all.clear());
        self.all.set_draw_target(ProgressDrawTarget::hidden());
    }
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
                    b.bar.set_style(style("{prefix:27!} {msg}"));
                    b.bar.finish_with_message(format!("{:>9}{state}", number(coverage.objects)));
                }
            }
        }
    }

    fn begin(&mut self, name: &'static str, title: &'static str, extent: Extent) {
        const FAR: &str = "{prefix:27!} {msg:>9} {wide_bar} {far} {rate:>7} {eta:>4} left";
        let (all, done) = match extent {
            Extent::Parents { all, done } => (all, done),
            Extent::Items { expected } => (expected, 0),
        };
        let template = if all.is_some() { FAR } else { "{prefix:27!} {msg:>9} {spinner} {rate}" };
        if let Some(b) = self.bars.get(name) {
            b.bar.update(|bar| {
                bar.set_pos(done);
                all.into_iter().for_each(|all| bar.set_len(all));
            });
            b.bar.set_style(style(template));
            return;
        }
        let bar = all.map_or_else(ProgressBar::no_length, ProgressBar::new).with_position(done);
        let bar = self.all.add(bar.with_style(style(template)).with_prefix(title));
        bar.enable_steady_tick(Duration::from_millis(250));
        let over_parents = matches!(extent, Extent::Parents { .. });
        self.bars.insert(name, Bar { bar, items: 0, over_parents });
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    // A person wants to know whether it is 3 or 300 a second, not the fourth decimal.
    style
        .with_key("rate", |state: &ProgressState, out: &mut dyn Write| {
            let _ = write!(out, "{:.0}/s", state.per_sec());
        })
        .with_key("far", |state: &ProgressState, out: &mut dyn Write| {
            let _ = write!(out, "{}", far(state.pos(), state.len().unwrap_or_default()));
        })
}

/// How far it is. What is passed was no whole, but what was expected: there may be more than the last time, and what is read by
/// two routes is counted by both.
fn far(done: u64, all: u64) -> String {
    if done > all { format!("{done}, expected {all}") } else { format!("{done}/{all}") }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_was_expected_is_no_whole_once_it_is_passed() {
        assert_eq!(
            [(12, 41), (41, 41), (82, 41)].map(|(done, all)| super::far(done, all)),
            ["12/41", "41/41", "82, expected 41"]
        );
    }
}
