//! A query through parser and lowering, in a schema of its own.

use eqlc_diagnostics::{Diagnostic, Diagnostics, Fragment, SourceMap, has_errors};
use eqlc_ir::Rule;
use eqlc_lower::eql::{Context, lower};
use eqlc_schema::Schema;

/// The rule of a query, or the errors in it, in the order of the text. Fields that the schema lacks are none.
pub fn rule(text: &str, schema: &Schema) -> Result<Rule, Diagnostics> {
    rule_in(text, &Context { schema, ..Context::default() })
}

/// As [`rule`], in a context of its own.
pub fn rule_in(text: &str, context: &Context<'_>) -> Result<Rule, Diagnostics> {
    let parsed = eqlc_eql::parse(&fragment(text));
    let (lowered, found) = lower(&parsed.tree, context);
    let mut diagnostics = parsed.diagnostics;
    diagnostics.extend(found);
    diagnostics.sort_by_key(|diagnostic| diagnostic.span().map(|span| span.start));
    match lowered.filter(|_| !has_errors(&diagnostics)) {
        Some(lowered) => Ok(Rule {
            id: "rule".to_owned(),
            meta: std::sync::Arc::default(),
            body: lowered.body,
            pipes: lowered.pipes,
        }),
        None => Err(errors(diagnostics)),
    }
}

fn errors(diagnostics: Diagnostics) -> Diagnostics {
    let is_error = |found: &Diagnostic| has_errors(std::slice::from_ref(found));
    diagnostics.into_iter().filter(is_error).collect()
}

fn fragment(text: &str) -> Fragment {
    Fragment::verbatim(SourceMap::new().add("query.eql", text), 0, text)
}

/// Says what breaks the laws of the printer on a query that has no errors: the print reads as the same tree,
/// and prints as itself.
pub fn printer_breach(text: &str) -> Option<String> {
    let parsed = eqlc_eql::parse(&fragment(text));
    let printed = eqlc_eql::print(&parsed.tree);
    let again = eqlc_eql::parse(&fragment(&printed));
    if !again.diagnostics.is_empty() || again.tree != parsed.tree {
        return Some(format!("`{printed}` is read as something else"));
    }
    let twice = eqlc_eql::print(&again.tree);
    (twice != printed).then(|| format!("`{printed}` is printed as `{twice}`"))
}
