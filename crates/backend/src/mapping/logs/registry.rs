//! Paths and values of the registry as Sysmon words them.

use eqlc_diagnostics::Span;
use eqlc_ir::{Case, FieldRef, Op, Part, Pred, Scalar, TextPattern};

use super::asked::Asked;
use super::homes::Found;
use super::{place_in, values};
use crate::Direction;

/// The hives as Sysmon writes them, and as other agents do.
const HIVES: &[(&str, &[&str])] = &[
    (r"HKLM\", &[r"HKEY_LOCAL_MACHINE\", r"\REGISTRY\MACHINE\"]),
    (r"HKU\", &[r"HKEY_USERS\", r"\REGISTRY\USER\"]),
    (CLASSES, &[r"HKEY_CLASSES_ROOT\"]),
];

/// Not a hive: Sysmon's name for keys of another one.
const CLASSES: &str = r"HKCR\";

/// The name that Sysmon gives to every control set (Sysmon's documentation, event 12: `ControlSet00x`).
const CONTROL_SET: &str = r"CurrentControlSet";

/// Why a path bends.
const OF_CLASSES: &str =
    "agents other than Sysmon write the keys of classes below those of the machine and its users";

/// Why a value bends.
pub(super) const WORDS: &str = "documents hold numbers, Sysmon's log their wording";

/// A path: the hive and the control set in every spelling.
pub(super) fn path(field: FieldRef, asked: &Asked, span: Span) -> Option<Found> {
    let mut patterns = Vec::with_capacity(asked.patterns.len());
    let mut bends = false;
    for pattern in asked.patterns.iter() {
        let begins = pattern.parts().first();
        bends |= matches!(begins, Some(Part::Lit(front)) if without(front, CLASSES).is_some());
        let numbered = numbered(pattern);
        for spelled in std::iter::once(pattern).chain(&numbered) {
            patterns.push(spelled.clone());
            patterns.extend(in_full(spelled));
        }
    }
    let pred = values::test(field, &asked.with(patterns), span)?;
    Some(if bends { Found::bent(pred, Direction::Narrower, OF_CLASSES) } else { Found::exact(pred) })
}

/// The pattern with the hive in the spellings of other agents.
fn in_full(pattern: &TextPattern) -> Vec<TextPattern> {
    let [Part::Lit(front), rest @ ..] = pattern.parts() else { return Vec::new() };
    let spelled = |(short, long): &(&str, &'static [&'static str])| {
        without(front, short).map(|tail| (tail.to_owned(), *long))
    };
    let Some((tail, long)) = HIVES.iter().find_map(spelled) else { return Vec::new() };
    let with = |hive: &&str| {
        let front = std::iter::once(Part::Lit(format!("{hive}{tail}").into()));
        TextPattern::new(front.chain(rest.iter().cloned()))
    };
    long.iter().map(with).collect()
}

/// The pattern with the control set by its number; none where it names no control set.
fn numbered(pattern: &TextPattern) -> Option<TextPattern> {
    let mut found = false;
    let mut parts = Vec::with_capacity(pattern.parts().len() + 2);
    for part in pattern.parts() {
        let Part::Lit(text) = part else {
            parts.push(part.clone());
            continue;
        };
        let at = text.to_ascii_lowercase().find(&CONTROL_SET.to_ascii_lowercase());
        let split = at.and_then(|at| Some((text.get(..at)?, text.get(at + CONTROL_SET.len()..)?)));
        let Some((before, behind)) = split else {
            parts.push(part.clone());
            continue;
        };
        found = true;
        parts.push(Part::Lit(format!("{before}ControlSet00").into()));
        parts.push(Part::AnyOne);
        parts.push(Part::Lit(behind.into()));
    }
    found.then(|| TextPattern::new(parts))
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
    for pattern in asked.patterns.iter() {
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
    let field = place_in(&near.taxonomy, near.ty, kind, near.optional, near.span);
    let pattern = TextPattern::from_eql(pattern);
    Pred::test(Scalar::Field(field), Op::Text(vec![pattern], Case::Insensitive), span)
}

fn equals(field: &FieldRef, texts: &[String], span: Span) -> Pred {
    let patterns = texts.iter().map(|text| TextPattern::exact(text)).collect();
    Pred::test(Scalar::Field(field.clone()), Op::Text(patterns, Case::Insensitive), span)
}
