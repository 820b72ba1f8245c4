//! Tests of the backend: emitted SQL runs on SQLite with the tables of osquery.

mod artifacts;
mod data;
mod engine;
mod hostile;
mod mapped;
mod packs;
mod predicates;
mod refusals;
mod sequences;
mod several;

use std::sync::OnceLock;

use eqlc_backend::{Artifact, Backend, Legal, Loss, ReadBack, Settings, legalise, map_rule};
use eqlc_diagnostics::{Node, Span};
use eqlc_ir::{
    Body, Case, Category, EventQuery, FieldRef, FieldType, Key, Literal, LogSource, Metadata, Op, Pred, Rule,
    Scalar, Sequence, Step, Taxonomy, TextPattern, normalise,
};

use crate::Osquery;

fn backend() -> &'static Osquery {
    static BACKEND: OnceLock<Osquery> = OnceLock::new();
    BACKEND.get_or_init(|| Osquery::new().unwrap())
}

fn settings(profile: &str, format: &str) -> Settings {
    let mut settings = Settings { format: Some(format.to_owned()), ..Settings::default() };
    settings.options.insert("profile".to_owned(), profile.to_owned());
    settings
}

/// A field of ECS.
fn ecs(path: &str, ty: FieldType) -> FieldRef {
    FieldRef { path: path.into(), taxonomy: Taxonomy::Ecs, ty, optional: false, span: Span::default() }
}

fn keyword(path: &str) -> FieldRef {
    ecs(path, FieldType::Keyword)
}

/// A column of a profile.
fn column(path: &str, ty: FieldType) -> FieldRef {
    FieldRef { taxonomy: Taxonomy::Target("osquery".to_owned()), ..ecs(path, ty) }
}

fn test(field: FieldRef, op: Op) -> Pred {
    Pred::test(Scalar::Field(field), op, Span::default())
}

/// `field == "text"`
fn is(field: &str, text: &str) -> Pred {
    equal(keyword(field), Literal::Str(text.into()))
}

fn equal(field: FieldRef, to: Literal) -> Pred {
    test(field, Op::Compare(eqlc_ir::Comparison::Equal, Scalar::Literal(to)))
}

/// `field : ("pattern", …)`
fn like(field: &str, patterns: &[&str]) -> Pred {
    let patterns = patterns.iter().copied().map(TextPattern::from_eql).collect();
    test(keyword(field), Op::Text(patterns, Case::Insensitive))
}

fn category(names: &[&str]) -> Category {
    Category::OneOf(names.iter().map(|name| Node::new((*name).to_owned(), Span::default())).collect())
}

fn sysmon(name: &str) -> LogSource {
    LogSource {
        product: Some("windows".to_owned()),
        category: Some(name.to_owned()),
        service: Some("sysmon".to_owned()),
    }
}

/// `host.os.type == "windows" and …`
fn windows(name: &str, mut list: Vec<Pred>) -> EventQuery {
    list.insert(0, is("host.os.type", "windows"));
    EventQuery { category: category(&[name]), filter: Pred::All(list) }
}

fn step(query: EventQuery) -> Step {
    Step {
        query,
        by: Vec::new(),
        missing: false,
        runs: 1,
        alias: None,
        span: eqlc_ir::IgnoredSpan::default(),
    }
}

fn keys(paths: &[&str]) -> Vec<Key> {
    paths.iter().map(|path| Key { field: keyword(path) }).collect()
}

fn sequence(by: &[&str], maxspan_ms: Option<u64>, steps: Vec<EventQuery>) -> Body {
    let steps = steps.into_iter().map(step).collect();
    Body::Sequence(Sequence { by: keys(by), maxspan_ms, steps, until: None })
}

fn rule(name: &str, body: Body) -> Rule {
    let meta = Metadata { name: name.to_owned(), ..Metadata::default() };
    normalise(Rule { id: name.to_owned(), meta: meta.into(), body, pipes: Vec::new() })
}

/// Maps and legalises a rule over ECS.
fn legal(rule: &Rule, profile: &str) -> Legal {
    let (backend, settings) = (backend(), settings(profile, "query"));
    let mapped = map_rule(rule, backend.event_map(&settings, rule).unwrap(), &settings).unwrap();
    legalise(mapped.rule, mapped.losses, backend.target()).unwrap()
}

/// The artifact of a rule over ECS; the law of printing is checked on the way.
fn artifact(rule: &Rule, profile: &str, format: &str) -> Artifact {
    let artifact = backend().emit(&legal(rule, profile), &settings(profile, format)).unwrap();
    reads_back(&artifact);
    artifact
}

/// The query of an artifact that prints as it was read.
fn reads_back(artifact: &Artifact) -> String {
    match backend().read_back(artifact).unwrap() {
        ReadBack::Sql { query, reprinted } => {
            assert_eq!(query, reprinted);
            query
        }
        other => panic!("no SQL: {other:?}"),
    }
}

/// The artifact of a rule over columns of a profile.
fn direct(body: Body) -> Result<Artifact, eqlc_diagnostics::Diagnostics> {
    let backend = backend();
    let legal = legalise(rule("direct", body), Vec::new(), backend.target())?;
    backend.emit(&legal, &settings("sysmon", "query"))
}

/// Losses as lines.
fn lines(losses: &[Loss]) -> String {
    losses
        .iter()
        .map(|loss| format!("{} {}: {} ({})", loss.code.as_str(), loss.direction, loss.why, loss.place))
        .collect::<Vec<_>>()
        .join("\n")
}
