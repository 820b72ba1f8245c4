mod checks;
mod conformance;
mod corpus;
mod endpoint;
mod explanations;
mod folding;
mod hostile;
mod meaning;
mod peers;

use std::fmt::Write;

use eqlc_diagnostics::{Diagnostic, Diagnostics, Fragment, Label, SourceMap, has_errors};
use eqlc_eql::{Dialect, Options};
use eqlc_ir::Rule;

use super::{Context, Lowered, lower};

/// A query read and lowered: what is said of it, in the order of the text, and what came out.
struct Outcome {
    sources: SourceMap,
    diagnostics: Diagnostics,
    lowered: Option<Lowered>,
}

fn compile_in(text: &str, context: &Context<'_>) -> Outcome {
    compile_as(text, context, Options::default())
}

fn compile_endpoint(text: &str) -> Outcome {
    let context = Context { dialect: Dialect::Endpoint, ..Context::default() };
    compile_as(text, &context, Options { dialect: Dialect::Endpoint })
}

fn compile_as(text: &str, context: &Context<'_>, options: Options) -> Outcome {
    let mut sources = SourceMap::new();
    let id = sources.add("rule.eql", text);
    let parsed = eqlc_eql::parse_with(&Fragment::verbatim(id, 0, text), options);
    let (lowered, found) = lower(&parsed.tree, context);
    let mut diagnostics = parsed.diagnostics;
    diagnostics.extend(found);
    diagnostics.sort_by_key(|diagnostic| diagnostic.span().map(|span| span.start));
    let lowered = lowered.filter(|_| !has_errors(&diagnostics));
    Outcome { sources, diagnostics, lowered }
}

fn compile(text: &str) -> Outcome {
    compile_in(text, &Context::default())
}

impl Outcome {
    fn codes(&self) -> Vec<&'static str> {
        self.diagnostics.iter().map(|diagnostic| diagnostic.code.as_str()).collect()
    }

    fn ir(&self) -> String {
        let Some(lowered) = self.lowered.clone() else { return "no output\n".to_owned() };
        let (body, pipes) = (lowered.body, lowered.pipes);
        let rule = Rule { id: "r".to_owned(), meta: std::sync::Arc::default(), body, pipes };
        eqlc_ir::text::rule(&rule).trim_start_matches("rule \"r\"\n").to_owned()
    }

    fn findings(&self) -> String {
        self.diagnostics.iter().map(|diagnostic| self.finding(diagnostic)).collect()
    }

    fn finding(&self, diagnostic: &Diagnostic) -> String {
        let mut out = format!("{:?} {}: {}\n", diagnostic.severity, diagnostic.code, diagnostic.message);
        let mut place = |mark: &str, label: &Label| {
            let at = self.sources.position(label.span);
            let text = self.sources.slice(label.span);
            let _ = writeln!(out, "  {mark} {}:{} `{text}` {}", at.line, at.column, label.message);
        };
        diagnostic.primary.iter().for_each(|label| place("^", label));
        diagnostic.related.iter().for_each(|label| place("-", label));
        diagnostic.notes.iter().for_each(|text| out.push_str(&format!("  note: {text}\n")));
        diagnostic.help.iter().for_each(|text| out.push_str(&format!("  help: {text}\n")));
        for fix in &diagnostic.fixes {
            let edits: Vec<String> = fix
                .edits
                .iter()
                .map(|edit| format!("`{}` -> `{}`", self.sources.slice(edit.span), edit.replacement))
                .collect();
            let _ = writeln!(out, "  fix ({:?}): {}: {}", fix.applicability, fix.title, edits.join(", "));
        }
        out
    }
}

/// Each query with what is said of it.
fn findings(queries: &[&str]) -> String {
    queries.iter().map(|text| format!("> {text}\n{}\n", compile(text).findings())).collect()
}

/// Each condition, over events of any category, with its IR.
fn conditions(conditions: &[&str]) -> String {
    conditions
        .iter()
        .map(|text| {
            let outcome = compile(&format!("any where {text}"));
            let ir = outcome.ir();
            let ir = ir.trim_start_matches("  event any\n");
            let notes: Vec<&str> =
                outcome.codes().into_iter().filter(|code| !code.starts_with('W')).collect();
            let notes = if notes.is_empty() { String::new() } else { format!("    {}\n", notes.join(" ")) };
            format!("> {text}\n{ir}{notes}")
        })
        .collect()
}
