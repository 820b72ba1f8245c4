//! The typed form and the targets.

use std::sync::LazyLock;

use eqlc_backend::Settings;
use eqlc_backend_native::reference::{self, RunOptions};
use eqlc_diagnostics::has_errors;
use eqlc_driver::Registry;
use eqlc_eql::{Dialect, parse_with, print};
use eqlc_events::Event;
use eqlc_ir::{Rule, normalise};
use eqlc_lower::eql::{Context, Lowered};
use serde_json::json;

use super::{DIALECTS, fragment, places_are_in};

/// A text without errors means what its print means. Findings lie in the text. The rule goes through the normaliser
/// and every target.
pub fn lower(text: &str) {
    for options in DIALECTS {
        let parsed = parse_with(&fragment(text), options);
        let context = Context { dialect: options.dialect, ..Context::default() };
        let (lowered, found) = eqlc_lower::eql::lower(&parsed.tree, &context);
        places_are_in(text, &found);
        let Some(lowered) = lowered.filter(|_| !has_errors(&parsed.diagnostics)) else { continue };
        let printed = print(&parsed.tree);
        let again = meaning(&printed, options.dialect);
        assert!(again.as_ref() == Some(&lowered), "{text:?} prints as {printed:?}, which means {again:?}");
        outputs(rule(lowered));
    }
}

fn meaning(text: &str, dialect: Dialect) -> Option<Lowered> {
    let parsed = parse_with(&fragment(text), eqlc_eql::Options { dialect });
    eqlc_lower::eql::lower(&parsed.tree, &Context { dialect, ..Context::default() }).0
}

fn rule(lowered: Lowered) -> Rule {
    Rule { id: "rule".to_owned(), meta: std::sync::Arc::default(), body: lowered.body, pipes: lowered.pipes }
}

/// The normal form is its own normal form. What a target takes it gives in a form that reads back.
pub(super) fn outputs(rule: Rule) {
    static TARGETS: LazyLock<Registry> = LazyLock::new(|| Registry::new().expect("every target"));
    let once = normalise(rule);
    assert_eq!(normalise(once.clone()), once);
    let _ = eqlc_ir::text::rule(&once);
    for target in TARGETS.iter() {
        let settings = Settings::default();
        let Ok(compiled) = eqlc_driver::compile(&once, target, &settings) else { continue };
        let back = target.read_back(&compiled.artifact);
        assert!(back.is_ok(), "{}: {}\n{:?}", target.target().id, compiled.artifact.text, back.err());
    }
    // Whatever it answers: a rule that cannot be run says so.
    let _ = reference::run(&once, &EVENTS, &RunOptions::default());
    let _ = eqlc_ir::normalise::canonical(once);
}

/// Three events with what queries ask for most: one with texts, one with several values, one with nothing.
static EVENTS: LazyLock<Vec<Event>> = LazyLock::new(|| {
    let process = json!({"name": "cmd.exe", "pid": 4, "args": ["a", "B", "*"], "entity_id": "1"});
    let values = [
        json!({"@timestamp": 1, "event": {"category": "process"}, "process": process, "user": {"id": "u"}}),
        json!({"@timestamp": 2, "event.category": ["file", "process"], "a": [1, 2.5, "x"], "source.ip": "10.0.0.1"}),
        json!({"@timestamp": "2020-01-01T00:00:00Z"}),
    ];
    values.into_iter().enumerate().filter_map(|(at, value)| Event::from_json(value, at)).collect()
});
