//! Where the tests of a rule stand.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Diagnostic, Diagnostics, Fragment, SourceMap};
use eqlc_verify::fixtures::{read_info, rule_of};
use walkdir::WalkDir;

use super::Layout;
use crate::input::{FIXTURE_SUFFIX, Input, REGRESSION_FOLDER};
use crate::load::{LoadedRule, Unit};
use crate::run::plain_event_file;

/// Files of tests, by the rules that they are for.
#[derive(Debug, Default)]
pub struct TestData {
    /// What stands in the folders that were named.
    named: Vec<Index>,
    /// The fixtures beside rules that name a rule, by the folder, then by what they call it.
    beside: BTreeMap<PathBuf, BTreeMap<String, Vec<PathBuf>>>,
    /// The regression data of folders above rules, by the folder.
    above: BTreeMap<PathBuf, Option<Index>>,
    /// The text of files that tell no rule.
    pub sources: SourceMap,
    /// What was found in them, and folders that could not be read.
    pub diagnostics: Diagnostics,
}

/// A file of tests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TestFile {
    pub(super) layout: Layout,
    pub(super) path: PathBuf,
}

/// The tests below a folder.
#[derive(Debug, Default)]
struct Index {
    /// Files of events, by the folder that they stand in.
    data: BTreeMap<String, Vec<TestFile>>,
    /// Fixtures, by their names without `.tests.yml`.
    streams: BTreeMap<String, Vec<PathBuf>>,
    /// Files of SigmaHQ's regression data, by the ids of rules.
    infos: BTreeMap<String, Vec<PathBuf>>,
}

/// The largest file of tests that is read; events have files of their own.
pub(super) const MAX_BYTES: u64 = 4 << 20;

impl TestData {
    /// Reads what stands below folders, in whatever depth: folders of events named for a rule, `.tests.yml` files and
    /// SigmaHQ's `info.yml`.
    #[must_use]
    pub fn read(folders: &[PathBuf]) -> Self {
        let mut data = Self::default();
        for folder in folders {
            let index = data.index(folder);
            data.named.push(index);
        }
        data
    }

    fn index(&mut self, folder: &Path) -> Index {
        let mut index = Index::default();
        for entry in WalkDir::new(folder).sort_by_file_name() {
            match entry {
                Ok(entry) if entry.file_type().is_file() => self.add(entry.path(), &mut index),
                Ok(_) => {}
                Err(error) => {
                    let message = format!("a folder of tests cannot be read: {error}");
                    self.diagnostics.push(Diagnostic::error(files::UNREADABLE, message));
                }
            }
        }
        index
    }

    fn add(&mut self, path: &Path, index: &mut Index) {
        let name = name_of(path);
        if name == "info.yml" {
            let text = match read_text(path) {
                Ok(text) => text,
                Err(diagnostic) => return self.diagnostics.push(*diagnostic),
            };
            let source = self.sources.add(path.display().to_string(), text.as_str());
            let parsed = read_info(&Fragment::verbatim(source, 0, text));
            if parsed.tree.rules.is_empty() {
                // Its other findings are told with the rule.
                self.diagnostics.extend(parsed.diagnostics);
            }
            for rule in parsed.tree.rules {
                index.infos.entry(rule.value).or_default().push(path.to_path_buf());
            }
        } else if let Some(stem) = name.strip_suffix(FIXTURE_SUFFIX) {
            let key = named_rule(path).unwrap_or_else(|| stem.to_owned());
            index.streams.entry(key).or_default().push(path.to_path_buf());
        } else if let Some(file) = event_file(path) {
            let folder = path.parent().map(name_of).unwrap_or_default();
            index.data.entry(folder.to_owned()).or_default().push(file);
        }
    }

    /// The files of tests for each rule of a unit, in order; those beside the rule first.
    pub(super) fn of(&mut self, unit: &Unit) -> Vec<Vec<TestFile>> {
        let folders = unit.input.path.as_deref().map(above).unwrap_or_default();
        for folder in &folders {
            self.look_above(folder);
        }
        if let Some(folder) = folders.first() {
            self.look_beside(folder);
        }
        let of_rule = |rule: &LoadedRule| {
            let meta = &rule.rule.meta;
            self.of_rule(&unit.input, (meta.id.as_deref(), &meta.name), &folders)
        };
        unit.rules.iter().map(of_rule).collect()
    }

    /// Reads the regression data of a folder once.
    fn look_above(&mut self, folder: &Path) {
        if self.above.contains_key(folder) {
            return;
        }
        let data = folder.join(REGRESSION_FOLDER);
        let index = data.is_dir().then(|| self.index(&data));
        self.above.insert(folder.to_path_buf(), index);
    }

    /// Reads once which rules the fixtures in a folder name.
    fn look_beside(&mut self, folder: &Path) {
        if self.beside.contains_key(folder) {
            return;
        }
        let mut named: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.retain(|path| name_of(path).ends_with(FIXTURE_SUFFIX) && path.is_file());
        paths.sort();
        for path in paths {
            if let Some(rule) = named_rule(&path) {
                named.entry(rule).or_default().push(path);
            }
        }
        self.beside.insert(folder.to_path_buf(), named);
    }

    fn of_rule(&self, input: &Input, (id, name): (Option<&str>, &str), folders: &[PathBuf]) -> Vec<TestFile> {
        let mut found = Found::default();
        let stem = input.path.as_deref().and_then(Path::file_stem).and_then(|stem| stem.to_str());
        let keys: Vec<&str> = stem.into_iter().chain(id).collect();
        let called: Vec<&str> = keys.iter().copied().chain([name]).filter(|key| !key.is_empty()).collect();
        for (nth, folder) in folders.iter().enumerate() {
            for key in &keys {
                let fixture = folder.join(format!("{key}{FIXTURE_SUFFIX}"));
                // What names another rule is not of this one, whatever it is called.
                if nth == 0 && fixture.is_file() && named_rule(&fixture).is_none() {
                    found.streams(fixture);
                }
                found.data(&folder.join("tests/data").join(key));
            }
            let named = self.beside.get(folder).filter(|_| nth == 0);
            for path in called.iter().filter_map(|key| named?.get(*key)).flatten() {
                found.streams(path.clone());
            }
            if let Some(Some(index)) = self.above.get(folder) {
                found.indexed(index, &[], id);
            }
        }
        for index in &self.named {
            found.indexed(index, &called, id);
        }
        found.files
    }
}

/// Files of a rule, each once.
#[derive(Default)]
struct Found {
    files: Vec<TestFile>,
    seen: BTreeSet<PathBuf>,
}

impl Found {
    fn push(&mut self, file: TestFile) {
        let real = std::fs::canonicalize(&file.path).unwrap_or_else(|_| file.path.clone());
        if self.seen.insert(real) {
            self.files.push(TestFile { path: shown(&file.path), ..file });
        }
    }

    fn streams(&mut self, path: PathBuf) {
        if path.is_file() {
            self.push(TestFile { layout: Layout::Streams, path });
        }
    }

    /// The files of events in a folder.
    fn data(&mut self, folder: &Path) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        let mut files: Vec<TestFile> = entries
            .filter_map(|entry| event_file(&entry.ok()?.path()))
            .filter(|file| file.path.is_file())
            .collect();
        files.sort();
        files.into_iter().for_each(|file| self.push(file));
    }

    fn indexed(&mut self, index: &Index, keys: &[&str], id: Option<&str>) {
        for key in keys {
            for path in index.streams.get(*key).into_iter().flatten() {
                self.streams(path.clone());
            }
            let mut files = index.data.get(*key).cloned().unwrap_or_default();
            files.sort();
            files.into_iter().for_each(|file| self.push(file));
        }
        for path in id.and_then(|id| index.infos.get(id)).into_iter().flatten() {
            self.push(TestFile { layout: Layout::Regression, path: path.clone() });
        }
    }
}

/// The rule that a fixture names.
fn named_rule(path: &Path) -> Option<String> {
    let text = read_text(path).ok()?;
    let mut sources = SourceMap::new();
    let source = sources.add("", text.as_str());
    rule_of(&Fragment::verbatim(source, 0, text))
}

/// A file of events by its name: `positive.ndjson`, `negative-2.json.gz`.
fn event_file(path: &Path) -> Option<TestFile> {
    let plain = plain_event_file(path)?;
    let stem = plain.file_stem()?.to_str()?;
    let layout = [Layout::Positive, Layout::Negative, Layout::Allowlisted].into_iter().find(|layout| {
        stem.strip_prefix(layout.name())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_', '.']))
    })?;
    Some(TestFile { layout, path: path.to_path_buf() })
}

/// The folder of a file and those above it, up to the root of its repository.
fn above(path: &Path) -> Vec<PathBuf> {
    let Ok(path) = std::path::absolute(path) else { return Vec::new() };
    let mut found = Vec::new();
    for folder in path.ancestors().skip(1) {
        found.push(folder.to_path_buf());
        if folder.join(".git").exists() {
            break;
        }
    }
    found
}

/// A path as people know it: from the folder that they are in, where it is below that.
fn shown(path: &Path) -> PathBuf {
    let here = std::env::current_dir().ok();
    let below = here.and_then(|here| path.strip_prefix(here).map(Path::to_path_buf).ok());
    below.unwrap_or_else(|| path.to_path_buf())
}

pub(super) fn name_of(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// The text of a file of tests.
pub(super) fn read_text(path: &Path) -> Result<String, Box<Diagnostic>> {
    let refuse = |why: String| {
        let message = format!("`{}` cannot be read: {why}", path.display());
        Box::new(Diagnostic::error(files::UNREADABLE, message))
    };
    let length = std::fs::metadata(path).map_err(|error| refuse(error.to_string()))?.len();
    if length > MAX_BYTES {
        return Err(refuse(format!("larger than {} MiB", MAX_BYTES >> 20)));
    }
    let text = std::fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
    Ok(text)
}
