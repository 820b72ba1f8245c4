//! What a sequence or sample must hold to beyond its grammar, `eql-semantics.md` §3.

use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Node, Span};

use crate::ast::{Body, Expr, ExprKind, MaxSpan, Pipe, Sample, Sequence, Term};

/// A sequence or sample as read.
#[derive(Default)]
pub(crate) struct Joined {
    pub(crate) sample: bool,
    /// The first keyword.
    pub(crate) head: Span,
    pub(crate) by: Vec<Expr>,
    pub(crate) maxspan: Option<Maxspan>,
    pub(crate) steps: Vec<Step>,
    /// With the place of `until`.
    pub(crate) until: Option<(Span, Step)>,
}

/// `with maxspan=…` as read.
pub(crate) struct Maxspan {
    /// None where it was wrong.
    pub(crate) value: Option<Node<MaxSpan>>,
    pub(crate) span: Span,
}

/// A term as read.
pub(crate) struct Step {
    pub(crate) term: Term,
    /// The opening bracket.
    pub(crate) open: Span,
    /// `with runs=…`
    pub(crate) with: Option<Span>,
    /// Whether the number of runs was wrong.
    pub(crate) runs_unknown: bool,
}

const MAX_SEQUENCE: u64 = 256;
const MAX_SAMPLE: usize = 5;

/// Reports what is wrong and gives the tree.
pub(crate) fn check(joined: Joined, pipes: &[Pipe], found: &mut Vec<Diagnostic>) -> Body {
    if joined.sample {
        check_sample(&joined, pipes, found);
        let terms =
            joined.steps.into_iter().map(|step| Term { missing: false, runs: None, ..step.term }).collect();
        return Body::Sample(Sample { by: joined.by, terms });
    }
    check_length(&joined, found);
    check_missing(&joined, found);
    check_until(&joined, found);
    check_keys(&joined, found);
    let until = joined.until.map(|(_, step)| Term { missing: false, runs: None, ..step.term });
    let maxspan = joined.maxspan.and_then(|maxspan| maxspan.value);
    let terms = joined.steps.into_iter().map(|step| step.term).collect();
    Body::Sequence(Sequence { by: joined.by, maxspan, terms, until })
}

fn check_length(joined: &Joined, found: &mut Vec<Diagnostic>) {
    let runs = |step: &Step| step.term.runs.map_or(1, |runs| u64::from(runs.value));
    let count: u64 = joined.steps.iter().map(runs).sum();
    let unknown = joined.steps.iter().any(|step| step.runs_unknown);
    if count > MAX_SEQUENCE {
        let mut total = 0;
        let over = joined.steps.iter().find(|step| {
            total += runs(step);
            total > MAX_SEQUENCE
        });
        found.push(
            Diagnostic::error(codes::SEQUENCE_TOO_LONG, format!("a sequence of {count} terms is too long"))
                .at(
                    over.map_or(joined.head, |step| step.open),
                    format!("{MAX_SEQUENCE} terms are reached here"),
                )
                .note("`with runs=N` counts N times"),
        );
    }
    if count >= 2 || unknown {
        return;
    }
    let message = if count == 0 { "the sequence has no term" } else { "a sequence has two terms at least" };
    let mut short = Diagnostic::error(codes::SEQUENCE_TOO_SHORT, message);
    short = match joined.steps.first() {
        Some(step) => short
            .at(joined.head, "one term follows")
            .and_at(step.term.span, "the only term")
            .help("for single events write the filter without `sequence` and brackets; for several events of one kind add `with runs=N`"),
        None => short.at(joined.head, "expected `[category where …]` twice at least"),
    };
    if joined.until.is_some() {
        short = short.note("the term after `until` does not count");
    }
    found.push(short);
}

fn check_missing(joined: &Joined, found: &mut Vec<Diagnostic>) {
    let Some(first) = joined.steps.iter().find(|step| step.term.missing) else { return };
    if joined.maxspan.is_none() {
        found.push(
            Diagnostic::error(codes::MISSING_WITHOUT_MAXSPAN, "a missing event needs `with maxspan=…`")
                .at(first.open, "no such event, in which time?")
                .and_at(joined.head, "the sequence has no `maxspan`"),
        );
    }
    if joined.steps.iter().all(|step| step.term.missing) {
        found.push(
            Diagnostic::error(codes::ALL_MISSING, "every term of the sequence is a missing event")
                .at(joined.head, "one term `[…]` at least is expected"),
        );
    }
}

fn check_until(joined: &Joined, found: &mut Vec<Diagnostic>) {
    let Some((word, until)) = &joined.until else { return };
    if until.term.missing {
        found.push(
            Diagnostic::error(codes::UNTIL_MISSING, "`until` cannot wait for a missing event")
                .at(until.open, "`[` is expected after `until`")
                .and_at(*word, "this ends the sequence when an event happens")
                .fix(Applicability::Unsafe, "replace `![` with `[`", until.open, "["),
        );
    }
    if let Some(with) = until.with {
        found.push(
            Diagnostic::error(codes::UNTIL_RUNS, "the term after `until` cannot be repeated")
                .at(with, "not allowed after `until`"),
        );
    }
}

/// Keys of its own are as many in every term; the term after `until` counts too.
fn check_keys(joined: &Joined, found: &mut Vec<Diagnostic>) {
    let until = joined.until.as_ref().map(|(_, step)| step);
    let Some(first) = joined.steps.first() else { return };
    let expected = first.term.by.len();
    let Some(other) = joined.steps.iter().chain(until).find(|step| step.term.by.len() != expected) else {
        return;
    };
    let count = |n: usize| match n {
        0 => "no key".to_owned(),
        1 => "1 key".to_owned(),
        n => format!("{n} keys"),
    };
    let actual = other.term.by.len();
    let place = |step: &Step| match (step.term.by.first(), step.term.by.last()) {
        (Some(first), Some(last)) => first.span.to(last.span),
        _ => step.term.span,
    };
    let mut uneven = Diagnostic::error(
        codes::KEY_COUNTS,
        format!("the terms have different numbers of join keys: {expected} and {actual}"),
    )
    .at(place(other), format!("{} of its own", count(actual)))
    .and_at(place(first), format!("{} of its own", count(expected)));
    if !joined.by.is_empty() {
        uneven =
            uneven.note("keys after `sequence by` or `sample by` hold for every term and are not counted");
    }
    found.push(uneven.help("keys are joined by position: every term needs as many"));
}

fn check_sample(joined: &Joined, pipes: &[Pipe], found: &mut Vec<Diagnostic>) {
    let terms = joined.steps.len();
    if terms < 2 {
        found.push(
            Diagnostic::error(codes::SAMPLE_LENGTH, "a sample has two terms at least")
                .at(joined.head, if terms == 0 { "no term follows" } else { "one term follows" }),
        );
    }
    if let Some(step) = joined.steps.get(MAX_SAMPLE) {
        found.push(
            Diagnostic::error(
                codes::SAMPLE_LENGTH,
                format!("a sample has {MAX_SAMPLE} terms at most, found {terms}"),
            )
            .at(step.term.span, "one too many"),
        );
    }
    check_keys(joined, found);
    let keyless = joined.by.is_empty() && joined.steps.iter().all(|step| step.term.by.is_empty());
    if keyless && terms > 0 {
        found.push(
            Diagnostic::error(codes::SAMPLE_NO_KEY, "a sample needs a join key")
                .at(joined.head, "expected `by` and a field"),
        );
    }
    check_duplicates(joined, found);
    let mut refuse = |place: Span, what: &str| {
        found.push(
            Diagnostic::error(codes::SAMPLE_CLAUSE, format!("a sample has no {what}"))
                .at(place, "not allowed in a sample")
                .help("events of a sample stand in no order and in no time; use `sequence` where they do"),
        );
    };
    if let Some(maxspan) = &joined.maxspan {
        refuse(maxspan.span, "`maxspan`");
    }
    for step in &joined.steps {
        if step.term.missing {
            refuse(step.open, "missing events");
        }
        if let Some(with) = step.with {
            refuse(with, "`runs`");
        }
    }
    if let Some((word, _)) = &joined.until {
        refuse(*word, "`until`");
    }
    if let Some(pipe) = pipes.first() {
        refuse(pipe.span, "pipes");
    }
}

/// A field is a key once only in a term of a sample.
fn check_duplicates(joined: &Joined, found: &mut Vec<Diagnostic>) {
    for step in &joined.steps {
        // The bound keeps the search short; nobody joins on so many fields.
        let keys: Vec<&Expr> = joined.by.iter().chain(&step.term.by).take(100).collect();
        for (at, key) in keys.iter().enumerate() {
            let earlier = keys.iter().take(at).find(|earlier| same_field(earlier, key));
            let (Some(earlier), Some(path)) = (earlier, key.field_path()) else { continue };
            found.push(
                Diagnostic::error(
                    codes::SAMPLE_DUPLICATE_KEY,
                    format!("the join key `{path}` is used twice"),
                )
                .at(key.span, "again here")
                .and_at(earlier.span, "used here"),
            );
            return;
        }
    }
}

fn same_field(a: &Expr, b: &Expr) -> bool {
    match (&a.kind, &b.kind) {
        (ExprKind::Field { path: a, .. }, ExprKind::Field { path: b, .. }) => a == b,
        _ => false,
    }
}
