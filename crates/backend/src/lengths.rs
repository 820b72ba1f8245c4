//! Lengths of texts as regular expressions, for targets without that function.

use eqlc_ir::fold::{Fold, walk_rule};
use eqlc_ir::regex::{Regex, RegexNode};
use eqlc_ir::{Case, Comparison, FieldType, Function, Literal, Op, Pred, Rule, Scalar, Test};

use crate::{Construct, Target};

/// The longest text that an expression counts the characters of.
const LONGEST: i128 = 100_000;

/// The rule with tests of the length of a field as regular expressions over any characters. Lengths are counted in
/// code points, as expressions count them (`eql-semantics.md` §7), so that nothing is lost.
pub(crate) fn without_lengths(rule: Rule, target: &Target) -> Rule {
    if target.functions.contains(&Function::Length) || !target.has(Construct::Regex) {
        return rule;
    }
    walk_rule(&mut Lengths, rule)
}

struct Lengths;

impl Fold for Lengths {
    fn test(&mut self, test: Test) -> Pred {
        match counted(&test).zip(bounds(&test.op)) {
            Some((field, ranges)) => {
                let field = Scalar::Field(field.clone());
                let tests = ranges.into_iter().map(|(least, most)| {
                    let root = RegexNode::Repeat { node: Box::new(RegexNode::Any), min: least, max: most };
                    let op = Op::Regex(Regex { root, case: Case::Sensitive });
                    Pred::test(field.clone(), op, test.span)
                });
                Pred::Any(tests.collect())
            }
            None => Pred::Test(test),
        }
    }

    fn scalar(&mut self, scalar: Scalar) -> Scalar {
        scalar
    }
}

/// The field whose length is tested. A value that is no text has none.
fn counted(test: &Test) -> Option<&eqlc_ir::FieldRef> {
    match &test.subject {
        Scalar::Call { function: Function::Length, args, .. } => match args.as_slice() {
            [Scalar::Field(field)] if field.ty.is_string() || field.ty == FieldType::Unknown => Some(field),
            _ => None,
        },
        _ => None,
    }
}

/// The lengths that satisfy a test, as least and most.
fn bounds(op: &Op) -> Option<Vec<(u32, Option<u32>)>> {
    let number = |literal: &Literal| match literal {
        Literal::Int(number) if (-LONGEST..=LONGEST).contains(number) => Some(*number),
        _ => None,
    };
    let range = |least: i128, most: Option<i128>| {
        let least = u32::try_from(least.max(0)).ok()?;
        // A negative length is none.
        let most = most.map(u32::try_from).transpose().ok()?;
        most.is_none_or(|most| least <= most).then_some((least, most))
    };
    let ranges: Vec<Option<(u32, Option<u32>)>> = match op {
        Op::Compare(comparison, Scalar::Literal(literal)) => {
            let number = number(literal)?;
            vec![match comparison {
                Comparison::Equal | Comparison::EqualInsensitive => range(number, Some(number)),
                Comparison::Less => range(0, Some(number - 1)),
                Comparison::LessOrEqual => range(0, Some(number)),
                Comparison::Greater => range(number + 1, None),
                Comparison::GreaterOrEqual => range(number, None),
            }]
        }
        Op::OneOf(items, _) => {
            let numbers = items.iter().map(number).collect::<Option<Vec<_>>>()?;
            numbers.into_iter().map(|number| range(number, Some(number))).collect()
        }
        _ => return None,
    };
    Some(ranges.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use eqlc_diagnostics::Span;
    use eqlc_ir::{Body, Category, EventQuery, FieldRef, Taxonomy};

    fn target(functions: &str) -> Target {
        let text = format!(
            "id: t\ntitle: t\ncapabilities: [core, regex]\nfunctions: [{functions}]\nformats:\n  - {{id: f, extension: x, title: f}}\n"
        );
        Target::parse(&text).unwrap()
    }

    fn rule(op: Op) -> Rule {
        let field = FieldRef {
            path: "f".into(),
            taxonomy: Taxonomy::Ecs,
            ty: FieldType::Keyword,
            optional: false,
            span: Span::default(),
        };
        let args = vec![Scalar::Field(field)];
        let subject = Scalar::Call { function: Function::Length, args, case: Case::Sensitive };
        let filter = Pred::test(subject, op, Span::default());
        let body = Body::Event(EventQuery { category: Category::Any, filter });
        Rule { id: "r".to_owned(), meta: std::sync::Arc::default(), body, pipes: Vec::new() }
    }

    fn compared(comparison: Comparison, number: i128) -> Option<(u32, Option<u32>)> {
        let op = Op::Compare(comparison, Scalar::Literal(Literal::Int(number)));
        let after = without_lengths(rule(op), &target(""));
        let Body::Event(query) = after.body else { panic!("an event rule") };
        let Pred::Any(list) = query.filter else { panic!("{:?}", query.filter) };
        list.first().map(|pred| match pred {
            Pred::Test(Test {
                op: Op::Regex(Regex { root: RegexNode::Repeat { min, max, .. }, .. }),
                ..
            }) => (*min, *max),
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn lengths_are_counts_of_any_characters() {
        assert_eq!(compared(Comparison::Equal, 3), Some((3, Some(3))));
        assert_eq!(compared(Comparison::Less, 3), Some((0, Some(2))));
        assert_eq!(compared(Comparison::LessOrEqual, 3), Some((0, Some(3))));
        assert_eq!(compared(Comparison::Greater, 3), Some((4, None)));
        assert_eq!(compared(Comparison::GreaterOrEqual, 0), Some((0, None)));
        assert_eq!(compared(Comparison::Greater, -5), Some((0, None)));
        assert_eq!(compared(Comparison::Less, 0), None);
        assert_eq!(compared(Comparison::Equal, -1), None);
    }

    #[test]
    fn what_cannot_be_counted_stays() {
        let bound = |number| Op::Compare(Comparison::Greater, Scalar::Literal(number));
        let long = rule(bound(Literal::Int(1_000_000)));
        assert_eq!(without_lengths(long.clone(), &target("")), long);
        let fraction = rule(bound(Literal::Float(1.5)));
        assert_eq!(without_lengths(fraction.clone(), &target("")), fraction);
        let known = rule(bound(Literal::Int(1)));
        assert_eq!(without_lengths(known.clone(), &target("length")), known);
    }
}
