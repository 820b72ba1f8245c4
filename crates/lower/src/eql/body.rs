//! Queries: events, sequences, samples, pipes.

use eqlc_diagnostics::codes::lints;
use eqlc_diagnostics::{Applicability, Diagnostic, Node, did_you_mean};
use eqlc_eql::ast;
use eqlc_ir::{
    Body, Category, EventQuery, IgnoredSpan, Key, Pipe, Sample, SampleTerm, Sequence, Step, Until,
};
use eqlc_schema::nearest_category;

use super::Lowering;

impl Lowering<'_> {
    pub(super) fn body(&mut self, body: &ast::Body) -> Option<Body> {
        match body {
            ast::Body::Event(filter) => self.event(filter).map(Body::Event),
            ast::Body::Sequence(sequence) => self.sequence(sequence).map(Body::Sequence),
            ast::Body::Sample(sample) => self.sample(sample).map(Body::Sample),
            ast::Body::Error => None,
        }
    }

    pub(super) fn event(&mut self, filter: &ast::EventFilter) -> Option<EventQuery> {
        let category = self.category(&filter.category);
        Some(EventQuery { category, filter: self.condition(&filter.condition)? })
    }

    /// `any` adds no condition, so that events without a category match; a name is compared exactly
    /// (`eql-semantics.md` §12).
    fn category(&mut self, category: &Node<ast::Category>) -> Category {
        let ast::Category::Named { name, quoted } = &category.value else { return Category::Any };
        let near = if self.is_endpoint() { Vec::new() } else { nearest_category(name) };
        if let (Some(best), Some(help)) = (near.first(), did_you_mean(&near)) {
            let replacement = if *quoted { format!("\"{best}\"") } else { (*best).to_owned() };
            self.report(
                Diagnostic::warning(lints::UNKNOWN_CATEGORY, format!("`{name}` is no known event category"))
                    .at(category.span, "not a known category")
                    .help(help)
                    .fix(Applicability::Unsafe, format!("replace with `{best}`"), category.span, replacement),
            );
        }
        Category::OneOf(vec![Node::new(name.to_string(), category.span)])
    }

    fn sequence(&mut self, sequence: &ast::Sequence) -> Option<Sequence> {
        self.name_terms(&sequence.terms);
        let by = self.keys(&sequence.by);
        let steps: Vec<Option<Step>> = sequence.terms.iter().map(|term| self.step(term)).collect();
        let until = sequence.until.as_ref().map(|term| self.step(term));
        let (by, steps) = (by?, steps.into_iter().collect::<Option<Vec<Step>>>()?);
        let until = match until {
            None => None,
            Some(step) => step.map(|step| Some(Until { query: step.query, by: step.by }))?,
        };
        let own = steps.iter().map(|step| &step.by).chain(until.iter().map(|until| &until.by));
        self.check_key_types(&own.map(Vec::as_slice).collect::<Vec<_>>());
        let maxspan_ms = sequence.maxspan.as_ref().map(|span| span.value.millis());
        Some(Sequence { by, maxspan_ms, steps, until })
    }

    fn step(&mut self, term: &ast::Term) -> Option<Step> {
        let (query, by) = match term.missing {
            true => self.without_terms(|lowering| lowering.term(term)),
            false => self.term(term),
        };
        let alias = term.alias.as_ref().filter(|_| !term.missing && self.is_endpoint());
        self.term_stands(alias);
        let runs = term.runs.as_ref().map_or(1, |runs| runs.value);
        Some(Step {
            query: query?,
            by: by?,
            missing: term.missing,
            runs,
            alias: alias.map(|alias| alias.value.to_string()),
            span: IgnoredSpan(term.span),
        })
    }

    fn term(&mut self, term: &ast::Term) -> (Option<EventQuery>, Option<Vec<Key>>) {
        (self.event(&term.filter), self.keys(&term.by))
    }

    fn sample(&mut self, sample: &ast::Sample) -> Option<Sample> {
        let by = self.keys(&sample.by);
        let terms: Vec<_> = sample.terms.iter().map(|term| self.term(term)).collect();
        let terms = terms.into_iter().map(|(query, by)| Some(SampleTerm { query: query?, by: by? }));
        let terms = terms.collect::<Option<Vec<SampleTerm>>>()?;
        self.check_key_types(&terms.iter().map(|term| term.by.as_slice()).collect::<Vec<_>>());
        Some(Sample { by: by?, terms })
    }
}

/// A pipe; none for one that the parser refused.
pub(super) fn pipe(pipe: &ast::Pipe) -> Option<Pipe> {
    let count = pipe.count()?;
    match pipe.name.value.as_str() {
        "head" => Some(Pipe::Head(count)),
        "tail" => Some(Pipe::Tail(count)),
        _ => None,
    }
}
