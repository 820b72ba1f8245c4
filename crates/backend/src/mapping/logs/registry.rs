//! Paths and values of the registry as Sysmon words them.

use eqlc_diagnostics::Span;
use eqlc_ir::{Case, FieldRef, Op, Part, Pred, Scalar, TextPattern};

use super::asked::Asked;
use super::homes::Found;
use super::{place, values};
use crate::Direction;

/// The hives as Sysmon writes them, and as other agents do.
const HIVES: &[(&str, &[&str])] = &[
    (r"HKLM\", &[r"HKEY_LOCAL_MACHINE\", r"\REGISTRY\MACHINE\"]),
    (r"HKU\", &[r"HKEY_USERS\", r"\REGISTRY\USER\"]),
    (r"HKCR\", &[r"HKEY_CLASSES_ROOT\"]),
];

/// The name that Sysmon gives to the control set in use.
const CONTROL_SET: &str = r"\CurrentControlSet\";

/// Why a path bends.
const NUMBERED: &str = "agents other than Sysmon write the control set in use by its number";

/// Why a value bends.
pub(super) const WORDS: &str = "documents hold numbers, Sysmon's log their wording";

/// A path: the hive in every spelling.
pub(super) fn path(field: FieldRef, asked: &Asked, span: Span) -> Option<Found> {
    let mut patterns = Vec::with_capacity(asked.patterns.len());
    for pattern in &asked.patterns {
        patterns.push(pattern.clone());
        let [Part::Lit(front), rest @ ..] = pattern.parts() else { continue };
        for (short, long) in HIVES {
            let Some(tail) = without(front, short) else { continue };
            patterns.extend(long.iter().map(|hive| {
                let front = std::iter::once(Part::Lit(format!("{hive}{tail}")));
                TextPattern::new(front.chain(rest.iter().cloned()))
            }));
        }
    }
    let numbered = asked
        .patterns
        .iter()
        .flat_map(TextPattern::literals)
        .any(|text| text.to_ascii_lowercase().contains(&CONTROL_SET.to_ascii_lowercase()));
    let pred = values::test(field, &asked.with(patterns), span)?;
    Some(if numbered { Found::bent(pred, Direction::Narrower, NUMBERED) } else { Found::exact(pred) })
}

/// `text` behind a prefix, whatever its letter case.
fn without<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (front, tail) = text.split_at_checked(prefix.len())?;
    front.eq_ignore_ascii_case(prefix).then_some(tail)
}

/// A value: numbers by value, everything else as it is.
pub(super) fn details(field: FieldRef, kind: &str, asked: &Asked, span: Span) -> Option<Found> {
    let mut texts = Vec::new();
    let mut any = Vec::new();
    let mut bends = false;
    for pattern in &asked.patterns {
        match worded(pattern) {
            Worded::Number(number) => any.push(Pred::All(vec![
                of_kind(kind, &field, "*_DWORD", span),
                equals(&field, &[number.to_string(), format!("0x{number:08x}")], span),
            ])),
            Worded::AnyNumber => any.push(of_kind(kind, &field, "*_DWORD", span)),
            Worded::Binary => {
                any.push(of_kind(kind, &field, "REG_BINARY", span));
                texts.push(pattern.clone());
            }
            Worded::Text => {
                texts.push(pattern.clone());
                if pattern.as_exact() == Some("(Empty)") {
                    texts.push(TextPattern::exact(""));
                }
            }
            Worded::Unclear => {
                bends = true;
                texts.push(pattern.clone());
            }
        }
    }
    any.push(values::test(field, &asked.with(texts), span)?);
    let pred = Pred::Any(any);
    Some(if bends { Found::bent(pred, Direction::Either, WORDS) } else { Found::exact(pred) })
}

/// What a pattern says of Sysmon's wording.
enum Worded {
    /// This number.
    Number(u32),
    /// Some number.
    AnyNumber,
    /// Data that is no text.
    Binary,
    /// Text, never a number.
    Text,
    /// Both are possible.
    Unclear,
}

fn worded(pattern: &TextPattern) -> Worded {
    let text = match pattern.parts() {
        [Part::AnyRun, Part::Lit(text), Part::AnyRun] | [Part::AnyRun, Part::Lit(text)] => text,
        [Part::Lit(text), Part::AnyRun] if text.eq_ignore_ascii_case("DWORD") => return Worded::AnyNumber,
        [Part::Lit(text)] | [Part::Lit(text), Part::AnyRun] => text,
        _ => "",
    };
    let lower = text.to_ascii_lowercase();
    let digits = lower.strip_prefix("dword (0x").and_then(|rest| rest.strip_suffix(')'));
    if let Some(number) =
        digits.filter(|digits| digits.len() == 8).and_then(|digits| u32::from_str_radix(digits, 16).ok())
    {
        return Worded::Number(number);
    }
    if lower == "binary data" {
        return Worded::Binary;
    }
    if WORDINGS.iter().any(|wording| may_say(pattern, wording)) { Worded::Unclear } else { Worded::Text }
}

/// How Sysmon words numbers; `_` stands for a hexadecimal digit.
const WORDINGS: &[&str] = &["dword (0x________)", "qword (0x________-0x________)"];

/// Whether some text of the wording matches the pattern, letter case aside.
fn may_say(pattern: &TextPattern, wording: &str) -> bool {
    let wording: Vec<char> = wording.chars().collect();
    let fits = |place: char, c: char| {
        if place == '_' { c.is_ascii_hexdigit() } else { place == c.to_ascii_lowercase() }
    };
    // `reached[i]`: the pattern so far can end at `wording[..i]`.
    let mut reached: Vec<bool> = (0..=wording.len()).map(|at| at == 0).collect();
    let shifted = |reached: &[bool], accept: &dyn Fn(char) -> bool| {
        let next = reached.iter().zip(&wording).map(|(before, place)| *before && accept(*place));
        std::iter::once(false).chain(next).collect::<Vec<bool>>()
    };
    for part in pattern.parts() {
        reached = match part {
            Part::AnyRun => reached
                .iter()
                .scan(false, |seen, now| {
                    *seen |= now;
                    Some(*seen)
                })
                .collect(),
            Part::AnyOne => shifted(&reached, &|_| true),
            Part::Lit(text) => {
                text.chars().fold(reached, |reached, c| shifted(&reached, &|place| fits(place, c)))
            }
        };
    }
    reached.last().copied().unwrap_or(false)
}

fn of_kind(kind: &str, near: &FieldRef, pattern: &str, span: Span) -> Pred {
    let field = place(kind, near.optional, near.span);
    let pattern = TextPattern::from_eql(pattern);
    Pred::test(Scalar::Field(field), Op::Text(vec![pattern], Case::Insensitive), span)
}

fn equals(field: &FieldRef, texts: &[String], span: Span) -> Pred {
    let patterns = texts.iter().map(|text| TextPattern::exact(text)).collect();
    Pred::test(Scalar::Field(field.clone()), Op::Text(patterns, Case::Insensitive), span)
}
