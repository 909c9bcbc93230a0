//! What the audit of a credential says, for people.

use crate::out::Out;

/// A finding: how much it matters, what it is and whether that is assumed, what was found, what to do.
pub fn finding(out: Out, severity: &str, (title, assumed): (&str, bool), text: &str, todo: &str) {
    let assumed = if assumed { " (assumed)" } else { "" };
    out.line("");
    out.prose(format!("{severity} · {title}{assumed}. {text} {todo}"), 2);
}
