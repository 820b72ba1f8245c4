//! Passes 1 to 4 for whole inputs: read, parse, lower, normalise. One bad rule never stops the others.

use std::path::PathBuf;

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Diagnostic, Diagnostics, SourceMap, has_errors};
use eqlc_ir::{Metadata, Rule, normalise};
use eqlc_lower::eql::Context;
use eqlc_rules::{QueryLanguage, RuleDocument};
use eqlc_schema::Schema;
use rayon::prelude::*;

use crate::input::Input;

/// How rules are checked.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoadOptions {
    /// Fields that no schema knows are errors.
    pub strict_fields: bool,
}

/// One input with everything found in it. Each has its own sources, so that inputs are independent.
#[derive(Debug)]
pub struct Unit {
    /// Where it came from.
    pub input: Input,
    /// Its text.
    pub sources: SourceMap,
    /// What was found, in the order of the text.
    pub diagnostics: Diagnostics,
    /// The rules without errors.
    pub rules: Vec<LoadedRule>,
    /// How many of its rules have errors.
    pub broken: usize,
}

/// A rule that passed every check.
#[derive(Clone, Debug)]
pub struct LoadedRule {
    /// Place among the rules of its input, from 0.
    pub nth: usize,
    /// The syntax tree, printed in the canonical layout of its language.
    pub ast: String,
    /// The IR as lowered.
    pub lowered: Rule,
    /// The IR in normal form.
    pub rule: Rule,
}

/// Loads inputs, several at a time; results in the order of the inputs.
#[must_use]
pub fn load(inputs: &[Input], options: LoadOptions) -> Vec<Unit> {
    inputs.par_iter().map(|input| load_one(input, options)).collect()
}

fn load_one(input: &Input, options: LoadOptions) -> Unit {
    match input.read() {
        Ok(bytes) => load_bytes(input.clone(), &bytes, options),
        Err(diagnostic) => Unit {
            input: input.clone(),
            sources: SourceMap::new(),
            diagnostics: vec![*diagnostic],
            rules: Vec::new(),
            broken: 1,
        },
    }
}

/// Loads the bytes of an input.
#[must_use]
pub fn load_bytes(input: Input, bytes: &[u8], options: LoadOptions) -> Unit {
    let mut sources = SourceMap::new();
    let read = eqlc_rules::read(&input.name(), bytes, &mut sources);
    let mut unit = Unit { input, sources, diagnostics: read.diagnostics, rules: Vec::new(), broken: 0 };
    let unreadable = has_errors(&unit.diagnostics);
    let mut nth = 0;
    for document in &read.tree.documents {
        let found = parse_and_lower(document, options);
        let broken = has_errors(&found.diagnostics);
        unit.diagnostics.extend(found.diagnostics);
        if broken || unreadable {
            unit.broken += 1;
            continue;
        }
        for (ast, lowered) in found.rules {
            let rule = normalise(lowered.clone());
            unit.rules.push(LoadedRule { nth, ast, lowered, rule });
            nth += 1;
        }
    }
    if unreadable && read.tree.documents.is_empty() {
        unit.broken = 1;
    }
    unit
}

#[derive(Default)]
struct Found {
    /// The printed tree and the lowered rule.
    rules: Vec<(String, Rule)>,
    diagnostics: Diagnostics,
}

fn parse_and_lower(document: &RuleDocument, options: LoadOptions) -> Found {
    match &document.query.language {
        QueryLanguage::Eql => eql(document, options),
        QueryLanguage::Sigma => sigma(document),
        // The reader has said that the rule is skipped.
        QueryLanguage::Other(_) => Found::default(),
    }
}

fn eql(document: &RuleDocument, options: LoadOptions) -> Found {
    let parsed = eqlc_eql::parse(&document.query.fragment);
    let context = Context { schema: Schema::ecs(), strict_fields: options.strict_fields };
    let (lowered, more) = eqlc_lower::eql::lower(&parsed.tree, &context);
    let mut diagnostics = parsed.diagnostics;
    diagnostics.extend(more);
    diagnostics.sort_by_key(|diagnostic| diagnostic.span().map(|span| span.start));
    let mut rules = Vec::new();
    if let Some(lowered) = lowered
        && !has_errors(&diagnostics)
    {
        let meta = document.metadata.clone();
        let rule = Rule { id: id_of(&meta), meta, body: lowered.body, pipes: lowered.pipes };
        rules.push((eqlc_eql::print(&parsed.tree), rule));
    }
    Found { rules, diagnostics }
}

fn sigma(document: &RuleDocument) -> Found {
    let parsed = eqlc_sigma::parse(&document.query.fragment);
    let mut diagnostics = parsed.diagnostics;
    let (rules, more) = eqlc_lower::sigma::lower(&parsed.tree, Schema::ecs());
    diagnostics.extend(more);
    let printed = eqlc_sigma::write(&parsed.tree);
    let rules = rules.into_iter().map(|rule| (printed.clone(), rule)).collect();
    Found { rules, diagnostics }
}

/// The rule's own id, else its name, which for a plain file is its stem.
fn id_of(meta: &Metadata) -> String {
    meta.id.clone().unwrap_or_else(|| meta.name.clone())
}

/// Fixtures beside an input.
#[derive(Debug)]
pub struct Fixture {
    /// Its file.
    pub path: PathBuf,
    /// Its streams.
    pub streams: Vec<eqlc_verify::fixtures::Stream>,
}

/// Reads the fixture beside an input; none where there is none.
///
/// # Errors
/// It cannot be read (E3016) or is no fixture (V0004).
pub fn fixture(input: &Input) -> Result<Option<Fixture>, Box<Diagnostic>> {
    let Some(path) = input.fixture() else { return Ok(None) };
    let text = std::fs::read_to_string(&path).map_err(|error| {
        let message = format!("`{}` cannot be read: {error}", path.display());
        Box::new(Diagnostic::error(files::UNREADABLE, message))
    })?;
    let streams = eqlc_verify::fixtures::parse(&text).map_err(|error| {
        let message = format!("`{}` is no fixture: {error}", path.display());
        Box::new(Diagnostic::error(eqlc_diagnostics::codes::verify::BAD_FIXTURE, message))
    })?;
    Ok(Some(Fixture { path, streams }))
}
