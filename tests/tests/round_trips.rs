//! From one language to another and back: a rule comes back as the rule that it was, or a loss says why not.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use eqlc_backend::{Language, Settings};
use eqlc_backend_native::reference::{self, RunOptions};
use eqlc_diagnostics::{Diagnostic, Diagnostics, has_errors};
use eqlc_driver::{Input, Inputs, LoadOptions, Registry, compile, fixture, load, load_bytes, load_query};
use eqlc_events::Event;
use eqlc_ir::fold::{Fold, walk_rule, walk_scalar, walk_test};
use eqlc_ir::normalise::canonical;
use eqlc_ir::regex::RegexNode;
use eqlc_ir::{
    Body, Case as LetterCase, Category, Comparison, Correlation, EventQuery, FieldRef, FieldType, Function,
    Key, Literal, Op, Part, Pred, Rule, Scalar, Source, Taxonomy, Test, TextPattern, text,
};
use eqlc_schema::Schema;
use eqlc_tests::generate::{self, Case};
use eqlc_tests::{sampled, shared};
use eqlc_witness::{Outcome, witness};
use rayon::prelude::*;
use serde_json::Value as Json;

static TARGETS: LazyLock<Registry> = LazyLock::new(|| Registry::new().expect("the targets"));

/// A way out and back, and what the rule that returns is held to.
#[derive(Clone, Copy)]
enum Trip {
    /// To Sigma in ECS and back: the rule itself.
    Sigma,
    /// To EQL with the names of Sigma's fields, and back: the rule itself, whose log source EQL has no place for.
    Eql,
    /// To EQL in ECS and back to Sigma in ECS: the rule with its fields mapped as for Elasticsearch.
    MappedEql,
}

impl Trip {
    fn legs(self) -> [(&'static str, Language, Settings); 2] {
        let ecs =
            Settings { options: [("taxonomy".to_owned(), "ecs".to_owned())].into(), ..Settings::default() };
        let kept = Settings { no_mapping: true, ..Settings::default() };
        let mapped = Settings::default();
        let (sigma, eql) = (("sigma", Language::Sigma), ("elasticsearch", Language::Eql));
        match self {
            Self::Sigma => [(sigma.0, sigma.1, ecs), (eql.0, eql.1, kept)],
            Self::Eql => [(eql.0, eql.1, kept), (sigma.0, sigma.1, ecs)],
            Self::MappedEql => [(eql.0, eql.1, mapped), (sigma.0, sigma.1, ecs)],
        }
    }
}

/// What comes of a trip.
enum Returned {
    /// The same rule.
    Same(Box<Rule>),
    /// The same but for what these losses tell.
    Listed(String),
    /// A leg refuses the rule.
    Refused(String),
    /// Another, and nobody said so.
    Differs(String),
}

fn read(language: Language, text: &str, schema: Option<&Arc<Schema>>) -> Result<Rule, Diagnostics> {
    let options = LoadOptions { schema: schema.cloned(), unlinted: true, ..LoadOptions::default() };
    let unit = match language {
        Language::Eql => load_query(text, options),
        Language::Sigma => {
            let input = Input { path: Some(PathBuf::from("rule.yml")), relative: PathBuf::from("rule.yml") };
            load_bytes(input, text.as_bytes(), options)
        }
    };
    if has_errors(&unit.diagnostics) {
        return Err(unit.diagnostics);
    }
    let [rule] = <[_; 1]>::try_from(unit.rules).expect("one rule");
    Ok(rule.rule)
}

fn codes<'a>(found: impl Iterator<Item = &'a Diagnostic>) -> String {
    let mut codes: Vec<&str> = found.map(|found| found.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.join(" ")
}

fn travel(rule: &Rule, trip: Trip, schema: Option<&Arc<Schema>>) -> Returned {
    let mut wanted = rule.clone();
    let mut at = rule.clone();
    let mut losses = Vec::new();
    // Fields that keep the names of a log are in no schema: `host` may well be a text.
    let unknown = Arc::new(Schema::of([]));
    let schema = if matches!(trip, Trip::Eql) { Some(&unknown) } else { schema };
    for (leg, (target, language, settings)) in trip.legs().into_iter().enumerate() {
        let backend = TARGETS.find(target).expect("a target");
        let compiled = match compile(&at, backend, &settings) {
            Ok(compiled) => compiled,
            Err(refused) => return Returned::Refused(format!("by {target}: {}", codes(refused.iter()))),
        };
        losses.extend(compiled.artifact.losses.iter().map(|loss| loss.code.as_str()));
        at = match read(language, &compiled.artifact.text, schema) {
            Ok(rule) => rule,
            Err(found) => {
                return Returned::Differs(format!(
                    "{} is read with {}",
                    compiled.artifact.text,
                    codes(found.iter())
                ));
            }
        };
        if leg == 0 && matches!(trip, Trip::MappedEql) {
            wanted = compiled.legal.rule().clone();
        }
    }
    let category = rule.meta.event_category_override.as_deref().unwrap_or("event.category");
    if plain(wanted.clone(), category) == plain(at.clone(), category) {
        return Returned::Same(Box::new(at));
    }
    losses.sort_unstable();
    losses.dedup();
    let (before, after) = (without(wanted, &losses, category), without(at, &losses, category));
    if before == after {
        Returned::Listed(losses.join(" "))
    } else {
        Returned::Differs(difference(&before, &after))
    }
}

/// The rule without what the losses say was dropped or put in.
fn without(mut rule: Rule, losses: &[&str], category: &str) -> String {
    if losses.contains(&"L1001") {
        rule.pipes.clear();
    }
    if let (true, Body::Sequence(sequence)) = (losses.contains(&"L1002"), &mut rule.body) {
        sequence.maxspan_ms = None;
    }
    plain(rule, category)
}

fn difference(before: &str, after: &str) -> String {
    let differing = before.lines().zip(after.lines()).find(|(before, after)| before != after);
    let (before, after) = differing.unwrap_or((before, after));
    format!("`{}` came back as `{}`", before.trim(), after.trim())
}

/// The rule as text without what the languages have no common place for: the type of a field is the schema's, a
/// category is a test, and a log source has a place in Sigma alone.
fn plain(rule: Rule, category: &str) -> String {
    let mut rule = walk_rule(&mut Plain(category), rule);
    match &mut rule.body {
        Body::Sequence(sequence) => {
            // Keys that all steps share are keys of each.
            let shared = std::mem::take(&mut sequence.by);
            let mut columns: Vec<&mut Vec<Key>> = Vec::new();
            for by in sequence
                .steps
                .iter_mut()
                .map(|step| &mut step.by)
                .chain(sequence.until.iter_mut().map(|until| &mut until.by))
            {
                by.splice(..0, shared.iter().cloned());
                by.iter_mut().for_each(plain_key);
                columns.push(by);
            }
            in_one_order(&mut columns);
        }
        Body::Sample(sample) => {
            let terms = sample.terms.iter_mut().flat_map(|term| &mut term.by);
            sample.by.iter_mut().chain(terms).for_each(plain_key);
        }
        Body::Correlation(correlation) => plain_correlation(correlation),
        Body::Event(_) => {}
    }
    text::rule(&canonical(rule))
}

/// Puts the parts of a key into the order of their names, the same for every step. A part that is another one again
/// asks for nothing more.
fn in_one_order(steps: &mut [&mut Vec<Key>]) {
    let width = steps.iter().map(|by| by.len()).min().unwrap_or(0);
    let name = |part: usize| steps.iter().map(|by| by[part].field.path.clone()).collect::<Vec<_>>();
    let mut order: Vec<usize> = (0..width).collect();
    order.sort_by_key(|part| name(*part));
    order.dedup_by_key(|part| name(*part));
    for by in steps.iter_mut() {
        let parts = order.iter().map(|part| by[*part].clone()).collect();
        **by = parts;
    }
}

fn plain_correlation(correlation: &mut Correlation) {
    for group in &mut correlation.group_by {
        group.fields = group.fields.drain(..).map(plain_field).collect();
    }
    for (at, rule) in correlation.rules.iter_mut().enumerate() {
        rule.name = at.to_string();
        if let Source::Correlation(inner) = &mut rule.source {
            plain_correlation(inner);
        }
    }
}

fn plain_key(key: &mut Key) {
    key.field = plain_field(key.field.clone());
}

fn plain_field(field: FieldRef) -> FieldRef {
    FieldRef { taxonomy: Taxonomy::Ecs, ty: FieldType::Unknown, optional: false, ..field }
}

/// The patterns that together take the same texts as a regular expression; none where there are none.
fn patterns_of(root: &RegexNode) -> Option<Vec<TextPattern>> {
    match root {
        RegexNode::Alternatives(list) => list.iter().map(pattern_of).collect(),
        single => Some(vec![pattern_of(single)?]),
    }
}

fn pattern_of(root: &RegexNode) -> Option<TextPattern> {
    let nodes = match root {
        RegexNode::Concat(nodes) => nodes.as_slice(),
        single => std::slice::from_ref(single),
    };
    let parts = |node: &RegexNode| match node {
        RegexNode::Literal(text) => Some(vec![Part::Lit(text.as_str().into())]),
        RegexNode::Any => Some(vec![Part::AnyOne]),
        RegexNode::Repeat { node, min, max } if **node == RegexNode::Any => match max {
            None => Some(of_length(*min, true)),
            Some(max) => (min == max).then(|| of_length(*min, false)),
        },
        _ => None,
    };
    Some(TextPattern::new(nodes.iter().map(parts).collect::<Option<Vec<_>>>()?.concat()))
}

/// Any text of so many characters, or of more too.
fn of_length(least: u32, or_more: bool) -> Vec<Part> {
    (0..least).map(|_| Part::AnyOne).chain(or_more.then_some(Part::AnyRun)).collect()
}

/// The field whose length is tested, and the texts of such a length.
fn length_of(test: &Test) -> Option<(Scalar, Vec<Part>)> {
    let Scalar::Call { function: Function::Length, args, .. } = &test.subject else { return None };
    let Op::Compare(comparison, Scalar::Literal(Literal::Int(number))) = &test.op else { return None };
    let (least, or_more) = match comparison {
        Comparison::Greater => (number + 1, true),
        Comparison::GreaterOrEqual => (*number, true),
        Comparison::Equal => (*number, false),
        _ => return None,
    };
    Some((args.first()?.clone(), of_length(u32::try_from(least).ok()?, or_more)))
}

/// Takes apart what stands in one place here and in another there; holds the field of categories.
struct Plain<'c>(&'c str);

impl Fold for Plain<'_> {
    /// A pattern with wildcards and a literal `*` is a regular expression in EQL, whose wildcards have no escape.
    /// EQL compares texts and numbers in tests of their own. Sigma asks for the length of a text with an expression.
    /// Two fields of one value each are equal where each begins with the other, which is what EQL asks of them.
    fn test(&mut self, test: Test) -> Pred {
        let mut test = walk_test(self, test);
        if let (Scalar::Field(one), Op::Compare(Comparison::EqualInsensitive, Scalar::Field(other))) =
            (&test.subject, &test.op)
        {
            let begins = |one: &FieldRef, other: &FieldRef| {
                let args = vec![Scalar::Field(one.clone()), Scalar::Field(other.clone())];
                let (function, case) = (Function::StartsWith, LetterCase::Insensitive);
                Pred::test(Scalar::Call { function, args, case }, Op::IsTrue, test.span)
            };
            return Pred::All(vec![begins(one, other), begins(other, one)]);
        }
        if let Op::OneOf(items, LetterCase::Insensitive) = &test.op {
            let (texts, others): (Vec<Literal>, Vec<Literal>) =
                items.iter().cloned().partition(|item| matches!(item, Literal::Str(_)));
            let some = |items, case| Pred::test(test.subject.clone(), Op::OneOf(items, case), test.span);
            return Pred::Any(vec![
                some(texts, LetterCase::Insensitive),
                some(others, LetterCase::Sensitive),
            ]);
        }
        if let Some((field, parts)) = length_of(&test) {
            test.op = Op::Text(vec![TextPattern::new(parts)], LetterCase::Sensitive);
            test.subject = field;
        }
        if let Op::Regex(regex) = &test.op
            && let Some(patterns) = patterns_of(&regex.root)
        {
            test.op = Op::Text(patterns, regex.case);
        }
        Pred::Test(test)
    }

    fn scalar(&mut self, scalar: Scalar) -> Scalar {
        match walk_scalar(self, scalar) {
            Scalar::Field(field) => Scalar::Field(plain_field(field)),
            other => other,
        }
    }

    fn query(&mut self, query: EventQuery) -> EventQuery {
        let filter = self.pred(query.filter);
        let filter = match query.category {
            Category::Any | Category::LogSource(_) => filter,
            Category::OneOf(names) => {
                let names = names.into_iter().map(|name| Literal::Str(name.value.into())).collect();
                let field = FieldRef {
                    path: self.0.into(),
                    taxonomy: Taxonomy::Ecs,
                    ty: FieldType::Unknown,
                    optional: false,
                    span: eqlc_diagnostics::Span::default(),
                };
                let op = Op::OneOf(names, LetterCase::Sensitive);
                let category = Pred::test(Scalar::Field(field), op, eqlc_diagnostics::Span::default());
                Pred::All(vec![category, filter])
            }
        };
        EventQuery { category: Category::Any, filter }
    }
}

/// A rule with streams of events to run it on.
struct Traveller {
    rule: Rule,
    streams: Vec<Vec<Json>>,
    schema: Option<Arc<Schema>>,
}

/// What came of a collection of rules.
#[derive(Default)]
struct Log {
    all: usize,
    counts: BTreeMap<String, usize>,
    verdicts: usize,
    matching: usize,
    wrong: Vec<String>,
}

impl Log {
    fn line(&self, name: &str) -> String {
        let mut line = format!("{name}: {} rules", self.all);
        for (what, count) in &self.counts {
            let _ = write!(line, "\n  {count:>5} {what}");
        }
        line.push('\n');
        line
    }
}

fn matches(rule: &Rule, events: &[Event], options: &RunOptions) -> Option<Vec<Vec<Option<usize>>>> {
    let found = reference::run(rule, events, options).ok()?;
    Some(found.into_iter().map(|found| found.events).collect())
}

/// The events as the log source of a returned rule has them, which is not that of the rule.
fn of_its_source(returned: &Rule, events: &[Event<'static>]) -> Vec<Event<'static>> {
    let mut sources = returned.queries().into_iter().filter_map(|query| match &query.category {
        Category::LogSource(source) => Some(source),
        _ => None,
    });
    let Some(source) = sources.next_back() else { return events.to_vec() };
    let told = serde_json::json!({ "product": source.product, "category": source.category, "service": source.service });
    let with_source = |(at, event): (usize, &Event<'_>)| {
        let mut fields = event.fields().clone();
        fields.retain(|name, _| !name.starts_with("logsource"));
        fields.insert("logsource".to_owned(), told.clone());
        Event::from_json(Json::Object(fields), at)
    };
    events.iter().enumerate().filter_map(with_source).collect()
}

/// Whether a test for a text meets a number: to Sigma a number is its text, to a query whose fields are in no schema
/// it is none.
fn has_a_number_for_a_text(rule: &Rule, events: &[Event]) -> bool {
    let tests = rule.queries().into_iter().flat_map(|query| query.filter.tests());
    let mut texts = tests.filter(|test| matches!(test.op, Op::Text(..) | Op::Regex(_)));
    texts.any(|test| {
        let numbers = |field: &FieldRef| {
            let values = events.iter().flat_map(|event| event.values(&field.path));
            values
                .into_iter()
                .any(|value| matches!(value, eqlc_events::Value::Int(_) | eqlc_events::Value::Float(_)))
        };
        test.subject.as_field().is_some_and(numbers)
    })
}

/// How often both were asked and how often they found something, or where they disagree.
type Asked = Result<(usize, usize), String>;

/// Runs both on every stream.
fn verdicts(traveller: &Traveller, returned: &Rule) -> Asked {
    let (mut asked, mut matching) = (0, 0);
    for stream in &traveller.streams {
        let event = |(at, event): (usize, &Json)| Event::from_json(event.clone(), at);
        let events: Vec<Event> = stream.iter().enumerate().filter_map(event).collect();
        let options = RunOptions::of(&traveller.rule.meta);
        let (Some(before), Some(after)) = (
            matches(&traveller.rule, &events, &options),
            matches(returned, &of_its_source(returned, &events), &options),
        ) else {
            continue;
        };
        let same = match (&traveller.rule.body, &returned.body) {
            (Body::Correlation(_), Body::Correlation(_))
            | (Body::Event(_) | Body::Sequence(_) | Body::Sample(_), _) => before == after,
            _ => before.is_empty() == after.is_empty(),
        };
        if !same && has_a_number_for_a_text(&traveller.rule, &events) {
            continue;
        }
        if !same {
            return Err(format!("{before:?} before and {after:?} after on {}", Json::Array(stream.clone())));
        }
        asked += 1;
        matching += usize::from(!before.is_empty());
    }
    Ok((asked, matching))
}

fn journey(travellers: &[Traveller], trip: Trip) -> Log {
    let outcomes: Vec<(Returned, Option<Asked>)> = travellers
        .par_iter()
        .map(|traveller| {
            let returned = travel(&traveller.rule, trip, traveller.schema.as_ref());
            // What was mapped on the way speaks of other events than the rule.
            let asked = match (&returned, trip) {
                (Returned::Same(_), Trip::MappedEql) => None,
                (Returned::Same(rule), _) => Some(verdicts(traveller, rule)),
                _ => None,
            };
            (returned, asked)
        })
        .collect();
    let mut log = Log { all: travellers.len(), ..Log::default() };
    for (traveller, (returned, asked)) in travellers.iter().zip(outcomes) {
        let what = match returned {
            Returned::Same(_) => "come back as they were".to_owned(),
            Returned::Listed(codes) => format!("come back but for {codes}"),
            Returned::Refused(why) => format!("refused {why}"),
            Returned::Differs(how) => {
                log.wrong.push(format!("{}: {how}", traveller.rule.meta.name));
                "differ without a loss".to_owned()
            }
        };
        *log.counts.entry(what).or_default() += 1;
        match asked {
            Some(Ok((asked, matching))) => {
                log.verdicts += asked;
                log.matching += matching;
            }
            Some(Err(how)) => log.wrong.push(format!("{}: {how}", traveller.rule.meta.name)),
            None => {}
        }
    }
    log
}

/// The rules of a folder, each with its fixture, or with events made from it.
fn of_folder(folder: PathBuf) -> Vec<Traveller> {
    let inputs = Inputs::rules(&[folder]);
    let units = load(&inputs.files, LoadOptions::default());
    let mut travellers = Vec::new();
    for unit in &units {
        let fixture = fixture(&unit.input).expect("a readable fixture");
        let streams: Vec<Vec<Json>> =
            fixture.into_iter().flat_map(|fixture| fixture.streams).map(|stream| stream.events).collect();
        for rule in &unit.rules {
            travellers.push(Traveller { rule: rule.rule.clone(), streams: streams.clone(), schema: None });
        }
    }
    let without = travellers.iter_mut().filter(|traveller| traveller.streams.is_empty());
    // Events take longer to make than rules to travel.
    let without: Vec<&mut Traveller> = sampled(without.collect(), 10);
    without.into_par_iter().for_each(|traveller| {
        if let Outcome::Found(found) = witness(&traveller.rule, 1) {
            traveller.streams.extend(found.into_iter().map(|found| found.events));
        }
    });
    travellers
}

fn report(name: &str, log: &Log) -> String {
    println!("{name}: {} verdicts equal, {} of them matches", log.verdicts, log.matching);
    assert!(log.wrong.is_empty(), "{name}: {}\n{}", log.wrong.len(), log.wrong.join("\n"));
    log.line(name)
}

#[test]
fn sample_rules_come_back_from_sigma() {
    let travellers = of_folder(eqlc_tests::root().join("rules"));
    insta::assert_snapshot!(report("rules/", &journey(&travellers, Trip::Sigma)));
}

#[test]
fn random_queries_come_back_from_sigma() {
    let schema = Arc::new(generate::schema());
    let cases = (0..400).map(Case::new);
    let travellers: Vec<Traveller> = cases
        .map(|case| {
            let options = LoadOptions { schema: Some(schema.clone()), ..LoadOptions::default() };
            let mut unit = load_query(&case.query, options);
            let mut rule = unit.rules.pop().expect("a valid query").rule;
            std::sync::Arc::make_mut(&mut rule.meta).name = case.query;
            Traveller { rule, streams: vec![case.events], schema: Some(schema.clone()) }
        })
        .collect();
    insta::assert_snapshot!(report("random queries", &journey(&travellers, Trip::Sigma)));
}

#[test]
fn elastic_rules_come_back_from_sigma() {
    let Some(folder) = shared("corpus/elastic-rules") else { return };
    let travellers = of_folder(folder);
    insta::assert_snapshot!(report("elastic rules", &journey(&travellers, Trip::Sigma)));
}

#[test]
fn sigma_rules_come_back_from_eql() {
    let Some(folder) = shared("corpus/sigma-rules") else { return };
    let travellers = of_folder(folder);
    let kept = report("names kept", &journey(&travellers, Trip::Eql));
    let mapped = report("fields mapped", &journey(&travellers, Trip::MappedEql));
    insta::assert_snapshot!([kept, mapped].concat());
}

/// What a rule calls the category of an event may stand in another field.
#[test]
fn a_category_of_another_field_comes_back() {
    let text = r#"
[rule]
name = "other category"
rule_id = "6d2b5b0e-3b40-4bd7-9d04-27d3f4a3cf42"
type = "eql"
language = "eql"
event_category_override = "event.type"
query = 'info where user.name == "ana"'
"#;
    let input = Input { path: Some(PathBuf::from("rule.toml")), relative: PathBuf::from("rule.toml") };
    let mut unit = load_bytes(input, text.as_bytes(), LoadOptions::default());
    let rule = unit.rules.pop().expect("a rule").rule;
    let event =
        |kind: &str| serde_json::json!({"@timestamp": 0, "event": {"type": kind}, "user": {"name": "ana"}});
    let traveller = Traveller { rule, streams: vec![vec![event("info"), event("start")]], schema: None };
    let sigma = TARGETS.find("sigma").expect("the target");
    let settings = Trip::Sigma.legs()[0].2.clone();
    let output = compile(&traveller.rule, sigma, &settings).expect("it compiles").artifact.text;
    assert!(output.contains("event.type|cased: 'info'"), "{output}");
    let returned = read(Language::Sigma, &output, None).expect("it reads");
    assert_eq!(verdicts(&traveller, &returned), Ok((1, 1)));
}
