//! Which files a run reads.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use walkdir::{DirEntry, WalkDir};

/// The name that stands for standard input.
pub const STDIN: &str = "-";

/// One file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The file; none for standard input.
    pub path: Option<PathBuf>,
    /// The path below the folder that was named, or the file name: outputs keep it.
    pub relative: PathBuf,
}

/// What the paths of a run lead to.
#[derive(Debug, Default)]
pub struct Inputs {
    /// The files, folders opened, each folder sorted by name.
    pub files: Vec<Input>,
    /// Paths that could not be followed.
    pub diagnostics: Diagnostics,
}

/// Extensions of rule files.
const RULE_EXTENSIONS: [&str; 4] = ["eql", "toml", "yml", "yaml"];

/// Extensions of Kibana's exports, which files of events and other JSON have too.
const EXPORT_EXTENSIONS: [&str; 2] = ["ndjson", "json"];

/// The folder of SigmaHQ's regression tests, beside the folders of its rules.
pub(crate) const REGRESSION_FOLDER: &str = "regression_data";

/// What the name of a fixture ends in.
pub const FIXTURE_SUFFIX: &str = ".tests.yml";

impl Inputs {
    /// Follows paths: a file is taken whatever its name, a folder gives the rule files below it, `-` is
    /// standard input. A path given twice is read once. JSON below a folder counts as rules when it holds one;
    /// events and the like lie beside rules and are passed over.
    #[must_use]
    pub fn rules(paths: &[PathBuf]) -> Self {
        let mut inputs = Self::default();
        for path in paths {
            if path.as_os_str() == STDIN {
                inputs.push(Input { path: None, relative: PathBuf::from("stdin") });
            } else if path.is_dir() {
                inputs.folder(path);
            } else {
                let relative = path.file_name().map_or_else(|| path.clone(), PathBuf::from);
                inputs.push(Input { path: Some(path.clone()), relative });
            }
        }
        if inputs.files.is_empty() {
            let message = match paths {
                [] => "no rule was named".to_owned(),
                [one] => format!("no rule in `{}`", one.display()),
                several => format!("no rule in any of the {} paths", several.len()),
            };
            let diagnostic = Diagnostic::error(files::NO_RULES, message)
                .help("rules are `.eql`, `.toml`, `.yml`, `.yaml`, `.ndjson` and `.json` files, folders of them, or `-` for standard input");
            inputs.diagnostics.push(diagnostic);
        }
        inputs
    }

    fn push(&mut self, input: Input) {
        if !self.files.contains(&input) {
            self.files.push(input);
        }
    }

    fn folder(&mut self, folder: &Path) {
        let mut found: Vec<Input> = Vec::new();
        // By name: siblings differ in nothing else.
        let by_name = |one: &DirEntry, other: &DirEntry| one.path().as_os_str().cmp(other.path().as_os_str());
        for entry in WalkDir::new(folder).sort_by(by_name) {
            match entry {
                Ok(entry) if entry.file_type().is_file() && is_rule(entry.path()) => {
                    let relative = entry.path().strip_prefix(folder).unwrap_or(entry.path()).to_path_buf();
                    found.push(Input { path: Some(entry.into_path()), relative });
                }
                Ok(_) => {}
                Err(error) => {
                    let message = format!("a folder cannot be read: {error}");
                    self.diagnostics.push(Diagnostic::error(files::UNREADABLE, message));
                }
            }
        }
        // Several folders can overlap; the set keeps a long list linear.
        let known: std::collections::BTreeSet<PathBuf> =
            self.files.iter().filter_map(|input| input.path.clone()).collect();
        found.retain(|input| input.path.as_ref().is_none_or(|path| !known.contains(path)));
        self.files.extend(found);
    }
}

fn is_rule(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or("");
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
    if EXPORT_EXTENSIONS.contains(&extension) {
        return is_export(path);
    }
    // Tests lie beside rules too: fixtures, and SigmaHQ's regression data.
    let is_test = name.ends_with(FIXTURE_SUFFIX) || (name == "info.yml" && is_regression_data(path));
    RULE_EXTENSIONS.contains(&extension) && !is_test
}

/// Whether a file stands in a folder `regression_data`.
fn is_regression_data(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == REGRESSION_FOLDER)
}

/// Whether a file of JSON holds rules, by its first line where it has one value a line. A file that cannot be
/// read is taken, so that its reading says why.
fn is_export(path: &Path) -> bool {
    let read = |whole: bool| -> std::io::Result<String> {
        let mut file = BufReader::new(std::fs::File::open(path)?.take(eqlc_rules::MAX_BYTES as u64));
        let mut bytes = Vec::new();
        if whole { file.read_to_end(&mut bytes) } else { file.read_until(b'\n', &mut bytes) }?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let lines = path.extension().is_some_and(|extension| extension == "ndjson");
    read(!lines).map_or(true, |text| eqlc_rules::holds_rules(&text))
}

impl Input {
    /// The name that diagnostics print.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.path {
            None => "<stdin>".to_owned(),
            Some(path) => path.to_str().map_or_else(|| path.display().to_string(), str::to_owned),
        }
    }

    /// The bytes.
    ///
    /// # Errors
    /// The file cannot be read; E3016.
    pub fn read(&self) -> Result<Vec<u8>, Box<Diagnostic>> {
        // One byte over the reader's limit is enough for it to say that the file is too large.
        let limit = eqlc_rules::MAX_BYTES as u64 + 1;
        let mut bytes = Vec::new();
        let result = match &self.path {
            Some(path) => std::fs::File::open(path).and_then(|file| {
                // Room for the whole file, and for the read that finds its end.
                let size = file.metadata().map_or(0, |metadata| metadata.len()).min(limit);
                bytes.reserve_exact(usize::try_from(size).unwrap_or(0) + 1);
                file.take(limit).read_to_end(&mut bytes)
            }),
            None => std::io::stdin().lock().take(limit).read_to_end(&mut bytes),
        };
        match result {
            Ok(_) => Ok(bytes),
            Err(error) => {
                let message = format!("`{}` cannot be read: {error}", self.name());
                Err(Box::new(Diagnostic::error(files::UNREADABLE, message)))
            }
        }
    }

    /// The fixture beside the rule: its path without extension and `.tests.yml`.
    #[must_use]
    pub fn fixture(&self) -> Option<PathBuf> {
        let path = self.path.as_ref()?;
        let stem = path.file_stem()?.to_str()?;
        let fixture = path.with_file_name(format!("{stem}{FIXTURE_SUFFIX}"));
        fixture.is_file().then_some(fixture)
    }
}
