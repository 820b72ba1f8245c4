//! rsigma's engine as a library: events are parsed with `serde_json` and given to `Engine::evaluate`.

use std::path::Path;

use rsigma_eval::event::JsonEvent;
use rsigma_eval::{Engine, LogSourceExtractor};

use super::{Evaluate, Failure};

/// How rules are chosen by log source, from `product`, `category` and `service` of the events.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Routing {
    /// Every rule is asked.
    None,
    /// A rule is left out where it and the event name different ones, as `rsigma engine eval --logsource-routing`.
    Conflicts,
    /// A rule is asked only where the event names all that it does. What this gives is what eqlc means.
    Exact,
}

pub(crate) fn evaluator(rules: &Path, routing: Routing) -> Result<(usize, Evaluate), Failure> {
    let collection = rsigma_parser::parse_sigma_directory(rules)?;
    let mut engine = Engine::new();
    engine.add_rules(&collection.rules);
    if routing == Routing::Conflicts {
        engine.set_logsource_extractor(Some(LogSourceExtractor::new()));
    }
    let extractor = LogSourceExtractor::new();
    let evaluate: Evaluate = Box::new(move |text, matches| {
        let value: serde_json::Value = serde_json::from_slice(text)?;
        let event = JsonEvent::borrow(&value);
        let found = match routing {
            Routing::Exact => engine.evaluate_with_logsource(&event, &extractor.extract(&event)),
            Routing::None | Routing::Conflicts => engine.evaluate(&event),
        };
        for result in found {
            let id = result.header.rule_id.unwrap_or(result.header.rule_title);
            *matches.entry(id).or_default() += 1;
        }
        Ok(())
    });
    Ok((collection.rules.len(), evaluate))
}
