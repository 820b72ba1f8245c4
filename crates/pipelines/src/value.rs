//! Values of detection items as transformations see them: after their modifiers.

use eqlc_diagnostics::{Node, Span};
use eqlc_sigma::{Modifier, Part, SigmaString, Value};

/// A value with its place in the rule.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) val: Val,
    pub(crate) span: Span,
}

/// A value after its modifiers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Val {
    Str(Text),
    Regex(Expression),
    Number(Number),
    Bool(bool),
    Null,
    Exists(bool),
    Cidr(String),
    /// One of `gt`, `gte`, `lt`, `lte`.
    Compare(Modifier, Number),
    FieldRef(FieldReference),
    /// What no transformation looks into: text that is encoded, parts of times. Only as in the rule.
    Opaque,
}

/// A regular expression; its text may hold placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expression {
    pub(crate) text: Text,
    /// Among [`Modifier::ReIgnoreCase`], [`Modifier::ReMultiLine`] and [`Modifier::ReDotAll`].
    pub(crate) flags: Vec<Modifier>,
}

/// Another field of the event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldReference {
    pub(crate) field: String,
    pub(crate) starts: bool,
    pub(crate) ends: bool,
}

/// A number; one without a fraction is whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Int(i128),
    Float(f64),
}

impl Number {
    /// Whole where it has no fraction.
    pub(crate) fn of(value: f64) -> Self {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if value.fract() == 0.0 && value.abs() <= EXACT {
            #[expect(clippy::cast_possible_truncation, reason = "whole and within 53 bits")]
            return Self::Int(value as i128);
        }
        Self::Float(value)
    }

    pub(crate) fn value(self) -> Value {
        match self {
            Self::Int(number) => Value::Int(number),
            Self::Float(number) => Value::Float(number),
        }
    }

    /// The text that Python gives it.
    pub(crate) fn text(self) -> String {
        match self {
            Self::Int(number) => number.to_string(),
            Self::Float(number) if number != 0.0 && !(1e-4..1e16).contains(&number.abs()) => {
                let text = format!("{number:e}");
                match text.split_once('e') {
                    Some((mantissa, exponent)) => {
                        let (sign, digits) = match exponent.strip_prefix('-') {
                            Some(digits) => ('-', digits),
                            None => ('+', exponent),
                        };
                        format!("{mantissa}e{sign}{digits:0>2}")
                    }
                    None => text,
                }
            }
            Self::Float(number) => format!("{number:?}"),
        }
    }
}

/// Text with wildcards and placeholders. Literal pieces are neither empty nor adjacent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) pieces: Vec<Piece>,
    /// Letter case counts.
    pub(crate) cased: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Lit(String),
    AnyRun,
    AnyOne,
    Placeholder(String),
}

impl Text {
    /// As written in a rule.
    pub(crate) fn parse(source: &str) -> Self {
        Self::of(&SigmaString::parse(source))
    }

    pub(crate) fn of(text: &SigmaString) -> Self {
        let pieces = text.parts().iter().map(|part| match part {
            Part::Lit(text) => Piece::Lit(text.clone()),
            Part::AnyRun => Piece::AnyRun,
            Part::AnyOne => Piece::AnyOne,
        });
        Self { pieces: pieces.collect(), cased: false }
    }

    pub(crate) fn literal(text: impl Into<String>) -> Self {
        Self::from_pieces([Piece::Lit(text.into())], false)
    }

    /// Joins adjacent literals and leaves out empty ones.
    pub(crate) fn from_pieces(pieces: impl IntoIterator<Item = Piece>, cased: bool) -> Self {
        let mut out = Self { pieces: Vec::new(), cased };
        for piece in pieces {
            match (out.pieces.last_mut(), piece) {
                (_, Piece::Lit(text)) if text.is_empty() => {}
                (Some(Piece::Lit(before)), Piece::Lit(text)) => before.push_str(&text),
                (_, piece) => out.pieces.push(piece),
            }
        }
        out
    }

    /// The form in which conditions and transformations read the text: characters `*` and `?` with a backslash before
    /// them, backslashes as they are.
    pub(crate) fn plain(&self) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Lit(text) => {
                    for c in text.chars() {
                        if matches!(c, '*' | '?') {
                            out.push('\\');
                        }
                        out.push(c);
                    }
                }
                other => other.push_plain(&mut out),
            }
        }
        out
    }

    /// Without escapes: for regular expressions.
    pub(crate) fn raw(&self) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Lit(text) => out.push_str(text),
                other => other.push_plain(&mut out),
            }
        }
        out
    }

    pub(crate) fn has_wildcard(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::AnyRun | Piece::AnyOne))
    }

    pub(crate) fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Placeholder(name) => Some(name.as_str()),
            _ => None,
        })
    }

    pub(crate) fn starts_open(&self) -> bool {
        self.pieces.first() == Some(&Piece::AnyRun)
    }

    pub(crate) fn ends_open(&self) -> bool {
        self.pieces.last() == Some(&Piece::AnyRun)
    }

    /// With `*` at the ends where there is none.
    pub(crate) fn opened(mut self, start: bool, end: bool) -> Self {
        if start && !self.starts_open() {
            self.pieces.insert(0, Piece::AnyRun);
        }
        if end && !self.ends_open() {
            self.pieces.push(Piece::AnyRun);
        }
        self
    }

    /// `%name%` in literal pieces as placeholders; names are not empty and hold no backslash.
    pub(crate) fn with_placeholders(self) -> Self {
        let cased = self.cased;
        let mut pieces = Vec::new();
        for piece in self.pieces {
            match piece {
                Piece::Lit(text) => split_placeholders(&text, &mut pieces),
                other => pieces.push(other),
            }
        }
        Self::from_pieces(pieces, cased)
    }

    /// As a value of a rule; placeholders as `%name%`.
    pub(crate) fn to_sigma(&self) -> SigmaString {
        SigmaString::from_parts(self.pieces.iter().map(|piece| match piece {
            Piece::Lit(text) => Part::Lit(text.clone()),
            Piece::AnyRun => Part::AnyRun,
            Piece::AnyOne => Part::AnyOne,
            Piece::Placeholder(name) => Part::Lit(format!("%{name}%")),
        }))
    }
}

impl Piece {
    /// What stands for it in the plain form, literals aside.
    pub(crate) fn push_plain(&self, out: &mut String) {
        match self {
            Self::Lit(text) => out.push_str(text),
            Self::AnyRun => out.push('*'),
            Self::AnyOne => out.push('?'),
            Self::Placeholder(name) => {
                out.push('%');
                out.push_str(name);
                out.push('%');
            }
        }
    }
}

fn split_placeholders(text: &str, out: &mut Vec<Piece>) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        match after.split_once('%').filter(|(name, _)| !name.is_empty() && !name.contains('\\')) {
            Some((name, behind)) => {
                out.push(Piece::Lit(before.to_owned()));
                out.push(Piece::Placeholder(name.to_owned()));
                rest = behind;
            }
            None => {
                out.push(Piece::Lit(format!("{before}%")));
                rest = after;
            }
        }
    }
    out.push(Piece::Lit(rest.to_owned()));
}

/// A value of a test after the modifiers of the test.
pub(crate) fn modified(value: &Value, modifiers: &[Node<Modifier>]) -> Val {
    let has = |wanted: Modifier| modifiers.iter().any(|modifier| modifier.value == wanted);
    if modifiers.iter().any(|modifier| is_opaque(modifier.value)) {
        return Val::Opaque;
    }
    match value {
        Value::Null => Val::Null,
        Value::Bool(value) if has(Modifier::Exists) => Val::Exists(*value),
        Value::Bool(value) => Val::Bool(*value),
        Value::Int(number) => number_under(Number::Int(*number), modifiers),
        Value::Float(number) => number_under(Number::of(*number), modifiers),
        Value::Raw(text) if has(Modifier::Re) => {
            let flags = [Modifier::ReIgnoreCase, Modifier::ReMultiLine, Modifier::ReDotAll];
            let flags = flags.into_iter().filter(|flag| has(*flag)).collect();
            let text = Text::literal(text.as_str());
            let text = if has(Modifier::Expand) { text.with_placeholders() } else { text };
            Val::Regex(Expression { text, flags })
        }
        Value::Raw(text) if has(Modifier::FieldRef) => {
            let contains = has(Modifier::Contains);
            Val::FieldRef(FieldReference {
                field: text.clone(),
                starts: contains || has(Modifier::StartsWith),
                ends: contains || has(Modifier::EndsWith),
            })
        }
        // A network that is still to be filled in is text with placeholders and nothing else yet.
        Value::Raw(_) if has(Modifier::Expand) => Val::Opaque,
        Value::Raw(text) => Val::Cidr(text.clone()),
        Value::Str(text) => Val::Str(text_under(Text::of(text), modifiers)),
    }
}

/// Modifiers whose values are left alone.
fn is_opaque(modifier: Modifier) -> bool {
    matches!(
        modifier,
        Modifier::Base64
            | Modifier::Base64Offset
            | Modifier::Wide
            | Modifier::Utf16
            | Modifier::Utf16Le
            | Modifier::Utf16Be
            | Modifier::WinDash
            | Modifier::Minute
            | Modifier::Hour
            | Modifier::Day
            | Modifier::Week
            | Modifier::Month
            | Modifier::Year
    )
}

fn number_under(number: Number, modifiers: &[Node<Modifier>]) -> Val {
    let order = modifiers
        .iter()
        .map(|modifier| modifier.value)
        .find(|modifier| matches!(modifier, Modifier::Gt | Modifier::Gte | Modifier::Lt | Modifier::Lte));
    match order {
        Some(order) => Val::Compare(order, number),
        None => Val::Number(number),
    }
}

/// Modifiers are applied in the order written.
fn text_under(mut text: Text, modifiers: &[Node<Modifier>]) -> Text {
    for modifier in modifiers {
        text = match modifier.value {
            Modifier::Contains => text.opened(true, true),
            Modifier::StartsWith => text.opened(false, true),
            Modifier::EndsWith => text.opened(true, false),
            Modifier::Expand => text.with_placeholders(),
            Modifier::Cased => Text { cased: true, ..text },
            _ => text,
        };
    }
    text
}
