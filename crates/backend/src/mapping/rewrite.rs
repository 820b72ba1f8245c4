//! Rewriting a query for a source.

use std::borrow::Cow;

use eqlc_diagnostics::codes::{losses, targets};
use eqlc_diagnostics::{Code, Diagnostic, Diagnostics, Span, did_you_mean, nearest};
use eqlc_ir::fold::{Fold, walk_test};
use eqlc_ir::{Category, EventQuery, FieldRef, Key, Op, Pred, Scalar, Taxonomy, Test, text};

use super::data::{EventMap, FieldEntry, Source, Transform};
use super::source::CATEGORY;
use super::{logs, source, transform};
use crate::{Direction, Loss, Settings};

/// State of one mapping.
pub(super) struct Pass<'a> {
    pub(super) map: &'a EventMap,
    pub(super) settings: &'a Settings,
    /// Where events have what the queries of the rule name as their category.
    pub(super) category_field: &'a str,
    /// How the query that is rewritten asks for URLs.
    pub(super) urls: Urls,
    losses: Vec<Loss>,
    refused: Diagnostics,
}

/// How a query asks for parts of URLs of which documents also have the whole.
#[derive(Default)]
pub(super) struct Urls {
    /// Whether a test asks for what the parts do not hold as it is.
    pub(super) are_asked_for: bool,
    /// Whether all tests look at the whole.
    pub(super) whole: bool,
}

/// Where in the condition a test stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    /// Under an odd number of negations.
    pub(super) negated: bool,
    /// One of several alternatives.
    alternative: bool,
}

impl Position {
    /// The whole condition.
    pub(super) const TOP: Self = Self { negated: false, alternative: false };
}

impl<'a> Pass<'a> {
    pub(super) fn new(map: &'a EventMap, settings: &'a Settings) -> Self {
        Self {
            map,
            settings,
            category_field: CATEGORY,
            urls: Urls::default(),
            losses: Vec::new(),
            refused: Vec::new(),
        }
    }

    pub(super) fn finish(mut self) -> (Vec<Loss>, Diagnostics) {
        self.losses.dedup();
        (self.losses, self.refused)
    }

    pub(super) fn refuse(&mut self, diagnostic: Diagnostic) {
        self.refused.push(diagnostic);
    }

    /// How much is lost and refused so far.
    pub(super) fn outcome(&self) -> (usize, usize) {
        (self.losses.len(), self.refused.len())
    }

    /// Forgets what was lost and refused since.
    pub(super) fn back_to(&mut self, (losses, refused): (usize, usize)) {
        self.losses.truncate(losses);
        self.refused.truncate(refused);
    }

    pub(super) fn lose(&mut self, loss: Loss) {
        if !self.losses.contains(&loss) {
            self.losses.push(loss);
        }
    }

    /// A query rewritten for the source that serves it: of several the first that has a counterpart for all it asks and
    /// for the keys it is joined by, else the first. Others may deliver what that one misses. With every source that is
    /// asked, the one that serves it first.
    pub(super) fn query(&mut self, query: &EventQuery, keys: &[Key]) -> (EventQuery, Vec<&'a Source>) {
        if self.map.from == Taxonomy::Ecs && self.category_field != CATEGORY {
            // The sources are told apart by the usual category.
            let filter = source::with_category(query, self.category_field);
            return self.served(&EventQuery { category: Category::Any, filter }, keys);
        }
        self.served(query, keys)
    }

    fn served(&mut self, query: &EventQuery, keys: &[Key]) -> (EventQuery, Vec<&'a Source>) {
        let candidates = self.candidates(query);
        let refused = self.refused.len();
        let Some((mut mapped, first)) = self.serving(query, keys, &candidates) else {
            self.no_source(query);
            return (query.clone(), Vec::new());
        };
        let sources = match self.map.from {
            Taxonomy::Ecs if self.refused.len() == refused => {
                self.beside((query, keys), &mut mapped, first, &candidates)
            }
            _ => vec![first],
        };
        (mapped, sources)
    }

    /// A query rewritten for the first candidate that has a counterpart for all that it asks, else for the first.
    fn serving(
        &mut self,
        query: &EventQuery,
        keys: &[Key],
        candidates: &[&'a Source],
    ) -> Option<(EventQuery, &'a Source)> {
        let (first, others) = candidates.split_first()?;
        if !others.is_empty() {
            for source in candidates {
                let mut trial = Pass::new(self.map, self.settings);
                let mapped = trial.rewrite(query, source);
                // A source none of whose events satisfies the query is no better than one that lacks a field.
                let serves = trial.refused.is_empty() && mapped.filter != Pred::Const(false);
                if serves && trial.has_keys(keys, source) {
                    trial.losses.into_iter().for_each(|loss| self.lose(loss));
                    return Some((mapped, source));
                }
            }
        }
        Some((self.rewrite(query, first), first))
    }

    /// The sources that can serve a query, the preferred one first.
    fn candidates(&self, query: &EventQuery) -> Vec<&'a Source> {
        let map = self.map;
        if map.from != Taxonomy::Ecs {
            return match &query.category {
                Category::LogSource(log_source) => logs::serving(map, log_source),
                Category::Any | Category::OneOf(_) => Vec::new(),
            };
        }
        let delivers = map.sources.iter().filter(|candidate| source::can_match(map, candidate, query));
        let delivers: Vec<&Source> = delivers.collect();
        if delivers.is_empty() {
            return source::of_every_category(map, &query.category).into_iter().collect();
        }
        delivers
    }

    pub(super) fn rewrite(&mut self, query: &EventQuery, source: &'a Source) -> EventQuery {
        if self.map.from != Taxonomy::Ecs {
            return self.logged_query(query, source);
        }
        self.coverage(source, query);
        let filter = if source.keeps_ecs {
            source::with_category(query, CATEGORY)
        } else {
            source::with_constants(&query.filter, &source.constants)
        };
        let mapped = match (&filter, &source.always) {
            (Pred::Const(true), Some(always)) => {
                source::every_event(self.map, (source, always), first_span(&query.filter))
            }
            _ => self.pred(&filter, source, Position::TOP),
        };
        let mapped = eqlc_ir::normalise::normalise_pred(mapped);
        if mapped == Pred::Const(true) && self.refused.is_empty() {
            self.nothing_left(query);
        }
        EventQuery { category: Category::LogSource(source.log_source.clone()), filter: mapped }
    }

    pub(super) fn no_source(&mut self, query: &EventQuery) {
        let span = first_span(&query.filter);
        let names = match &query.category {
            Category::Any => {
                let message = "the target has no source for events of every category";
                self.refuse(Diagnostic::error(targets::NO_SOURCE, message).at(span, "of an `any` query"));
                return;
            }
            Category::OneOf(names) => {
                names.iter().map(|name| format!("`{}`", name.value)).collect::<Vec<_>>()
            }
            Category::LogSource(source) => vec![format!("`{source}`")],
        };
        let span = match &query.category {
            Category::OneOf(names) => names.first().map_or(span, |name| name.span),
            _ => span,
        };
        let message = format!(
            "no event source of the target delivers what this query of {} asks for",
            names.join(", ")
        );
        let known = self.sources_for(query);
        let diagnostic = Diagnostic::error(targets::NO_SOURCE, message)
            .at(span, "this query")
            .note(format!("sources of the target: {}", known.join(", ")));
        self.refuse(diagnostic);
    }

    /// The sources on the systems that a query asks for, those of its category if there are any; else all of them.
    fn sources_for(&self, query: &EventQuery) -> Vec<String> {
        let on_system = |source: &&Source| source::can_be_on(source, query);
        let of_category = |source: &&Source| match &query.category {
            Category::OneOf(names) => names.iter().any(|name| source.category.contains(&name.value)),
            Category::Any | Category::LogSource(_) => true,
        };
        let all = || self.map.sources.iter();
        let narrowed: [Vec<&Source>; 3] = [
            all().filter(on_system).filter(of_category).collect(),
            all().filter(on_system).collect(),
            all().collect(),
        ];
        let listed = narrowed.into_iter().find(|sources| !sources.is_empty()).unwrap_or_default();
        let mut names: Vec<String> = listed.iter().map(|source| source.log_source.to_string()).collect();
        names.dedup();
        names
    }

    pub(super) fn nothing_left(&mut self, query: &EventQuery) {
        let message = "nothing of the condition is left for the target to test";
        let diagnostic = Diagnostic::error(targets::NOTHING_LEFT, message)
            .at(first_span(&query.filter), "every test from here on is left out");
        self.refuse(diagnostic);
    }

    /// Losses of the source as a whole: what any use brings, and events it cannot tell apart.
    fn coverage(&mut self, source: &Source, query: &EventQuery) {
        if let Some(loss) = &source.loss {
            let (span, place) = (first_span(&query.filter), source.log_source.to_string());
            let (direction, why) = (loss.direction, loss.why.clone());
            self.lose(Loss { code: losses::APPROXIMATE_SOURCE, direction, span, place, why });
        }
        for (field, values) in source::added(source, &query.filter) {
            let why = format!(
                "the source `{}` does not tell events with `{field}` {} from those the rule asks for",
                source.log_source,
                values.join(", ")
            );
            self.source_loss(losses::SOURCE_COVERS_MORE, Direction::Wider, field, query, why);
        }
    }

    pub(super) fn source_loss(
        &mut self,
        code: Code,
        direction: Direction,
        field: &str,
        query: &EventQuery,
        why: String,
    ) {
        let test = query
            .filter
            .tests()
            .into_iter()
            .find(|test| test.subject.as_field().is_some_and(|tested| tested.path == field));
        let span = test.map_or_else(|| first_span(&query.filter), |test| test.span);
        let place = test.map_or_else(|| field.to_owned(), text::test);
        self.lose(Loss { code, direction, span, place, why });
    }

    pub(super) fn pred(&mut self, pred: &Pred, source: &'a Source, at: Position) -> Pred {
        match pred {
            Pred::All(list) => {
                // Under a negation the members of an `all` are alternatives of the failure; what matters is
                // only where an unmapped test may be left out, and `unmapped` looks at the negation first.
                Pred::All(list.iter().map(|pred| self.pred(pred, source, at)).collect())
            }
            Pred::Any(list) => {
                // `a or not b` excludes what is b and not a: where b has no counterpart, the whole is left out.
                let member = |pred: &Pred| {
                    let excludes = !at.negated && pred.is_exclusion();
                    let at = Position { alternative: at.alternative || !excludes, ..at };
                    self.pred(pred, source, at)
                };
                Pred::Any(list.iter().map(member).collect())
            }
            Pred::AtLeast(count, list) => {
                let at = Position { alternative: true, ..at };
                Pred::AtLeast(*count, list.iter().map(|pred| self.pred(pred, source, at)).collect())
            }
            Pred::Not(inner) => self.pred(inner, source, Position { negated: !at.negated, ..at }).not(),
            Pred::Anywhere(wanted) => self.anywhere(wanted, source, at),
            // No mapped target holds conditions on elements and other processes: they are refused by name.
            Pred::Const(_) | Pred::Element(_) | Pred::Descendant(_) => pred.clone(),
            Pred::Test(test) => self.test(test, source, at),
        }
    }

    fn test(&mut self, test: &Test, source: &'a Source, at: Position) -> Pred {
        let mapped = match test.subject.as_field() {
            _ if self.map.from != Taxonomy::Ecs => self.logged(test, source, at),
            Some(field) if has_constant_operand(&test.op) => self.field_test(test, field, source, at),
            _ => self.renamed(test, source, at),
        };
        mapped.unwrap_or_else(|| self.unmapped(test, source, at))
    }

    /// A test of a bare field against constants, through the transform of its entry.
    pub(super) fn field_test(
        &mut self,
        test: &Test,
        field: &FieldRef,
        source: &Source,
        at: Position,
    ) -> Option<Pred> {
        let Some(entry) = self.map.counterpart(source, &field.path) else {
            return source.keeps_ecs.then(|| Pred::Test(test.clone()));
        };
        let counterpart = self.counterpart(field, &entry)?;
        let rewritten = transform::rewrite(test, counterpart, &entry.transform)?;
        if let Some(bend) = rewritten.bend {
            let why = format!(
                "`{}` is only a part of `{}`, or one value of several that look the same there",
                field.path,
                entry.field.as_deref().unwrap_or_default()
            );
            self.bent(test, bend, why, &entry, at);
        } else if let Some(loss) = &entry.loss {
            self.bent(test, loss.direction, loss.why.clone(), &entry, at);
        }
        Some(rewritten.pred)
    }

    /// A test of functions or of several fields: every field must have a counterpart with the same values.
    fn renamed(&mut self, test: &Test, source: &Source, at: Position) -> Option<Pred> {
        let whole = Pred::Test(test.clone());
        let fields = whole.fields();
        let entries: Option<Vec<Option<Cow<'_, FieldEntry>>>> = fields
            .iter()
            .map(|field| match self.map.counterpart(source, &field.path) {
                Some(entry) if matches!(entry.transform, Transform::Same) && entry.has_values() => {
                    Some(Some(entry))
                }
                None if source.keeps_ecs => Some(None),
                _ => None,
            })
            .collect();
        for entry in entries?.into_iter().flatten() {
            if let Some(loss) = &entry.loss {
                self.bent(test, loss.direction, loss.why.clone(), &entry, at);
            }
        }
        let mut rename = Rename { pass: self, source };
        Some(Pred::Test(walk_test(&mut rename, test.clone())))
    }

    fn counterpart(&self, field: &FieldRef, entry: &FieldEntry) -> Option<FieldRef> {
        if !entry.has_values() {
            return None;
        }
        Some(FieldRef {
            path: entry.field.clone()?.into(),
            taxonomy: self.map.taxonomy.clone(),
            ty: entry.ty,
            optional: false,
            span: field.span,
        })
    }

    /// Records the loss that an entry or a transform brings; `note` of the entry explains better than the
    /// general reason.
    fn bent(&mut self, test: &Test, direction: Direction, why: String, entry: &FieldEntry, at: Position) {
        let why = entry.loss.as_ref().map_or(why, |loss| loss.why.clone());
        let direction = if at.negated { direction.negated() } else { direction };
        self.lose(Loss {
            code: losses::APPROXIMATE_FIELD,
            direction,
            span: test.span,
            place: text::test(test),
            why,
        });
    }

    /// A test that has no form in the target: left out or refused, by its position.
    fn unmapped(&mut self, test: &Test, source: &'a Source, at: Position) -> Pred {
        let place = text::test(test);
        let span = test.span;
        let names = self.unmapped_names(test, source);
        let dropped = Pred::Test(test.clone());
        if at.negated || (dropped.is_exclusion() && !at.alternative) {
            let why = format!("{names} no counterpart in `{}`; the exclusion is left out", source.log_source);
            self.lose(Loss {
                code: losses::EXCLUSION_DROPPED,
                direction: Direction::Wider,
                span,
                place,
                why,
            });
            // Under the negation the test counts as not holding, so the negation holds.
            return Pred::Const(!at.negated);
        }
        if at.alternative && self.settings.allow_narrower {
            let why =
                format!("{names} no counterpart in `{}`; the alternative is left out", source.log_source);
            self.lose(Loss {
                code: losses::ALTERNATIVE_DROPPED,
                direction: Direction::Narrower,
                span,
                place,
                why,
            });
            return Pred::Const(false);
        }
        self.refuse_test(test, source, &names, at);
        dropped
    }

    /// What has no counterpart, with its verb: fields without one, else the test of them.
    fn unmapped_names(&self, test: &Test, source: &'a Source) -> String {
        let whole = Pred::Test(test.clone());
        let mut names: Vec<String> = Vec::new();
        for field in whole.fields() {
            let name = format!("`{}`", field.path);
            let mapped = self.map.entry(source, &field.path).is_some_and(|entry| entry.says_something());
            if !mapped && self.ecs_entry(field, source).is_none() && !names.contains(&name) {
                names.push(name);
            }
        }
        if !names.is_empty() {
            let verb = if names.len() == 1 { "has" } else { "have" };
            return format!("{} {verb}", names.join(", "));
        }
        let mut asked: Vec<String> = whole.fields().iter().map(|field| format!("`{}`", field.path)).collect();
        asked.dedup();
        format!("this test of {} has", asked.join(", "))
    }

    fn refuse_test(&mut self, test: &Test, source: &Source, names: &str, at: Position) {
        let message = format!("{names} no counterpart in the source `{}`", source.log_source);
        let mut diagnostic =
            Diagnostic::error(targets::UNMAPPED_FIELD, message).at(test.span, "the rule needs this test");
        if let Some(field) = test.subject.as_field() {
            let near = nearest(&field.path, self.map.fields_of(source));
            if let Some(help) = did_you_mean(&near) {
                diagnostic = diagnostic.help(help);
            }
        }
        if at.alternative {
            diagnostic = diagnostic.help(
                "`--allow narrower` leaves this alternative out; the output then misses what only it matches",
            );
        }
        self.refuse(diagnostic);
    }
}

/// Whether nothing but the subject can name a field.
pub(super) fn has_constant_operand(op: &Op) -> bool {
    match op {
        Op::Compare(_, right) => matches!(right, Scalar::Literal(_)),
        _ => true,
    }
}

/// Renames fields whose values are the same.
struct Rename<'p, 'a> {
    pass: &'p Pass<'a>,
    source: &'p Source,
}

impl Fold for Rename<'_, '_> {
    fn scalar(&mut self, scalar: Scalar) -> Scalar {
        match scalar {
            Scalar::Field(field) => {
                let entry = self.pass.map.counterpart(self.source, &field.path);
                let counterpart = entry.and_then(|entry| self.pass.counterpart(&field, &entry));
                Scalar::Field(counterpart.unwrap_or(field))
            }
            other => eqlc_ir::fold::walk_scalar(self, other),
        }
    }
}

pub(super) fn first_span(filter: &Pred) -> Span {
    filter.first_test().map_or_else(Span::default, |test| test.span)
}
