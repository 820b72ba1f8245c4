//! Values in a field of a known type.

use std::borrow::Cow;
use std::net::IpAddr;

use eqlc_diagnostics::Span;
use eqlc_ir::{Case, FieldRef, FieldType, Function, Literal, Op, Part, Pred, Scalar, TextPattern};
use indexmap::IndexMap;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::asked::Asked;
use super::homes::Found;
use crate::Direction;

/// The test that a field has one of the values, as far as its type can. None: it has no form.
pub(super) fn test(field: FieldRef, asked: &Asked, span: Span) -> Option<Pred> {
    match field.ty {
        FieldType::Keyword | FieldType::Version => Some(keyword(field, asked, span)),
        FieldType::Unknown => Some(unknown(field, asked, span)),
        FieldType::Integer | FieldType::Float => Some(number(&field, asked, span)),
        FieldType::Boolean => boolean(field, asked, span),
        FieldType::Ip => ip(&field, asked, span),
        FieldType::Date | FieldType::Text | FieldType::Object => None,
    }
}

fn keyword(field: FieldRef, asked: &Asked, span: Span) -> Pred {
    // Numbers alone have no letters.
    let case = if asked.patterns.is_empty() { Case::Sensitive } else { asked.case };
    texts(Scalar::Field(field), asked.texts(), case, span)
}

fn texts(subject: Scalar, patterns: Vec<TextPattern>, case: Case, span: Span) -> Pred {
    if patterns.is_empty() {
        return Pred::Const(false);
    }
    Pred::test(subject, Op::Text(patterns, case), span)
}

/// Values keep their kind where the kind of the field is not known.
fn unknown(field: FieldRef, asked: &Asked, span: Span) -> Pred {
    let mut any = vec![texts(Scalar::Field(field.clone()), asked.patterns.to_vec(), asked.case, span)];
    if !asked.constants.is_empty() {
        any.push(one_of(Scalar::Field(field), asked.constants.clone(), span));
    }
    Pred::Any(any)
}

fn one_of(subject: Scalar, items: Vec<Literal>, span: Span) -> Pred {
    Pred::test(subject, Op::OneOf(items, Case::Sensitive), span)
}

fn present(field: &FieldRef, span: Span) -> Pred {
    Pred::test(Scalar::Field(field.clone()), Op::IsNull, span).not()
}

fn number(field: &FieldRef, asked: &Asked, span: Span) -> Pred {
    let mut numbers = asked.constants.clone();
    numbers.retain(|constant| matches!(constant, Literal::Int(_) | Literal::Float(_)));
    let mut shapes = Vec::new();
    let mut any = Vec::new();
    for pattern in asked.patterns.iter() {
        match pattern.as_exact() {
            Some(text) => numbers.extend(text.trim().parse::<i128>().ok().map(Literal::Int)),
            None if pattern.matches_everything() => any.push(present(field, span)),
            None => shapes.push(pattern.clone()),
        }
    }
    if !numbers.is_empty() {
        any.push(one_of(Scalar::Field(field.clone()), numbers, span));
    }
    let args = vec![Scalar::Field(field.clone())];
    let digits = Scalar::Call { function: Function::String, args, case: Case::Sensitive };
    any.push(texts(digits, shapes, asked.case, span));
    Pred::Any(any)
}

fn boolean(field: FieldRef, asked: &Asked, span: Span) -> Option<Pred> {
    let wanted = [true, false].into_iter().filter(|value| asked.accepts(&value.to_string()));
    let wanted: Vec<Literal> = wanted.map(Literal::Bool).collect();
    Some(match wanted.len() {
        0 => Pred::Const(false),
        2 => present(&field, span),
        _ => one_of(Scalar::Field(field), wanted, span),
    })
}

/// Addresses by value; a wildcard that stands for whole octets is a network.
fn ip(field: &FieldRef, asked: &Asked, span: Span) -> Option<Pred> {
    let mut addresses = Vec::new();
    let mut networks = Vec::new();
    let mut any = Vec::new();
    for pattern in asked.patterns.iter() {
        match (pattern.as_exact(), pattern.parts()) {
            (Some(text), _) => {
                // What is no address is never the value of such a field.
                addresses.extend(
                    text.parse::<IpAddr>().ok().map(|address| Literal::Str(address.to_string().into())),
                );
            }
            (None, [Part::AnyRun]) => any.push(present(field, span)),
            (None, [Part::Lit(text), Part::AnyRun]) => networks.push(octets(text)?),
            _ => return None,
        }
    }
    if !addresses.is_empty() {
        any.push(one_of(Scalar::Field(field.clone()), addresses, span));
    }
    if !networks.is_empty() {
        any.push(Pred::test(Scalar::Field(field.clone()), Op::InNet(networks), span));
    }
    Some(Pred::Any(any))
}

/// `10.1.` is `10.1.0.0/16`, `fe80:` is `fe80::/16`: one group of four digits, which has one spelling.
fn octets(text: &str) -> Option<IpNet> {
    if let Some(group) = text.strip_suffix(':').filter(|group| group.len() == 4 && !group.starts_with('0')) {
        let first = u16::from_str_radix(group, 16).ok()?;
        return Ipv6Net::new([first, 0, 0, 0, 0, 0, 0, 0].into(), 16).ok().map(IpNet::V6);
    }
    let parts: Vec<u8> =
        text.strip_suffix('.')?.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let mut address = [0u8; 4];
    if parts.len() > 3 {
        return None;
    }
    address.iter_mut().zip(&parts).for_each(|(to, from)| *to = *from);
    let bits = u8::try_from(parts.len() * 8).ok()?;
    Ipv4Net::new(address.into(), bits).ok().map(IpNet::V4)
}

/// The values of documents for those of the log source that are asked for. Wider where one of them also stands for
/// another.
pub(super) fn table(
    field: FieldRef,
    table: &IndexMap<String, Vec<String>>,
    asked: &Asked,
    span: Span,
) -> Option<Found> {
    let (mut wanted, mut others): (Vec<&String>, Vec<&String>) = (Vec::new(), Vec::new());
    for (value, images) in table {
        if asked.accepts(value) { wanted.extend(images) } else { others.extend(images) }
    }
    let wider = wanted.iter().any(|image| others.contains(image));
    wanted.dedup();
    let patterns = wanted.into_iter().map(|image| TextPattern::exact(image)).collect();
    let images = Asked { patterns: Cow::Owned(patterns), constants: Vec::new(), case: Case::Insensitive };
    let pred = test(field, &images, span)?;
    Some(if wider {
        Found::bent(pred, Direction::Wider, "one value of the documents stands for several of the log")
    } else {
        Found::exact(pred)
    })
}
