//! Fields that users bring, from files.

use std::path::PathBuf;
use std::sync::Arc;

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Diagnostic, Diagnostics, SourceMap};
use eqlc_schema::{Schema, UserFields, read_fields};

/// The fields of users with what was found in their files.
#[derive(Debug)]
pub struct UserSchema {
    /// ECS and those fields; none where no file was named.
    pub schema: Option<Arc<Schema>>,
    /// The text of the files.
    pub sources: SourceMap,
    /// What was found in them; with errors the schema must not be used.
    pub diagnostics: Diagnostics,
}

/// The largest schema that is read; mappings with all integrations have some megabytes.
const MAX_BYTES: u64 = 64 << 20;

/// Reads files of fields: later ones add to earlier ones, all of them win over ECS.
#[must_use]
pub fn read_schemas(paths: &[PathBuf]) -> UserSchema {
    let mut read = UserSchema { schema: None, sources: SourceMap::new(), diagnostics: Vec::new() };
    let mut fields: Option<UserFields> = None;
    for path in paths {
        let name = path.display().to_string();
        let text = match text_of(path) {
            Ok(text) => text,
            Err(why) => {
                let message = format!("`{name}` cannot be read: {why}");
                read.diagnostics.push(Diagnostic::error(files::UNREADABLE, message));
                continue;
            }
        };
        let text = text.trim_start_matches('\u{feff}');
        let source = read.sources.add(name.as_str(), text);
        let (found, diagnostics) = read_fields(source, &name, text);
        read.diagnostics.extend(diagnostics);
        fields = Some(match fields {
            Some(before) => before.and(found),
            None => found,
        });
    }
    read.schema = fields.map(|fields| Arc::new(Schema::ecs().extended(&fields)));
    read
}

fn text_of(path: &PathBuf) -> std::io::Result<String> {
    if std::fs::metadata(path)?.len() > MAX_BYTES {
        return Err(std::io::Error::other(format!("larger than {} MB", MAX_BYTES >> 20)));
    }
    std::fs::read_to_string(path)
}
