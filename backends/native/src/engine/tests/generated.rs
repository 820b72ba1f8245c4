//! Rules and events made up. `EQLC_EVENT_CASES` says how many cases.

use eqlc_diagnostics::Node;
use eqlc_ir::{
    Anywhere, Case, Comparison, FieldRef, FieldType, LogSource, Op, Scalar, Taxonomy, TextPattern,
};
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::reference::testing::{literal, test};

const PATHS: &[&str] = &["a", "b", "a.b", "c.d", "Image", "EventID", "Channel", "event.category"];
const TEXTS: &[&str] = &[
    "",
    "a",
    "A",
    "ab",
    "abc",
    "x.exe",
    r"C:\x.exe",
    "\u{212a}",
    "k",
    "1",
    "1.0",
    "true",
    "Security",
    "process",
    "a longer text",
    "A LONGER",
    "::1",
    "10.0.0.1",
    "4688",
];

fn fields() -> impl Strategy<Value = Scalar> {
    let types = vec![
        FieldType::Unknown,
        FieldType::Unknown,
        FieldType::Keyword,
        FieldType::Integer,
        FieldType::Ip,
        FieldType::Boolean,
    ];
    (select(PATHS.to_vec()), select(types), any::<bool>()).prop_map(|(path, ty, sigma)| {
        let taxonomy = if sigma { Taxonomy::Sigma } else { Taxonomy::Ecs };
        Scalar::Field(FieldRef { path: path.into(), taxonomy, ty, optional: false, span: Default::default() })
    })
}

fn constants() -> impl Strategy<Value = Json> {
    prop_oneof![
        4 => select(TEXTS.to_vec()).prop_map(Json::from),
        2 => prop_oneof![Just(0), Just(1), Just(4688), Just(-7)].prop_map(Json::from),
        1 => Just(Json::from(1.5)),
        1 => any::<bool>().prop_map(Json::from),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    prop_oneof![Just(Case::Sensitive), Just(Case::Insensitive)]
}

fn patterns() -> impl Strategy<Value = Op> {
    let pattern = (select(TEXTS.to_vec()), any::<bool>(), any::<bool>(), any::<bool>());
    let pattern = pattern.prop_map(|(text, before, behind, one)| {
        let star = |yes| if yes { "*" } else { "" };
        let one = if one { "?" } else { "" };
        TextPattern::from_eql(&format!("{}{text}{one}{}", star(before), star(behind)))
    });
    (proptest::collection::vec(pattern, 1..4), case()).prop_map(|(list, case)| Op::Text(list, case))
}

fn ops() -> impl Strategy<Value = Op> {
    let comparison = select(vec![
        Comparison::Equal,
        Comparison::EqualInsensitive,
        Comparison::Less,
        Comparison::GreaterOrEqual,
    ]);
    let compared = constants().prop_map(|value| Scalar::Literal(literal(&value)));
    let other = prop_oneof![3 => compared, 1 => fields()];
    let items = proptest::collection::vec(constants().prop_map(|value| literal(&value)), 1..4);
    prop_oneof![
        4 => patterns(),
        2 => (comparison, other).prop_map(|(comparison, right)| Op::Compare(comparison, right)),
        3 => (items, case()).prop_map(|(items, case)| Op::OneOf(items, case)),
        1 => Just(Op::IsNull),
        1 => Just(Op::Exists),
    ]
}

fn preds() -> impl Strategy<Value = Pred> {
    let anywhere = patterns().prop_map(|op| Pred::Anywhere(Anywhere { op, span: Default::default() }));
    let leaf = prop_oneof![
        12 => (fields(), ops()).prop_map(|(subject, op)| test(subject, op)),
        1 => anywhere,
        1 => any::<bool>().prop_map(Pred::Const),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let list = proptest::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            list.clone().prop_map(Pred::All),
            list.clone().prop_map(Pred::Any),
            (0usize..4, list).prop_map(|(count, list)| Pred::AtLeast(count, list)),
            inner.prop_map(Pred::not),
        ]
    })
}

fn categories() -> impl Strategy<Value = Category> {
    let part = |names: &[&str]| {
        let names: Vec<Option<String>> =
            names.iter().map(|name| Some((*name).to_owned())).chain([None]).collect();
        select(names)
    };
    let sources =
        (part(&["windows", "linux"]), part(&["process_creation", "file_event"]), part(&["security"]));
    prop_oneof![
        3 => Just(Category::Any),
        1 => Just(Category::OneOf(vec![Node::new("process".to_owned(), Default::default()), Node::new("file".to_owned(), Default::default())])),
        2 => sources.prop_map(|(product, category, service)| {
            Category::LogSource(LogSource { product, category, service })
        }),
    ]
}

fn events() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![6 => constants(), 1 => Just(Json::Null)];
    let value = prop_oneof![
        5 => leaf.clone(),
        1 => proptest::collection::vec(leaf.clone(), 0..3).prop_map(Json::from),
        1 => leaf.prop_map(|value| serde_json::json!({"b": value, "d": [{"x": 1}]})),
    ];
    let keys = [PATHS, &["c", "logsource.product", "logsource", "NewProcessName", "unread"]].concat();
    proptest::collection::vec((select(keys), value), 0..7).prop_map(|members| {
        let fields: serde_json::Map<String, Json> =
            members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        Json::Object(fields).to_string()
    })
}

fn cases() -> u32 {
    std::env::var("EQLC_EVENT_CASES").map_or(1500, |text| text.parse().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn both_evaluators_agree(
        rules in proptest::collection::vec((categories(), preds()), 1..6),
        events in proptest::collection::vec(events(), 1..8),
    ) {
        let rules: Vec<Rule> = rules.into_iter().map(|(category, pred)| rule(category, pred)).collect();
        // What is remembered of events answers for them again.
        let again: Vec<String> = events.iter().rev().cloned().collect();
        let events = [events, again].concat();
        let (fast, slow) = both(&rules, &events, &RunOptions::default());
        prop_assert_eq!(fast, slow);
    }
}
