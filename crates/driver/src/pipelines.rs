//! Processing pipelines that users bring, from files.

use std::path::{Path, PathBuf};

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Diagnostic, Diagnostics, Fragment, SourceMap, has_errors};
use eqlc_pipelines::{Pipeline, parse};
use walkdir::WalkDir;

/// Pipelines with what was found in their files.
#[derive(Debug)]
pub struct UserPipelines {
    /// The pipelines without errors, in the order named; they run by their priorities.
    pub pipelines: Vec<Pipeline>,
    /// The text of the files.
    pub sources: SourceMap,
    /// What was found in them; with errors the pipelines must not be used.
    pub diagnostics: Diagnostics,
}

/// The name that stands for no pipeline and no mapping of fields.
pub const NO_PIPELINE: &str = "none";

/// The largest file that is read.
const MAX_BYTES: u64 = 4 << 20;

/// Reads files of pipelines; a folder gives every `.yml` and `.yaml` file below it, in the order of their names, and
/// [`NO_PIPELINE`] nothing.
#[must_use]
pub fn read_pipelines(paths: &[PathBuf]) -> UserPipelines {
    let mut read =
        UserPipelines { pipelines: Vec::new(), sources: SourceMap::new(), diagnostics: Vec::new() };
    for path in paths.iter().filter(|path| path.as_os_str() != NO_PIPELINE) {
        if path.is_dir() {
            read.folder(path);
        } else {
            read.file(path);
        }
    }
    read
}

impl UserPipelines {
    fn folder(&mut self, folder: &Path) {
        let mut found = false;
        for entry in WalkDir::new(folder).sort_by_file_name() {
            match entry {
                Ok(entry) if entry.file_type().is_file() && is_yaml(entry.path()) => {
                    found = true;
                    self.file(entry.path());
                }
                Ok(_) => {}
                Err(error) => self.unreadable(folder, &error.to_string()),
            }
        }
        if !found {
            self.unreadable(folder, "it holds no `.yml` file");
        }
    }

    fn file(&mut self, path: &Path) {
        let text = match text_of(path) {
            Ok(text) => text,
            Err(why) => return self.unreadable(path, &why.to_string()),
        };
        let text = text.trim_start_matches('\u{feff}');
        let name = path.display().to_string();
        let source = self.sources.add(name.as_str(), text);
        let parsed = parse(&name, &Fragment::verbatim(source, 0, text));
        if !has_errors(&parsed.diagnostics) {
            self.pipelines.push(parsed.tree);
        }
        self.diagnostics.extend(parsed.diagnostics);
    }

    fn unreadable(&mut self, path: &Path, why: &str) {
        let message = format!("the pipeline `{}` cannot be read: {why}", path.display());
        let diagnostic = Diagnostic::error(files::UNREADABLE, message)
            .help("pipelines are files in the YAML of pySigma, folders of them, or `none`");
        self.diagnostics.push(diagnostic);
    }
}

fn is_yaml(path: &Path) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| matches!(extension, "yml" | "yaml"))
}

fn text_of(path: &Path) -> std::io::Result<String> {
    if std::fs::metadata(path)?.len() > MAX_BYTES {
        return Err(std::io::Error::other(format!("larger than {} MB", MAX_BYTES >> 20)));
    }
    std::fs::read_to_string(path)
}
