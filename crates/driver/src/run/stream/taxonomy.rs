//! Whose names events have, and rules in those names.
//!
//! A rule in the names of Sigma asks for a log source, one in those of ECS for a category, so that a rule in foreign
//! names is silent about an event. Where the events of a source have other names than a rule, the rule is therefore
//! run in these names *too*: as the maps of the targets give it, which is the same that `eqlc compile` writes.

use eqlc_backend::mapping::taxonomy_of;
use eqlc_backend::{EventMap, Settings, map_rule};
use eqlc_diagnostics::codes::files as codes;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use eqlc_events::{Batch, Event};
use eqlc_ir::{Rule, Taxonomy};

use crate::registry::Registry;
use crate::run::RunSettings;

/// Events of a source that are looked at to tell whose names they have.
const LOOKED_AT: usize = 100;

/// Fields that events in the names of ECS have, whatever they tell of.
const OF_ECS: [&str; 6] =
    ["event.category", "event.kind", "event.type", "event.dataset", "ecs.version", "host.os.type"];

/// Whose names the events of a source have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Those of ECS.
    pub ecs: bool,
    /// Those of Sigma: the events say which log source they are from, or are of the Windows event log.
    pub sigma: bool,
}

impl Names {
    /// Those of either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { ecs: self.ecs || other.ecs, sigma: self.sigma || other.sigma }
    }

    /// Those of the first events of a batch.
    pub(super) fn of(batch: &Batch, settings: &RunSettings) -> Self {
        let source = &settings.log_source;
        let has = |event: &Event, path: &str| !path.is_empty() && !event.values(path).is_empty();
        let of_event = |event: &Event| Self {
            ecs: OF_ECS.iter().any(|path| has(event, path)),
            sigma: [&source.product, &source.category, &source.service].iter().any(|path| has(event, path)),
        };
        let texts = batch.items().take(LOOKED_AT).filter_map(Result::ok);
        let events = texts.filter_map(|raw| {
            let fields = eqlc_events::object(super::hit::event_of(raw.bytes())).ok()?;
            Some(Event::new(fields, 0, raw.line()))
        });
        events.map(|event| of_event(&event)).fold(Self::default(), Self::or)
    }
}

/// Rules in other names than they are written in.
#[derive(Debug, Default)]
pub(super) struct Forms {
    /// The rules in the other names, and which rule each is of.
    pub(super) rules: Vec<(usize, Rule)>,
    /// What is to be said of it.
    pub(super) diagnostics: Diagnostics,
}

/// Rules in the names that events have and they have not.
pub(super) fn forms(rules: &[Rule], names: Names) -> Forms {
    let mut forms = Forms::default();
    for (of, to, asked) in [(Taxonomy::Sigma, "ECS", names.ecs), (Taxonomy::Ecs, "Sigma", names.sigma)] {
        if asked {
            add(rules, &of, to, &mut forms);
        }
    }
    forms
}

/// Adds the rules of one taxonomy in the names of another.
fn add(rules: &[Rule], of: &Taxonomy, to: &str, forms: &mut Forms) {
    let foreign: Vec<(usize, &Rule)> =
        rules.iter().enumerate().filter(|(_, rule)| taxonomy_of(rule) == *of).collect();
    if foreign.is_empty() {
        return;
    }
    let (mut approximate, mut refused) = (0usize, 0usize);
    let id = if *of == Taxonomy::Sigma { "elasticsearch" } else { "sigma" };
    let registry = Registry::of(&[id]);
    let backend = registry.as_ref().ok().and_then(|registry| registry.find(id));
    let settings = Settings::default();
    for (at, rule) in &foreign {
        let map: Option<&EventMap> = backend.and_then(|backend| backend.event_map(&settings, rule));
        match map.filter(|map| map.is_needed_for(rule)).map(|map| map_rule(rule, map, &settings)) {
            Some(Ok(mapped)) => {
                approximate = approximate.saturating_add(usize::from(!mapped.losses.is_empty()));
                forms.rules.push((*at, mapped.rule));
            }
            Some(Err(_)) | None => refused = refused.saturating_add(1),
        }
    }
    let from = if *of == Taxonomy::Sigma { "Sigma" } else { "ECS" };
    let read = foreign.len().saturating_sub(refused);
    let mut said = Vec::new();
    if read > 0 {
        said.push(format!("{} read with the names of {to}", rules_are(read)));
    }
    if approximate > 0 {
        said.push(format!("{approximate} of them approximately"));
    }
    if refused > 0 {
        said.push(format!("{} no form in them and cannot match there", have(refused)));
    }
    let message = format!("events have names of {to}, and rules those of {from}: {}", said.join(", "));
    let finding = Diagnostic::warning(codes::FOREIGN_NAMES, message);
    let help = "`--taxonomy rules` reads events only with the names that rules are written in";
    forms.diagnostics.push(finding.help(help));
}

fn rules_are(count: usize) -> String {
    if count == 1 { "1 rule is".to_owned() } else { format!("{count} rules are") }
}

fn have(count: usize) -> String {
    if count == 1 { "1 has".to_owned() } else { format!("{count} have") }
}
