//! Just enough of SQL's lexical rules to see where a statement ends and which functions it names. It decides
//! nothing alone: see `sandbox`.

/// A piece of SQL text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// A bare word, lower-cased, or what stands between double quotes, backticks or brackets, as written.
    Word(String),
    /// A literal in single or dollar quotes, a number: nothing that names anything.
    Literal,
    /// Any other character.
    Sign(char),
}

/// Splits a statement; comments and white space go. `None` when a quote or comment isn't closed.
pub(crate) fn tokens(text: &str, sqlite: bool) -> Option<Vec<Token>> {
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let mut out = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        let c = chars[i];
        match c {
            _ if c.is_whitespace() => i += 1,
            '-' if at(i + 1) == '-' => {
                while i < chars.len() && chars[i] != '\n' {
                    i += 1;
                }
            }
            '/' if at(i + 1) == '*' => i = end_of_comment(&chars, i, !sqlite)?,
            '\'' => {
                // E'…' takes backslashes on PostgreSQL.
                let escapes = !sqlite
                    && matches!(out.last(), Some(Token::Word(w)) if w == "e")
                    && i > 0
                    && at(i - 1) != ' ';
                i = end_of_quote(&chars, i, '\'', escapes)?;
                out.push(Token::Literal);
            }
            '"' | '`' => {
                let end = end_of_quote(&chars, i, c, false)?;
                let inner: String = chars[i + 1..end - 1].iter().collect();
                out.push(Token::Word(inner.replace(&format!("{c}{c}"), &c.to_string())));
                i = end;
            }
            '[' if sqlite => {
                let end = (i..chars.len()).find(|j| chars[*j] == ']')?;
                out.push(Token::Word(chars[i + 1..end].iter().collect()));
                i = end + 1;
            }
            '$' if !sqlite && !at(i + 1).is_ascii_digit() => {
                i = end_of_dollar(&chars, i)?;
                out.push(Token::Literal);
            }
            _ if c.is_alphabetic() || c == '_' => {
                let from = i;
                while i < chars.len() && (chars[i].is_alphanumeric() || chars[i] == '_' || chars[i] == '$') {
                    i += 1;
                }
                out.push(Token::Word(chars[from..i].iter().collect::<String>().to_lowercase()));
            }
            _ if c.is_ascii_digit() => {
                while i < chars.len() && (chars[i].is_alphanumeric() || chars[i] == '.') {
                    i += 1;
                }
                out.push(Token::Literal);
            }
            _ => {
                out.push(Token::Sign(c));
                i += 1;
            }
        }
    }
    Some(out)
}

/// Comments nest on PostgreSQL and don't on SQLite.
fn end_of_comment(chars: &[char], from: usize, nested: bool) -> Option<usize> {
    let (mut i, mut depth) = (from + 2, 1);
    while i + 1 < chars.len() {
        match (chars[i], chars[i + 1]) {
            ('*', '/') => {
                depth -= 1;
                i += 2;
                if depth == 0 {
                    return Some(i);
                }
            }
            ('/', '*') if nested => {
                depth += 1;
                i += 2;
            }
            _ => i += 1,
        }
    }
    None
}

fn end_of_quote(chars: &[char], from: usize, quote: char, escapes: bool) -> Option<usize> {
    let mut i = from + 1;
    while i < chars.len() {
        match chars[i] {
            '\\' if escapes => i += 2,
            c if c == quote && chars.get(i + 1) == Some(&quote) => i += 2,
            c if c == quote => return Some(i + 1),
            _ => i += 1,
        }
    }
    None
}

/// `$tag$ … $tag$`.
fn end_of_dollar(chars: &[char], from: usize) -> Option<usize> {
    let tag_end = (from + 1..chars.len()).find(|j| chars[*j] == '$')?;
    let tag = &chars[from..=tag_end];
    (tag_end + 1..chars.len().saturating_sub(tag.len() - 1))
        .find(|j| chars[*j..].starts_with(tag))
        .map(|j| j + tag.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str, sqlite: bool) -> Option<Vec<String>> {
        let words = |t| if let Token::Word(w) = t { Some(w) } else { None };
        Some(tokens(text, sqlite)?.into_iter().filter_map(words).collect())
    }

    #[test]
    fn reads_quotes_and_comments_as_each_database_does() {
        assert_eq!(
            words("SELECT a FROM b -- c\n WHERE 'x;''y' = \"D\"\"e\"", true).expect("lexes"),
            ["select", "a", "from", "b", "where", "D\"e"]
        );
        assert_eq!(words("/* a /* b */ c */ d", true).expect("lexes"), ["c", "d"]);
        assert_eq!(words("/* a /* b */ c */ d", false).expect("lexes"), ["d"]);
        assert_eq!(words("x [a b] `c`", true).expect("lexes"), ["x", "a b", "c"]);
        assert_eq!(words("$q$ ; drop $q$ y $1", false).expect("lexes"), ["y"]);
        assert_eq!(words(r"E'\'; x' y", false).expect("lexes"), ["e", "y"]);
        assert_eq!(words(r"'\'; x", false).expect("lexes"), ["x"]);
        for open in ["'a", "\"a", "/* a", "$q$ a"] {
            assert_eq!(tokens(open, false), None, "{open}");
        }
    }
}
