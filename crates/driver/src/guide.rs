//! The check of investigation guides, with the tables of osquery.

use eqlc_backend_osquery::schema;
use eqlc_diagnostics::Diagnostics;
use eqlc_guide::Tables;
use eqlc_rules::RuleDocument;

struct Osquery;

impl Tables for Osquery {
    fn columns(&self, table: &str) -> Option<Vec<&str>> {
        Some(schema::table(table)?.columns.keys().map(String::as_str).collect())
    }

    fn names(&self) -> Vec<&str> {
        schema::all().keys().map(String::as_str).collect()
    }
}

/// What is wrong with the guides of documents, in their order: warnings, since a guide changes nothing of what
/// its rule finds.
pub(crate) fn check(documents: &[RuleDocument]) -> Diagnostics {
    documents.iter().flat_map(|document| eqlc_guide::check(&document.guide, &Osquery)).collect()
}
