//! Values of plain tests: texts under modifiers, numbers, booleans, null.

use eqlc_diagnostics::{Node, Span};
use eqlc_ir::{Case, FieldRef, FieldType, Literal, Op, Part, Pred, Scalar, TextPattern};
use eqlc_sigma::{Modifier, Value};

use super::encode::{self, Piece};

/// The most variants that one value may stand for.
const MOST_VARIANTS: usize = 1_024;

/// One value of a test.
pub(super) enum Texts {
    /// A text.
    Pattern(TextPattern),
    /// The texts that it stands for.
    Patterns(Vec<TextPattern>),
    /// A number or a boolean.
    Constant(Literal),
    /// No value.
    Null,
}

/// A value that a modifier has no form for.
pub(super) struct Problem {
    pub(super) message: String,
    pub(super) modifier: Node<Modifier>,
}

impl Texts {
    /// The value after its modifiers, which are applied in the order written.
    pub(super) fn of(value: &Value, modifiers: &[Node<Modifier>]) -> Result<Self, Problem> {
        if let Some(pattern) = unchanged(value, modifiers) {
            return Ok(Self::Pattern(pattern));
        }
        let changes_text = modifiers.iter().any(|modifier| changes_text(modifier.value));
        let pieces = match value {
            Value::Null => return Ok(Self::Null),
            Value::Bool(value) => return Ok(Self::Constant(Literal::Bool(*value))),
            Value::Int(number) if !changes_text => return Ok(Self::Constant(Literal::Int(*number))),
            Value::Float(number) if !changes_text => return Ok(Self::Constant(Literal::Float(*number))),
            Value::Int(number) => vec![Piece::Lit(number.to_string().into_bytes())],
            Value::Float(number) => vec![Piece::Lit(number.to_string().into_bytes())],
            Value::Raw(text) => vec![Piece::Lit(text.clone().into_bytes())],
            Value::Str(text) => text.parts().iter().map(piece).collect(),
        };
        let mut variants = vec![pieces];
        for modifier in modifiers {
            variants = changed(variants, modifier)?;
        }
        variants.into_iter().map(pattern).collect::<Option<_>>().map(Self::Patterns).ok_or_else(|| Problem {
            message: "the encoded value is no text".to_owned(),
            modifier: last_change(modifiers),
        })
    }
}

/// A text that modifiers put wildcards around at most, as nearly every value is.
fn unchanged(value: &Value, modifiers: &[Node<Modifier>]) -> Option<TextPattern> {
    let Value::Str(text) = value else { return None };
    let (mut before, mut after) = (false, false);
    for modifier in modifiers {
        match modifier.value {
            Modifier::Contains => (before, after) = (true, true),
            Modifier::StartsWith => after = true,
            Modifier::EndsWith => before = true,
            other if changes_text(other) => return None,
            _ => {}
        }
    }
    let run = |wanted: bool| wanted.then_some(Part::AnyRun).into_iter();
    let own = text.parts().iter().map(|part| match part {
        eqlc_sigma::Part::Lit(text) => Part::Lit(text.as_str().into()),
        eqlc_sigma::Part::AnyRun => Part::AnyRun,
        eqlc_sigma::Part::AnyOne => Part::AnyOne,
    });
    Some(TextPattern::new(run(before).chain(own).chain(run(after))))
}

fn changes_text(modifier: Modifier) -> bool {
    matches!(
        modifier,
        Modifier::Contains
            | Modifier::StartsWith
            | Modifier::EndsWith
            | Modifier::WinDash
            | Modifier::Base64
            | Modifier::Base64Offset
            | Modifier::Wide
            | Modifier::Utf16Le
            | Modifier::Utf16Be
            | Modifier::Utf16
    )
}

fn last_change(modifiers: &[Node<Modifier>]) -> Node<Modifier> {
    let last = modifiers.iter().rev().find(|modifier| changes_text(modifier.value));
    last.copied().unwrap_or_else(|| Node::new(Modifier::Contains, Span::default()))
}

fn changed(variants: Vec<Vec<Piece>>, modifier: &Node<Modifier>) -> Result<Vec<Vec<Piece>>, Problem> {
    let problem = |message: &str| Problem { message: message.to_owned(), modifier: *modifier };
    let (before, after) = match modifier.value {
        Modifier::Contains => (true, true),
        Modifier::StartsWith => (false, true),
        Modifier::EndsWith => (true, false),
        _ => (false, false),
    };
    let mut out = Vec::with_capacity(variants.len());
    for mut pieces in variants {
        match modifier.value {
            Modifier::WinDash => {
                let dashed = encode::windash(&pieces, MOST_VARIANTS)
                    .ok_or_else(|| problem("the value has too many dashes to write out each variant"))?;
                out.extend(dashed);
            }
            Modifier::Base64 => {
                let bytes =
                    literal(&pieces).ok_or_else(|| problem("text with wildcards has no Base64 form"))?;
                out.push(vec![Piece::Lit(encode::base64(bytes).into_bytes())]);
            }
            Modifier::Base64Offset => {
                let bytes =
                    literal(&pieces).ok_or_else(|| problem("text with wildcards has no Base64 form"))?;
                let offsets = encode::base64_offsets(bytes);
                out.extend(offsets.into_iter().map(|text| vec![Piece::Lit(text.into_bytes())]));
            }
            Modifier::Wide | Modifier::Utf16Le | Modifier::Utf16Be | Modifier::Utf16 => {
                let wide = encode::utf16(&pieces, modifier.value)
                    .ok_or_else(|| problem("bytes that are no text have no UTF-16 form"))?;
                out.push(wide);
            }
            _ => {
                if before {
                    pieces.insert(0, Piece::AnyRun);
                }
                if after {
                    pieces.push(Piece::AnyRun);
                }
                out.push(pieces);
            }
        }
        if out.len() > MOST_VARIANTS {
            return Err(problem("the value stands for too many variants"));
        }
    }
    Ok(out)
}

fn piece(part: &eqlc_sigma::Part) -> Piece {
    match part {
        eqlc_sigma::Part::Lit(text) => Piece::Lit(text.clone().into_bytes()),
        eqlc_sigma::Part::AnyRun => Piece::AnyRun,
        eqlc_sigma::Part::AnyOne => Piece::AnyOne,
    }
}

fn literal(pieces: &[Piece]) -> Option<&[u8]> {
    match pieces {
        [] => Some(&[]),
        [Piece::Lit(bytes)] => Some(bytes),
        _ => None,
    }
}

fn pattern(pieces: Vec<Piece>) -> Option<TextPattern> {
    let parts: Option<Vec<Part>> = pieces
        .into_iter()
        .map(|piece| match piece {
            Piece::Lit(bytes) => String::from_utf8(bytes).ok().map(|text| Part::Lit(text.into())),
            Piece::AnyRun => Some(Part::AnyRun),
            Piece::AnyOne => Some(Part::AnyOne),
        })
        .collect();
    parts.map(TextPattern::new)
}

/// The values of a test, by kind.
pub(super) struct Wanted {
    /// Texts and constants, in the order written.
    items: Vec<Item>,
    null: bool,
}

enum Item {
    Pattern(TextPattern),
    Constant(Literal),
}

impl Wanted {
    /// Nothing yet, with room for so many values.
    pub(super) fn with_capacity(values: usize) -> Self {
        Self { items: Vec::with_capacity(values), null: false }
    }

    pub(super) fn add(&mut self, texts: Texts) {
        match texts {
            Texts::Pattern(pattern) => self.items.push(Item::Pattern(pattern)),
            Texts::Patterns(patterns) => self.items.extend(patterns.into_iter().map(Item::Pattern)),
            Texts::Constant(literal) => self.items.push(Item::Constant(literal)),
            Texts::Null => self.null = true,
        }
    }

    /// The test that some value matches.
    pub(super) fn test(mut self, field: &FieldRef, case: Case, span: Span) -> Pred {
        if field.ty.is_string() {
            self.items.iter_mut().for_each(Item::make_text);
        }
        let textual = field.ty.is_string() || field.ty == FieldType::Unknown;
        let mut ops = Vec::new();
        if self.null {
            ops.push(Op::IsNull);
        }
        let constants = self.items.iter().any(|item| matches!(item, Item::Constant(_)));
        let all_exact = self.items.iter().all(Item::is_exact);
        if !self.items.is_empty() {
            if all_exact && (constants || !textual) {
                let texts = self.items.iter().any(|item| matches!(item, Item::Pattern(_)));
                // Letter case means something only between texts.
                let case = if texts && textual { case } else { Case::Sensitive };
                ops.push(Op::OneOf(self.items.into_iter().filter_map(Item::into_literal).collect(), case));
            } else {
                let (mut patterns, mut rest) = (Vec::with_capacity(self.items.len()), Vec::new());
                for item in self.items {
                    match item {
                        Item::Pattern(pattern) => patterns.push(pattern),
                        Item::Constant(constant) => rest.push(constant),
                    }
                }
                if !rest.is_empty() {
                    ops.push(Op::OneOf(rest, Case::Sensitive));
                }
                ops.push(Op::Text(patterns, case));
            }
        }
        let subject = Scalar::Field(field.clone());
        Pred::Any(ops.into_iter().map(|op| Pred::test(subject.clone(), op, span)).collect())
    }
}

impl Item {
    fn is_exact(&self) -> bool {
        match self {
            Self::Pattern(pattern) => pattern.as_exact().is_some(),
            Self::Constant(_) => true,
        }
    }

    /// A field that is known to hold texts holds the text of a number or of a boolean.
    fn make_text(&mut self) {
        let text = match self {
            Self::Constant(Literal::Int(number)) => number.to_string(),
            Self::Constant(Literal::Float(number)) => number.to_string(),
            Self::Constant(Literal::Bool(value)) => value.to_string(),
            _ => return,
        };
        *self = Self::Constant(Literal::Str(text.into()));
    }

    fn into_literal(self) -> Option<Literal> {
        match self {
            Self::Pattern(pattern) => pattern.as_exact().map(|text| Literal::Str(text.into())),
            Self::Constant(literal) => Some(literal),
        }
    }
}
