//! The engines, each with one rule.

use std::collections::BTreeMap;

use eqlc_events::Event;
use eqlc_ir::LogSource;
use rsigma_eval::{CorrelationConfig, CorrelationEngine, Engine as Rsigma, JsonEvent};
use serde_json::{Map, Value as Json};

use eqlc_tests::divergence::flatten;

/// The engines by name.
pub(crate) const ENGINES: [&str; 2] = ["sigma-rust", "rsigma-eval"];

/// An engine that was not written here, with a rule.
pub(crate) enum Engine {
    SigmaRust(Box<sigma_rust::Rule>),
    Rsigma(Box<Rsigma>),
}

impl Engine {
    /// The engine with a rule, or what it says of the rule.
    pub(crate) fn with(name: &str, rule: &str) -> Result<Self, String> {
        if name == "sigma-rust" {
            let rule = sigma_rust::rule_from_yaml(rule).map_err(|error| error.to_string())?;
            return Ok(Self::SigmaRust(Box::new(rule)));
        }
        let rules = rsigma_parser::parse_sigma_yaml(rule).map_err(|error| error.to_string())?;
        if let Some(error) = rules.errors.first() {
            return Err(error.clone());
        }
        let mut engine = Rsigma::new();
        engine.add_collection(&rules).map_err(|error| error.to_string())?;
        Ok(Self::Rsigma(Box::new(engine)))
    }

    /// Whether the detection of the rule matches; its log source is not looked at.
    pub(crate) fn matches(&self, event: &Event) -> bool {
        match self {
            Self::SigmaRust(rule) => {
                let event = sigma_rust::event_from_json(&plain(event).to_string()).expect("an event");
                rule.is_match(&event)
            }
            Self::Rsigma(engine) => {
                let event = Json::Object(flat(event));
                !engine.evaluate(&JsonEvent::borrow(&event)).is_empty()
            }
        }
    }
}

/// Whether a file of correlations alerts on a stream, in rsigma, or what it says of the file.
pub(crate) fn alerts(file: &str, events: &[Event]) -> Result<bool, String> {
    let rules = rsigma_parser::parse_sigma_yaml(file).map_err(|error| error.to_string())?;
    if let Some(error) = rules.errors.first() {
        return Err(error.clone());
    }
    let sources: BTreeMap<&str, LogSource> = rules
        .rules
        .iter()
        .map(|rule| {
            let source = &rule.logsource;
            let (product, category) = (source.product.clone(), source.category.clone());
            (rule.title.as_str(), LogSource { product, category, service: source.service.clone() })
        })
        .collect();
    let mut engine = CorrelationEngine::new(CorrelationConfig::default());
    engine.add_collection(&rules).map_err(|error| error.to_string())?;
    let mut found = false;
    for event in events {
        let time = event.timestamp("@timestamp").expect("a time").nanos().div_euclid(1_000_000_000);
        let time = i64::try_from(time).expect("seconds");
        let value = Json::Object(flat(event));
        let value = JsonEvent::borrow(&value);
        // Which log an event is from is the caller's part.
        let mut matching = engine.evaluate(&value);
        matching.retain(|found| {
            sources.get(found.header.rule_title.as_str()).is_none_or(|source| is_from(event, source))
        });
        let results = engine.process_with_detections(&value, matching, time);
        found |= results.iter().any(rsigma_eval::EvaluationResult::is_correlation);
    }
    Ok(found)
}

/// Whether an event is from a log.
pub(crate) fn is_from(event: &Event, source: &LogSource) -> bool {
    let has = |path: &str, wanted: &Option<String>| {
        wanted
            .as_ref()
            .is_none_or(|wanted| event.values(path).iter().any(|value| value.to_string() == *wanted))
    };
    has("logsource.product", &source.product)
        && has("logsource.category", &source.category)
        && has("logsource.service", &source.service)
}

/// The event with dotted names at one level, which both look for, without its log source.
fn flat(event: &Event) -> Map<String, Json> {
    let mut fields = event.fields().clone();
    fields.retain(|name, _| name != "logsource" && !name.starts_with("logsource."));
    let mut flat = Map::new();
    flatten(&Json::Object(fields), "", &mut flat);
    flat
}

/// The event as sigma-rust takes it: a list of one value says the same as the value.
fn plain(event: &Event) -> Json {
    let mut flat = flat(event);
    for value in flat.values_mut() {
        if let Json::Array(items) = value
            && let [only] = items.as_slice()
        {
            *value = only.clone();
        }
    }
    Json::Object(flat)
}
