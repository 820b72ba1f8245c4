//! Values of one field.

use serde_json::{Value as Json, json};

use super::{NoValue, is_absent, values};
use crate::goal::Atom;
use crate::language::Languages;
use crate::scene::Scene;
use crate::split::Split;
use crate::testing::{eql, query};
use crate::tools::Tools;

/// The values that are proposed for the only field of a condition.
fn of(condition: &str) -> Result<Vec<Json>, NoValue> {
    let rule = eql(&format!("any where {condition}"));
    let options = crate::Search::new().options(&rule);
    let scene = Scene::of(&rule, 0, None);
    let mut tools = Tools { languages: Languages::new(100_000), options: &options, scene, stuck: None };
    let mut goals = Vec::new();
    let filter = &query(&rule).filter;
    let _ = crate::goal::each_goal(&[(filter, true)], 10, &mut |goal| {
        goals.push(goal.clone());
        crate::goal::Visited::Stop
    });
    let goal = goals.first().expect("a way");
    assert!(goal.iter().all(|(atom, _)| matches!(atom, Atom::Test(_))));
    let split = Split::of(goal, &[]);
    let (_, goal) = split.fields.first().expect("a field");
    values(&mut tools, goal)
}

#[test]
fn every_type_has_values() {
    for (condition, wanted) in [
        ("process.pid >= 7", json!(7)),
        ("process.pid > 7 and process.pid < 8", json!(7.5)),
        ("file.Ext.entropy > 1.5", json!(2.5)),
        ("process.code_signature.trusted == false", json!(false)),
        ("source.ip == \"10.0.0.0/8\"", json!("10.1.2.3")),
        ("user.name in (\"a\", \"b\")", json!("a")),
        ("user.name != null", json!("alice")),
    ] {
        assert_eq!(of(condition).expect("values")[0], wanted, "{condition}");
    }
}

#[test]
fn where_nothing_but_exclusions_asks_the_field_may_be_absent_too() {
    let found = of("not user.name == \"a\"").expect("values");
    assert!(!is_absent(&found[0]) && found.iter().any(is_absent), "{found:?}");
}

#[test]
fn all_of_flags_is_a_proof_and_one_of_them_is_none() {
    let never =
        of("process.code_signature.trusted == true and not process.code_signature.trusted in (true, false)");
    assert!(matches!(never, Err(NoValue::Never(..))), "{never:?}");
    assert!(
        of("process.code_signature.trusted == true and not process.code_signature.trusted == false").is_ok()
    );
}

#[test]
fn versions_stand_on_both_sides_of_a_constant() {
    let before = of("package.version < \"1.2.3\"");
    assert!(before.is_ok_and(|values| !values.is_empty()));
}
