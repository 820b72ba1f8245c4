//! Random rules over several events, and streams of events.

use eqlc_events::Event;
use eqlc_ir::{
    Aggregate, Body, Bound, Category, Comparison, Correlated, Correlation, CorrelationCondition,
    CorrelationKind, EventQuery, FieldType, GroupKey, Key, Literal, Op, Owner, Pipe, Pred, Relation, Rule,
    RuleCondition, Sample, SampleTerm, Scalar, Sequence, Source, Step, Until,
};
use serde_json::{Value as Json, json};

use crate::reference::testing::{equal, field, field_ref, is_null, query, rule, test};
use crate::reference::tests::random::Random;
use crate::reference::{ResultPosition, RunOptions};

const LETTERS: [&str; 4] = ["a", "b", "c", "d"];

fn word(random: &mut Random, list: &[&'static str]) -> &'static str {
    random.pick::<&str>(list)
}

/// A rule with what it is run with.
pub(in crate::engine) fn rule_and_options(random: &mut Random) -> (Rule, RunOptions) {
    let body = match random.below(10) {
        0 => Body::Event(event_query(random)),
        1..=5 => Body::Sequence(sequence(random)),
        6 => Body::Sample(sample(random)),
        _ => {
            let depth = if random.below(3) == 0 { 2 } else { 1 };
            Body::Correlation(correlation(random, depth))
        }
    };
    let mut rule = rule(body);
    if random.below(5) == 0 {
        for _ in 0..1 + random.below(2) {
            let count = 1 + random.below(4);
            rule.pipes.push(if random.below(2) == 0 { Pipe::Head(count) } else { Pipe::Tail(count) });
        }
    }
    let tail = random.below(2) == 0;
    let options = RunOptions {
        tiebreaker_field: (random.below(2) == 0).then(|| "tie".to_owned()),
        size: (random.below(6) == 0).then(|| usize::try_from(random.below(5)).unwrap()),
        result_position: if tail { ResultPosition::Tail } else { ResultPosition::Head },
        max_samples_per_key: 1 + usize::try_from(random.below(3)).unwrap(),
        ..RunOptions::default()
    };
    (rule, options)
}

fn plain(random: &mut Random) -> Pred {
    let is = |random: &mut Random| equal(field("is"), *random.pick(&LETTERS));
    match random.below(8) {
        0 => Pred::Any(vec![is(random), is(random)]),
        1 => is(random).not(),
        2 => Pred::All(vec![is(random), is_null(field("l")).not()]),
        _ => is(random),
    }
}

fn with_above(random: &mut Random, depth: u64) -> Pred {
    if depth == 0 || random.below(8) > 0 {
        return plain(random);
    }
    let above = Pred::Descendant(Box::new(query(with_above(random, depth - 1))));
    let above = if random.below(3) == 0 { above.not() } else { above };
    match random.below(4) {
        0 => above,
        1 => Pred::Any(vec![above, plain(random)]),
        2 => {
            let other = |random: &mut Random| Pred::Descendant(Box::new(query(plain(random))));
            Pred::AtLeast(2, vec![above, other(random), other(random), other(random), other(random)])
        }
        _ => Pred::All(vec![plain(random), above]),
    }
}

fn event_query(random: &mut Random) -> EventQuery {
    let category = match random.below(6) {
        0 => crate::reference::testing::of_category(&["process"]),
        _ => Category::Any,
    };
    EventQuery { category, filter: with_above(random, 2) }
}

fn key(random: &mut Random, optional: bool) -> Key {
    let ty = *random.pick(&[
        FieldType::Unknown,
        FieldType::Unknown,
        FieldType::Keyword,
        FieldType::Integer,
        FieldType::Float,
        FieldType::Date,
        FieldType::Ip,
        FieldType::Boolean,
    ]);
    let path = *random.pick(&["k", "k", "l"]);
    let path = if optional { format!("?{path}") } else { path.to_owned() };
    Key { field: field_ref(&path, ty) }
}

fn keys(random: &mut Random, most: u64) -> Vec<Key> {
    let optional = random.below(3) == 0;
    (0..random.below(most + 1)).map(|_| key(random, optional)).collect()
}

fn span(random: &mut Random) -> u64 {
    *random.pick(&[1, 2, 5, 10, 20, 50, 1_000])
}

fn sequence(random: &mut Random) -> Sequence {
    let missing = random.below(2) == 0;
    let count = 1 + random.below(4);
    let by = keys(random, 1);
    let own = random.below(2);
    let positive = random.below(count);
    let mut steps: Vec<Step> = Vec::new();
    for at in 0..count {
        let absent = missing && at != positive && random.below(2) == 0;
        let filter = if absent { plain(random) } else { with_above(random, 1) };
        let mut query = EventQuery { category: Category::Any, filter };
        let named: Vec<String> = steps.iter().filter_map(|step| step.alias.clone()).collect();
        if !absent && !named.is_empty() && random.below(2) == 0 {
            query.filter = Pred::All(vec![query.filter, beside(random, &named)]);
        }
        let alias = (!absent && random.below(4) == 0).then(|| format!("e{at}"));
        let runs = if random.below(4) == 0 { 1 + u32::try_from(random.below(3)).unwrap() } else { 1 };
        let by = (0..own).map(|_| key(random, false)).collect();
        steps.push(Step { query, by, missing: absent, runs, alias, span: Default::default() });
    }
    let until = (random.below(3) == 0).then(|| {
        let named: Vec<String> = steps.iter().filter_map(|step| step.alias.clone()).collect();
        let mut filter = plain(random);
        if !named.is_empty() && random.below(2) == 0 {
            filter = Pred::All(vec![filter, beside(random, &named)]);
        }
        Until { query: query(filter), by: (0..own).map(|_| key(random, false)).collect() }
    });
    let maxspan_ms = (random.below(4) > 0).then(|| span(random));
    Sequence { by, maxspan_ms, steps, until }
}

/// A condition that names an earlier step.
fn beside(random: &mut Random, named: &[String]) -> Pred {
    let owner = Owner::Step(random.pick(named).clone());
    let of_step = field_ref(word(random, &["n", "l"]), FieldType::Unknown);
    let of_step = Scalar::Of(owner, Box::new(of_step));
    let comparison = *random.pick(&[Comparison::Equal, Comparison::Less, Comparison::GreaterOrEqual]);
    let beside = test(field(word(random, &["n", "l"])), Op::Compare(comparison, of_step));
    match random.below(4) {
        0 => beside.not(),
        1 => Pred::Any(vec![beside, with_above(random, 1)]),
        _ => beside,
    }
}

fn sample(random: &mut Random) -> Sample {
    let count = 2 + random.below(3);
    let own = random.below(2);
    let mut by = keys(random, 1);
    by.push(key(random, false));
    let term = |random: &mut Random| SampleTerm {
        query: query(with_above(random, 1)),
        by: (0..own).map(|_| key(random, false)).collect(),
    };
    Sample { by, terms: (0..count).map(|_| term(random)).collect() }
}

fn correlation(random: &mut Random, depth: u64) -> Correlation {
    let kind = *random.pick(&[
        CorrelationKind::Temporal,
        CorrelationKind::TemporalOrdered,
        CorrelationKind::EventCount,
        CorrelationKind::ValueCount,
        CorrelationKind::ValueSum,
        CorrelationKind::ValueAvg,
        CorrelationKind::ValueMedian,
        CorrelationKind::ValuePercentile,
    ]);
    let count = 1 + usize::try_from(random.below(3)).unwrap();
    let rules = (0..count)
        .map(|at| {
            let inner = depth > 1 && random.below(2) == 0;
            let source = if inner {
                Source::Correlation(Box::new(correlation(random, depth - 1)))
            } else {
                Source::Events(query(with_above(random, 1)))
            };
            Correlated { name: format!("r{at}"), source }
        })
        .collect();
    let group = |random: &mut Random| GroupKey {
        name: "g".to_owned(),
        // Now and then a rule lacks the field.
        fields: (0..if random.below(12) == 0 { count - 1 } else { count })
            .map(|_| field_ref(word(random, &["k", "k", "l"]), FieldType::Unknown))
            .collect(),
    };
    let group_by = (0..random.below(3)).map(|_| group(random)).collect();
    let condition = condition(random, kind, count);
    Correlation { kind, rules, group_by, timespan_ms: span(random), condition }
}

fn condition(random: &mut Random, kind: CorrelationKind, rules: usize) -> Option<CorrelationCondition> {
    if kind.is_temporal() {
        match random.below(4) {
            0 | 1 => return None,
            2 => return Some(CorrelationCondition::Rules(expression(random, rules, 2))),
            _ => {}
        }
    }
    let number = |random: &mut Random| match random.below(3) {
        0 => Literal::Float(f64::from(u32::try_from(random.below(12)).unwrap()) / 2.0),
        _ => Literal::Int(random.below(5).into()),
    };
    let bound = |random: &mut Random| Bound {
        relation: *random.pick(&[
            Relation::Equal,
            Relation::NotEqual,
            Relation::Less,
            Relation::LessOrEqual,
            Relation::Greater,
            Relation::GreaterOrEqual,
            Relation::GreaterOrEqual,
        ]),
        value: number(random),
    };
    let fields = |random: &mut Random, least: u64| {
        let one = |random: &mut Random| GroupKey {
            name: "n".to_owned(),
            fields: (0..if random.below(12) == 0 { rules - 1 } else { rules })
                .map(|_| field_ref(word(random, &["n", "n", "l"]), FieldType::Unknown))
                .collect(),
        };
        (0..least).map(|_| one(random)).collect()
    };
    let wanted = match kind {
        CorrelationKind::ValueCount => 1 + random.below(2),
        CorrelationKind::EventCount => random.below(2),
        kind if kind.is_temporal() => 0,
        _ => 1,
    };
    Some(CorrelationCondition::Number(Aggregate {
        bounds: (0..1 + random.below(2)).map(|_| bound(random)).collect(),
        fields: fields(random, wanted),
        percentile: Some(Literal::Int((random.below(11) * 10).into())),
    }))
}

fn expression(random: &mut Random, rules: usize, depth: u64) -> RuleCondition {
    let rule = |random: &mut Random| {
        RuleCondition::Rule(usize::try_from(random.below(u64::try_from(rules).unwrap())).unwrap())
    };
    if depth == 0 {
        return rule(random);
    }
    let list = |random: &mut Random| {
        (0..1 + random.below(2)).map(|_| expression(random, rules, depth - 1)).collect()
    };
    match random.below(5) {
        0 => RuleCondition::All(list(random)),
        1 => RuleCondition::Any(list(random)),
        2 => RuleCondition::Not(Box::new(expression(random, rules, depth - 1))),
        _ => rule(random),
    }
}

/// Up to forty events; their times are equal now and then, out of order now and then, and missing now and then.
pub(in crate::engine) fn events(random: &mut Random) -> Vec<Event<'static>> {
    let (mut time, mut found) = (0_i64, Vec::new());
    let letters = 1 + random.below(4);
    let disorder = random.below(2) == 0;
    let pace = *random.pick(&[2, 4, 10, 40]);
    for at in 0..usize::try_from(1 + random.below(40)).unwrap() {
        // In microseconds, mostly whole milliseconds.
        time += i64::try_from(random.below(pace)).unwrap() * *random.pick(&[1_000, 1_000, 1_000, 500]);
        let back = if disorder && random.below(3) == 0 { random.below(8) * 1_000 } else { 0 };
        found
            .push(Event::from_json(event(random, time - i64::try_from(back).unwrap(), letters), at).unwrap());
    }
    found
}

fn event(random: &mut Random, micros: i64, letters: u64) -> Json {
    let mut fields = serde_json::Map::new();
    let mut put = |name: &str, value: Option<Json>| {
        if let Some(value) = value {
            fields.insert(name.to_owned(), value);
        }
    };
    let time = match random.below(30) {
        0 => Json::Null,
        1 => json!("no time"),
        _ if micros % 1_000 != 0 => json!(micros as f64 / 1_000.0),
        _ => json!(micros / 1_000),
    };
    put("@timestamp", Some(time));
    put("tie", (random.below(4) > 0).then(|| json!(random.below(3))));
    let mut is: Vec<&str> = vec![LETTERS[usize::try_from(random.below(letters)).unwrap()]];
    if random.below(4) == 0 {
        is.push(*random.pick(&LETTERS));
    }
    put("is", Some(json!(is)));
    put("k", key_value(random));
    put("l", key_value(random));
    put("n", number(random));
    put("event.category", (random.below(2) == 0).then(|| json!("process")));
    let process = |random: &mut Random| json!(*random.pick(&["p", "q", "r", "s", "t"]));
    put("process.entity_id", (random.below(3) > 0).then(|| process(random)));
    put("process.parent.entity_id", (random.below(2) == 0).then(|| process(random)));
    let ancestry = |random: &mut Random| json!([process(random), process(random)]);
    put("process.Ext.ancestry", (random.below(8) == 0).then(|| ancestry(random)));
    Json::Object(fields)
}

fn key_value(random: &mut Random) -> Option<Json> {
    let one = |random: &mut Random| match random.below(12) {
        0 => json!("1"),
        1 => json!(1.0),
        2 => json!(true),
        3 => json!("true"),
        4 => json!("1.0"),
        5 => json!("1970-01-01T00:00:00.001Z"),
        6 => json!("::ffff:10.0.0.1"),
        7 => json!("10.0.0.1"),
        _ => json!(1 + random.below(2)),
    };
    match random.below(10) {
        0 => None,
        1 => Some(Json::Null),
        2 => Some(json!([one(random), one(random), null])),
        _ => Some(one(random)),
    }
}

fn number(random: &mut Random) -> Option<Json> {
    match random.below(8) {
        0 => None,
        1 => Some(json!("2")),
        2 => Some(json!(0.5)),
        3 => Some(json!([1, 3])),
        4 => Some(json!("many")),
        _ => Some(json!(random.below(4))),
    }
}
