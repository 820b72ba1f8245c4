//! Characters that are not what they seem.

use eqlc_diagnostics::codes::sigma_lints as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Node, Span};
use eqlc_sigma::{Part, SigmaString, Value};

use crate::raw::Source;
use crate::sink::Sink;

pub(super) fn check(span: Span, text: &SigmaString, source: &Source<'_>, sink: &mut Sink<'_>) {
    let parts = text.parts().iter().filter_map(|part| match part {
        Part::Lit(text) => Some(text.as_str()),
        Part::AnyRun | Part::AnyOne => None,
    });
    // Most values are ASCII that can be seen.
    let odd = |text: &&str| text.bytes().any(|b| !(b' '..0x7f).contains(&b));
    if let Some(c) = parts.filter(odd).find_map(first_hidden) {
        hidden(span, c, source, sink);
    }
}

/// The first character that cannot be seen. Joiners belong to the script or the picture that they stand in.
fn first_hidden(text: &str) -> Option<char> {
    let joins = |c: char| matches!(c, '\u{200c}' | '\u{200d}');
    let mut before = ' ';
    for c in text.chars() {
        if is_hidden(c) && (before.is_ascii() || !joins(c)) {
            return Some(c);
        }
        before = c;
    }
    None
}

/// Options with a dash of typesetting, unless the list has the same with another one.
pub(super) fn lookalikes(values: &[&Node<Value>], source: &Source<'_>, sink: &mut Sink<'_>) {
    for value in values {
        let Value::Str(text) = &value.value else { continue };
        let mut parts = text.parts().iter().filter_map(|part| match part {
            Part::Lit(text) if !text.is_ascii() => Some(text.as_str()),
            _ => None,
        });
        let Some(c) = parts.find_map(option_dash) else { continue };
        let written = source.slice(value.span);
        let plain = |text: &str| text.replace(is_lookalike, "-").replace('/', "-");
        let own = plain(written);
        let siblings = values.iter().filter(|other| other.span != value.span);
        if !siblings.map(|other| plain(source.slice(other.span))).any(|other| other == own) {
            lookalike(value.span, c, source, sink);
        }
    }
}

/// The dash of typesetting before the name of an option.
fn option_dash(text: &str) -> Option<char> {
    let dashes = text.char_indices().filter(|(_, c)| is_lookalike(*c));
    let mut options = dashes.filter(|(at, c)| {
        let next = text.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next());
        let before = text.get(..*at).and_then(|before| before.chars().next_back());
        next.is_some_and(char::is_alphanumeric) && before.is_none_or(char::is_whitespace)
    });
    options.next().map(|(_, c)| c)
}

/// Controls, characters without width, and those that turn the direction of writing.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn is_lookalike(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}')
}

fn hidden(span: Span, c: char, source: &Source<'_>, sink: &mut Sink<'_>) {
    sink.push(codes::HIDDEN_CHARACTER_IN_VALUE, || {
        let message = format!("the value holds U+{:04X}, which cannot be seen", u32::from(c));
        let finding =
            Diagnostic::warning(codes::HIDDEN_CHARACTER_IN_VALUE, message).at(span, "in this value");
        let written = source.slice(span);
        // Between double quotes a backslash begins an escape, which may not be what was meant.
        let single = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        match single.filter(|inner| inner.contains('\\') && !inner.contains(['\'', '"', '\n'])) {
            Some(inner) => finding.help("between single quotes a backslash is only a backslash").fix(
                Applicability::Unsafe,
                "write single quotes",
                span,
                format!("'{inner}'"),
            ),
            None => finding,
        }
    });
}

fn lookalike(span: Span, c: char, source: &Source<'_>, sink: &mut Sink<'_>) {
    sink.push(codes::DASH_LOOKALIKE, || {
        let message = format!("`{c}` is U+{:04X} and not a dash of command lines", u32::from(c));
        let finding = Diagnostic::warning(codes::DASH_LOOKALIKE, message).at(span, "in this value");
        let written = source.slice(span);
        finding.fix(Applicability::Unsafe, "write `-`", span, written.replace(c, "-"))
    });
}
