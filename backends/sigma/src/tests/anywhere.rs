//! What only Sigma says: keywords, presence, parts of times.

use super::*;
use eqlc_ir::regex::{Regex, RegexNode};

fn anywhere(op: Op) -> Pred {
    Pred::Anywhere(Anywhere { op, span: Span::default() })
}

fn keyword(pattern: &str, case: Case) -> Pred {
    anywhere(Op::Text(vec![TextPattern::from_eql(pattern)], case))
}

#[test]
fn keywords_survive() {
    let several =
        Op::Text(vec![TextPattern::from_eql("*x*"), TextPattern::from_eql("*a?b*")], Case::Insensitive);
    let regex = Regex {
        root: RegexNode::Concat(vec![
            RegexNode::any_run(),
            RegexNode::Literal("x".to_owned()),
            RegexNode::any_run(),
        ]),
        case: Case::Sensitive,
    };
    let preds = [
        anywhere(several),
        keyword("*x*", Case::Sensitive),
        keyword("*x*", Case::Insensitive).not(),
        anywhere(Op::Regex(regex)),
    ];
    for pred in &preds {
        holds(rule(pred.clone()));
    }
    holds(rule(Pred::All(preds.to_vec())));
    holds(rule(Pred::Any(vec![preds[0].clone(), plain("Image", "*y")])));
}

#[test]
fn a_keyword_that_begins_or_ends_a_value_has_no_form() {
    for pattern in ["x*", "*x", "x"] {
        assert!(emit(rule(keyword(pattern, Case::Insensitive))).is_err(), "{pattern}");
    }
}

#[test]
fn presence_and_parts_of_times_survive() {
    let exists = || test("Image", Op::Exists);
    holds(rule(exists()));
    holds(rule(Pred::All(vec![plain("User", "x"), exists().not()])));
    for comparison in [Comparison::Equal, Comparison::Less, Comparison::GreaterOrEqual] {
        for part in
            [TimePart::Minute, TimePart::Hour, TimePart::Day, TimePart::Week, TimePart::Month, TimePart::Year]
        {
            holds(rule(test("UtcTime", Op::TimePart(part, comparison, 3))));
        }
    }
}
