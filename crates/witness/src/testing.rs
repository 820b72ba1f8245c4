//! Rules from texts, for tests.

use eqlc_diagnostics::Fragment;
use eqlc_eql::{Dialect, Options};
use eqlc_ir::{Body, EventQuery, Rule, normalise};
use eqlc_lower::eql::Context;
use eqlc_schema::Schema;
use serde_json::Value as Json;

use crate::{Change, Outcome, Probe, Search};

/// The rule of an EQL query, Endpoint's dialect included.
#[track_caller]
pub(crate) fn eql(text: &str) -> Rule {
    let fragment = Fragment::verbatim(Default::default(), 0, text);
    let parsed = eqlc_eql::parse_with(&fragment, Options { dialect: Dialect::Endpoint });
    assert_eq!(parsed.diagnostics, [], "{text}");
    let context = Context { dialect: Dialect::Endpoint, ..Context::default() };
    let (lowered, found) = eqlc_lower::eql::lower_unlinted(&parsed.tree, &context);
    let lowered = lowered.unwrap_or_else(|| panic!("{text}: {found:?}"));
    let (id, meta) = Default::default();
    normalise(Rule { id, meta, body: lowered.body, pipes: lowered.pipes })
}

/// The last rule of a Sigma file: the correlation, where there is one.
#[track_caller]
pub(crate) fn sigma(text: &str) -> Rule {
    let parsed = eqlc_sigma::parse(&Fragment::verbatim(Default::default(), 0, text));
    assert_eq!(parsed.diagnostics, [], "{text}");
    let (rules, found) = eqlc_lower::sigma::lower(&parsed.tree, Schema::ecs());
    normalise(rules.into_iter().last().unwrap_or_else(|| panic!("{text}: {found:?}")))
}

pub(crate) fn query(rule: &Rule) -> &EventQuery {
    match &rule.body {
        Body::Event(query) => query,
        other => panic!("{other:?} is no query of one event"),
    }
}

/// The events of the witness of a rule.
#[track_caller]
pub(crate) fn events(rule: &Rule) -> Vec<Json> {
    match Search::new().witness(rule) {
        Outcome::Found(found) => found.into_iter().next().expect("one").events,
        other => panic!("{other:?}"),
    }
}

/// The value of a field in an event.
pub(crate) fn at<'e>(event: &'e Json, path: &str) -> &'e Json {
    event.pointer(&format!("/{}", path.replace('.', "/"))).unwrap_or(&Json::Null)
}

/// What is proven of a rule: field, wanted test, others; as they were written.
#[track_caller]
pub(crate) fn proofs(rule: &Rule, text: &str) -> Vec<String> {
    let shown = |span: eqlc_diagnostics::Span| text.get(span.range()).unwrap_or_default().to_owned();
    match Search::new().witness(rule) {
        Outcome::Never(why) => why
            .into_iter()
            .map(|one| {
                let others: Vec<String> = one.others.into_iter().map(shown).collect();
                format!("{}: {} | {}", one.field, shown(one.wanted), others.join(" | "))
            })
            .collect(),
        other => panic!("{other:?}"),
    }
}

/// The near misses of a rule, a line each: change, field, verdict.
pub(crate) fn misses(rule: &Rule) -> Vec<Probe> {
    Search::new().near_misses(rule)
}

/// How near misses of a kind turn out: label and verdict.
pub(crate) fn verdicts(probes: &[Probe], change: Change) -> Vec<(String, bool)> {
    probes
        .iter()
        .filter(|probe| probe.change == change)
        .map(|probe| (probe.to_string(), probe.matches))
        .collect()
}
