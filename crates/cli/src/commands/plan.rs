//! Plans of many rules: `eqlc compile -t native -o plan.bin`, and how `eqlc run` is given one.

use std::io;
use std::path::{Path, PathBuf};

use eqlc_diagnostics::Diagnostics;
use eqlc_driver::{
    Compiled, FixedSettings, LoadOptions, LogSourceFields, StoredPlan, Unit, compile, is_plan_name,
    write_whole,
};
use eqlc_ir::Rule;

use super::select::Selected;
use super::{count, load_rules};
use crate::args::{CompileArgs, FixedArgs, RunArgs};
use crate::console::{Console, Exit};

/// The target whose outputs are plans.
const NATIVE: &str = "native";

/// The target, if one plan is asked for and not an output for each rule.
pub(super) fn target<'a, 'r>(path: &Path, targets: &'a [Selected<'r>]) -> Option<&'a Selected<'r>> {
    match targets {
        [only] if only.backend.target().id == NATIVE && is_plan_name(path) && !path.is_dir() => Some(only),
        _ => None,
    }
}

/// Whether something is said of what is fixed in a plan.
pub(super) fn is_fixed(args: &FixedArgs) -> bool {
    !args.log_source_fields.is_empty() || args.fields.is_given()
}

/// The fields of a log source; none: these are other than three.
pub(super) fn log_source(names: &[String]) -> Option<LogSourceFields> {
    match names {
        [] => Some(LogSourceFields::default()),
        [product, category, service] => Some(LogSourceFields {
            product: product.clone(),
            category: category.clone(),
            service: service.clone(),
        }),
        _ => None,
    }
}

/// What is said of a list that is no log source.
pub(super) const BAD_LOG_SOURCE: &str =
    "`--log-source-fields` takes three names: product, category and service";

/// Compiles all rules to one plan. Rules that cannot be evaluated are reported and left out.
pub(super) fn make(
    (path, target): (&Path, &Selected<'_>),
    args: &CompileArgs,
    options: LoadOptions,
    console: &mut Console,
) -> io::Result<Exit> {
    let Some(log_source) = log_source(&args.fixed.log_source_fields) else {
        return console.usage(BAD_LOG_SOURCE);
    };
    let fields = &args.fixed.fields;
    let fixed = FixedSettings {
        timestamp_field: fields.timestamp_field.clone(),
        tiebreaker_field: fields.tiebreaker_field.clone(),
        category_field: fields.event_category_field.clone(),
        log_source,
    };
    let loaded = match load_rules(&args.rules.rules, options, console)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let mut exit = loaded.exit;
    let (rules, of, mut refused) = runnable(&loaded.units, target, console)?;
    let made = match StoredPlan::make(rules, fixed) {
        Ok(made) => made,
        Err(diagnostic) => {
            console.plain(&[*diagnostic])?;
            return Ok(exit.max(Exit::Usage));
        }
    };
    let (file, left_out) = made;
    for (rule, diagnostic) in &left_out {
        if let Some(unit) = of.get(*rule).and_then(|unit| loaded.units.get(*unit)) {
            console.diagnostics(&unit.sources, std::slice::from_ref(diagnostic))?;
        }
    }
    refused += left_out.len();
    let held = of.len().saturating_sub(left_out.len());
    if refused > 0 {
        exit = exit.max(Exit::BrokenRules);
    }
    if held == 0 {
        return console.closing("there is no rule for a plan").map(|()| exit);
    }
    if let Err(diagnostic) = write_whole(path, file) {
        console.plain(&[*diagnostic])?;
        return Ok(Exit::Usage);
    }
    let refused = if refused > 0 { format!(", {refused} refused") } else { String::new() };
    console.closing(&format!("compiled {} to a plan{refused}", count(held, "rule")))?;
    Ok(exit)
}

/// The rules that the target takes, the unit of each, and how many it refuses.
fn runnable(
    units: &[Unit],
    target: &Selected<'_>,
    console: &mut Console,
) -> io::Result<(Vec<Rule>, Vec<usize>, usize)> {
    let (mut rules, mut of, mut refused) = (Vec::new(), Vec::new(), 0);
    for (at, unit) in units.iter().enumerate() {
        for rule in &unit.rules {
            match compile(&rule.rule, target.backend, &target.settings) {
                Ok(Compiled { artifact, .. }) => {
                    let losses: Diagnostics =
                        artifact.losses.iter().map(|loss| loss.to_diagnostic(&artifact.target)).collect();
                    console.diagnostics(&unit.sources, &losses)?;
                    rules.push(rule.rule.clone());
                    of.push(at);
                }
                Err(refusal) => {
                    console.diagnostics(&unit.sources, &refusal)?;
                    refused += 1;
                }
            }
        }
    }
    Ok((rules, of, refused))
}

/// What a run is over: the plan that it is given, if it is given one, and the events.
pub(super) type Given<'a> = (Option<&'a Path>, &'a [PathBuf]);

/// Tells a plan from rules and from events.
///
/// # Errors
/// What is wrong with the command line.
pub(super) fn given(args: &RunArgs) -> Result<Given<'_>, String> {
    let is_plan = |path: &PathBuf| is_plan_name(path) || StoredPlan::is_plan(path);
    let (plan, events) = match (args.rules.as_slice(), &args.query, args.events.split_first()) {
        ([], None, Some((first, events))) if is_plan(first) => (Some(first.as_path()), events),
        ([], None, _) => {
            return Err(
                "nothing is to be run: `--rules RULES`, `--query QUERY`, or a plan before the events"
                    .to_owned(),
            );
        }
        ([plan], None, _) if is_plan(plan) => (Some(plan.as_path()), args.events.as_slice()),
        (rules, _, _) => match rules.iter().find(|path| is_plan(path)) {
            Some(plan) => {
                return Err(format!(
                    "a plan holds all rules of a run: nothing can be added to `{}`",
                    plan.display()
                ));
            }
            None => (None, args.events.as_slice()),
        },
    };
    if let Some(plan) = events.iter().find(|path| StoredPlan::is_plan(path)) {
        return Err(format!("`{}` is a plan, which stands alone before the events", plan.display()));
    }
    if events.is_empty() {
        return Err("there are no events to run the plan over".to_owned());
    }
    match plan.and(fixed_in_plan(args)) {
        Some(option) => {
            Err(format!("`{option}` does not go with a plan, in which it is fixed by `eqlc compile`"))
        }
        None => Ok((plan, events)),
    }
}

/// An option that a run over a plan cannot have.
fn fixed_in_plan(args: &RunArgs) -> Option<&'static str> {
    let fields = &args.search.order.fields;
    [
        (fields.timestamp_field.is_some(), "--timestamp-field"),
        (fields.tiebreaker_field.is_some(), "--tiebreaker-field"),
        (fields.event_category_field.is_some(), "--event-category-field"),
        (!args.follow.log_source_fields.is_empty(), "--log-source-fields"),
        (args.search.size.is_some(), "--size"),
        (!args.reading.pipeline.is_empty(), "--pipeline"),
        (!args.reading.placeholders.is_empty(), "--placeholders"),
    ]
    .into_iter()
    .find_map(|(given, name)| given.then_some(name))
}
