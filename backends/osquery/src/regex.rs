//! Regular expressions: as patterns of `GLOB` and `LIKE` where they are such, else by `regex_match`.
//!
//! `regex_match` of osquery is `std::regex` in its ECMAScript flavour: a search, case-sensitive, over bytes,
//! with patterns of at most 256 bytes. It is anchored here, and the match it reports is compared with the whole
//! value, since some libraries let the anchors match at line ends.

use eqlc_backend::Direction;
use eqlc_ir::regex::{ClassItem, Regex, RegexNode, repetition};
use eqlc_ir::{Case, Part, TextPattern};
use sqlparser::ast::{BinaryOperator, Expr};

use crate::test::Bend;
use crate::text::{self, Glob, Text};
use crate::{literal, sql};

/// How many patterns an expression may become.
const MOST_PATTERNS: usize = 64;

/// How many pieces all of these patterns may have.
const MOST_PIECES: usize = 4_096;

/// The longest pattern that `regex_match` takes, in bytes.
const LONGEST: usize = 256;

/// Why a count of bytes bends a test.
const BYTES: &str = "`regex_match` counts bytes, so that one character outside ASCII counts as several";

/// The whole value matches.
pub(crate) fn emit(x: Text<'_>, regex: &Regex) -> Result<(Expr, Bend), String> {
    if let Some(patterns) = patterns(&regex.root, regex.case) {
        let conditions: Result<Vec<Expr>, text::BadPattern> =
            patterns.iter().map(|pieces| by_pattern(x, pieces, regex.case)).collect();
        return Ok((sql::any(conditions.map_err(|bad| bad.why().to_owned())?), None));
    }
    let mut printer = Printer { out: String::new(), case: regex.case, bytes: false };
    printer.node(&regex.root)?;
    let pattern = format!("^(?:{})$", printer.out);
    if pattern.len() > LONGEST {
        return Err(format!("`regex_match` takes expressions of up to {LONGEST} bytes"));
    }
    let pattern = literal::text(&pattern).map_err(|bad| bad.why().to_owned())?;
    let found = sql::call("regex_match", vec![x.expr.clone(), pattern, literal::integer(0)]);
    let whole = sql::binary(found, BinaryOperator::Eq, x.expr.clone());
    let bend = printer.bytes.then_some((Direction::Either, BYTES));
    let condition = if x.empty { whole } else { sql::all(vec![x.is_there(), whole]) };
    Ok((condition, bend))
}

fn by_pattern(x: Text<'_>, pieces: &[Glob], case: Case) -> Result<Expr, text::BadPattern> {
    let single = |ranges: &[(char, char)]| match ranges {
        [(c, last)] if c == last => Some(*c),
        _ => None,
    };
    let parts: Option<Vec<Part>> = pieces
        .iter()
        .map(|piece| match piece {
            Glob::AnyOne => Some(Part::AnyOne),
            Glob::AnyRun => Some(Part::AnyRun),
            Glob::OneOf { negated: false, ranges } => single(ranges).map(|c| Part::Lit(c.into())),
            Glob::OneOf { .. } => None,
        })
        .collect();
    if let Some(parts) = parts {
        return text::matches(x, &TextPattern::new(parts), case);
    }
    let cased: Vec<Glob> = pieces.iter().map(|piece| with_case(piece, case)).collect();
    text::glob(x.expr, &cased)
}

/// Single characters in every case; ranges keep theirs.
fn with_case(piece: &Glob, case: Case) -> Glob {
    match (piece, case) {
        (Glob::OneOf { negated, ranges }, Case::Insensitive) => {
            let ranges = ranges.iter().flat_map(|(low, high)| match low == high {
                true => text::cases_of(*low).into_iter().map(|c| (c, c)).collect(),
                false => vec![(*low, *high)],
            });
            Glob::OneOf { negated: *negated, ranges: ranges.collect() }
        }
        (piece, _) => piece.clone(),
    }
}

/// The expression as alternatives of simple pieces; none where it is not such.
fn patterns(node: &RegexNode, case: Case) -> Option<Vec<Vec<Glob>>> {
    let found = match node {
        RegexNode::Empty => vec![Vec::new()],
        RegexNode::Nothing => Vec::new(),
        RegexNode::Any => vec![vec![Glob::AnyOne]],
        RegexNode::Literal(text) => vec![text.chars().map(|c| text::one_char(c, Case::Sensitive)).collect()],
        RegexNode::Class { negated, items } => vec![vec![class(*negated, items)?]],
        RegexNode::Concat(list) => {
            list.iter().try_fold(vec![Vec::new()], |before, node| product(&before, &patterns(node, case)?))?
        }
        RegexNode::Alternatives(list) => {
            let mut all = Vec::new();
            for node in list {
                all.extend(patterns(node, case)?);
            }
            all
        }
        RegexNode::Repeat { node, min, max } => repeated(node, *min, *max, case)?,
        node @ RegexNode::Interval { .. } => patterns(&node.clone().without_intervals(), case)?,
        RegexNode::Complement(_) | RegexNode::Intersection(_) => return None,
    };
    small_enough(&found).then_some(found)
}

fn small_enough(patterns: &[Vec<Glob>]) -> bool {
    patterns.len() <= MOST_PATTERNS && patterns.iter().map(Vec::len).sum::<usize>() <= MOST_PIECES
}

fn product(left: &[Vec<Glob>], right: &[Vec<Glob>]) -> Option<Vec<Vec<Glob>>> {
    if left.len().checked_mul(right.len())? > MOST_PATTERNS {
        return None;
    }
    let joined: Vec<Vec<Glob>> = left
        .iter()
        .flat_map(|before| right.iter().map(move |behind| before.iter().chain(behind).cloned().collect()))
        .collect();
    small_enough(&joined).then_some(joined)
}

fn repeated(node: &RegexNode, min: u32, max: Option<u32>, case: Case) -> Option<Vec<Vec<Glob>>> {
    let once = patterns(node, case)?;
    let mut times = vec![Vec::new()];
    for _ in 0..min {
        times = product(&times, &once)?;
    }
    let Some(max) = max else {
        let any = [[Glob::AnyOne].as_slice(), [Glob::AnyRun].as_slice()];
        let is_any = matches!(once.as_slice(), [one] if any.contains(&one.as_slice()));
        return if is_any { product(&times, &[vec![Glob::AnyRun]]) } else { None };
    };
    let mut all = times.clone();
    for _ in min..max {
        times = product(&times, &once)?;
        all.extend(times.iter().cloned());
        if !small_enough(&all) {
            return None;
        }
    }
    Some(all)
}

fn class(negated: bool, items: &[ClassItem]) -> Option<Glob> {
    if let [one] = items
        && let Some(positive) = opposite(*one)
    {
        return Some(Glob::OneOf { negated: !negated, ranges: ranges(positive)? });
    }
    let mut all = Vec::new();
    for item in items {
        all.extend(ranges(*item)?);
    }
    (!all.is_empty()).then_some(Glob::OneOf { negated, ranges: all })
}

fn opposite(item: ClassItem) -> Option<ClassItem> {
    match item {
        ClassItem::NotDigit => Some(ClassItem::Digit),
        ClassItem::NotSpace => Some(ClassItem::Space),
        ClassItem::NotWord => Some(ClassItem::Word),
        _ => None,
    }
}

fn ranges(item: ClassItem) -> Option<Vec<(char, char)>> {
    match item {
        ClassItem::Char(c) => Some(vec![(c, c)]),
        ClassItem::Range(low, high) => (low <= high).then(|| vec![(low, high)]),
        ClassItem::Digit => Some(vec![('0', '9')]),
        ClassItem::Space => Some(['\t', '\n', '\r', ' '].map(|c| (c, c)).to_vec()),
        ClassItem::Word => Some(vec![('A', 'Z'), ('a', 'z'), ('0', '9'), ('_', '_')]),
        ClassItem::NotDigit | ClassItem::NotSpace | ClassItem::NotWord => None,
    }
}

/// Prints ECMAScript.
struct Printer {
    out: String,
    case: Case,
    /// Whether a count of bytes can differ from a count of characters.
    bytes: bool,
}

impl Printer {
    fn node(&mut self, node: &RegexNode) -> Result<(), String> {
        match node {
            RegexNode::Empty => self.out.push_str("(?:)"),
            RegexNode::Nothing => self.out.push_str("[^\\s\\S]"),
            RegexNode::Any => {
                self.bytes = true;
                self.out.push_str("[\\s\\S]");
            }
            RegexNode::Literal(text) => text.chars().for_each(|c| self.character(c)),
            RegexNode::Class { negated, items } => self.class(*negated, items)?,
            RegexNode::Concat(list) => list.iter().try_for_each(|node| self.node(node))?,
            RegexNode::Alternatives(list) => {
                self.out.push_str("(?:");
                for (at, node) in list.iter().enumerate() {
                    if at > 0 {
                        self.out.push('|');
                    }
                    self.node(node)?;
                }
                self.out.push(')');
            }
            RegexNode::Repeat { node, min, max } => {
                let bytes = self.bytes;
                self.out.push_str("(?:");
                self.node(node)?;
                self.out.push(')');
                self.out.push_str(&repetition(*min, *max));
                if is_set(node) && *min <= 1 && max.is_none() {
                    self.bytes = bytes;
                }
            }
            node @ RegexNode::Interval { .. } => self.node(&node.clone().without_intervals())?,
            RegexNode::Complement(_) | RegexNode::Intersection(_) => {
                return Err("`regex_match` has no complement or intersection".to_owned());
            }
        }
        if self.out.len() > LONGEST {
            return Err(format!("`regex_match` takes expressions of up to {LONGEST} bytes"));
        }
        Ok(())
    }

    fn character(&mut self, c: char) {
        let cases = match self.case {
            Case::Sensitive => vec![c],
            Case::Insensitive => text::cases_of(c),
        };
        match cases.as_slice() {
            [one] => self.escaped(*one),
            several => {
                self.out.push_str("(?:");
                for (at, one) in several.iter().enumerate() {
                    if at > 0 {
                        self.out.push('|');
                    }
                    self.escaped(*one);
                }
                self.out.push(')');
            }
        }
    }

    fn escaped(&mut self, c: char) {
        if "^$\\.*+?()[]{}|".contains(c) {
            self.out.push('\\');
        }
        self.out.push(c);
    }

    fn class(&mut self, negated: bool, items: &[ClassItem]) -> Result<(), String> {
        self.bytes |= negated;
        self.out.push_str(if negated { "[^" } else { "[" });
        for item in items {
            match item {
                ClassItem::Char(c) => {
                    let cases = match self.case {
                        Case::Sensitive => vec![*c],
                        Case::Insensitive => {
                            // Letters outside ASCII are several bytes and cannot stand in brackets.
                            text::cases_of(*c)
                                .into_iter()
                                .filter(|other| other.is_ascii() || other == c)
                                .collect()
                        }
                    };
                    cases.into_iter().try_for_each(|c| self.member(c))?;
                }
                ClassItem::Range(low, high) => {
                    self.member(*low)?;
                    self.out.push('-');
                    self.member(*high)?;
                }
                ClassItem::Digit => self.out.push_str("0-9"),
                ClassItem::Space => self.out.push_str("\\t\\n\\r "),
                ClassItem::Word => self.out.push_str("A-Za-z0-9_"),
                ClassItem::NotDigit => self.complement("\\D"),
                ClassItem::NotWord => self.complement("\\W"),
                ClassItem::NotSpace => {
                    return Err(
                        "`\\S` in brackets, for `regex_match` counts more characters as blanks".to_owned()
                    );
                }
            }
        }
        self.out.push(']');
        Ok(())
    }

    fn complement(&mut self, text: &str) {
        self.bytes = true;
        self.out.push_str(text);
    }

    fn member(&mut self, c: char) -> Result<(), String> {
        if !c.is_ascii() {
            return Err("`regex_match` cannot hold a character outside ASCII in brackets".to_owned());
        }
        if matches!(c, ']' | '[' | '\\' | '^' | '-') {
            self.out.push('\\');
        }
        self.out.push(c);
        Ok(())
    }
}

fn is_set(node: &RegexNode) -> bool {
    matches!(node, RegexNode::Any | RegexNode::Class { .. })
}
