//! Whose names events have, and rules in those names.
//!
//! A rule in the names of Sigma asks for a log source, one in those of ECS for a category, so that a rule in foreign
//! names is silent about an event. Where the events of a source have other names than a rule, the rule is therefore
//! run in these names *too*: as the maps of the targets give it, which is the same that `eqlc compile` writes.

use eqlc_backend::mapping::taxonomy_of;
use eqlc_backend::{EventMap, Settings, map_rule};
use eqlc_diagnostics::Diagnostic;
use eqlc_diagnostics::codes::files as codes;
use eqlc_events::{Batch, Event};
use eqlc_ir::{Rule, Taxonomy};
use serde::{Deserialize, Serialize};

use crate::registry::Registry;
use crate::run::RunSettings;

/// Events of a source that are looked at to tell whose names they have.
const LOOKED_AT: usize = 100;

/// Fields that events in the names of ECS have, whatever they tell of.
const OF_ECS: [&str; 6] =
    ["event.category", "event.kind", "event.type", "event.dataset", "ecs.version", "host.os.type"];

/// Whose names the events of a source have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

    /// Those of both.
    pub(super) fn and(self, other: Self) -> Self {
        Self { ecs: self.ecs && other.ecs, sigma: self.sigma && other.sigma }
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
    /// What became of the rules, for each kind of names.
    pub(super) foreign: Vec<Foreign>,
}

/// What became of rules in names that are not theirs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Foreign {
    /// Whether the rules have the names of Sigma and the events those of ECS, and not the other way round.
    to_ecs: bool,
    /// Rules that are read with the other names.
    read: usize,
    /// How many of them mean nearly the same there.
    approximate: usize,
    /// Rules that have no form in the other names.
    refused: usize,
}

/// Rules in the names that events have and they have not.
pub(super) fn forms(rules: &[Rule], names: Names) -> Forms {
    let mut forms = Forms::default();
    for (of, asked) in [(Taxonomy::Sigma, names.ecs), (Taxonomy::Ecs, names.sigma)] {
        if asked {
            add(rules, &of, &mut forms);
        }
    }
    forms
}

/// The names in which some of these rules are not written.
pub(super) fn foreign_to(rules: &[Rule]) -> Names {
    let some = |of: &Taxonomy| rules.iter().any(|rule| taxonomy_of(rule) == *of);
    Names { ecs: some(&Taxonomy::Sigma), sigma: some(&Taxonomy::Ecs) }
}

/// Adds the rules of one taxonomy in the names of another.
fn add(rules: &[Rule], of: &Taxonomy, forms: &mut Forms) {
    let foreign: Vec<(usize, &Rule)> =
        rules.iter().enumerate().filter(|(_, rule)| taxonomy_of(rule) == *of).collect();
    if foreign.is_empty() {
        return;
    }
    let to_ecs = *of == Taxonomy::Sigma;
    let (mut approximate, mut refused) = (0usize, 0usize);
    let id = if to_ecs { "elasticsearch" } else { "sigma" };
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
    let read = foreign.len().saturating_sub(refused);
    forms.foreign.push(Foreign { to_ecs, read, approximate, refused });
}

impl Foreign {
    /// What is to be said of it.
    pub(super) fn diagnostic(&self) -> Diagnostic {
        let (from, to) = if self.to_ecs { ("Sigma", "ECS") } else { ("ECS", "Sigma") };
        let mut said = Vec::new();
        if self.read > 0 {
            said.push(format!("{} read with the names of {to}", rules_are(self.read)));
        }
        if self.approximate > 0 {
            said.push(format!("{} of them approximately", self.approximate));
        }
        if self.refused > 0 {
            said.push(format!("{} no form in them and cannot match there", have(self.refused)));
        }
        let message = format!("events have names of {to}, and rules those of {from}: {}", said.join(", "));
        let help = "`--taxonomy rules` reads events only with the names that rules are written in";
        Diagnostic::warning(codes::FOREIGN_NAMES, message).help(help)
    }
}

fn rules_are(count: usize) -> String {
    if count == 1 { "1 rule is".to_owned() } else { format!("{count} rules are") }
}

fn have(count: usize) -> String {
    if count == 1 { "1 has".to_owned() } else { format!("{count} have") }
}
