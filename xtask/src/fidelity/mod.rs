//! `cargo xtask fidelity`: what whole collections of rules become on every target, as counts.
//!
//! Every rule is compiled and verified with the events that are made of it and without bounds of time, so that the same
//! rules give the same document on every machine. The document has counts and codes, and nothing of the rules.

mod counts;
mod markdown;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use eqlc_diagnostics::{Code, Severity};
use eqlc_driver::{Chosen, Effort, Inputs, LoadOptions, Registry, Unit, UnitReport, verify_inputs};

pub use markdown::as_markdown;

use crate::column::{Column, columns};
use counts::{Collection, Counts};

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

/// The command that counts these folders: of a path from the root of the machine only its last part.
#[must_use]
pub fn command(folders: &[PathBuf]) -> String {
    let named = folders.iter().map(|folder| match folder.file_name() {
        Some(name) if folder.is_absolute() => name.to_string_lossy().into_owned(),
        _ => folder.display().to_string(),
    });
    std::iter::once("cargo xtask fidelity".to_owned()).chain(named).collect::<Vec<_>>().join(" ")
}

/// Counts what becomes of the rules of folders. `command` is what the document says it was made with.
///
/// # Errors
/// A folder that is not there, or one without rules, as one line.
pub fn fidelity(folders: &[PathBuf], command: &str) -> Result<Fidelity, String> {
    let registry = Registry::new()?;
    let columns = columns(&registry, &[])?;
    let collections =
        folders.iter().map(|folder| collection(folder, &columns)).collect::<Result<Vec<_>, _>>()?;
    let columns = columns.into_iter().map(|column| column.name).collect();
    Ok(Fidelity { command: command.to_owned(), columns, collections })
}

fn collection(folder: &Path, columns: &[Column<'_>]) -> Result<Collection, String> {
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
    let effort = Effort { rule_time: None, ..Effort::default() };
    for UnitReport { unit, rules } in verify_inputs(&inputs.files, options, (&chosen, &effort), &|| {}) {
        found.unit(&unit);
        let reports = rules.map_err(|problem| problem.message.clone())?;
        for (rule, report) in unit.rules.iter().zip(reports) {
            for (counts, target) in found.columns.iter_mut().zip(&report.targets) {
                counts.merge(&Counts::of(&rule.rule, target));
            }
        }
    }
    Ok(found)
}

impl Collection {
    fn unit(&mut self, unit: &Unit) {
        self.rules += unit.rules.len();
        self.broken += unit.broken;
        let errors = unit.diagnostics.iter().filter(|finding| finding.severity == Severity::Error);
        let codes: BTreeSet<Code> = errors.map(|finding| finding.code).collect();
        let own: &mut BTreeMap<Code, usize> = &mut self.errors;
        codes.into_iter().for_each(|code| *own.entry(code).or_default() += 1);
    }
}
