//! Lists for the placeholders of Sigma rules, from files.

use std::path::PathBuf;
use std::sync::Arc;

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Diagnostic, Diagnostics, Fragment, SourceMap};
use eqlc_lower::sigma::Placeholders;

/// Lists with what was found in their files.
#[derive(Debug)]
pub struct UserPlaceholders {
    /// The lists; those of a later file stand for those of the same name in an earlier one.
    pub placeholders: Arc<Placeholders>,
    /// The text of the files.
    pub sources: SourceMap,
    /// What was found in them; with errors the lists must not be used.
    pub diagnostics: Diagnostics,
}

/// The largest file that is read.
const MAX_BYTES: u64 = 4 << 20;

/// Reads files of lists: YAML maps of names to values.
#[must_use]
pub fn read_placeholders(paths: &[PathBuf]) -> UserPlaceholders {
    let (mut sources, mut diagnostics) = (SourceMap::new(), Vec::new());
    let mut placeholders = Placeholders::default();
    for path in paths {
        let name = path.display().to_string();
        let length = std::fs::metadata(path).map(|file| file.len());
        let text = match length {
            Ok(length) if length > MAX_BYTES => Err(format!("larger than {} MiB", MAX_BYTES >> 20)),
            Ok(_) => std::fs::read_to_string(path).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let text = match text {
            Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
            Err(why) => {
                let message = format!("`{name}` cannot be read: {why}");
                diagnostics.push(Diagnostic::error(files::UNREADABLE, message));
                continue;
            }
        };
        let source = sources.add(name.as_str(), text.as_str());
        let parsed = Placeholders::read(&Fragment::verbatim(source, 0, &text));
        diagnostics.extend(parsed.diagnostics);
        placeholders.extend(parsed.tree);
    }
    UserPlaceholders { placeholders: Arc::new(placeholders), sources, diagnostics }
}
