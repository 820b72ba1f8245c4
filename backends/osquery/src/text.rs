//! Text patterns as `LIKE` and `GLOB`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use eqlc_ir::{Case, Part, TextPattern, simple_fold};
use sqlparser::ast::{BinaryOperator, Expr, Value};

use crate::literal::{self, Unwritable};
use crate::sql;

/// The longest pattern that SQLite takes, in bytes (`SQLITE_MAX_LIKE_PATTERN_LENGTH`).
const LONGEST: usize = 50_000;

/// Why a pattern has no form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadPattern {
    /// Its text.
    Unwritable(Unwritable),
    /// Its length.
    TooLong,
}

impl BadPattern {
    /// The reason in words.
    pub(crate) fn why(self) -> &'static str {
        match self {
            Self::Unwritable(why) => why.why(),
            Self::TooLong => "SQLite takes patterns of up to 50,000 bytes",
        }
    }
}

/// A piece of a `GLOB` pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Glob {
    /// One of these characters; with `negated` any other one.
    OneOf {
        /// Whether the set is what it must not be.
        negated: bool,
        /// First and last characters of ranges.
        ranges: Vec<(char, char)>,
    },
    /// Any one character.
    AnyOne,
    /// Any characters.
    AnyRun,
}

/// Text as SQL.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a> {
    /// The expression.
    pub(crate) expr: &'a Expr,
    /// Whether the empty text is a value.
    pub(crate) empty: bool,
}

impl Text<'_> {
    /// It has a value.
    pub(crate) fn is_there(self) -> Expr {
        if self.empty { Expr::IsNotNull(Box::new(self.expr.clone())) } else { not_empty(self.expr) }
    }
}

/// `x` has a value that matches. `x` is used once or twice.
pub(crate) fn matches(x: Text<'_>, pattern: &TextPattern, case: Case) -> Result<Expr, BadPattern> {
    if pattern.matches_everything() {
        return Ok(x.is_there());
    }
    let Text { expr: x, empty } = x;
    match (pattern.as_exact(), case) {
        (Some(""), _) if empty => equals(x, ""),
        (Some(""), _) => Ok(sql::constant(false)),
        (Some(text), Case::Sensitive) => equals(x, text),
        (_, Case::Sensitive) => glob(x, &globs(pattern, Case::Sensitive)),
        (_, Case::Insensitive) if folds_outside_ascii(pattern) => glob(x, &globs(pattern, case)),
        (_, Case::Insensitive) => like(x, pattern),
    }
}

/// The text to look for in a list if the pattern is nothing but a text: as it is, or without regard to case the
/// text that `lower` makes of every value that matches. `lower` knows the letters that `LIKE` knows.
pub(crate) fn listed(pattern: &TextPattern, case: Case, empty: bool) -> Option<String> {
    let text = pattern.as_exact().filter(|text| empty || !text.is_empty())?;
    match case {
        Case::Sensitive => Some(text.to_owned()),
        Case::Insensitive => (!folds_outside_ascii(pattern)).then(|| text.to_ascii_lowercase()),
    }
}

/// `x` is this text, exactly.
pub(crate) fn equals(x: &Expr, text: &str) -> Result<Expr, BadPattern> {
    let text = literal::text(text).map_err(BadPattern::Unwritable)?;
    Ok(sql::binary(x.clone(), BinaryOperator::Eq, text))
}

/// `x` is neither null nor empty.
pub(crate) fn not_empty(x: &Expr) -> Expr {
    let empty = sql::value(Value::SingleQuotedString(String::new()));
    sql::binary(x.clone(), BinaryOperator::NotEq, empty)
}

/// `x` matches a `GLOB` pattern that does not match the empty text.
pub(crate) fn glob(x: &Expr, pieces: &[Glob]) -> Result<Expr, BadPattern> {
    let mut text = String::new();
    for piece in pieces {
        push_glob(piece, &mut text);
    }
    Ok(sql::binary(x.clone(), BinaryOperator::Glob, written(&text)?))
}

fn like(x: &Expr, pattern: &TextPattern) -> Result<Expr, BadPattern> {
    // Without an escape character a backslash is one, which keeps paths readable.
    let escaped = pattern.literals().any(|text| text.contains(['%', '_']));
    let mut text = String::new();
    for part in pattern.parts() {
        match part {
            Part::AnyRun => text.push('%'),
            Part::AnyOne => text.push('_'),
            Part::Lit(literal) => {
                for c in literal.chars() {
                    if escaped && matches!(c, '%' | '_' | '\\') {
                        text.push('\\');
                    }
                    text.push(c);
                }
            }
        }
    }
    let escape = escaped.then(|| Box::new(sql::value(Value::SingleQuotedString("\\".to_owned()))));
    Ok(Expr::Like {
        negated: false,
        any: false,
        expr: Box::new(x.clone()),
        pattern: Box::new(written(&text)?),
        escape_char: escape,
    })
}

fn written(pattern: &str) -> Result<Expr, BadPattern> {
    if pattern.len() > LONGEST {
        return Err(BadPattern::TooLong);
    }
    literal::text(pattern).map_err(BadPattern::Unwritable)
}

fn globs(pattern: &TextPattern, case: Case) -> Vec<Glob> {
    let mut pieces = Vec::new();
    for part in pattern.parts() {
        match part {
            Part::AnyRun => pieces.push(Glob::AnyRun),
            Part::AnyOne => pieces.push(Glob::AnyOne),
            Part::Lit(text) => pieces.extend(text.chars().map(|c| one_char(c, case))),
        }
    }
    pieces
}

/// This character, in this case or in every case.
pub(crate) fn one_char(c: char, case: Case) -> Glob {
    let ranges = match case {
        Case::Sensitive => vec![(c, c)],
        Case::Insensitive => cases_of(c).into_iter().map(|c| (c, c)).collect(),
    };
    Glob::OneOf { negated: false, ranges }
}

fn push_glob(piece: &Glob, out: &mut String) {
    match piece {
        Glob::AnyOne => out.push('?'),
        Glob::AnyRun => out.push('*'),
        Glob::OneOf { negated: false, ranges } => match ranges.as_slice() {
            [(c, last)] if c == last && !matches!(c, '*' | '?' | '[') => out.push(*c),
            ranges => push_class(false, ranges, out),
        },
        Glob::OneOf { negated: true, ranges } => push_class(true, ranges, out),
    }
}

/// `]` closes the brackets unless it comes first, `^` negates where it comes first, and `-` between two
/// characters makes a range.
fn push_class(negated: bool, ranges: &[(char, char)], out: &mut String) {
    let holds = |c: char| ranges.iter().any(|(low, high)| (*low..=*high).contains(&c));
    let plain: Vec<(char, char)> = ranges.iter().filter_map(|range| without_special(*range)).collect();
    if plain.is_empty() && !negated && !holds(']') && !holds('-') && holds('^') {
        out.push('^');
        return;
    }
    out.push_str(if negated { "[^" } else { "[" });
    if holds(']') {
        out.push(']');
    }
    for (low, high) in &plain {
        out.push(*low);
        if low != high {
            out.push('-');
            out.push(*high);
        }
    }
    match (holds('^'), holds('-')) {
        // A `-` in front is no range, and a `^` behind it no negation.
        (true, true) if plain.is_empty() && !negated && !holds(']') => out.push_str("-^"),
        (true, true) => out.push_str("^-"),
        (true, false) => out.push('^'),
        (false, true) => out.push('-'),
        (false, false) => {}
    }
    out.push(']');
}

/// The range without bounds that mean something in brackets; those stand apart.
fn without_special((mut low, mut high): (char, char)) -> Option<(char, char)> {
    let special = |c: char| matches!(c, ']' | '^' | '-');
    while low <= high && special(low) {
        low = next(low);
    }
    while low <= high && special(high) {
        high = previous(high);
    }
    (low <= high).then_some((low, high))
}

fn next(c: char) -> char {
    char::from_u32(u32::from(c) + 1).unwrap_or(c)
}

fn previous(c: char) -> char {
    char::from_u32(u32::from(c).saturating_sub(1)).unwrap_or(c)
}

/// Whether a literal has a letter outside ASCII that exists in several cases.
fn folds_outside_ascii(pattern: &TextPattern) -> bool {
    pattern.literals().flat_map(str::chars).any(|c| !c.is_ascii() && cases_of(c).len() > 1)
}

/// Every character that folds to what `c` folds to, in order.
pub(crate) fn cases_of(c: char) -> Vec<char> {
    static CASES: OnceLock<BTreeMap<char, Vec<char>>> = OnceLock::new();
    let table = CASES.get_or_init(|| {
        let mut table: BTreeMap<char, Vec<char>> = BTreeMap::new();
        for other in '\0'..=char::MAX {
            let folded = simple_fold(other);
            if folded != other {
                let cases = table.entry(folded).or_insert_with(|| vec![folded]);
                if !cases.contains(&other) {
                    cases.push(other);
                }
            }
        }
        table
    });
    table.get(&simple_fold(c)).cloned().map_or_else(
        || vec![c],
        |mut cases| {
            cases.sort_unstable();
            cases
        },
    )
}
