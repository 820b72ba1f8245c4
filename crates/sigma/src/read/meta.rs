//! Reads what a document says about itself.

use eqlc_diagnostics::Diagnostic;
use eqlc_diagnostics::codes::sigma as codes;

use super::Reader;
use super::table::Table;
use crate::yaml::Kind;
use crate::{Level, Meta, Related, Status};

/// The keys that Sigma defines at the top of a document.
pub(super) const KEYS: &[&str] = &[
    "title",
    "id",
    "name",
    "related",
    "taxonomy",
    "status",
    "description",
    "license",
    "references",
    "author",
    "date",
    "modified",
    "tags",
    "scope",
    "logsource",
    "detection",
    "correlation",
    "filter",
    "fields",
    "falsepositives",
    "level",
];

impl Reader<'_> {
    /// Takes the metadata from a document. What Sigma does not define is left in the table.
    pub(super) fn meta(&mut self, table: &mut Table<'_>) -> Meta {
        let title = match self.take_near(table, "title", KEYS) {
            Some(entry) => self.text("`title`", &entry.value),
            None => {
                let diagnostic = self.missing("title", "the document", &table.at);
                self.sink.push(diagnostic);
                None
            }
        };
        let mut meta = Meta::default();
        if let Some(title) = title {
            meta.title = title;
        }
        meta.id = self.optional_text(table, "id");
        if let Some(id) = meta.id.as_ref().filter(|id| !is_uuid(&id.value)) {
            self.sink.push(
                Diagnostic::warning(codes::BAD_ID, format!("`{}` is not a UUID", id.value))
                    .at(id.span, "the identifier of a rule is a UUID"),
            );
        }
        meta.name = self.optional_text(table, "name");
        meta.related = self.related(table);
        meta.taxonomy = self.optional_text(table, "taxonomy");
        meta.status = table.take("status").and_then(|entry| {
            let names: Vec<&str> = Status::ALL.iter().map(|status| status.name()).collect();
            self.word(entry, codes::UNKNOWN_STATUS, Status::find, &names)
        });
        meta.description = self.optional_text(table, "description");
        meta.license = self.optional_text(table, "license");
        meta.references = self.texts(table, "references", false);
        meta.author = self.optional_text(table, "author");
        meta.date = self.optional_date(table, "date");
        meta.modified = self.optional_date(table, "modified");
        meta.tags = self.texts(table, "tags", false);
        meta.scope = self.texts(table, "scope", false);
        meta.fields = self.texts(table, "fields", false);
        meta.falsepositives = self.texts(table, "falsepositives", true);
        meta.level = table.take("level").and_then(|entry| {
            let names: Vec<&str> = Level::ALL.iter().map(|level| level.name()).collect();
            self.word(entry, codes::UNKNOWN_LEVEL, Level::find, &names)
        });
        meta
    }

    fn related(&mut self, table: &mut Table<'_>) -> Vec<Related> {
        let Some(entry) = table.take("related") else { return Vec::new() };
        let items = match &entry.value.kind {
            Kind::Seq(items) => items.as_slice(),
            _ if entry.value.is_null() => &[],
            _ => {
                self.wrong_kind("`related`", "a list", &entry.value);
                &[]
            }
        };
        let mut related = Vec::new();
        for item in items {
            let Some(entries) = self.map("an item of `related`", item) else { continue };
            let mut table = Table::new(entries, item.at.clone());
            let mut part = |key: &str| match table.take(key) {
                Some(entry) => self.text(format_args!("`{key}`"), &entry.value),
                None => {
                    let diagnostic = self.missing(key, "an item of `related`", &item.at);
                    self.sink.push(diagnostic);
                    None
                }
            };
            if let (Some(id), Some(kind)) = (part("id"), part("type")) {
                related.push(Related { id, kind });
            }
        }
        related
    }
}

/// Hexadecimal digits in groups of 8, 4, 4, 4 and 12.
pub(crate) fn is_uuid(text: &str) -> bool {
    const LENGTH: usize = 36;
    const DASHES: [usize; 4] = [8, 13, 18, 23];
    text.len() == LENGTH
        && text.bytes().enumerate().all(|(at, byte)| match byte {
            b'-' => DASHES.contains(&at),
            digit => digit.is_ascii_hexdigit() && !DASHES.contains(&at),
        })
}
