//! How detections look.

use super::*;

fn look(filter: Pred) -> String {
    detection(&holds(rule(filter)))
}

fn any_of(path: &str, patterns: &[&str]) -> Pred {
    let patterns = patterns.iter().map(|pattern| TextPattern::from_eql(pattern)).collect();
    test(path, Op::Text(patterns, Case::Insensitive))
}

#[test]
fn tests_side_by_side_are_one_selection_and_exclusions_are_filters() {
    let filter = Pred::All(vec![
        any_of("Image", &["*\\cmd.exe", "*\\powershell.exe"]),
        plain("CommandLine", "*http*"),
        plain("CommandLine", "*-enc*"),
        plain("ParentImage", "C:\\Program Files\\*").not(),
        Pred::All(vec![plain("User", "*\\SYSTEM"), equal("IntegrityLevel", string("System"))]).not(),
        test("ParentCommandLine", Op::IsNull).not(),
    ]);
    insta::assert_snapshot!(look(filter));
}

#[test]
fn one_exclusion_is_negated_by_its_name() {
    let filter = Pred::All(vec![plain("Image", "*\\a.exe"), plain("ParentImage", "*\\b.exe").not()]);
    insta::assert_snapshot!(look(filter));
}

#[test]
fn alternatives_of_maps_are_a_list() {
    let filter = Pred::All(vec![
        plain("Image", "*\\a.exe"),
        Pred::Any(vec![
            Pred::All(vec![plain("CommandLine", "* -x *"), equal("IntegrityLevel", string("High"))]),
            plain("OriginalFileName", "a.dll"),
        ]),
    ]);
    insta::assert_snapshot!(look(filter));
    let alone = Pred::Any(vec![plain("Image", "*\\a.exe"), plain("OriginalFileName", "a.exe")]);
    insta::assert_snapshot!(look(alone));
}

#[test]
fn what_is_no_map_becomes_a_nested_condition() {
    let filter = Pred::All(vec![
        plain("Image", "*\\a.exe"),
        Pred::Any(vec![
            Pred::All(vec![plain("CommandLine", "*x*"), plain("User", "*y*").not()]),
            plain("OriginalFileName", "a.dll"),
        ]),
        Pred::All(vec![
            plain("ParentImage", "*\\p.exe"),
            Pred::Any(vec![plain("ParentCommandLine", "*1*"), plain("CommandLine", "*2*").not()]),
        ])
        .not(),
    ]);
    insta::assert_snapshot!(look(filter));
}

#[test]
fn tests_that_share_a_key_are_kept_apart() {
    let filter = Pred::All(vec![
        any_of("CommandLine", &["*a*", "*b*"]),
        any_of("CommandLine", &["*c*", "*d*"]),
        plain("CommandLine", "*e*"),
        plain("CommandLine", "*f*"),
        test("User", Op::IsNull),
    ]);
    insta::assert_snapshot!(look(filter));
}

#[test]
fn letter_case_wildcards_and_kinds_have_their_modifiers() {
    let filter = Pred::All(vec![
        equal("Image", string("C:\\a*b.exe")),
        text("CurrentDirectory", "C:\\*\\?\\", Case::Sensitive),
        text("ParentImage", "*\\b.exe", Case::Sensitive),
        equal("EventID", Literal::Int(4624)),
        test("Count", Op::Compare(Comparison::Greater, Scalar::Literal(Literal::Float(2.5)))),
        test("Value", Op::OneOf(vec![Literal::Int(1), string("x")], Case::Sensitive)),
        test("User", Op::Compare(Comparison::Equal, field("ParentUser"))),
        test("Image", Op::Compare(Comparison::EqualInsensitive, field("ParentImage"))),
        within(Function::StartsWith, "CommandLine", "Image", Case::Insensitive),
        within(Function::EndsWith, "ParentImage", "OriginalFileName", Case::Sensitive),
    ]);
    insta::assert_snapshot!(look(filter));
}
