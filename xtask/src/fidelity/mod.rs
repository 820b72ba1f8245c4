//! `cargo xtask fidelity`: what whole collections of rules become on every target, as counts.
//!
//! Every rule is compiled and verified with the events that are made of it. What bounds the work on a rule is a number of
//! streams, so that the same rules give the same document on every machine; a time of minutes is for rules that nobody
//! thought of, and those that it cuts short are counted. The document has counts and codes, and nothing of the rules.

mod counts;
mod markdown;

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use eqlc_diagnostics::{Code, Severity};
use eqlc_driver::{Chosen, Effort, Inputs, LoadOptions, Registry, UnitReport, verify_inputs};

pub use markdown::as_markdown;

use crate::column::{Column, columns};
use counts::{Collection, Counts};

/// How a document is made.
#[derive(Clone, Copy)]
pub struct Settings<'s> {
    /// The targets that are counted, as in [`crate::mutate::Settings`]; all without any.
    pub targets: &'s [String],
    /// The most streams of events that are given to one output.
    pub events: usize,
    /// What free values of events are made from.
    pub seed: u64,
    /// What is told how far it is.
    pub tell: &'s (dyn Fn(&str) + Sync),
}

impl Default for Settings<'_> {
    fn default() -> Self {
        let Effort { streams, seed, .. } = Effort::default();
        Self { targets: &[], events: streams, seed, tell: &|_| {} }
    }
}

/// What was counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fidelity {
    /// The command that counts the same.
    command: String,
    /// Names of the columns.
    columns: Vec<String>,
    /// The collections, in the order they were named.
    collections: Vec<Collection>,
}

/// Collections that lie beside a checkout.
const BESIDE: &[&str] =
    &["../shared/corpus/elastic-rules", "../shared/corpus/endpoint-rules", "../shared/corpus/sigma-rules"];
/// The samples.
const SAMPLES: &str = "rules";

/// The folders that are counted where none is named: those beside the checkout that are there, else the samples.
#[must_use]
pub fn usual_folders() -> Vec<PathBuf> {
    let beside: Vec<PathBuf> = BESIDE.iter().map(PathBuf::from).filter(|folder| folder.is_dir()).collect();
    if beside.is_empty() { vec![PathBuf::from(SAMPLES)] } else { beside }
}

/// How long one rule may take on all targets.
const RULE_TIME: Duration = Duration::from_secs(300);
/// After how many rules it is told how far it is.
const TOLD: usize = 100;

/// The command that counts these folders: of a path from the root of the machine only its last part.
#[must_use]
pub fn command(folders: &[PathBuf], settings: &Settings<'_>) -> String {
    let usual = Settings::default();
    let number = |name: &str, own: String, usual: String| (own != usual).then(|| format!("--{name} {own}"));
    let options = [
        number("targets", settings.targets.join(","), usual.targets.join(",")),
        number("events", settings.events.to_string(), usual.events.to_string()),
        number("seed", settings.seed.to_string(), usual.seed.to_string()),
    ];
    let named = folders.iter().map(|folder| match folder.file_name() {
        Some(name) if folder.is_absolute() => name.to_string_lossy().into_owned(),
        _ => folder.display().to_string(),
    });
    let options = options.into_iter().flatten();
    std::iter::once("cargo xtask fidelity".to_owned())
        .chain(options)
        .chain(named)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Counts what becomes of the rules of folders.
///
/// # Errors
/// A folder that is not there, or one without rules, as one line.
pub fn fidelity(folders: &[PathBuf], settings: &Settings<'_>) -> Result<Fidelity, String> {
    let registry = Registry::new()?;
    let columns = columns(&registry, settings.targets)?;
    let collection = |folder: &PathBuf| collection(folder, &columns, settings);
    let collections = folders.iter().map(collection).collect::<Result<Vec<_>, _>>()?;
    let command = command(folders, settings);
    let columns = columns.into_iter().map(|column| column.name).collect();
    Ok(Fidelity { command, columns, collections })
}

fn collection(folder: &Path, columns: &[Column<'_>], settings: &Settings<'_>) -> Result<Collection, String> {
    let inputs = Inputs::rules(&[folder.to_path_buf()]);
    if let Some(problem) = inputs.diagnostics.first() {
        return Err(problem.message.clone());
    }
    let chosen: Vec<Chosen<'_>> = columns.iter().map(|column| (column.backend, &column.settings)).collect();
    let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned();
    let mut found = Collection {
        name,
        files: inputs.files.len(),
        columns: vec![Counts::default(); columns.len()],
        ..Collection::default()
    };
    let options = LoadOptions { unlinted: true, ..LoadOptions::default() };
    let Settings { events: streams, seed, tell, .. } = *settings;
    let effort = Effort { rule_time: Some(RULE_TIME), streams, seed, ..Effort::default() };
    let (rules, total, called) = (AtomicUsize::new(0), inputs.files.len(), found.name.clone());
    tell(&format!("{called}: {total} files"));
    let noticed = || {
        let done = rules.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of(TOLD) {
            tell(&format!("{called}: {done} rules of {total} files"));
        }
    };
    let counted = |report: UnitReport| {
        found.unit(&report);
        Ok::<(), Infallible>(())
    };
    match verify_inputs(&inputs.files, options, (&chosen, &effort), &noticed, counted) {
        Ok(()) => Ok(found),
        Err(never) => match never {},
    }
}

impl Collection {
    /// Counts the rules of a file, those that fixtures beside them keep from being verified as broken.
    fn unit(&mut self, report: &UnitReport) {
        let UnitReport { unit, rules } = report;
        let errors = unit.diagnostics.iter().filter(|finding| finding.severity == Severity::Error);
        let mut codes: BTreeSet<Code> = errors.map(|finding| finding.code).collect();
        self.broken += unit.broken;
        match rules {
            Ok(reports) => {
                self.rules += reports.len();
                for (rule, report) in unit.rules.iter().zip(reports) {
                    for (counts, target) in self.columns.iter_mut().zip(&report.targets) {
                        counts.merge(&Counts::of(&rule.rule, target));
                    }
                }
            }
            Err(problem) => {
                self.broken += unit.rules.len();
                codes.insert(problem.code);
            }
        }
        let own: &mut BTreeMap<Code, usize> = &mut self.errors;
        codes.into_iter().for_each(|code| *own.entry(code).or_default() += 1);
    }
}
