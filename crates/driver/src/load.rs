//! Passes 1 to 4 for whole inputs: read, parse, lower, normalise. One bad rule never stops the others.

use std::path::PathBuf;
use std::sync::Arc;

use eqlc_diagnostics::codes::{files, lints, types};
use eqlc_diagnostics::{Diagnostic, Diagnostics, Fragment, SourceMap, has_errors};
use eqlc_eql::Dialect;
use eqlc_eql::ast::Comment;
use eqlc_ir::{Metadata, Rule, normalise};
use eqlc_lower::eql::{Context, outside_patterns};
use eqlc_lower::sigma::Placeholders;
use eqlc_pipelines::Pipeline;
use eqlc_rules::{QueryLanguage, QueryText, RuleDocument};
use eqlc_schema::Schema;
use eqlc_sigma_lint::Identities;

use crate::ast::Ast;
use crate::batch::Bytes;
use crate::input::Input;
use crate::lint::{Lints, hidden, identities, look_back, never_matches, yaml_comments};
use crate::sigma::SigmaFiles;

/// How rules are checked.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// Fields that no schema knows are errors.
    pub strict_fields: bool,
    /// The flavour of EQL; none: behaviour rules of Elastic Endpoint tell themselves by what their documents
    /// say, everything else is for Elasticsearch.
    pub dialect: Option<Dialect>,
    /// The fields there are; none: ECS and those of integrations.
    pub schema: Option<Arc<Schema>>,
    /// Which warnings are shown.
    pub lints: Lints,
    /// Whether nobody looks for lints: the texts are outputs of eqlc, or warnings are not shown.
    pub unlinted: bool,
    /// What Sigma documents go through before they are lowered. Whoever brings pipelines maps fields with them alone,
    /// and compiles with [`Settings::no_mapping`](crate::Settings::no_mapping).
    pub pipelines: Vec<Pipeline>,
    /// What placeholders in Sigma rules stand for.
    pub placeholders: Arc<Placeholders>,
    /// The Sigma files of the run; [`load`](crate::load()) reads them, whatever is given here.
    pub sigma: Option<Arc<SigmaFiles>>,
    /// Whether Sigma documents are also held to conventions.
    pub conventions: bool,
    /// What the Sigma rules of the run are called; [`load`](crate::load()) reads it where conventions are asked for.
    pub identities: Option<Arc<Identities>>,
}

impl LoadOptions {
    /// With what the files of a run must know of each other.
    #[must_use]
    pub fn of_run(self, inputs: &[Input]) -> Self {
        self.of_files(&crate::batch::read(inputs))
    }

    /// The same, of files that were read.
    pub(crate) fn of_files(self, files: &[(&Input, Bytes)]) -> Self {
        let identities = self.conventions.then(|| Arc::new(identities(files)));
        Self { sigma: SigmaFiles::of(files), identities, ..self }
    }

    fn schema(&self) -> &Schema {
        match &self.schema {
            Some(schema) => schema,
            None => Schema::ecs(),
        }
    }
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
    /// The fields that it was checked against; none: ECS and those of integrations.
    pub schema: Option<Arc<Schema>>,
}

/// A rule that passed every check.
#[derive(Clone, Debug)]
pub struct LoadedRule {
    /// Place among the rules of its input, from 0.
    pub nth: usize,
    /// The syntax tree.
    pub ast: Ast,
    /// The IR as lowered.
    pub lowered: Rule,
    /// The IR in normal form.
    pub rule: Rule,
}

impl LoadedRule {
    fn new(nth: usize, ast: Ast, lowered: Rule) -> Self {
        Self { nth, ast, rule: normalise(lowered.clone()), lowered }
    }
}

/// Loads an input that was read.
pub(crate) fn load_read(input: &Input, bytes: Bytes, options: &LoadOptions) -> Unit {
    let (unit, rules) = load_as(input, bytes, options, LoadedRule::new);
    Unit { rules, ..unit }
}

/// Loads an input that was read; a unit without rules, and what `made` makes of each that passed every check, its place
/// among them, its tree and the rule as lowered.
pub(crate) fn load_as<T>(
    input: &Input,
    bytes: Bytes,
    options: &LoadOptions,
    made: impl FnMut(usize, Ast, Rule) -> T,
) -> (Unit, Vec<T>) {
    match bytes {
        Ok(bytes) => load_with(input.clone(), &bytes, options, made),
        Err(diagnostic) => {
            let unit = Unit {
                input: input.clone(),
                sources: SourceMap::new(),
                diagnostics: vec![*diagnostic],
                rules: Vec::new(),
                broken: 1,
                schema: options.schema.clone(),
            };
            (unit, Vec::new())
        }
    }
}

/// Loads the bytes of an input.
#[must_use]
pub fn load_bytes(input: Input, bytes: &[u8], options: LoadOptions) -> Unit {
    let (unit, rules) = load_with(input, bytes, &options, LoadedRule::new);
    Unit { rules, ..unit }
}

fn load_with<T>(
    input: Input,
    bytes: &[u8],
    options: &LoadOptions,
    mut made: impl FnMut(usize, Ast, Rule) -> T,
) -> (Unit, Vec<T>) {
    let mut sources = SourceMap::new();
    let read = eqlc_rules::read(&input.name(), bytes, &mut sources);
    let schema = options.schema.clone();
    let mut unit =
        Unit { input, sources, diagnostics: read.diagnostics, rules: Vec::new(), broken: 0, schema };
    let unreadable = has_errors(&unit.diagnostics);
    unit.diagnostics.extend(crate::guide::check(&read.tree.documents));
    let lints = options.lints.of_file(&unit.input.name());
    lints.retain(&mut unit.diagnostics);
    let mut rules = Vec::new();
    for document in &read.tree.documents {
        let mut found = parse_and_lower(document, options, &lints, &mut unit.sources);
        lints.apply(&mut found.diagnostics, &found.comments, &document.query.fragment);
        let broken = has_errors(&found.diagnostics);
        unit.diagnostics.extend(found.diagnostics);
        if broken || unreadable {
            unit.broken += 1;
            continue;
        }
        for (ast, lowered) in found.rules {
            rules.push(made(rules.len(), ast, lowered));
        }
    }
    if unreadable && read.tree.documents.is_empty() {
        unit.broken = 1;
    }
    (unit, rules)
}

/// What diagnostics call a query that stands in no file.
pub(crate) const QUERY_NAME: &str = "<query>";

/// Loads an EQL query that stands in no file.
#[must_use]
pub fn load_query(text: &str, options: LoadOptions) -> Unit {
    let mut sources = SourceMap::new();
    let source = sources.add(QUERY_NAME, text);
    load_query_in(QUERY_NAME, sources, Fragment::verbatim(source, 0, text), options)
}

/// Loads an EQL query whose text the sources hold.
pub(crate) fn load_query_in(
    name: &str,
    mut sources: SourceMap,
    fragment: Fragment,
    options: LoadOptions,
) -> Unit {
    let input = Input { path: Some(PathBuf::from(name)), relative: PathBuf::from(name) };
    let document = RuleDocument {
        metadata: Metadata { name: name.to_owned(), ..Metadata::default() },
        span: fragment.whole(),
        query: QueryText { language: QueryLanguage::Eql, fragment },
        guide: eqlc_rules::GuideSource::default(),
    };
    let lints = options.lints.of_file(name);
    let mut found = parse_and_lower(&document, &options, &lints, &mut sources);
    lints.apply(&mut found.diagnostics, &found.comments, &document.query.fragment);
    let broken = usize::from(has_errors(&found.diagnostics));
    let rules = found.rules.into_iter().enumerate();
    let rules = rules.map(|(nth, (ast, lowered))| LoadedRule::new(nth, ast, lowered)).collect();
    Unit { input, sources, diagnostics: found.diagnostics, rules, broken, schema: options.schema }
}

#[derive(Default)]
struct Found {
    /// The tree and the lowered rule.
    rules: Vec<(Ast, Rule)>,
    diagnostics: Diagnostics,
    comments: Vec<Comment>,
}

fn parse_and_lower(
    document: &RuleDocument,
    options: &LoadOptions,
    lints: &Lints,
    sources: &mut SourceMap,
) -> Found {
    match &document.query.language {
        QueryLanguage::Eql => eql(document, options, sources),
        QueryLanguage::Sigma => sigma(document, options, lints, sources),
        // The reader has said that the rule is skipped.
        QueryLanguage::Other(_) => Found::default(),
    }
}

fn eql(document: &RuleDocument, options: &LoadOptions, sources: &SourceMap) -> Found {
    let dialect = options.dialect.unwrap_or_else(|| dialect_of(&document.metadata));
    let reading = eqlc_eql::Options { dialect };
    let parsed = eqlc_eql::parse_with(&document.query.fragment, reading);
    let context = Context { schema: options.schema(), strict_fields: options.strict_fields, dialect };
    let lower = if options.unlinted { eqlc_lower::eql::lower_unlinted } else { eqlc_lower::eql::lower };
    let (lowered, more) = lower(&parsed.tree, &context);
    let mut diagnostics = parsed.diagnostics;
    // Where the text could not be read, what is left of a comparison (`process.pid >`) looks like a condition that
    // is none; the parser has said what is wrong there.
    let unread = has_errors(&diagnostics);
    diagnostics.extend(more.into_iter().filter(|found| !(unread && found.code == types::NOT_A_CONDITION)));
    diagnostics.extend(look_back(&parsed.tree, &document.metadata));
    diagnostics.extend(hidden(&document.query.fragment, reading));
    if let Some(lowered) = lowered.as_ref().filter(|_| dialect == Dialect::Elasticsearch) {
        diagnostics.extend(outside_patterns(&lowered.body, &document.metadata.index, options.schema()));
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.span().map(|span| span.start));
    let comments = parsed.tree.comments.clone();
    let mut rules = Vec::new();
    if let Some(lowered) = lowered
        && !has_errors(&diagnostics)
    {
        let meta = Arc::new(document.metadata.clone());
        let rule = Rule { id: id_of(&meta), meta, body: lowered.body, pipes: lowered.pipes };
        add_never(&rule, options, sources, &mut diagnostics);
        rules.push((Ast::Eql(Arc::new(parsed.tree)), rule));
    }
    Found { rules, diagnostics, comments }
}

/// Says so of a rule that never matches, where that is not said yet.
fn add_never(rule: &Rule, options: &LoadOptions, sources: &SourceMap, diagnostics: &mut Diagnostics) {
    let said = diagnostics.iter().any(|finding| finding.code == lints::CONTRADICTION);
    if options.unlinted || said {
        return;
    }
    if let Some(finding) = never_matches(rule, sources) {
        diagnostics.push(finding);
        diagnostics.sort_by_key(|diagnostic| diagnostic.span().map(|span| span.start));
    }
}

/// Behaviour rules have neither type nor language, and say which systems and agents they are for.
pub(crate) fn dialect_of(meta: &Metadata) -> Dialect {
    let says = !meta.os_list.is_empty() || meta.other.contains_key("rule.min_endpoint_version");
    if says && meta.rule_type.is_none() && meta.language.is_none() {
        Dialect::Endpoint
    } else {
        Dialect::Elasticsearch
    }
}

fn sigma(document: &RuleDocument, options: &LoadOptions, lints: &Lints, sources: &mut SourceMap) -> Found {
    let mut parsed = eqlc_sigma::parse(&document.query.fragment);
    let comments = yaml_comments(&document.query.fragment);
    let mut diagnostics = parsed.diagnostics;
    if has_errors(&diagnostics) {
        // What could not be read has no meaning, and what is said of the rest would repeat it.
        return Found { diagnostics, comments, ..Found::default() };
    }
    let name = sources.name(document.query.fragment.whole().source).to_owned();
    let others = options.sigma.as_ref().map(|files| files.others(&name, &parsed.tree, sources));
    let mut others = others.unwrap_or_default();
    if options.conventions {
        let fragment = &document.query.fragment;
        // Where a comment silences something, whether it does is to be seen even of what is not shown.
        let wanted = |code| !comments.is_empty() || lints.wants(code);
        let context = eqlc_sigma_lint::Context {
            fragment,
            path: &name,
            others: &others.documents,
            identities: options.identities.as_deref(),
            wanted: &wanted,
        };
        diagnostics.extend(eqlc_sigma_lint::lint(&parsed.tree, &context));
    }
    let mut tree = eqlc_sigma::File { documents: std::mem::take(&mut others.documents) };
    for tree in [&mut parsed.tree, &mut tree] {
        diagnostics.extend(eqlc_pipelines::apply(tree, &options.pipelines));
    }
    if has_errors(&diagnostics) {
        // A rule that a pipeline refuses is not looked at further.
        return Found { diagnostics, comments, ..Found::default() };
    }
    let context = eqlc_lower::sigma::Context {
        schema: options.schema(),
        placeholders: &options.placeholders,
        others: &tree.documents,
        filters_elsewhere: options.sigma.is_some() && others.filters_elsewhere,
    };
    let (rules, more) = eqlc_lower::sigma::lower_with(&parsed.tree, context);
    diagnostics.extend(more);
    rules.iter().for_each(|rule| add_never(rule, options, sources, &mut diagnostics));
    diagnostics.sort_by_key(|diagnostic| diagnostic.span().map(|span| (span.source, span.start)));
    let tree = Arc::new(parsed.tree);
    let rules = rules.into_iter().map(|rule| (Ast::Sigma(Arc::clone(&tree)), rule)).collect();
    Found { rules, diagnostics, comments }
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
