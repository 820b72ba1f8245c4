//! Regular expressions that say more than they need to.

use eqlc_diagnostics::codes::sigma_lints as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Edit, Fix, Node};
use eqlc_sigma::{FieldTest, Modifier, Part, SigmaString, Value};

use crate::raw::{Source, quoted};
use crate::sink::Sink;

pub(super) fn check(test: &FieldTest, source: &Source<'_>, sink: &mut Sink<'_>) {
    for value in &test.values {
        let Value::Raw(text) = &value.value else { continue };
        if let Some(plain) = Plain::of(text).filter(|_| !test.has(Modifier::ReMultiLine)) {
            for_text(test, value, &plain, sink);
        } else {
            open_end(value, text, source, sink);
        }
    }
}

/// A regular expression without anything that only one can say.
struct Plain {
    /// How the text stands in the value; none: it is the whole value.
    shape: Option<Modifier>,
    text: SigmaString,
}

impl Plain {
    fn of(regex: &str) -> Option<Self> {
        let (start, rest) = match regex.strip_prefix('^') {
            Some(rest) => (true, rest),
            None => (false, regex),
        };
        let mut parts: Vec<Part> = Vec::new();
        let mut end = false;
        let mut chars = rest.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '$' if chars.peek().is_none() => end = true,
                '.' if chars.next_if_eq(&'*').is_some() => {
                    // Lazy or not is the same to a test.
                    chars.next_if_eq(&'?');
                    parts.push(Part::AnyRun);
                }
                '\\' => {
                    let escaped = chars.next().filter(|c| c.is_ascii_punctuation())?;
                    parts.push(Part::Lit(escaped.into()));
                }
                '^' | '$' | '.' | '[' | ']' | '(' | ')' | '{' | '}' | '|' | '?' | '*' | '+' => return None,
                other => parts.push(Part::Lit(other.into())),
            }
            // What is repeated is no plain text.
            if chars.peek().is_some_and(|next| matches!(next, '?' | '*' | '+' | '{')) {
                return None;
            }
        }
        let (mut open_start, mut open_end) = (!start, !end);
        if parts.first() == Some(&Part::AnyRun) {
            parts.remove(0);
            open_start = true;
        }
        if parts.last() == Some(&Part::AnyRun) {
            parts.pop();
            open_end = true;
        }
        if parts.is_empty() {
            return None;
        }
        let shape = match (open_start, open_end) {
            (true, true) => Some(Modifier::Contains),
            (true, false) => Some(Modifier::EndsWith),
            (false, true) => Some(Modifier::StartsWith),
            (false, false) => None,
        };
        Some(Self { shape, text: SigmaString::from_parts(parts) })
    }
}

fn for_text(test: &FieldTest, value: &Node<Value>, plain: &Plain, sink: &mut Sink<'_>) {
    sink.push(codes::REGEX_FOR_TEXT, || {
        let what = plain.shape.map_or_else(|| "a plain test".to_owned(), |shape| format!("`{shape}`"));
        let mut finding =
            Diagnostic::warning(codes::REGEX_FOR_TEXT, format!("{what} says what the expression does"))
                .at(value.span, "text without classes, groups and repetitions");
        if !test.has(Modifier::ReIgnoreCase) {
            finding = finding
                .note("plain tests ignore letter case, which the expression does not; `cased` keeps it");
        }
        finding.fixes.extend(as_text(test, value, plain));
        finding
    });
}

/// The plain test in place of the expression, for a test of this value only.
fn as_text(test: &FieldTest, value: &Node<Value>, plain: &Plain) -> Option<Fix> {
    let re = test.modifiers.iter().find(|modifier| modifier.value == Modifier::Re)?;
    let flags = test.modifiers.iter().filter(|modifier| {
        matches!(modifier.value, Modifier::ReIgnoreCase | Modifier::ReDotAll | Modifier::ReMultiLine)
    });
    if test.values.len() != 1 || test.modifiers.len() > 1 + flags.clone().count() {
        return None;
    }
    let mut key = re.span;
    key.start = key.start.saturating_sub(1);
    key.end = flags.map(|flag| flag.span.end).max().unwrap_or(key.end).max(key.end);
    let modifier = plain.shape.map_or_else(String::new, |shape| format!("|{shape}"));
    let edits = vec![
        Edit { span: key, replacement: modifier },
        Edit { span: value.span, replacement: quoted(&plain.text.to_source()) },
    ];
    Some(Fix { title: "write a plain test".to_owned(), edits, applicability: Applicability::Unsafe })
}

/// `.*` at an end, which a search does not need.
fn open_end(value: &Node<Value>, text: &str, source: &Source<'_>, sink: &mut Sink<'_>) {
    let lead = [".*?", ".*"].into_iter().find(|start| text.starts_with(start)).map_or(0, str::len);
    let trail = [".*?", ".*"].into_iter().find(|end| text.ends_with(end)).map_or(0, str::len);
    let escaped = |end: usize| {
        let before = text.get(..end).unwrap_or("");
        before.len() - before.trim_end_matches('\\').len()
    };
    // `\.*` is any number of points, `.*+` something else, and alternatives have ends of their own.
    let lead =
        if text.get(lead..).is_some_and(|rest| rest.starts_with(['+', '*', '{', '?'])) { 0 } else { lead };
    let trail = if escaped(text.len() - trail) % 2 == 1 { 0 } else { trail };
    let Some(kept) = text.get(lead..text.len() - trail.min(text.len() - lead)) else { return };
    // What binds an end by itself says something else than with `.*` beside it.
    let only_ends = kept.chars().all(|c| matches!(c, '^' | '$'));
    if lead + trail == 0 || only_ends || text.contains('|') {
        return;
    }
    sink.push(codes::REGEX_OPEN_END, || {
        let mut finding =
            Diagnostic::warning(codes::REGEX_OPEN_END, "`.*` at an end of the expression changes nothing")
                .at(value.span, "looked for anywhere in the value");
        let scalar = source.scalar(value.span).filter(|scalar| scalar.inner == text);
        if let Some(scalar) = scalar {
            let cuts = [0..lead, text.len() - trail..text.len()];
            let cut = |range| Edit { span: source.span(scalar.range(range)), replacement: String::new() };
            let edits = cuts.into_iter().filter(|range| !range.is_empty()).map(cut).collect();
            // The meaning stays, which the forms of the two expressions do not show.
            let title = "remove it".to_owned();
            finding.fixes.push(Fix { title, edits, applicability: Applicability::Unsafe });
        }
        finding
    });
}
