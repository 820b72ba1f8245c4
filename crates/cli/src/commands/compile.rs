//! `eqlc compile`

use std::io::{self, Write};
use std::path::Path;

use eqlc_diagnostics::Diagnostics;
use eqlc_driver::{
    Artifact, Chosen, Compiled, LoadedRule, OutputFolder, Registry, RuleOutputs, Unit, compile_units, legal,
    write_whole,
};
use eqlc_ir::text;

use super::select::{Selected, select};
use super::{Loaded, count, load_checked};
use crate::args::{CompileArgs, Stage};
use crate::console::{Console, Exit};

pub(crate) fn run(args: &CompileArgs, console: &mut Console) -> io::Result<Exit> {
    let registry = match Registry::new() {
        Ok(registry) => registry,
        Err(error) => return console.usage(&error),
    };
    let needs_target = args.emit.is_none_or(|stage| stage == Stage::Legal);
    let asked = (&args.targets, &args.rules.reading);
    let selected = match select(&registry, asked, args.output_format.as_deref(), !needs_target) {
        Ok(selected) => selected,
        Err(message) => return console.usage(&message),
    };
    let loaded = match load_checked(&args.rules, console)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    match args.emit {
        Some(stage) => print_stage(stage, &loaded, &selected, console),
        None => outputs(args, &loaded, &selected, console),
    }
}

/// Prints a stage of every rule.
fn print_stage(
    stage: Stage,
    loaded: &Loaded,
    selected: &[Selected<'_>],
    console: &mut Console,
) -> io::Result<Exit> {
    let mut exit = loaded.exit;
    let mut out = io::stdout().lock();
    for unit in &loaded.units {
        for rule in &unit.rules {
            match stage {
                Stage::Ast => write!(out, "{}", rule.ast)?,
                Stage::Ir => write!(out, "{}", text::rule(&rule.lowered))?,
                Stage::IrNormalised => write!(out, "{}", text::rule(&rule.rule))?,
                Stage::Legal => {
                    for chosen in selected {
                        match legal(&rule.rule, chosen.backend, &chosen.settings) {
                            Ok(legal) => {
                                writeln!(out, "target {}", chosen.backend.target().id)?;
                                write!(out, "{}", text::rule(legal.rule()))?;
                                for loss in legal.losses() {
                                    writeln!(out, "loss {} {}: {}", loss.code, loss.direction, loss.why)?;
                                }
                            }
                            Err(refusal) => {
                                console.diagnostics(&unit.sources, &refusal)?;
                                exit = exit.max(Exit::BrokenRules);
                            }
                        }
                    }
                }
            }
        }
    }
    Ok(exit)
}

/// Where outputs go and what became of them.
struct Outputs {
    folder: Option<OutputFolder>,
    headed: bool,
    written: usize,
    refused: usize,
    exit: Exit,
}

fn outputs(
    args: &CompileArgs,
    loaded: &Loaded,
    selected: &[Selected<'_>],
    console: &mut Console,
) -> io::Result<Exit> {
    let mut outputs = Outputs {
        folder: args.output.as_deref().map(OutputFolder::new),
        headed: loaded.rules() * selected.len() > 1,
        written: 0,
        refused: 0,
        exit: loaded.exit,
    };
    let chosen: Vec<Chosen<'_>> = selected.iter().map(Selected::chosen).collect();
    for (unit, rules) in loaded.units.iter().zip(compile_units(&loaded.units, &chosen)) {
        for rule in rules {
            outputs.rule(unit, rule, console)?;
        }
    }
    let refused = match outputs.refused {
        0 => String::new(),
        refused => format!(", {} refused", count(refused, "output")),
    };
    let written = count(outputs.written, "output");
    console.closing(&format!("compiled {} to {written}{refused}", count(loaded.rules(), "rule")))?;
    Ok(outputs.exit)
}

impl Outputs {
    fn rule(&mut self, unit: &Unit, rule: RuleOutputs<'_>, console: &mut Console) -> io::Result<()> {
        for output in rule.outputs {
            match output {
                Ok(Compiled { artifact, .. }) => {
                    let losses: Diagnostics =
                        artifact.losses.iter().map(|loss| loss.to_diagnostic(&artifact.target)).collect();
                    console.diagnostics(&unit.sources, &losses)?;
                    self.put(unit, rule.rule, &artifact, console)?;
                }
                Err(refusal) => {
                    console.diagnostics(&unit.sources, &refusal)?;
                    self.refused += 1;
                    self.exit = self.exit.max(Exit::BrokenRules);
                }
            }
        }
        Ok(())
    }

    fn put(
        &mut self,
        unit: &Unit,
        rule: &LoadedRule,
        artifact: &Artifact,
        console: &mut Console,
    ) -> io::Result<()> {
        let Some(folder) = &mut self.folder else {
            self.written += 1;
            return print_artifact(&unit.input.relative, artifact, self.headed);
        };
        let written = folder
            .name(&artifact.target, &unit.input.relative, rule.nth, &artifact.extension)
            .and_then(|path| write_whole(&path, &artifact.text));
        match written {
            Ok(()) => self.written += 1,
            Err(diagnostic) => {
                console.plain(&[*diagnostic])?;
                self.exit = Exit::Usage;
            }
        }
        Ok(())
    }
}

fn print_artifact(rule: &Path, artifact: &Artifact, headed: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    // Lines of several rules one after another are a file of their own: no headings between them.
    if headed && artifact.extension != "ndjson" {
        writeln!(out, "==> {} ({}) <==", rule.display(), artifact.target)?;
    }
    write!(out, "{}", artifact.text)
}
