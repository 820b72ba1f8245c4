//! Rules made ready to be run.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use eqlc_diagnostics::Span;
use eqlc_events::Event;
use eqlc_ir::regex::Regex;
use eqlc_ir::{Body, FieldType, Rule};

use super::constants::{Constant, each};
use super::engine::Engine;
use super::order::Stream;
use super::query::{Queries, Regexes, few};
use super::scope::Scope;
use super::{Match, ResultPosition, RunError, RunOptions};
use super::{check, correlation, limits, names, sample, sequence, single_events};

/// A rule that is checked and whose regular expressions are compiled, to be run often.
///
/// ```
/// use std::borrow::Cow;
/// use eqlc_backend_native::reference::{Prepared, RunOptions};
/// use eqlc_ir::{Body, Category, EventQuery, Pred, Rule};
///
/// let query = EventQuery { category: Category::Any, filter: Pred::Const(true) };
/// let (meta, body) = (Default::default(), Body::Event(query));
/// let rule = Rule { id: String::new(), meta, body, pipes: Vec::new() };
/// let prepared = Prepared::new(Cow::Borrowed(&rule)).unwrap();
/// assert!(prepared.run(&[], &RunOptions::default()).unwrap().is_empty());
/// ```
pub struct Prepared<'r> {
    rule: Cow<'r, Rule>,
    regexes: Arc<Regexes>,
    few: usize,
    is_dated: bool,
}

impl<'r> Prepared<'r> {
    /// Makes a rule ready.
    ///
    /// # Errors
    /// It is nested too deeply, names what is not there, or has a regular expression without a meaning here.
    pub fn new(rule: Cow<'r, Rule>) -> Result<Self, RunError> {
        check::depth(&rule)?;
        names::check(&rule)?;
        let (regexes, is_dated) = compiled(&rule)?;
        let few = few(&rule);
        Ok(Self { rule, regexes, few, is_dated })
    }

    /// The rule.
    #[must_use]
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    pub(super) fn regexes(&self) -> &Arc<Regexes> {
        &self.regexes
    }

    /// Whether each of some events by itself matches, in the order that they are given in. None where the rule looks at
    /// several events, or limits what it finds.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn each(&self, events: &[Event], options: &RunOptions) -> Result<Option<Vec<bool>>, RunError> {
        let Body::Event(query) = &self.rule.body else { return Ok(None) };
        if !query.filter.questions_above().is_empty() || !self.rule.pipes.is_empty() || options.size.is_some()
        {
            return Ok(None);
        }
        let queries = Queries::new(self, options, &Stream::new(&[], options))?;
        let one = |(index, event)| queries.matches(query, Scope::event(index, event));
        events.iter().enumerate().map(one).collect::<Result<_, _>>().map(Some)
    }

    /// Whether something is compared with a date, which may have no meaning in a run.
    pub(super) fn is_dated(&self) -> bool {
        self.is_dated
    }

    /// So many values an event may have without a test that has too many choices.
    pub(super) fn few(&self) -> usize {
        self.few
    }

    /// Runs the rule over events, which may stand in any order. Matches are in ascending order, limits applied.
    ///
    /// Events without a timestamp take part in event queries, where they come last, and in samples only.
    ///
    /// # Errors
    /// What the rule asks for has no meaning here, or would take more than [`MAX_CHOICES`](super::MAX_CHOICES).
    pub fn run(&self, events: &[Event], options: &RunOptions) -> Result<Vec<Match>, RunError> {
        let stream = Stream::new(events, options);
        let queries = Queries::new(self, options, &stream)?;
        let matches = match &self.rule.body {
            Body::Event(query) => single_events(query, &queries, &stream)?,
            Body::Sequence(sequence) => sequence::run(sequence, &queries, &stream)?,
            Body::Sample(sample) => {
                // Samples have no order in time: their size counts from the start (§11).
                let head = RunOptions { result_position: ResultPosition::Head, ..options.clone() };
                let enough = options.size.filter(|_| !limits::from_tail(&self.rule.pipes, &head));
                let matches = sample::run(sample, &queries, events, options, enough)?;
                return Ok(limits::apply(matches, &self.rule.pipes, &head));
            }
            Body::Correlation(correlation) => correlation::run(correlation, &queries, &stream)?,
        };
        Ok(limits::apply(matches, &self.rule.pipes, options))
    }
}

/// The regular expressions of a rule, and whether something in it is compared with a date.
fn compiled(rule: &Rule) -> Result<(Arc<Regexes>, bool), RunError> {
    let (mut regexes, mut is_dated) = (BTreeMap::new(), false);
    each(rule, &mut |constant| match constant {
        Constant::Regex(regex, span) => compile(regex, span, &mut regexes),
        Constant::Compared(ty, ..) => {
            is_dated |= ty == FieldType::Date;
            Ok(())
        }
    })?;
    Ok((Arc::new(regexes), is_dated))
}

/// Compiles an expression, once.
pub(super) fn compile(regex: &Regex, span: Span, regexes: &mut Regexes) -> Result<(), RunError> {
    if !regexes.contains_key(regex) {
        let engine = Engine::new(regex).map_err(|reason| RunError::Regex { reason, span })?;
        regexes.insert(regex.clone(), engine);
    }
    Ok(())
}
