//! What is run: rules as they were read, or a plan.

use std::io;

use eqlc_diagnostics::{Diagnostic, SourceMap};
use eqlc_driver::{
    EventFilter, LoadOptions, Names, RunSettings, StoredPlan, Stream, StreamSettings, Unit, load_query,
    load_rules,
};
use eqlc_ir::Rule;

use super::super::find_rules;
use crate::args::RunArgs;
use crate::console::{Console, Exit};

/// What is run.
pub(super) enum Rules {
    Loaded(Loaded),
    Plan(Box<StoredPlan>),
}

/// Rules that were read, of which no more is held than it takes to run them.
pub(super) struct Loaded {
    pub(super) units: Vec<Held>,
    pub(super) exit: Exit,
}

/// The rules of an input.
pub(super) struct Held {
    /// Its text.
    pub(super) sources: SourceMap,
    pub(super) rules: Vec<Rule>,
}

impl Loaded {
    const NOTHING: Self = Self { units: Vec::new(), exit: Exit::Fine };

    /// The query first, then the rules; what was found in them is reported. `Err` of the answer: how the run ends at
    /// once.
    pub(super) fn load(
        args: &RunArgs,
        options: &LoadOptions,
        console: &mut Console,
    ) -> io::Result<Result<Self, Exit>> {
        let (inputs, exit) = match args.rules.as_slice() {
            [] => (Vec::new(), Exit::Fine),
            paths => match find_rules(paths, console)? {
                Ok(found) => found,
                Err(exit) => return Ok(Err(exit)),
            },
        };
        let mut loaded = Self { exit, ..Self::NOTHING };
        for (unit, rules) in load_rules(&inputs, options.clone()) {
            loaded.add(unit, rules, console)?;
        }
        if let Some(query) = &args.query {
            let mut unit = load_query(query, options.clone());
            let rules = std::mem::take(&mut unit.rules).into_iter().map(|rule| rule.rule).collect();
            loaded.add(unit, rules, console)?;
            loaded.units.rotate_right(1);
        }
        // A query that cannot run would leave nothing but the reading of events.
        let nothing = loaded.rules() == 0 && loaded.exit == Exit::BrokenRules;
        Ok(if nothing && args.rules.is_empty() { Err(Exit::BrokenRules) } else { Ok(loaded) })
    }

    fn add(&mut self, unit: Unit, rules: Vec<Rule>, console: &mut Console) -> io::Result<()> {
        self.exit = self.exit.max(super::super::report(&unit, console)?);
        self.units.push(Held { sources: unit.sources, rules });
        Ok(())
    }

    pub(super) fn rules(&self) -> usize {
        self.units.iter().map(|unit| unit.rules.len()).sum()
    }
}

impl Rules {
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Loaded(loaded) => loaded.exit,
            Self::Plan(_) => Exit::Fine,
        }
    }

    /// The settings of the run, with what is fixed in a plan.
    pub(super) fn settings(&self, run: RunSettings) -> RunSettings {
        match self {
            Self::Loaded(_) => run,
            Self::Plan(plan) => plan.settings(run),
        }
    }

    /// For each rule which unit it is of; a plan has none.
    pub(super) fn units(&self) -> Vec<usize> {
        let Self::Loaded(loaded) = self else { return Vec::new() };
        let units = loaded.units.iter().enumerate();
        units.flat_map(|(at, unit)| std::iter::repeat_n(at, unit.rules.len())).collect()
    }

    /// Makes the rules ready. They go, or the file of the plan: only what is run is held.
    pub(super) fn stream(
        &mut self,
        names: Names,
        filter: Option<&EventFilter>,
        settings: &StreamSettings,
    ) -> Result<Stream, Box<Diagnostic>> {
        match self {
            Self::Loaded(loaded) => {
                let units = loaded.units.iter_mut();
                let rules = units.flat_map(|unit| std::mem::take(&mut unit.rules)).collect();
                Ok(Stream::new(rules, names, filter, settings))
            }
            Self::Plan(plan) => {
                let stream = Stream::of_plan(plan, names, filter, settings);
                *self = Self::Loaded(Loaded::NOTHING);
                stream
            }
        }
    }

    /// The text of a unit.
    pub(super) fn sources(&self, unit: usize) -> Option<&SourceMap> {
        match self {
            Self::Loaded(loaded) => loaded.units.get(unit).map(|unit| &unit.sources),
            Self::Plan(_) => None,
        }
    }
}
