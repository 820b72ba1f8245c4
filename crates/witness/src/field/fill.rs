//! Texts that patterns suggest to a reader.

use eqlc_ir::{Function, Literal, Op, Part, Scalar, Test, TextPattern};

/// The most alternatives of one test that are tried.
const MAX_CHOICES: usize = 6;

/// Texts that probably satisfy all tests of a field: what each asks for, put together. The path of the field tells
/// how parts are joined.
pub(super) fn texts(path: &str, wanted: &[&Test]) -> Vec<String> {
    let choices: Vec<Vec<Piece>> =
        wanted.iter().map(|test| pieces(test)).filter(|list| !list.is_empty()).collect();
    let most = choices.iter().map(Vec::len).max().unwrap_or(0).min(MAX_CHOICES);
    let mut found = Vec::new();
    for nth in 0..most {
        let chosen: Vec<&Piece> =
            choices.iter().filter_map(|list| list.get(nth).or_else(|| list.first())).collect();
        for joint in joints(path) {
            let text = joined(&chosen, joint);
            if !found.contains(&text) {
                found.push(text);
            }
        }
    }
    found
}

/// The text that a pattern suggests.
pub(crate) fn of_pattern(pattern: &TextPattern) -> String {
    joined(&[&Piece::of(pattern)], "")
}

/// A part that a text must have.
struct Piece {
    text: String,
    at_start: bool,
    at_end: bool,
}

impl Piece {
    fn whole(text: &str) -> Self {
        Self { text: text.to_owned(), at_start: true, at_end: true }
    }

    fn of(pattern: &TextPattern) -> Self {
        let parts = pattern.parts();
        Self {
            text: inner(parts),
            at_start: parts.first() != Some(&Part::AnyRun),
            at_end: parts.last() != Some(&Part::AnyRun),
        }
    }
}

fn pieces(test: &Test) -> Vec<Piece> {
    let texts = |items: &[Literal]| -> Vec<Piece> {
        let texts = items.iter().filter_map(|item| match item {
            Literal::Str(text) => Some(Piece::whole(text)),
            _ => None,
        });
        texts.take(MAX_CHOICES).collect()
    };
    match (&test.subject, &test.op) {
        (Scalar::Field(_), Op::Text(patterns, _)) => {
            patterns.iter().take(MAX_CHOICES).map(Piece::of).collect()
        }
        (Scalar::Field(_), Op::OneOf(items, _)) => texts(items),
        (Scalar::Field(_), Op::Compare(_, Scalar::Literal(literal))) => texts(std::slice::from_ref(literal)),
        (Scalar::Call { function, args, .. }, Op::IsTrue) => match (function, args.as_slice()) {
            (Function::StartsWith, [Scalar::Field(_), Scalar::Literal(Literal::Str(text))]) => {
                vec![Piece { text: text.to_string(), at_start: true, at_end: false }]
            }
            (Function::EndsWith, [Scalar::Field(_), Scalar::Literal(Literal::Str(text))]) => {
                vec![Piece { text: text.to_string(), at_start: false, at_end: true }]
            }
            (Function::StringContains, [Scalar::Field(_), Scalar::Literal(Literal::Str(text))]) => {
                vec![Piece { text: text.to_string(), at_start: false, at_end: false }]
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// What stands between parts.
fn joints(path: &str) -> [&'static str; 2] {
    let words = ["command", "CommandLine", "args", "Command", "ScriptBlockText", "message"];
    if words.iter().any(|word| path.contains(word)) { [" ", ""] } else { ["", " "] }
}

/// The pieces one after the other: those that open the text, those inside, those that end it.
fn joined(pieces: &[&Piece], joint: &str) -> String {
    let longest = |list: Vec<&&Piece>| {
        list.into_iter().max_by_key(|piece| piece.text.len()).map(|one| one.text.clone())
    };
    if let Some(whole) = longest(pieces.iter().filter(|piece| piece.at_start && piece.at_end).collect()) {
        return whole;
    }
    let start = longest(pieces.iter().filter(|piece| piece.at_start).collect());
    let end = longest(pieces.iter().filter(|piece| piece.at_end).collect());
    let mut text = start.unwrap_or_default();
    for piece in pieces.iter().filter(|piece| !piece.at_start && !piece.at_end) {
        if !text.contains(&piece.text) {
            append(&mut text, &piece.text, joint);
        }
    }
    if let Some(end) = end.filter(|end| !text.ends_with(end.as_str())) {
        append(&mut text, &end, joint);
    }
    let opens = pieces.iter().any(|piece| piece.at_start);
    if opens { text } else { format!("{}{text}", before(&text)) }
}

/// Puts a piece behind a text; a separator that both have at the seam is shared.
fn append(text: &mut String, piece: &str, joint: &str) {
    let shared =
        text.chars().last().filter(|last| matches!(last, '\\' | '/' | ' ') && piece.starts_with(*last));
    match shared {
        Some(shared) => text.push_str(piece.strip_prefix(shared).unwrap_or(piece)),
        None if text.is_empty() => text.push_str(piece),
        None => {
            text.push_str(joint);
            text.push_str(piece);
        }
    }
}

/// What a reader expects before a text that may stand behind anything.
fn before(text: &str) -> &'static str {
    let mut rest = text.chars();
    match rest.next() {
        Some('\\') if rest.any(|c| c == '\\') => "C:",
        Some('\\') => "C:\\Windows\\System32",
        Some('/') if rest.any(|c| c == '/') => "",
        Some('/') => "/usr/bin",
        Some('.') => "example",
        _ => "",
    }
}

/// The text of parts, runs at the ends left away.
fn inner(parts: &[Part]) -> String {
    let mut text = String::new();
    for (at, part) in parts.iter().enumerate() {
        let next = match parts.get(at + 1) {
            Some(Part::Lit(next)) => next.as_str(),
            _ => "",
        };
        match part {
            Part::Lit(literal) => text.push_str(literal),
            Part::AnyOne if next.starts_with(':') => text.push('C'),
            Part::AnyOne => text.push('x'),
            Part::AnyRun if at == 0 => {}
            Part::AnyRun if text.ends_with(['\\', '/']) && !next.starts_with('.') => text.push_str("example"),
            Part::AnyRun if next.starts_with(['\\', '/']) && !text.is_empty() => text.push_str("example"),
            Part::AnyRun if next.starts_with('.') && text.ends_with(['\\', '/']) => text.push_str("example"),
            Part::AnyRun if text.ends_with("://") => text.push_str("example"),
            Part::AnyRun => {}
        }
    }
    text
}
