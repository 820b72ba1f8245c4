//! Passes 5 to 8 for one rule and one target: map, legalise, emit, print.

use eqlc_backend::mapping::taxonomy_of;
use eqlc_backend::{
    Artifact, Backend, Legal, Mapped, Settings, lacking, legalise, map_rule, without_presence,
};
use eqlc_diagnostics::Diagnostics;
use eqlc_ir::Rule;
use rayon::prelude::*;

use crate::load::{LoadedRule, Unit};

/// A backend with the settings to use it with.
pub type Chosen<'a> = (&'a dyn Backend, &'a Settings);

/// The outputs of one rule, in the order of the backends.
#[derive(Debug)]
pub struct RuleOutputs<'a> {
    /// The rule.
    pub rule: &'a LoadedRule,
    /// An output for each backend, or why there is none.
    pub outputs: Vec<Result<Compiled, Diagnostics>>,
}

/// A rule compiled for a target.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The rule within what the target has, in its taxonomy.
    pub legal: Legal,
    /// The output.
    pub artifact: Artifact,
}

/// Passes 5 and 6.
///
/// # Errors
/// What the target cannot hold.
pub fn legal(rule: &Rule, backend: &dyn Backend, settings: &Settings) -> Result<Legal, Diagnostics> {
    let (rule, mut bent) = without_presence(rule.clone(), backend.target());
    let Mapped { rule, losses } = match backend.event_map(settings, &taxonomy_of(&rule)) {
        Some(map) if map.is_needed_for(&rule) => map_rule(&rule, map, settings)
            .map_err(|refused| [lacking(&rule, backend.target()), refused].concat())?,
        _ => Mapped { rule, losses: Vec::new() },
    };
    bent.extend(losses);
    let losses = bent;
    legalise(rule, losses, backend.target())
}

/// Passes 5 to 8.
///
/// # Errors
/// What the target cannot hold.
pub fn compile(rule: &Rule, backend: &dyn Backend, settings: &Settings) -> Result<Compiled, Diagnostics> {
    let legal = legal(rule, backend, settings)?;
    let artifact = backend.emit(&legal, settings)?;
    Ok(Compiled { legal, artifact })
}

/// Compiles every rule of every unit, several units at a time; results in the order of the units.
#[must_use]
pub fn compile_units<'a>(units: &'a [Unit], chosen: &[Chosen<'_>]) -> Vec<Vec<RuleOutputs<'a>>> {
    let of_rule = |rule: &'a LoadedRule| RuleOutputs {
        rule,
        outputs: chosen.iter().map(|(backend, settings)| compile(&rule.rule, *backend, settings)).collect(),
    };
    units.par_iter().map(|unit| unit.rules.iter().map(of_rule).collect()).collect()
}
