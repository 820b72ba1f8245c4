//! The normal forms mean what the rule means: on random conditions and events.

use eqlc_ir::normalise::{canonical, normalise_pred};
use eqlc_ir::{Body, Case, Comparison, FieldType, Function, Literal, Op, Part, Pred, Scalar, TextPattern};
use serde_json::{Value as Json, json};

use super::random::Random;
use crate::reference::testing::*;

const TEXTS: [&str; 8] = ["", "a", "A", "ab", "true", "1", "10.0.0.1", "ba"];

fn text(random: &mut Random) -> String {
    (*random.pick(&TEXTS)).to_owned()
}

fn constant_value(random: &mut Random) -> Literal {
    match random.below(6) {
        0 => Literal::Null,
        1 => Literal::Bool(random.below(2) == 0),
        2 => Literal::Int(random.below(3).into()),
        3 => Literal::Float(1.5),
        _ => Literal::Str(text(random).into()),
    }
}

fn any_field(random: &mut Random) -> Scalar {
    use FieldType as T;
    let ty = *random.pick(&[T::Unknown, T::Unknown, T::Keyword, T::Integer, T::Boolean, T::Ip, T::Version]);
    typed(if random.below(2) == 0 { "x" } else { "y" }, ty)
}

fn subject(random: &mut Random) -> Scalar {
    match random.below(8) {
        0 => Scalar::Literal(constant_value(random)),
        1 => call(Function::Concat, vec![any_field(random), Scalar::Literal(constant_value(random))]),
        2 => call(Function::Length, vec![any_field(random)]),
        3 => Scalar::Logic(Box::new(any_pred(random, 1))),
        _ => any_field(random),
    }
}

fn case(random: &mut Random) -> Case {
    *random.pick(&[Case::Sensitive, Case::Insensitive])
}

fn any_test(random: &mut Random) -> Pred {
    use Comparison as C;
    if random.below(4) == 0 {
        let functions =
            [Function::StartsWith, Function::EndsWith, Function::StringContains, Function::CidrMatch];
        let args = vec![any_field(random), Scalar::Literal(Literal::Str(text(random).into()))];
        let condition = Scalar::Call { function: *random.pick(&functions), args, case: case(random) };
        return test(condition, Op::IsTrue);
    }
    let op = match random.below(6) {
        0 => Op::IsNull,
        1 => {
            let items = (0..random.below(4)).map(|_| constant_value(random)).collect();
            Op::OneOf(items, case(random))
        }
        2 => {
            let parts = [Part::AnyRun, Part::AnyOne, Part::Lit(text(random).into())];
            let pattern = |random: &mut Random| {
                TextPattern::new(
                    (0..random.below(3)).map(|_| random.pick(&parts).clone()).collect::<Vec<_>>(),
                )
            };
            let patterns = (0..random.below(3)).map(|_| pattern(random)).collect();
            Op::Text(patterns, case(random))
        }
        3 => Op::InNet(vec!["10.0.0.0/8".parse().unwrap()]),
        _ => {
            let comparison = *random.pick(&[C::Equal, C::Equal, C::Less, C::GreaterOrEqual]);
            Op::Compare(comparison, Scalar::Literal(constant_value(random)))
        }
    };
    test(subject(random), op)
}

fn any_pred(random: &mut Random, depth: u64) -> Pred {
    if depth == 0 {
        return any_test(random);
    }
    let list = |random: &mut Random| -> Vec<Pred> {
        (0..random.below(4)).map(|_| any_pred(random, depth - 1)).collect()
    };
    match random.below(8) {
        0 | 1 => Pred::All(list(random)),
        2 | 3 => Pred::Any(list(random)),
        4 => Pred::AtLeast(usize::try_from(random.below(4)).unwrap(), list(random)),
        5 => any_pred(random, depth - 1).not(),
        6 => Pred::Const(random.below(2) == 0),
        _ => any_test(random),
    }
}

fn any_value(random: &mut Random) -> Json {
    match random.below(8) {
        0 => json!(null),
        1 => json!([text(random), text(random)]),
        2 => json!([1, null, "a"]),
        3 => json!(random.below(2) == 0),
        4 => json!(random.below(3)),
        5 => json!(1.0),
        _ => json!(text(random)),
    }
}

#[test]
fn normal_forms_keep_the_meaning() {
    let mut random = Random::new(11);
    let mut both = [0, 0];
    for _ in 0..6_000 {
        let pred = any_pred(&mut random, 3);
        let normal = normalise_pred(pred.clone());
        let Body::Event(form) = canonical(rule(Body::Event(query(pred.clone())))).body else { panic!() };
        for _ in 0..4 {
            let event = json!({"x": any_value(&mut random), "y": any_value(&mut random)});
            let wanted = holds(pred.clone(), event.clone());
            assert_eq!(
                holds(normal.clone(), event.clone()),
                wanted,
                "{event}\n{pred:#?}\nbecame {normal:#?}"
            );
            assert_eq!(
                holds(form.filter.clone(), event.clone()),
                wanted,
                "{event}\n{pred:#?}\ncanonical {form:#?}"
            );
            both[usize::from(wanted)] += 1;
        }
    }
    assert!(both.iter().all(|count| *count > 1_000), "{both:?} is too one-sided to tell");
}
