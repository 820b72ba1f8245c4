//! Items of lists that are compared with each other.

use eqlc_diagnostics::{Node, Span};
use eqlc_eql::ast::Literal as AstLiteral;
use eqlc_ir::{Case, Literal, same_folded};

use super::digest::Digest;
use super::types::shown;
use super::value::literal;

/// An item of a list, as far as repetitions matter.
pub(super) struct Listed<'a> {
    value: Value<'a>,
    pub(super) place: Span,
}

#[derive(PartialEq)]
enum Value<'a> {
    Text(&'a str),
    Other(Literal),
}

impl<'a> Listed<'a> {
    pub(super) fn written(node: &'a Node<AstLiteral>) -> Self {
        let value = match &node.value {
            AstLiteral::Str { value, .. } => Value::Text(value),
            other => Value::Other(literal(other)),
        };
        Self { value, place: node.span }
    }

    pub(super) fn lowered(node: &'a Node<Literal>) -> Self {
        let value = match &node.value {
            Literal::Str(text) => Value::Text(text),
            other => Value::Other(other.clone()),
        };
        Self { value, place: node.span }
    }

    pub(super) fn digest(&self, case: Case) -> Digest {
        match (&self.value, case) {
            (Value::Text(text), Case::Insensitive) => Digest::of(0).folded(text),
            (Value::Text(text), Case::Sensitive) => Digest::of(0).text(text),
            (Value::Other(Literal::Int(number)), _) => Digest::of(1).integer(*number),
            (Value::Other(Literal::Float(number)), _) => Digest::of(2).number(number.to_bits()),
            (Value::Other(_), _) => Digest::of(3),
        }
    }

    pub(super) fn same(&self, other: &Self, case: Case) -> bool {
        match (&self.value, &other.value, case) {
            (Value::Text(a), Value::Text(b), Case::Insensitive) => same_folded(a, b),
            (a, b, _) => a == b,
        }
    }

    pub(super) fn shown(&self) -> String {
        match &self.value {
            Value::Text(text) => shown(&Literal::Str((*text).into())),
            Value::Other(other) => shown(other),
        }
    }
}
