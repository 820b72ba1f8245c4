//! Passes 5 to 8 for one rule and one target: map, legalise, emit, print.

use eqlc_backend::{Artifact, Backend, Legal, Mapped, Settings, legalise, map_rule};
use eqlc_diagnostics::Diagnostics;
use eqlc_ir::Rule;

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
    let Mapped { rule, losses } = match backend.event_map(settings) {
        Some(map) => map_rule(rule, map, settings)?,
        None => Mapped { rule: rule.clone(), losses: Vec::new() },
    };
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
