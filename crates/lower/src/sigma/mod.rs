//! Pass 3 for Sigma: documents to IR (Sigma specification 2.1).
//!
//! * Text ignores letter case unless `cased` says otherwise; `*` and `?` are wildcards. On an ECS field whose
//!   type is known not to be text, a value without wildcards is `==` of the type; on one that is known to be text
//!   a number or a boolean is the text that writes it.
//! * All values are texts to Sigma: a number is equal to numbers and to texts that write it, a boolean also to
//!   the texts `true` and `false`, and a text is found in numbers as events write them
//!   ([`ir::Taxonomy::Sigma`]).
//! * `null` holds of a field without values, `exists: false` of one that is not there at all; `''` is the empty
//!   text, not absence.
//! * Keywords are looked for in every value of the event ([`ir::Anywhere`]).
//! * A value list is "some of", with `all` "all of"; a map is "all of", a list of maps "some of".
//! * A missing field makes a test false and its negation true, `neq` included.
//! * A regular expression is searched for anywhere in the value.

mod condition;
mod correlation;
mod encode;
mod field;
mod filter;
mod keyword;
mod meta;
mod placeholders;
mod regex;
mod regex_class;
mod regex_dialect;
mod value;

use std::collections::BTreeSet;

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Diagnostic, Diagnostics, has_errors};
use eqlc_ir as ir;
use eqlc_schema::Schema;
use eqlc_sigma::{CorrelationRule, Document, File, Filter};

pub use filter::applies as filter_applies;
pub use placeholders::Placeholders;

/// What rules are lowered with.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The types of fields in rules of the ECS taxonomy.
    pub schema: &'a Schema,
    /// What placeholders stand for.
    pub placeholders: &'a Placeholders,
    /// Documents of other files: the rules that correlations name and the filters that are for the rules of
    /// the file. They become no rules by themselves.
    pub others: &'a [Document],
    /// Whether every filter of the file is for some rule of another file.
    pub filters_elsewhere: bool,
}

/// Lowers the documents of a file by themselves: without placeholders and other files; see [`lower_with`].
#[must_use]
pub fn lower(file: &File, schema: &Schema) -> (Vec<ir::Rule>, Diagnostics) {
    let placeholders = Placeholders::default();
    lower_with(file, Context { schema, placeholders: &placeholders, others: &[], filters_elsewhere: false })
}

/// Lowers the documents of a file.
///
/// A correlation and the rules it names become one rule; every other rule, and those of a correlation that
/// says `generate: true`, become one each. Filters become conditions of the rules that they are for. A rule with
/// an error is left out, and the errors say why; the diagnostics come in the order of the text. A file whose
/// parsing reported errors must not be lowered.
#[must_use]
pub fn lower_with(file: &File, context: Context<'_>) -> (Vec<ir::Rule>, Diagnostics) {
    let whole = Whole {
        own: &file.documents,
        others: context.others,
        placeholders: context.placeholders,
        schema: context.schema,
    };
    let mut diagnostics = Vec::new();
    let taken = taken(&whole);
    let mut rules = Vec::new();
    for (at, document) in file.documents.iter().enumerate() {
        let mut lowering =
            Lowering { context: whole, taxonomy: ir::Taxonomy::Sigma, diagnostics: Vec::new() };
        let body = match document {
            Document::Rule(_) | Document::Correlation(_) if taken.contains(&at) => continue,
            Document::Rule(rule) => lowering.query(rule).map(ir::Body::Event),
            Document::Correlation(rule) => lowering.correlation(rule).map(ir::Body::Correlation),
            Document::Filter(filter) => {
                if !context.filters_elsewhere {
                    diagnostics.extend(aside(filter, &whole));
                }
                continue;
            }
        };
        if body.is_none() && !has_errors(&lowering.diagnostics) {
            // The parser reports what has no meaning; nothing may be left out without a word.
            let title = &document.meta().title;
            let message = format!("the rule `{}` cannot be compiled", title.value);
            lowering.report(Diagnostic::error(codes::MODIFIER_NO_FORM, message).at(title.span, "this rule"));
        }
        let complete = !has_errors(&lowering.diagnostics);
        diagnostics.append(&mut lowering.diagnostics);
        if let Some(body) = body.filter(|_| complete) {
            let meta = std::sync::Arc::new(meta::metadata(document.meta()));
            rules.push(ir::Rule { id: meta::id(&meta), meta, body, pipes: Vec::new() });
        }
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.span().map(|span| span.start));
    diagnostics.dedup();
    (rules, diagnostics)
}

/// The rules that exist for correlations only. What is a rule of itself stays, so that it is reported.
fn taken(whole: &Whole<'_>) -> BTreeSet<usize> {
    let mut taken = BTreeSet::new();
    for at in 0..whole.own.len() {
        let generates = whole.own.get(at).is_some_and(generates);
        taken.extend(named(whole, at).into_iter().filter(|_| !generates));
    }
    taken.retain(|at| !below(whole, *at).contains(at));
    taken
}

fn generates(document: &Document) -> bool {
    match document {
        Document::Correlation(rule) => rule.correlation.generate.is_some_and(|generate| generate.value),
        _ => false,
    }
}

/// The documents of the file that a correlation names.
fn named(whole: &Whole<'_>, at: usize) -> Vec<usize> {
    let Some(Document::Correlation(CorrelationRule { correlation, .. })) = whole.own.get(at) else {
        return Vec::new();
    };
    let place =
        |name: &str| whole.own.iter().position(|document| correlation::is_called(document.meta(), name));
    correlation.rules.iter().filter_map(|name| place(&name.value)).collect()
}

/// The documents of the file that a correlation names, those that they name, and so on.
fn below(whole: &Whole<'_>, at: usize) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut todo = named(whole, at);
    while let Some(next) = todo.pop() {
        if found.insert(next) {
            todo.extend(named(whole, next));
        }
    }
    found
}

/// A warning for a filter that no rule is changed by.
fn aside(filter: &Filter, whole: &Whole<'_>) -> Option<Diagnostic> {
    let applies = whole.documents().any(|document| match document {
        Document::Rule(rule) => filter_applies(filter, &rule.meta, &rule.logsource),
        _ => false,
    });
    let title = &filter.meta.title;
    (!applies).then(|| {
        Diagnostic::warning(
            codes::FILTER_ASIDE,
            format!("the filter `{}` is for no rule that was read", title.value),
        )
        .at(title.span, "changes nothing")
        .help("read it together with its rules: `eqlc compile … filters/ rules/`")
    })
}

/// All that a document can refer to.
#[derive(Clone, Copy)]
struct Whole<'a> {
    own: &'a [Document],
    others: &'a [Document],
    placeholders: &'a Placeholders,
    schema: &'a Schema,
}

impl<'a> Whole<'a> {
    /// Every document, those of the file first.
    fn documents(self) -> impl Iterator<Item = &'a Document> {
        self.own.iter().chain(self.others)
    }

    /// The document that has this name or id.
    fn find(self, reference: &str) -> Option<&'a Document> {
        self.documents().find(|document| correlation::is_called(document.meta(), reference))
    }

    fn filters(self) -> impl Iterator<Item = &'a Filter> {
        filter::filters(self.own).chain(filter::filters(self.others))
    }
}

/// The state of the pass for one document. Its methods give `None` for what has no form, after saying why.
struct Lowering<'a> {
    context: Whole<'a>,
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
