//! Fields that users bring: mappings of Elasticsearch, and a plain list in YAML.

mod list;
mod mapping;
mod merge;

use eqlc_diagnostics::codes::types;
use eqlc_diagnostics::{Diagnostic, Diagnostics, SourceId, Span};

pub use merge::{Typed, UserFields};

/// Reads a file of fields: JSON where the text starts with `{`, else YAML.
///
/// JSON is the mapping of an index (`{"mappings":{"properties":…}}`, or its `properties` alone) or what
/// Elasticsearch answers to `_mapping`, `{"index":{"mappings":…},…}`. YAML is a list of `field.path: type`, with
/// `[]` behind a type whose field holds lists and `.*` behind a path that opens its prefix.
///
/// Fields that could be read are given back in any case.
#[must_use]
pub fn read_fields(source: SourceId, name: &str, text: &str) -> (UserFields, Diagnostics) {
    let mut reader = Reader { source, text, fields: UserFields::new(name), diagnostics: Vec::new() };
    if text.trim_start().starts_with('{') {
        mapping::read(&mut reader);
    } else {
        list::read(&mut reader);
    }
    if reader.fields.is_empty() && reader.diagnostics.is_empty() {
        let message = format!("`{name}` names no field");
        let error = Diagnostic::error(types::BAD_SCHEMA, message)
            .at(Span::new(source, 0..0), "")
            .help("a mapping in JSON or a list of `field.path: type` in YAML is expected");
        reader.diagnostics.push(error);
    }
    (reader.fields, reader.diagnostics)
}

/// The state of reading one file.
struct Reader<'t> {
    source: SourceId,
    text: &'t str,
    fields: UserFields,
    diagnostics: Diagnostics,
}

impl Reader<'_> {
    fn refuse(&mut self, message: String, at: usize, label: &str) {
        let span = Span::new(self.source, at..at);
        self.diagnostics.push(Diagnostic::error(types::BAD_SCHEMA, message).at(span, label));
    }

    /// A type, if Elasticsearch has it; reported where it is unknown, at the first place of the word behind
    /// the first place of the field's name.
    fn check_type(&mut self, path: &str, mapping: &str) -> bool {
        let bare = mapping.strip_suffix("[]").unwrap_or(mapping);
        if crate::fields::is_mapping(bare) {
            return true;
        }
        let name = path.rsplit('.').find(|name| *name != "*").unwrap_or(path);
        let from = self.text.find(name).unwrap_or(0);
        let at = self.text.get(from..).and_then(|rest| rest.find(bare)).map_or(from, |at| from + at);
        let span = Span::new(self.source, at..at + bare.len());
        let near = eqlc_diagnostics::nearest(bare, crate::fields::mappings());
        let message = format!("`{path}` has the unknown type `{bare}`");
        let mut warning = Diagnostic::warning(types::UNKNOWN_MAPPING, message)
            .at(span, "not a type of Elasticsearch's mappings")
            .note("values of the field are taken as they come");
        if let Some(help) = eqlc_diagnostics::did_you_mean(&near) {
            warning = warning.help(help);
        }
        self.diagnostics.push(warning);
        false
    }

    /// The byte of a line and column, both from 1.
    fn offset(&self, line: usize, column: usize) -> usize {
        let start: usize = self.text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let mut at = (start + column.saturating_sub(1)).min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

#[cfg(test)]
mod tests;
