//! Values: replaced, mapped, converted.

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_sigma::Modifier;
use regex::Regex;

use super::{Change, Stop, stop};
use crate::model::{Case, Item, Kind, RegexMethod, Replace, Transformation};
use crate::python::{self, Template};
use crate::tree;
use crate::value::{Expression, Number, Piece, Placed, Text, Val};

/// What a transformation makes of a value: nothing to say, or the values in its place.
type Result<T> = std::result::Result<T, String>;

/// Changes the values of an item one by one.
pub(super) fn change(item: &Item, each: &mut tree::Item) -> std::result::Result<Change, Stop> {
    let mut values = Vec::with_capacity(each.values.len());
    let mut changed = false;
    for placed in &each.values {
        let new = value(&item.transformation, &placed.val)
            .map_err(|message| stop(item, codes::PIPELINE_NO_RESULT, message, placed.span, "this value"))?;
        match new {
            None => values.push(placed.clone()),
            Some(new) => {
                changed = true;
                values.extend(new.into_iter().map(|val| Placed { val, span: placed.span }));
            }
        }
    }
    if !changed {
        return Ok(Change::None);
    }
    // The same as before keeps the form of the rule.
    let same = values.len() == each.values.len()
        && values.iter().zip(&each.values).all(|(new, old)| new.val == old.val);
    if !same {
        each.set_values(values);
    }
    Ok(Change::Changed)
}

fn value(transformation: &Transformation, val: &Val) -> Result<Option<Vec<Val>>> {
    let one = |val: Val| Ok(Some(vec![val]));
    match (transformation, val) {
        (Transformation::ReplaceString(replace), Val::Str(text)) => one(Val::Str(replaced(replace, text)?)),
        (Transformation::ReplaceString(replace), Val::Number(number)) => {
            one(Val::Str(replaced(replace, &Text::parse(&number.text()))?))
        }
        (Transformation::MapString(mapping), Val::Str(text)) => {
            Ok(mapping.get(&text.plain()).map(|targets| {
                let target = |target: &String| Val::Str(Text { cased: text.cased, ..Text::parse(target) });
                targets.iter().map(target).collect()
            }))
        }
        (Transformation::Regex(method), Val::Str(text)) => {
            expression(*method, text).map(|val| val.map(|val| vec![val]))
        }
        (Transformation::SetValue(fixed), _) => one(fixed.clone()),
        (Transformation::ConvertType(Kind::Text), Val::Number(number)) => {
            one(Val::Str(Text::parse(&number.text())))
        }
        (Transformation::ConvertType(Kind::Number), Val::Str(text)) => {
            let plain = text.plain();
            match whole(&plain) {
                Some(number) => one(Val::Number(Number::Int(number))),
                None => Err(format!("`{plain}` is not a whole number")),
            }
        }
        (Transformation::Case(case), Val::Str(text)) => one(Val::Str(cased(*case, text))),
        _ => Ok(None),
    }
}

/// A whole number as Python reads one, but for `_` between digits.
fn whole(text: &str) -> Option<i128> {
    text.trim().parse().ok()
}

fn cased(case: Case, text: &Text) -> Text {
    map_literals(text, |literal| match case {
        Case::Lower => literal.to_lowercase(),
        Case::Upper => literal.to_uppercase(),
        Case::Snake => {
            let mut out = String::with_capacity(literal.len() + 4);
            for (at, c) in literal.chars().enumerate() {
                if at > 0 && c.is_ascii_uppercase() {
                    out.push('_');
                }
                out.push(c);
            }
            out.to_lowercase()
        }
    })
}

fn map_literals(text: &Text, change: impl Fn(&str) -> String) -> Text {
    let pieces = text.pieces.iter().map(|piece| match piece {
        Piece::Lit(literal) => Piece::Lit(change(literal)),
        other => other.clone(),
    });
    Text::from_pieces(pieces, text.cased)
}

/// A text as a regular expression over the whole of a value.
fn expression(method: RegexMethod, text: &Text) -> Result<Option<Val>> {
    if text.pieces.is_empty() {
        return Ok(Some(Val::Str(text.clone())));
    }
    let mut regex = String::from("^");
    for piece in &text.pieces {
        match piece {
            Piece::Lit(literal) if method == RegexMethod::Brackets => {
                for c in literal.chars() {
                    if c.is_alphabetic() {
                        regex.extend(std::iter::once('[').chain(c.to_lowercase()).chain(c.to_uppercase()));
                        regex.push(']');
                    } else {
                        regex.push_str(&python::escaped(c.encode_utf8(&mut [0; 4])));
                    }
                }
            }
            Piece::Lit(literal) => regex.push_str(&python::escaped(literal)),
            Piece::AnyRun => regex.push_str(".*"),
            Piece::AnyOne => regex.push('.'),
            Piece::Placeholder(name) => {
                return Err(format!("the placeholder `%{name}%` has no values yet, and no expression"));
            }
        }
    }
    regex.push('$');
    let mut flags = Vec::new();
    flags.extend((method == RegexMethod::Flag).then_some(Modifier::ReIgnoreCase));
    // A wildcard stands for line ends too.
    flags.extend(text.has_wildcard().then_some(Modifier::ReDotAll));
    Ok(Some(Val::Regex(Expression { text: Text::literal(regex), flags })))
}

fn replaced(replace: &Replace, text: &Text) -> Result<Text> {
    if !replace.skip_special {
        return replaced_plain(&replace.pattern, &replace.template, text);
    }
    let mut pieces = Vec::new();
    for piece in &text.pieces {
        match piece {
            Piece::Lit(literal) => {
                let new =
                    python::replaced(&replace.pattern, &replace.template, literal).ok_or_else(too_long)?;
                if replace.interpret_special {
                    pieces.extend(Text::parse(&new).pieces);
                } else {
                    pieces.push(Piece::Lit(new));
                }
            }
            other => pieces.push(other.clone()),
        }
    }
    Ok(Text::from_pieces(pieces, text.cased))
}

fn too_long() -> String {
    "the text would become too long".to_owned()
}

/// Replaces in the plain form of the text. What no match touches is taken over as it is: in the plain form a backslash
/// before a wildcard looks like an escaped wildcard.
fn replaced_plain(pattern: &Regex, template: &Template, text: &Text) -> Result<Text> {
    let (plain, spans) = spans(text);
    let mut out = Rebuilt {
        pieces: Vec::new(),
        pending: String::new(),
        placeholders: text.placeholders().next().is_some(),
    };
    let mut at = 0;
    let mut length = 0;
    for captures in python::matches(pattern, &plain) {
        let Some(whole) = captures.get(0) else { continue };
        out.keep(&plain, &spans, at, whole.start());
        let new = template.expand(&captures);
        length += new.len();
        if length > python::MAX_TEXT {
            return Err(too_long());
        }
        out.pending.push_str(&new);
        at = whole.end();
    }
    out.keep(&plain, &spans, at, plain.len());
    out.flush();
    Ok(Text::from_pieces(out.pieces, text.cased))
}

/// A character or a special piece of a text, and where its plain form begins and ends.
struct PlainSpan {
    start: usize,
    end: usize,
    piece: Piece,
}

fn spans(text: &Text) -> (String, Vec<PlainSpan>) {
    let mut plain = String::new();
    let mut spans = Vec::new();
    for piece in &text.pieces {
        match piece {
            Piece::Lit(literal) => {
                for c in literal.chars() {
                    let start = plain.len();
                    if matches!(c, '*' | '?') {
                        plain.push('\\');
                    }
                    plain.push(c);
                    spans.push(PlainSpan { start, end: plain.len(), piece: Piece::Lit(c.to_string()) });
                }
            }
            special => {
                let start = plain.len();
                special.push_plain(&mut plain);
                spans.push(PlainSpan { start, end: plain.len(), piece: special.clone() });
            }
        }
    }
    (plain, spans)
}

struct Rebuilt {
    pieces: Vec<Piece>,
    /// Text of the plain form that is still to be read.
    pending: String,
    placeholders: bool,
}

impl Rebuilt {
    /// Takes over what stands between two places of the plain form.
    fn keep(&mut self, plain: &str, spans: &[PlainSpan], start: usize, end: usize) {
        let first = spans.partition_point(|span| span.end <= start);
        for span in spans.iter().skip(first).take_while(|span| span.start < end) {
            if span.start >= start && span.end <= end {
                self.flush();
                self.pieces.push(span.piece.clone());
            } else {
                // A match begins or ends within it.
                let part = span.start.max(start)..span.end.min(end);
                self.pending.push_str(plain.get(part).unwrap_or(""));
            }
        }
    }

    fn flush(&mut self) {
        if !self.pending.is_empty() {
            let text = parse_plain(&std::mem::take(&mut self.pending));
            let text = if self.placeholders { text.with_placeholders() } else { text };
            self.pieces.extend(text.pieces);
        }
    }
}

/// Reads the plain form: a backslash is itself unless it stands before a wildcard character.
fn parse_plain(plain: &str) -> Text {
    let mut pieces = Vec::new();
    let mut chars = plain.chars().peekable();
    while let Some(c) = chars.next() {
        pieces.push(match c {
            '*' => Piece::AnyRun,
            '?' => Piece::AnyOne,
            '\\' => {
                let escaped = chars.next_if(|next| matches!(next, '*' | '?'));
                Piece::Lit(escaped.unwrap_or('\\').to_string())
            }
            other => Piece::Lit(other.to_string()),
        });
    }
    Text::from_pieces(pieces, false)
}
