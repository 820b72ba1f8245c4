//! Texts that lost their quotes: where they are, and the query with the quotes put back.

use super::lexer::{Class, Range, Token};
use super::names::Names;

/// Words that start an operand or follow one, so that a text without quotes ends before them.
const AFTER_OPERAND: [&str; 20] = [
    "and", "or", "order", "group", "limit", "having", "union", "join", "left", "inner", "outer", "cross",
    "where", "escape", "collate", "then", "else", "end", "as", "on",
];

/// Words that are operands, or start one.
const OPERANDS: [&str; 12] = [
    "null",
    "true",
    "false",
    "case",
    "cast",
    "select",
    "not",
    "exists",
    "current_time",
    "current_date",
    "current_timestamp",
    "distinct",
];

/// Longer queries are not repaired, in tokens: the search looks ahead from every one.
const LONGEST: usize = 4096;

/// The texts of a query that look as if they had lost their quotes, in the order of the query.
pub(super) fn lost(sql: &str, tokens: &[Token<'_>], names: &Names<'_>) -> Vec<Range> {
    if tokens.len() > LONGEST {
        return Vec::new();
    }
    let finder = Finder { sql, tokens, names };
    let mut found: Vec<Range> = Vec::new();
    let mut in_list = false;
    for (at, token) in tokens.iter().enumerate() {
        if found.last().is_some_and(|range| token.start < range.end) {
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        in_list = match token.text {
            "(" => before.is_some_and(|before| before.is("in")),
            ")" => false,
            _ => in_list,
        };
        let range = match token.text {
            "=" | "==" | "!=" | "<>" => finder.operand(at + 1, false),
            "(" | "," if in_list => finder.item(at + 1, true),
            "(" | "," => finder.item(at + 1, false),
            _ if token.is("like") || token.is("glob") => finder.operand(at + 1, true),
            _ => None,
        };
        found.extend(range);
    }
    found
}

/// The query with quotes around every range.
pub(super) fn repaired(sql: &str, lost: &[Range]) -> String {
    let mut out = String::with_capacity(sql.len() + 2 * lost.len());
    let mut at = 0;
    for range in lost {
        out.push_str(sql.get(at..range.start).unwrap_or(""));
        out.push('\'');
        out.push_str(sql.get(range.clone()).unwrap_or(""));
        out.push('\'');
        at = range.end;
    }
    out.push_str(sql.get(at..).unwrap_or(""));
    out
}

struct Finder<'a> {
    sql: &'a str,
    tokens: &'a [Token<'a>],
    names: &'a Names<'a>,
}

impl Finder<'_> {
    /// What stands after an operator, if it is text without quotes.
    fn operand(&self, at: usize, pattern: bool) -> Option<Range> {
        let first = self.tokens.get(at)?;
        let range = self.until(at, |token| AFTER_OPERAND.iter().any(|word| token.is(word)))?;
        let text = self.sql.get(range.clone())?;
        let wild = pattern && text.contains(['%', '*']) && !text.contains("||");
        (self.unquoted(first, text) && (wild || self.looks_lost(text))).then_some(range)
    }

    /// An argument of a function or an element of a list, if it is text without quotes.
    fn item(&self, at: usize, list: bool) -> Option<Range> {
        let first = self.tokens.get(at)?;
        let range = self.until(at, |token| token.text == ",")?;
        let text = self.sql.get(range.clone())?;
        let lost = if list { self.looks_lost(text) } else { is_address(text) };
        (self.unquoted(first, text) && lost).then_some(range)
    }

    /// From a token on to the one that `ends`, a closing parenthesis that nothing opened, or the end.
    fn until(&self, at: usize, ends: impl Fn(&Token<'_>) -> bool) -> Option<Range> {
        let first = self.tokens.get(at)?;
        let mut end = first.start;
        let mut depth = 0_usize;
        for token in self.tokens.get(at..)? {
            match token.text {
                "(" => depth += 1,
                ")" if depth == 0 => break,
                ")" => depth -= 1,
                ";" => break,
                _ if depth == 0 && ends(token) => break,
                _ => {}
            }
            end = token.end();
        }
        (end > first.start).then_some(first.start..end)
    }

    /// Whether nothing in the text is quoted, and it starts as no other operand does.
    fn unquoted(&self, first: &Token<'_>, text: &str) -> bool {
        !text.contains(['\'', '"', '`', '\n'])
            && first.text != "("
            && !(first.class == Class::Word && OPERANDS.iter().any(|word| first.is(word)))
    }

    /// A path, an address, or words that are no names of the query.
    fn looks_lost(&self, text: &str) -> bool {
        if is_address(text) {
            return true;
        }
        let wordy = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ');
        let mut parts = text.split(['.', ' ', '-']).filter(|part| !part.is_empty());
        let number = text.parse::<f64>().is_ok() || text.starts_with("0x");
        // The first name is that of a column, or of the table before a dot.
        let foreign = parts.next().is_some_and(|part| !self.names.has(part) && part.parse::<f64>().is_err());
        let certain = text.contains([' ', '-', '.']) || !self.names.knows(text);
        text.chars().all(wordy) && !number && foreign && certain
    }
}

/// `https://…`, `C:\…`, `\\…`, `/usr/…`, `%\…`.
fn is_address(text: &str) -> bool {
    let drive = text.get(1..3).is_some_and(|rest| rest == ":\\");
    let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
    let url = !scheme.is_empty() && scheme.chars().all(char::is_alphanumeric);
    url || drive || text.starts_with(['/', '\\', '%'])
}
