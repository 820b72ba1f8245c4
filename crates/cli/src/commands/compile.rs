//! `eqlc compile`

use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::{Path, PathBuf};

use eqlc_diagnostics::Diagnostics;
use eqlc_driver::{
    Artifact, Chosen, CompiledUnit, LoadOptions, OutputFolder, Registry, Unit, compile_inputs, legal,
    write_whole,
};
use eqlc_ir::text;

use super::select::{Selected, select};
use super::{Loaded, count, find_rules, load_rules, options_of, plan, report};
use crate::args::{CompileArgs, Stage};
use crate::console::{Console, Exit};

pub(crate) fn run(args: &CompileArgs, console: &mut Console) -> io::Result<Exit> {
    if args.guide {
        return super::guide::run(args, console);
    }
    let registry = match Registry::of(&args.targets.target) {
        Ok(registry) => registry,
        Err(error) => return console.usage(&error),
    };
    let needs_target = args.emit.is_none_or(|stage| stage == Stage::Legal);
    let asked = (&args.targets, &args.rules.reading);
    let selected = match select(&registry, asked, args.output_format.as_deref(), !needs_target) {
        Ok(selected) => selected,
        Err(message) => return console.usage(&message),
    };
    let options = match options_of(&args.rules.reading, console)? {
        Ok(options) => LoadOptions { unlinted: console.is_quiet(), ..options },
        Err(exit) => return Ok(exit),
    };
    if args.emit.is_none()
        && let Some(path) = args.output.as_deref()
        && let Some(target) = plan::target(path, &selected)
    {
        return plan::make((path, target), args, options, console);
    }
    if plan::is_fixed(&args.fixed) {
        return console
            .usage("names of fields are fixed in a plan: `-t native -o FILE`, where FILE ends in `.bin`");
    }
    let Some(stage) = args.emit else { return outputs(args, options, &selected, console) };
    match load_rules(&args.rules.rules, options, console)? {
        Ok(loaded) => print_stage(stage, &loaded, &selected, console),
        Err(exit) => Ok(exit),
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
struct Outputs<'a> {
    folder: Option<OutputFolder>,
    printed: Printed,
    targets: &'a [Selected<'a>],
    rules: usize,
    written: usize,
    refused: usize,
    exit: Exit,
}

fn outputs(
    args: &CompileArgs,
    options: LoadOptions,
    selected: &[Selected<'_>],
    console: &mut Console,
) -> io::Result<Exit> {
    let (inputs, exit) = match find_rules(&args.rules.rules, console)? {
        Ok(found) => found,
        Err(exit) => return Ok(exit),
    };
    let mut outputs = Outputs {
        folder: args.output.as_deref().map(OutputFolder::new),
        printed: Printed { out: BufWriter::new(io::stdout().lock()), first: None, headed: false },
        targets: selected,
        rules: 0,
        written: 0,
        refused: 0,
        exit,
    };
    let chosen: Vec<Chosen<'_>> = selected.iter().map(Selected::chosen).collect();
    for compiled in compile_inputs(&inputs, options, &chosen) {
        outputs.unit(compiled, console)?;
    }
    outputs.printed.finish()?;
    let refused = match outputs.refused {
        0 => String::new(),
        refused => format!(", {} refused", count(refused, "output")),
    };
    let written = count(outputs.written, "output");
    console.closing(&format!("compiled {} to {written}{refused}", count(outputs.rules, "rule")))?;
    Ok(outputs.exit)
}

impl Outputs<'_> {
    fn unit(&mut self, compiled: CompiledUnit, console: &mut Console) -> io::Result<()> {
        let CompiledUnit { unit, rules } = compiled;
        self.exit = self.exit.max(report(&unit, console)?);
        self.rules += rules.len();
        self.printed.headed |= self.rules * self.targets.len() > 1;
        for rule in rules {
            for output in rule.outputs {
                match output {
                    Ok(artifact) => {
                        let losses: Diagnostics =
                            artifact.losses.iter().map(|loss| loss.to_diagnostic(&artifact.target)).collect();
                        console.diagnostics(&unit.sources, &losses)?;
                        self.put(&unit, rule.nth, artifact, console)?;
                    }
                    Err(refusal) => {
                        console.diagnostics(&unit.sources, &refusal)?;
                        self.refused += 1;
                        self.exit = self.exit.max(Exit::BrokenRules);
                    }
                }
            }
        }
        Ok(())
    }

    fn put(&mut self, unit: &Unit, nth: usize, artifact: Artifact, console: &mut Console) -> io::Result<()> {
        let Some(folder) = &mut self.folder else {
            self.written += 1;
            return self.printed.put(&unit.input.relative, artifact);
        };
        let written = folder
            .name(&artifact.target, &unit.input.relative, nth, &artifact.extension)
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

/// Outputs on standard output: one alone as it is, several with headings.
struct Printed {
    out: BufWriter<StdoutLock<'static>>,
    /// The first output, until it is known whether more follow.
    first: Option<(PathBuf, Artifact)>,
    headed: bool,
}

impl Printed {
    fn put(&mut self, rule: &Path, artifact: Artifact) -> io::Result<()> {
        if !self.headed {
            self.first = Some((rule.to_path_buf(), artifact));
            return Ok(());
        }
        if let Some((rule, artifact)) = self.first.take() {
            self.print(&rule, &artifact)?;
        }
        self.print(rule, &artifact)
    }

    fn finish(&mut self) -> io::Result<()> {
        if let Some((rule, artifact)) = self.first.take() {
            self.print(&rule, &artifact)?;
        }
        self.out.flush()
    }

    fn print(&mut self, rule: &Path, artifact: &Artifact) -> io::Result<()> {
        // Lines of several rules one after another are a file of their own: no headings between them.
        if self.headed && artifact.extension != "ndjson" {
            writeln!(self.out, "==> {} ({}) <==", rule.display(), artifact.target)?;
        }
        self.out.write_all(artifact.text.as_bytes())
    }
}
