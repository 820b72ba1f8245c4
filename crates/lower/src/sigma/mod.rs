//! Pass 3 for Sigma: documents to IR (Sigma specification 2.1).
//!
//! * Text ignores letter case unless `cased` says otherwise; `*` and `?` are wildcards. On an ECS field whose
//!   type is known not to be text, a value without wildcards is `==` of the type.
//! * A number is equal to numbers only, a boolean also to the texts `true` and `false`: values keep the kind
//!   that they have in the event.
//! * `null` and `exists: false` hold of a field without values; `''` is the empty text, not absence.
//! * A value list is "some of", with `all` "all of"; a map is "all of", a list of maps "some of".
//! * A missing field makes a test false and its negation true, `neq` included.
//! * A regular expression is searched for anywhere in the value.

mod condition;
mod correlation;
mod encode;
mod field;
mod meta;
mod regex;
mod regex_class;
mod regex_dialect;
mod value;

use std::collections::BTreeSet;

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Diagnostic, Diagnostics, has_errors};
use eqlc_ir as ir;
use eqlc_schema::Schema;
use eqlc_sigma::{Document, File};

/// Lowers the documents of a file. `schema` gives the types of fields in rules of the ECS taxonomy.
///
/// A correlation and the rules it names become one rule; every other rule, and those of a correlation that
/// says `generate: true`, become one each. A rule with an error is left out, and the errors say why; the
/// diagnostics come in the order of the text. A file whose parsing reported errors must not be lowered.
#[must_use]
pub fn lower(file: &File, schema: &Schema) -> (Vec<ir::Rule>, Diagnostics) {
    let mut diagnostics = Vec::new();
    let taken = taken(file);
    let mut rules = Vec::new();
    for (at, document) in file.documents.iter().enumerate() {
        let mut lowering = Lowering { schema, taxonomy: ir::Taxonomy::Sigma, diagnostics: Vec::new() };
        let body = match document {
            Document::Rule(_) if taken.contains(&at) => continue,
            Document::Rule(rule) => lowering.query(rule).map(ir::Body::Event),
            Document::Correlation(rule) => lowering.correlation(rule, file).map(ir::Body::Correlation),
            Document::Filter(filter) => {
                let message = format!("the filter `{}` is left aside", filter.meta.title.value);
                let diagnostic = Diagnostic::warning(codes::FILTER_ASIDE, message)
                    .at(filter.meta.title.span, "the rules it names are compiled without it");
                diagnostics.push(diagnostic);
                continue;
            }
        };
        let complete = !has_errors(&lowering.diagnostics);
        diagnostics.append(&mut lowering.diagnostics);
        if let Some(body) = body.filter(|_| complete) {
            let meta = meta::metadata(document.meta());
            rules.push(ir::Rule { id: meta::id(&meta), meta, body, pipes: Vec::new() });
        }
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.span().map(|span| span.start));
    (rules, diagnostics)
}

/// The rules that exist for correlations only.
fn taken(file: &File) -> BTreeSet<usize> {
    let mut taken = BTreeSet::new();
    for document in &file.documents {
        let Document::Correlation(rule) = document else { continue };
        if rule.correlation.generate.is_some_and(|generate| generate.value) {
            continue;
        }
        let named = rule.correlation.rules.iter();
        taken.extend(named.filter_map(|name| correlation::find(file, &name.value)).map(|(at, _)| at));
    }
    taken
}

/// The state of the pass for one document. Its methods give `None` for what has no form, after saying why.
struct Lowering<'a> {
    schema: &'a Schema,
    taxonomy: ir::Taxonomy,
    diagnostics: Diagnostics,
}

impl Lowering<'_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}

#[cfg(test)]
mod tests;
