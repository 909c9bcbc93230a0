//! The filter and search expressions of Okta's lists: `attribute op "value"`, `and`, `or`, `not`, parentheses.

use std::borrow::Cow;

use crate::json::parse_time;

/// What an attribute path leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum Found<'a> {
    /// Nothing, or null.
    Nothing,
    /// A text, or a number or truth value as text.
    Text(Cow<'a, str>),
    /// A time in milliseconds since the epoch.
    Time(i64),
    /// Several texts: a condition holds when it holds for one.
    Many(Vec<String>),
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// Both.
    And(Box<Expression>, Box<Expression>),
    /// One of both.
    Or(Box<Expression>, Box<Expression>),
    /// Not.
    Not(Box<Expression>),
    /// `path op "value"`; `pr` has no value.
    Test {
        /// Attribute path as written.
        path: String,
        /// Operator, lower case.
        op: Op,
        /// The value, without quotes.
        value: String,
    },
}

/// Comparison operators of SCIM (RFC 7644) that Okta knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Starts with.
    Sw,
    /// Contains.
    Co,
    /// Ends with.
    Ew,
    /// Present.
    Pr,
}

impl Expression {
    /// Reads an expression; `Err` says where it went wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let tokens = tokens(text)?;
        let mut parser = Parser { tokens: &tokens, at: 0 };
        let expression = parser.or(0)?;
        match parser.peek() {
            None => Ok(expression),
            Some(token) => Err(format!("unexpected {token:?}")),
        }
    }

    /// The attribute paths and operators it uses.
    pub fn tests(&self) -> Vec<(&str, Op)> {
        match self {
            Self::And(a, b) | Self::Or(a, b) => [a.tests(), b.tests()].concat(),
            Self::Not(inner) => inner.tests(),
            Self::Test { path, op, .. } => vec![(path, *op)],
        }
    }

    /// Whether it holds for an object whose attributes `get` finds.
    pub fn holds<'a>(&self, get: &dyn Fn(&str) -> Found<'a>) -> bool {
        match self {
            Self::And(a, b) => a.holds(get) && b.holds(get),
            Self::Or(a, b) => a.holds(get) || b.holds(get),
            Self::Not(inner) => !inner.holds(get),
            Self::Test { path, op, value } => match get(path) {
                Found::Nothing => *op == Op::Ne,
                Found::Text(text) => compare(&text, *op, value),
                Found::Many(texts) => texts.iter().any(|text| compare(text, *op, value)),
                Found::Time(time) => match (*op, parse_time(value)) {
                    (Op::Pr, _) => true,
                    (op, Some(wanted)) => ordered(time.cmp(&wanted), op),
                    (_, None) => false,
                },
            },
        }
    }
}

fn ordered(order: std::cmp::Ordering, op: Op) -> bool {
    match op {
        Op::Eq => order.is_eq(),
        Op::Ne => order.is_ne(),
        Op::Gt => order.is_gt(),
        Op::Ge => order.is_ge(),
        Op::Lt => order.is_lt(),
        Op::Le => order.is_le(),
        _ => false,
    }
}

fn compare(text: &str, op: Op, value: &str) -> bool {
    // Okta's comparisons of texts ignore case [docs core-okta-api].
    let (text, value) = (text.to_lowercase(), value.to_lowercase());
    match op {
        Op::Pr => !text.is_empty(),
        Op::Sw => text.starts_with(&value),
        Op::Co => text.contains(&value),
        Op::Ew => text.ends_with(&value),
        op => ordered(text.cmp(&value), op),
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Open,
    Close,
    Word(String),
    Text(String),
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_whitespace() => {}
            '(' => tokens.push(Token::Open),
            ')' => tokens.push(Token::Close),
            '"' => {
                let mut value = String::new();
                loop {
                    match chars.next() {
                        None => return Err("a quote is not closed".into()),
                        Some('"') => break,
                        Some('\\') => value.extend(chars.next()),
                        Some(c) => value.push(c),
                    }
                }
                tokens.push(Token::Text(value));
            }
            c => {
                let mut word = String::from(c);
                while let Some(c) = chars.next_if(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | '"')) {
                    word.push(c);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Ok(tokens)
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
}

/// Deeper nesting is refused rather than followed into a stack overflow.
const DEEPEST: u32 = 50;

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn word(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted));
        self.at += usize::from(found);
        found
    }

    fn or(&mut self, depth: u32) -> Result<Expression, String> {
        let mut left = self.and(depth)?;
        while self.word("or") {
            left = Expression::Or(Box::new(left), Box::new(self.and(depth)?));
        }
        Ok(left)
    }

    fn and(&mut self, depth: u32) -> Result<Expression, String> {
        let mut left = self.test(depth)?;
        while self.word("and") {
            left = Expression::And(Box::new(left), Box::new(self.test(depth)?));
        }
        Ok(left)
    }

    fn test(&mut self, depth: u32) -> Result<Expression, String> {
        if depth > DEEPEST {
            return Err("nested too deeply".into());
        }
        if self.word("not") {
            return Ok(Expression::Not(Box::new(self.test(depth + 1)?)));
        }
        if self.peek() == Some(&Token::Open) {
            self.at += 1;
            let inner = self.or(depth + 1)?;
            if self.peek() != Some(&Token::Close) {
                return Err("a parenthesis is not closed".into());
            }
            self.at += 1;
            return Ok(inner);
        }
        let Some(Token::Word(path)) = self.peek().cloned() else {
            return Err("an attribute is missing".into());
        };
        self.at += 1;
        let Some(Token::Word(op)) = self.peek().cloned() else {
            return Err(format!("{path} has no operator"));
        };
        self.at += 1;
        let op = match op.to_ascii_lowercase().as_str() {
            "eq" => Op::Eq,
            "ne" => Op::Ne,
            "gt" => Op::Gt,
            "ge" => Op::Ge,
            "lt" => Op::Lt,
            "le" => Op::Le,
            "sw" => Op::Sw,
            "co" => Op::Co,
            "ew" => Op::Ew,
            "pr" => return Ok(Expression::Test { path, op: Op::Pr, value: String::new() }),
            other => return Err(format!("there is no operator {other}")),
        };
        let value = match self.peek().cloned() {
            Some(Token::Text(value) | Token::Word(value)) => value,
            _ => return Err(format!("{path} is compared with nothing")),
        };
        self.at += 1;
        Ok(Expression::Test { path, op, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn holds(text: &str) -> bool {
        let get = |path: &str| match path {
            "status" => Found::Text("ACTIVE".into()),
            "lastUpdated" => Found::Time(1_000_000),
            "target.id" => Found::Many(vec!["a".into(), "b".into()]),
            _ => Found::Nothing,
        };
        Expression::parse(text).expect(text).holds(&get)
    }

    #[test]
    fn expressions_mean_what_they_say() {
        assert!(holds(r#"status eq "ACTIVE""#) && holds(r#"status eq "active" and target.id eq "b""#));
        assert!(!holds(r#"status eq "STAGED" or (status sw "ACT" and not status pr)"#));
        assert!(holds(
            r#"lastUpdated gt "1970-01-01T00:00:00.000Z" and lastUpdated lt "1971-01-01T00:00:00.000Z""#
        ));
        assert!(!holds("missing pr") && holds(r#"missing ne "x""#));
        for bad in [
            "",
            "status",
            "status eq",
            "status is \"x\"",
            "(status pr",
            "status eq \"x",
            "status pr status pr",
        ] {
            assert!(Expression::parse(bad).is_err(), "{bad}");
        }
        assert!(Expression::parse(&"(".repeat(100_000)).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,60}") {
            let _ = Expression::parse(&text);
        }
    }
}
