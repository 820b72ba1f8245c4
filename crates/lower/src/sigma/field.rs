//! Field tests.

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Diagnostic, Node};
use eqlc_ir::{
    Case, Comparison, FieldRef, FieldType, Function, Literal, Op, Pred, Scalar, Taxonomy, TimePart, normalise,
};
use eqlc_sigma::{FieldTest, Modifier, Value};

use super::placeholders::Unexpanded;
use super::value::{Texts, Wanted};
use super::{Lowering, regex};

/// How a test compares, by its modifiers.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Exists,
    Order(Comparison),
    Time(TimePart, Comparison),
    Cidr,
    Regex,
    FieldRef,
}

impl Lowering<'_> {
    /// A field by name: typed in ECS, of no known type elsewhere.
    pub(super) fn field_in(&self, name: &Node<String>, taxonomy: Taxonomy) -> FieldRef {
        let known = (taxonomy == Taxonomy::Ecs).then(|| self.context.schema.field(&name.value)).flatten();
        let ty = known.map_or(FieldType::Unknown, |info| info.ty);
        let ty = if ty == FieldType::Object { FieldType::Unknown } else { ty };
        FieldRef { path: name.value.clone().into(), taxonomy, ty, optional: false, span: name.span }
    }

    /// One entry of a map.
    pub(super) fn field_test(&mut self, test: &FieldTest) -> Option<Pred> {
        let expanded = self.expanded(test)?;
        let test = expanded.as_ref().unwrap_or(test);
        if test.values.is_empty() {
            // A placeholder of an empty list is a list of nothing: no value is among it.
            return Some(Pred::Const(test.has(Modifier::All) != test.has(Modifier::Neq)));
        }
        let Some(name) = &test.field else { return self.keyword_test(test) };
        let field = self.field_in(name, self.taxonomy.clone());
        let kind = kind(test);
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

    /// The test with the values that its placeholders stand for. Outer none: a list is missing; inner none:
    /// it has no placeholders.
    fn expanded(&mut self, test: &FieldTest) -> Option<Option<FieldTest>> {
        let Some(expand) = test.modifiers.iter().find(|modifier| modifier.value == Modifier::Expand) else {
            return Some(None);
        };
        let mut values = Vec::new();
        let mut complete = true;
        for value in &test.values {
            match self.context.placeholders.expand(&value.value) {
                Ok(found) => values.extend(found.into_iter().map(|one| Node::new(one, value.span))),
                Err(Unexpanded::NoList(name)) => {
                    complete = false;
                    let message = format!("the placeholder `%{name}%` has no list");
                    self.report(
                        Diagnostic::error(codes::PLACEHOLDER, message)
                            .at(value.span, "stands for values that the rule does not hold")
                            .and_at(expand.span, "because of this modifier")
                            .help(format!(
                                "give them with `--placeholders FILE`, a YAML file with the line `{name}: [a, b]`"
                            )),
                    );
                }
                Err(Unexpanded::TooMany) => {
                    complete = false;
                    let message = "the lists of the placeholders combine to too many values";
                    self.report(Diagnostic::error(codes::PLACEHOLDER, message).at(value.span, "this value"));
                }
            }
        }
        complete.then(|| Some(FieldTest { values, ..test.clone() }))
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
                    let present = Pred::test(subject.clone(), Op::Exists, test.span);
                    if value.value == Value::Bool(true) { present } else { present.not() }
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
            Kind::Time(part, comparison) => {
                let each: Vec<Option<Op>> =
                    values.iter().map(|value| self.time_part(part, comparison, value)).collect();
                Some(some(each.into_iter().collect::<Option<_>>()?))
            }
            Kind::Cidr => {
                let each: Vec<Option<_>> = values.iter().map(|value| self.network(value)).collect();
                Some(some(vec![Op::InNet(each.into_iter().collect::<Option<_>>()?)]))
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

    fn network(&mut self, value: &Node<Value>) -> Option<ipnet::IpNet> {
        let Value::Raw(text) = &value.value else { return None };
        let network = normalise::parse_network(text);
        if network.is_none() {
            // The parser has seen every network but those that came from a placeholder.
            let message = format!("`{text}` is not a network");
            self.report(Diagnostic::error(codes::BAD_CIDR, message).at(value.span, "after its placeholders"));
        }
        network
    }

    /// A part of a time compares with whole numbers.
    fn time_part(&mut self, part: TimePart, comparison: Comparison, value: &Node<Value>) -> Option<Op> {
        let number = match value.value {
            Value::Int(number) => i64::try_from(number).ok(),
            _ => None,
        };
        let Some(number) = number else {
            let message = format!("`{}` takes a whole number", part.name());
            self.report(Diagnostic::error(codes::MODIFIER_VALUE, message).at(value.span, "this is none"));
            return None;
        };
        Some(Op::TimePart(part, comparison, number))
    }

    pub(super) fn regex(&mut self, test: &FieldTest, value: &Node<Value>) -> Option<Op> {
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

    /// Another field of the event: equal, or as a part of the value, with regard to letter case if the test asks for it.
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
            None => {
                let comparison = match case {
                    Case::Sensitive => Comparison::Equal,
                    Case::Insensitive => Comparison::EqualInsensitive,
                };
                Pred::test(field, Op::Compare(comparison, other), test.span)
            }
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
        let mut wanted = Wanted::with_capacity(values.len());
        for value in values {
            wanted.add(self.texts_of(test, value)?);
        }
        Some(wanted.test(field, case, test.span))
    }

    /// A value after its modifiers.
    pub(super) fn texts_of(&mut self, test: &FieldTest, value: &Node<Value>) -> Option<Texts> {
        match Texts::of(&value.value, &test.modifiers) {
            Ok(texts) => Some(texts),
            Err(problem) => {
                self.report(
                    Diagnostic::error(codes::MODIFIER_NO_FORM, problem.message)
                        .at(value.span, "this value")
                        .and_at(problem.modifier.span, "under this modifier"),
                );
                None
            }
        }
    }
}

/// How a test compares. A part of a time and an order go together, in whichever order they stand.
fn kind(test: &FieldTest) -> Kind {
    let mut kind = Kind::Text;
    for modifier in &test.modifiers {
        let order = |comparison| match kind {
            Kind::Time(part, _) => Kind::Time(part, comparison),
            _ => Kind::Order(comparison),
        };
        let time = |part| match kind {
            Kind::Order(comparison) => Kind::Time(part, comparison),
            _ => Kind::Time(part, Comparison::Equal),
        };
        kind = match modifier.value {
            Modifier::Exists => Kind::Exists,
            Modifier::Gt => order(Comparison::Greater),
            Modifier::Gte => order(Comparison::GreaterOrEqual),
            Modifier::Lt => order(Comparison::Less),
            Modifier::Lte => order(Comparison::LessOrEqual),
            Modifier::Minute => time(TimePart::Minute),
            Modifier::Hour => time(TimePart::Hour),
            Modifier::Day => time(TimePart::Day),
            Modifier::Week => time(TimePart::Week),
            Modifier::Month => time(TimePart::Month),
            Modifier::Year => time(TimePart::Year),
            Modifier::Cidr => Kind::Cidr,
            Modifier::Re => Kind::Regex,
            Modifier::FieldRef => Kind::FieldRef,
            _ => kind,
        };
    }
    kind
}
