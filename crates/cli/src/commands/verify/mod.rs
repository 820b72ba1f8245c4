//! `eqlc verify`

mod findings;
mod json;
mod junit;
mod progress;
mod record;
mod sarif;
mod table;

use std::io::{self, BufWriter, Write};
use std::time::{Duration, Instant};

use eqlc_diagnostics::codes::verify as codes;
use eqlc_diagnostics::{Diagnostic, Diagnostics, SourceMap};
use eqlc_driver::{
    Chosen, Effort, Outcome, Registry, RuleReport, Unit, UnitReport, verify_inputs, write_whole,
};

use super::select::{Selected, select};
use super::{count, find_rules, options_of, report};
use crate::args::{Format, VerifyArgs};
use crate::console::{Console, Exit};

use progress::Progress;
use record::Record;

pub(crate) fn run(args: &VerifyArgs, console: &mut Console) -> io::Result<Exit> {
    let registry = match Registry::of(&args.targets.target) {
        Ok(registry) => registry,
        Err(error) => return console.usage(&error),
    };
    let asked = (&args.targets, &args.rules.reading);
    let selected = match select(&registry, asked, args.output_format.as_deref(), true) {
        Ok(selected) => selected,
        Err(message) => return console.usage(&message),
    };
    let options = match options_of(&args.rules.reading, console)? {
        Ok(options) => options,
        Err(exit) => return Ok(exit),
    };
    let (inputs, exit) = match find_rules(&args.rules.rules, console)? {
        Ok(found) => found,
        Err(exit) => return Ok(exit),
    };
    let chosen: Vec<Chosen<'_>> = selected.iter().map(Selected::chosen).collect();
    let effort = effort(args);
    let progress = Progress::new(inputs.len(), console);
    let noticed = || progress.rule();
    let mut run = Run {
        form: form(console),
        totals: Totals::new(Record::new(args, &selected, &effort)),
        progress: &progress,
        exit,
        out: Vec::new(),
        to: args.output.as_deref(),
    };
    run.form.head(&run.totals, &mut run.out)?;
    verify_inputs(&inputs, options, (&chosen, &effort), &noticed, |report| {
        run.unit(&report, console)?;
        run.flush()
    })?;
    progress.end();
    run.form.foot(&run.totals, &mut run.out)?;
    run.close(console)?;
    let (rules, doubtful) = (count(run.totals.rules, "rule"), run.totals.doubtful());
    let uncompared = match run.totals.uncompared() {
        0 => String::new(),
        outputs => format!(", {} not compared", count(outputs, "output")),
    };
    let doubtful = if doubtful == 0 { String::new() } else { format!(", {} in doubt", losses(doubtful)) };
    console.closing(&format!("verified {rules}{uncompared}{doubtful}"))?;
    Ok(run.exit)
}

fn losses(number: usize) -> String {
    if number == 1 { "1 loss".to_owned() } else { format!("{number} losses") }
}

fn effort(args: &VerifyArgs) -> Effort {
    let until = |time: Duration| Instant::now().checked_add(time);
    Effort {
        seed: args.effort.seed,
        now: args.effort.now,
        streams: args.effort.events,
        rule_time: Some(args.effort.rule_timeout),
        until: args.effort.timeout.and_then(until),
    }
}

/// How reports are written.
trait Form {
    /// Before all.
    fn head(&mut self, totals: &Totals, out: &mut dyn Write) -> io::Result<()>;
    /// One rule. `findings` is what is to be said of it, with its places.
    fn rule(&mut self, about: &About<'_>, findings: &Diagnostics, out: &mut dyn Write) -> io::Result<()>;
    /// Findings about a file as a whole.
    fn file(&mut self, sources: &SourceMap, findings: &Diagnostics, out: &mut dyn Write) -> io::Result<()>;
    /// After all.
    fn foot(&mut self, totals: &Totals, out: &mut dyn Write) -> io::Result<()>;
}

/// One rule of a file with what was found.
struct About<'a> {
    unit: &'a Unit,
    /// Place among the rules of the file.
    nth: usize,
    report: &'a RuleReport,
}

impl About<'_> {
    /// The file, and where it has several rules which of them.
    fn label(&self) -> String {
        let file = self.unit.input.relative.display().to_string();
        if self.unit.rules.len() > 1 { format!("{file}:{}", self.nth + 1) } else { file }
    }

    fn name(&self) -> &str {
        self.unit.rules.get(self.nth).map_or("", |rule| rule.rule.meta.name.as_str())
    }

    fn id(&self) -> Option<&str> {
        self.unit.rules.get(self.nth).and_then(|rule| rule.rule.meta.id.as_deref())
    }
}

fn form(console: &Console) -> Box<dyn Form> {
    match console.chosen_format() {
        Some(Format::Json) => Box::new(json::Lines),
        Some(Format::Junit) => Box::new(junit::Junit::default()),
        Some(Format::Sarif) => Box::new(sarif::Sarif::default()),
        Some(Format::Github) => Box::new(table::Table { commands: true }),
        Some(Format::Rich | Format::Short) | None => Box::new(table::Table { commands: false }),
    }
}

/// What came of all rules together, by target.
pub(super) struct Totals {
    pub(super) record: Record,
    pub(super) rules: usize,
    /// In the order of the targets of the record.
    pub(super) targets: Vec<TargetTotals>,
}

/// What came of all rules on one target.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub(super) struct TargetTotals {
    pub(super) exact: usize,
    pub(super) wider: usize,
    pub(super) narrower: usize,
    pub(super) either: usize,
    pub(super) uncompared: usize,
    pub(super) refused: usize,
    pub(super) disagrees: usize,
    pub(super) streams_compared: usize,
    pub(super) streams_not_recordable: usize,
    pub(super) losses_shown: usize,
    pub(super) losses_doubtful: usize,
    pub(super) losses_not_tried: usize,
    pub(super) cut_short: usize,
}

impl Totals {
    fn new(record: Record) -> Self {
        let targets = vec![TargetTotals::default(); record.targets.len()];
        Self { record, rules: 0, targets }
    }

    fn uncompared(&self) -> usize {
        self.targets.iter().map(|totals| totals.uncompared).sum()
    }

    fn doubtful(&self) -> usize {
        self.targets.iter().map(|totals| totals.losses_doubtful).sum()
    }

    fn add(&mut self, report: &RuleReport) {
        use eqlc_driver::Proof;
        self.rules += 1;
        for (target, totals) in report.targets.iter().zip(&mut self.targets) {
            *match target.outcome {
                Outcome::Exact => &mut totals.exact,
                Outcome::Wider => &mut totals.wider,
                Outcome::Narrower => &mut totals.narrower,
                Outcome::Either => &mut totals.either,
                Outcome::Uncompared => &mut totals.uncompared,
                Outcome::Refused => &mut totals.refused,
                Outcome::Disagrees => &mut totals.disagrees,
            } += 1;
            totals.streams_compared += target.compared;
            totals.streams_not_recordable += target.skipped.len();
            totals.cut_short += usize::from(!target.cuts.is_empty());
            for judged in &target.losses {
                match judged.proof {
                    Proof::Shown { .. } => totals.losses_shown += 1,
                    Proof::Doubtful { .. } => totals.losses_doubtful += 1,
                    Proof::NotTried => totals.losses_not_tried += 1,
                    Proof::NotNeeded => {}
                }
            }
        }
    }
}

struct Run<'a> {
    form: Box<dyn Form>,
    totals: Totals,
    progress: &'a Progress,
    exit: Exit,
    /// What is to be written next, or all of it where it goes to a file.
    out: Vec<u8>,
    to: Option<&'a std::path::Path>,
}

impl Run<'_> {
    fn unit(&mut self, found: &UnitReport, console: &mut Console) -> io::Result<()> {
        let UnitReport { unit, rules } = found;
        let progress = self.progress;
        self.exit = self.exit.max(progress.aside(|| report(unit, console))?);
        progress.input();
        let rules = match rules {
            Ok(rules) => rules,
            Err(diagnostic) => {
                let findings = vec![(**diagnostic).clone()];
                progress.aside(|| console.plain(&findings))?;
                self.exit = self.exit.max(Exit::Usage);
                return self.form.file(&SourceMap::new(), &findings, &mut self.out);
            }
        };
        self.form.file(&unit.sources, &unit.diagnostics, &mut self.out)?;
        for (nth, report) in rules.iter().enumerate() {
            let about = About { unit, nth, report };
            let findings = findings::of(&about);
            progress.aside(|| console.diagnostics(&unit.sources, &findings))?;
            self.totals.add(report);
            self.exit = self.exit.max(exit_of(report));
            self.form.rule(&about, &findings, &mut self.out)?;
        }
        Ok(())
    }

    /// Writes to standard output what there is.
    fn flush(&mut self) -> io::Result<()> {
        if self.to.is_some() {
            return Ok(());
        }
        let out = std::mem::take(&mut self.out);
        if out.is_empty() {
            return Ok(());
        }
        self.progress.aside(|| {
            let mut stdout = BufWriter::new(io::stdout().lock());
            stdout.write_all(&out)?;
            stdout.flush()
        })
    }

    /// Writes the rest, or the file as a whole.
    fn close(&mut self, console: &mut Console) -> io::Result<()> {
        let Some(path) = self.to else { return self.flush() };
        if let Err(diagnostic) = write_whole(path, &self.out) {
            console.plain(&[*diagnostic])?;
            self.exit = Exit::Usage;
        }
        Ok(())
    }
}

fn exit_of(report: &RuleReport) -> Exit {
    let any = |outcome: Outcome| report.targets.iter().any(|target| target.outcome == outcome);
    let mut exit = Exit::Fine;
    if !report.fixture.is_empty() || any(Outcome::Disagrees) {
        exit = Exit::Findings;
    }
    if any(Outcome::Refused) { exit.max(Exit::BrokenRules) } else { exit }
}

/// That a rule has neither fixture nor events.
fn without_events(about: &About<'_>, why: &str) -> Diagnostic {
    let message = format!("no events were found that rule `{}` matches: {why}", about.name());
    Diagnostic::warning(codes::NO_WITNESS, message)
        .help("streams in a `.tests.yml` file beside the rule are taken too")
}
