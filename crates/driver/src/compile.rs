//! Passes 5 to 8 for one rule and one target: map, legalise, emit, print.

use eqlc_backend::{
    Artifact, Backend, Legal, Mapped, Settings, lacking, legalise, map_rule, without_presence,
};
use eqlc_diagnostics::Diagnostics;
use eqlc_ir::{Rule, normalise};

use crate::batch::{Batches, Bytes};
use crate::input::Input;
use crate::load::{LoadOptions, Unit, load_as};

/// A backend with the settings to use it with.
pub type Chosen<'a> = (&'a dyn Backend, &'a Settings);

/// The outputs of one rule, in the order of the backends.
#[derive(Debug)]
pub struct RuleOutputs {
    /// Place among the rules of its input, from 0.
    pub nth: usize,
    /// An output for each backend, or why there is none.
    pub outputs: Vec<Result<Artifact, Diagnostics>>,
}

/// The outputs of one input.
#[derive(Debug)]
pub struct CompiledUnit {
    /// The input with what was found in it; its rules are gone.
    pub unit: Unit,
    /// The outputs of its rules.
    pub rules: Vec<RuleOutputs>,
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
    let (rule, mut bent) = without_presence(rule, backend.target());
    let Mapped { rule, losses } = match backend.event_map(settings, &rule) {
        Some(map) if map.is_needed_for(&rule) => map_rule(&rule, map, settings)
            .map_err(|refused| [lacking(&rule, backend.target()), refused].concat())?,
        _ => Mapped { rule: rule.into_owned(), losses: Vec::new() },
    };
    bent.extend(losses);
    let losses = bent;
    legalise(rule, losses, backend.target())
}

/// Passes 5 to 8.
///
/// # Errors
/// What the target cannot hold, with the options that would allow it.
pub fn compile(rule: &Rule, backend: &dyn Backend, settings: &Settings) -> Result<Compiled, Diagnostics> {
    let compiled = compile_with(rule, backend, settings);
    compiled.map_err(|refused| advised(refused, rule, backend, settings))
}

/// Adds to a refusal the options of the target one of which allows the rule.
fn advised(mut refused: Diagnostics, rule: &Rule, backend: &dyn Backend, settings: &Settings) -> Diagnostics {
    // What is about the size of the whole is so with every option.
    if refused.iter().all(|one| one.span().is_none()) {
        return refused;
    }
    let target = backend.target();
    let others = target.options.iter().flat_map(|option| {
        let chosen = settings.option(target, &option.name);
        option.values.iter().filter(move |value| *value != chosen).map(move |value| (&option.name, value))
    });
    let allowed = others.filter(|(name, value)| {
        let mut other = settings.clone();
        other.options.insert((*name).clone(), (*value).clone());
        compile_with(rule, backend, &other).is_ok()
    });
    let allowed: Vec<String> = allowed.map(|(name, value)| format!("`-O {name}={value}`")).collect();
    if let (Some(first), false) = (refused.first_mut(), allowed.is_empty()) {
        first.help.push(format!("the target has a form for the rule with {}", allowed.join(" or ")));
    }
    refused
}

fn compile_with(rule: &Rule, backend: &dyn Backend, settings: &Settings) -> Result<Compiled, Diagnostics> {
    let legal = legal(rule, backend, settings)?;
    let artifact = backend.emit(&legal, settings)?;
    Ok(Compiled { legal, artifact })
}

/// Loads inputs and compiles every rule of them, several inputs at a time and a batch after the other; results in the
/// order of the inputs. No more than the trees of a batch are held at once.
pub fn compile_inputs(
    inputs: &[Input],
    options: LoadOptions,
    chosen: &[Chosen<'_>],
) -> impl Iterator<Item = CompiledUnit> {
    let outputs = |rule: &Rule| {
        let output = |(backend, settings): &Chosen<'_>| compile(rule, *backend, settings);
        chosen.iter().map(|chosen| output(chosen).map(|compiled| compiled.artifact)).collect()
    };
    let compiled = move |input: &Input, bytes: Bytes, options: &LoadOptions| {
        let of_rule = |nth, _, lowered| RuleOutputs { nth, outputs: outputs(&normalise(lowered)) };
        let (unit, rules) = load_as(input, bytes, options, of_rule);
        CompiledUnit { unit, rules }
    };
    Batches::new(inputs, options, compiled).flatten()
}
