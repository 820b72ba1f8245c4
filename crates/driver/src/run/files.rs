//! Which files of events a run reads.

use std::path::{Path, PathBuf};

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use walkdir::WalkDir;

/// Extensions of event files in a folder.
const EVENT_EXTENSIONS: [&str; 4] = ["ndjson", "jsonl", "json", "evtx"];

/// Extensions that may stand behind them.
const COMPRESSED_EXTENSIONS: [&str; 4] = ["gz", "gzip", "zst", "zstd"];

/// Opens folders: the event files below each, sorted by name. Any other path is kept as it is.
pub(super) fn event_files(paths: &[PathBuf], diagnostics: &mut Diagnostics) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            folder(path, &mut files, diagnostics);
        } else {
            files.push(path.clone());
        }
    }
    files
}

fn folder(folder: &Path, found: &mut Vec<PathBuf>, diagnostics: &mut Diagnostics) {
    let before = (found.len(), diagnostics.len());
    for entry in WalkDir::new(folder).sort_by_file_name() {
        match entry {
            Ok(entry) if entry.file_type().is_file() && is_event_file(entry.path()) => {
                found.push(entry.into_path());
            }
            Ok(_) => {}
            Err(error) => {
                let message = format!("a folder cannot be read: {error}");
                diagnostics.push(Diagnostic::error(files::UNREADABLE, message));
            }
        }
    }
    if before == (found.len(), diagnostics.len()) {
        let message = format!("no file of events in `{}`", folder.display());
        let help = "in a folder, `.ndjson`, `.jsonl`, `.json` and `.evtx` files are read, also with `.gz` or `.zst` behind";
        diagnostics.push(Diagnostic::error(files::UNREADABLE, message).help(help));
    }
}

/// Whether a file in a folder is one of events.
pub(crate) fn is_event_file(path: &Path) -> bool {
    plain_event_file(path).is_some()
}

/// The path of a file of events without the extension that says how it is compressed; none for other files.
pub(crate) fn plain_event_file(path: &Path) -> Option<PathBuf> {
    let extension =
        |path: &Path| path.extension().and_then(|name| name.to_str()).map(str::to_ascii_lowercase);
    let is_one_of =
        |name: Option<String>, list: &[&str]| name.is_some_and(|name| list.contains(&name.as_str()));
    let plain = if is_one_of(extension(path), &COMPRESSED_EXTENSIONS) {
        path.with_extension("")
    } else {
        path.to_path_buf()
    };
    is_one_of(extension(&plain), &EVENT_EXTENSIONS).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_event_files_in_order() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.jsonl", "a.NDJSON.gz", "c/d.json.zst", "c.txt", "rule.eql", "json", "x.gz"] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let mut diagnostics = Vec::new();
        let found = event_files(&[folder.path().to_path_buf()], &mut diagnostics);
        let names: Vec<_> = found.iter().map(|path| path.strip_prefix(folder.path()).unwrap()).collect();
        assert_eq!(names, ["a.NDJSON.gz", "b.jsonl", "c/d.json.zst"].map(Path::new));
        assert_eq!(diagnostics, []);
    }

    #[test]
    fn a_folder_without_events_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let mut diagnostics = Vec::new();
        assert!(event_files(&[folder.path().to_path_buf()], &mut diagnostics).is_empty());
        assert_eq!(diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), [files::UNREADABLE]);
    }
}
