//! Field tests.

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Diagnostic, Node};
use eqlc_ir::{
    Case, Comparison, FieldRef, FieldType, Function, Literal, Op, Pred, Scalar, Taxonomy, normalise,
};
use eqlc_sigma::{FieldTest, Modifier, Value};

use super::value::{Texts, Wanted};
use super::{Lowering, regex};

/// How a test compares, by its modifiers.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Exists,
    Order(Comparison),
    Cidr,
    Regex,
    FieldRef,
}

impl Lowering<'_> {
    /// A field by name: typed in ECS, of no known type elsewhere.
    pub(super) fn field_in(&self, name: &Node<String>, taxonomy: Taxonomy) -> FieldRef {
        let known = (taxonomy == Taxonomy::Ecs).then(|| self.schema.field(&name.value)).flatten();
        let ty = known.map_or(FieldType::Unknown, |info| info.ty);
        let ty = if ty == FieldType::Object { FieldType::Unknown } else { ty };
        FieldRef { path: name.value.clone(), taxonomy, ty, optional: false, span: name.span }
    }

    /// One entry of a map.
    pub(super) fn field_test(&mut self, test: &FieldTest) -> Option<Pred> {
        let Some(name) = &test.field else {
            self.report(
                Diagnostic::error(codes::KEYWORD_SEARCH, "a search for keywords cannot be compiled")
                    .at(test.span, "names no field")
                    .help("name the field that holds the text"),
            );
            return None;
        };
        let field = self.field_in(name, self.taxonomy.clone());
        let kind = self.kind(test)?;
        let case = if test.has(Modifier::Cased) { Case::Sensitive } else { Case::Insensitive };
        let whole = if test.has(Modifier::All) {
            let each: Vec<Option<Pred>> = test
                .values
                .iter()
                .map(|value| self.values(test, kind, &field, std::slice::from_ref(value), case))
                .collect();
            Pred::All(each.into_iter().collect::<Option<_>>()?)
        } else {
            self.values(test, kind, &field, &test.values, case)?
        };
        Some(if test.has(Modifier::Neq) { whole.not() } else { whole })
    }

    fn kind(&mut self, test: &FieldTest) -> Option<Kind> {
        let mut kind = Kind::Text;
        for modifier in &test.modifiers {
            kind = match modifier.value {
                Modifier::Exists => Kind::Exists,
                Modifier::Gt => Kind::Order(Comparison::Greater),
                Modifier::Gte => Kind::Order(Comparison::GreaterOrEqual),
                Modifier::Lt => Kind::Order(Comparison::Less),
                Modifier::Lte => Kind::Order(Comparison::LessOrEqual),
                Modifier::Cidr => Kind::Cidr,
                Modifier::Re => Kind::Regex,
                Modifier::FieldRef => Kind::FieldRef,
                Modifier::Expand
                | Modifier::Minute
                | Modifier::Hour
                | Modifier::Day
                | Modifier::Week
                | Modifier::Month
                | Modifier::Year => {
                    let message = format!("the modifier `{}` cannot be compiled", modifier.value);
                    let label = if modifier.value == Modifier::Expand {
                        "needs a list that the rule does not hold"
                    } else {
                        "depends on a time zone"
                    };
                    self.report(Diagnostic::error(codes::MODIFIER_NO_FORM, message).at(modifier.span, label));
                    return None;
                }
                _ => kind,
            };
        }
        Some(kind)
    }

    /// The test that some one of the values matches.
    fn values(
        &mut self,
        test: &FieldTest,
        kind: Kind,
        field: &FieldRef,
        values: &[Node<Value>],
        case: Case,
    ) -> Option<Pred> {
        let subject = Scalar::Field(field.clone());
        let some = |list: Vec<Op>| {
            let tests = list.into_iter().map(|op| Pred::test(subject.clone(), op, test.span));
            Pred::Any(tests.collect())
        };
        match kind {
            Kind::Text => self.texts(test, field, values, case),
            Kind::Exists => {
                let present = values.iter().map(|value| {
                    let absent = Pred::test(subject.clone(), Op::IsNull, test.span);
                    if value.value == Value::Bool(true) { absent.not() } else { absent }
                });
                Some(Pred::Any(present.collect()))
            }
            Kind::Order(comparison) => {
                let number = |value: &Node<Value>| match value.value {
                    Value::Int(number) => Some(Literal::Int(number)),
                    Value::Float(number) => Some(Literal::Float(number)),
                    _ => None,
                };
                let numbers: Vec<Literal> = values.iter().map(number).collect::<Option<_>>()?;
                Some(some(numbers.into_iter().map(|n| Op::Compare(comparison, Scalar::Literal(n))).collect()))
            }
            Kind::Cidr => {
                let net = |value: &Node<Value>| match &value.value {
                    Value::Raw(text) => normalise::parse_network(text),
                    _ => None,
                };
                Some(some(vec![Op::InNet(values.iter().map(net).collect::<Option<_>>()?)]))
            }
            Kind::Regex => {
                let each: Vec<Option<Op>> = values.iter().map(|value| self.regex(test, value)).collect();
                Some(some(each.into_iter().collect::<Option<_>>()?))
            }
            Kind::FieldRef => {
                let each = values.iter().map(|value| self.field_ref(test, field, value, case));
                Some(Pred::Any(each.collect::<Option<_>>()?))
            }
        }
    }

    fn regex(&mut self, test: &FieldTest, value: &Node<Value>) -> Option<Op> {
        let text = match &value.value {
            Value::Raw(text) => text.clone(),
            Value::Int(number) => number.to_string(),
            Value::Float(number) => number.to_string(),
            _ => return None,
        };
        let flags = regex::Flags {
            ignore_case: test.has(Modifier::ReIgnoreCase),
            multi_line: test.has(Modifier::ReMultiLine),
            dot_all: test.has(Modifier::ReDotAll),
        };
        match regex::lower(&text, flags) {
            Ok(regex) => Some(Op::Regex(regex)),
            Err(what) => {
                let message = format!("the regular expression cannot be compiled: {what}");
                self.report(
                    Diagnostic::error(codes::REGEX_NO_FORM, message).at(value.span, "this expression"),
                );
                None
            }
        }
    }

    /// Another field of the event: equal, or as a part of the value.
    fn field_ref(&self, test: &FieldTest, field: &FieldRef, value: &Node<Value>, case: Case) -> Option<Pred> {
        let Value::Raw(name) = &value.value else { return None };
        let other = self.field_in(&Node::new(name.clone(), value.span), self.taxonomy.clone());
        let (field, other) = (Scalar::Field(field.clone()), Scalar::Field(other));
        let functions = [
            (Modifier::StartsWith, Function::StartsWith),
            (Modifier::EndsWith, Function::EndsWith),
            (Modifier::Contains, Function::StringContains),
        ];
        let function = functions.into_iter().find(|(modifier, _)| test.has(*modifier));
        Some(match function {
            None => Pred::test(field, Op::Compare(Comparison::Equal, other), test.span),
            Some((_, function)) => {
                let call = Scalar::Call { function, args: vec![field, other], case };
                Pred::test(call, Op::IsTrue, test.span)
            }
        })
    }

    fn texts(
        &mut self,
        test: &FieldTest,
        field: &FieldRef,
        values: &[Node<Value>],
        case: Case,
    ) -> Option<Pred> {
        let mut wanted = Wanted::default();
        for value in values {
            match Texts::of(&value.value, &test.modifiers) {
                Ok(texts) => wanted.add(texts),
                Err(problem) => {
                    self.report(
                        Diagnostic::error(codes::MODIFIER_NO_FORM, problem.message)
                            .at(value.span, "this value")
                            .and_at(problem.modifier.span, "under this modifier"),
                    );
                    return None;
                }
            }
        }
        Some(wanted.test(field, case, test.span))
    }
}
