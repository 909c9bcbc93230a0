//! Output with everything taken out that differs from run to run, so that what a person reads can be a snapshot.

/// Ids, times, ports and process ids become words.
pub fn plain(text: &str) -> String {
    let text = times(text);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end.max(c.len_utf8()));
        let number = !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
        if number && out.ends_with("127.0.0.1:") {
            out.push_str("PORT");
        } else if number && out.ends_with("process ") {
            out.push_str("PID");
        } else {
            out.push_str(if is_id(word) { "ID" } else { word });
        }
        rest = after;
    }
    out
}

/// Okta's ids, request ids, key ids: long, of letters and digits both.
fn is_id(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    word.len() >= 12 && digits > 0 && (digits < word.len() || word.len() >= 16)
}

/// `2026-01-31 12:00:00 UTC` and `2026-01-31T12:00:00.123Z`.
fn times(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(length) = time(rest) {
            out.push_str("TIME");
            rest = &rest[length..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

fn time(text: &str) -> Option<usize> {
    let form = b"dddd-dd-dd?dd:dd:dd";
    let bytes = text.as_bytes();
    let fits = bytes.len() >= form.len()
        && form.iter().zip(bytes).all(|(f, b)| match f {
            b'd' => b.is_ascii_digit(),
            b'?' => matches!(b, b' ' | b'T'),
            f => f == b,
        });
    if !fits {
        return None;
    }
    let rest = &text[form.len()..];
    let fraction = rest.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
    let rest = &rest[fraction..];
    let zone = if rest.starts_with('Z') {
        1
    } else if rest.starts_with(" UTC") {
        4
    } else {
        0
    };
    Some(form.len() + fraction + zone)
}

#[test]
fn what_differs_becomes_a_word_and_the_rest_stays() {
    let text = "00o1a2b3c4d5e6f7g8h9 at http://127.0.0.1:4010, 2026-01-31 12:00:00 UTC; E0000011 (process 77) 1,024 – ü";
    assert_eq!(plain(text), "ID at http://127.0.0.1:PORT, TIME; E0000011 (process PID) 1,024 – ü");
    assert_eq!(plain("until 2026-01-31T12:00:00.123Z."), "until TIME.");
}
