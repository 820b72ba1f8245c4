//! What is to be said of a rule, as findings with places.

use eqlc_diagnostics::codes::verify as codes;
use eqlc_diagnostics::{Diagnostic, Diagnostics, Severity};
use eqlc_driver::{Failure, JudgedLoss, Outcome, Proof, Separating, Side, TargetReport, Verdict};

use super::{About, without_events};
use crate::commands::count;

/// The longest text of an event that a note has, in characters.
const MAX_SHOWN: usize = 2_000;

pub(super) fn of(about: &About<'_>) -> Diagnostics {
    let name = about.label();
    let mut found = Vec::new();
    for failure in &about.report.fixture {
        let stream = failure.stream.as_deref().unwrap_or_default();
        let message = format!("`{name}` on stream `{stream}`: {}", failure.found);
        found.push(Diagnostic::error(codes::FIXTURE, message));
    }
    if let Some(why) = &about.report.without {
        found.push(without_events(about, why));
    }
    let without_streams = |target: &TargetReport| {
        target.compared == 0
            && target.skipped.is_empty()
            && target.cuts.is_empty()
            && target.outcome != Outcome::Refused
    };
    if about.report.without.is_none() && about.report.targets.iter().any(without_streams) {
        let message = format!("`{name}` has no fixture beside it, and no events were made");
        found.push(Diagnostic::warning(codes::NO_FIXTURE, message));
    }
    for target in &about.report.targets {
        of_target(&name, target, &mut found);
    }
    found
}

fn of_target(name: &str, target: &TargetReport, found: &mut Diagnostics) {
    let id = &target.target;
    found.extend(target.failures.iter().map(|failure| of_failure(name, id, failure)));
    for judged in &target.losses {
        found.push(of_loss(id, judged));
        found.extend(in_doubt(id, judged));
    }
    found.extend(target.refusal.iter().cloned());
    found.extend((target.outcome == Outcome::Uncompared).then(|| not_compared(name, target)));
    if target.compared > 0 && target.matched == 0 && target.failures.is_empty() {
        found.push(never_matched(name, target));
    }
    for cut in &target.cuts {
        let message = format!("verifying the `{id}` output of `{name}` was cut short: {cut}");
        found.push(Diagnostic::warning(codes::CUT_SHORT, message));
    }
}

fn not_compared(name: &str, target: &TargetReport) -> Diagnostic {
    let id = &target.target;
    let message = format!("nothing was compared of the `{id}` output of `{name}`: {}", unasked(target));
    Diagnostic::new(Severity::Note, codes::NOT_COMPARED, message)
}

fn never_matched(name: &str, target: &TargetReport) -> Diagnostic {
    let (id, streams) = (&target.target, count(target.compared, "stream"));
    let message = format!(
        "the `{id}` output of `{name}` finds nothing in any of {streams}: that it agrees says little"
    );
    Diagnostic::new(Severity::Note, codes::NEVER_MATCHED, message)
}

/// How many streams were not compared, and why most of them.
pub(super) fn unasked(target: &TargetReport) -> String {
    if target.skipped.is_empty() {
        return match &target.without {
            Some(why) => format!("no events were made: {why}"),
            None => "there are no events that could be put to it".to_owned(),
        };
    }
    let streams = count(target.skipped.len(), "stream");
    let reason = target.main_reason().unwrap_or_default();
    format!("none of {streams} could be put to it, most often because: {reason}")
}

fn of_failure(name: &str, id: &str, failure: &Failure) -> Diagnostic {
    let stream = failure.stream.as_ref().map_or(String::new(), |name| format!(" on stream `{name}`"));
    let message = format!("the `{id}` output of `{name}` disagrees{stream}: {}", failure.found);
    let finding = Diagnostic::error(codes::DISAGREES, message)
        .note(format!("the law that fails: {}", failure.law.title()));
    match &failure.shown {
        Some(shown) => finding.note(text(shown)),
        None => finding,
    }
}

fn of_loss(id: &str, judged: &JudgedLoss) -> Diagnostic {
    let finding = judged.loss.to_diagnostic(id);
    match &judged.proof {
        Proof::Shown { by } => by.iter().fold(finding, |finding, shown| finding.note(text(shown))),
        Proof::NotNeeded | Proof::Doubtful { .. } | Proof::NotTried => finding,
    }
}

fn in_doubt(id: &str, judged: &JudgedLoss) -> Option<Diagnostic> {
    let Proof::Doubtful { tried, why } = &judged.proof else { return None };
    let loss = &judged.loss;
    let message = format!("nothing shows that the `{id}` output is {} here: {}", loss.direction, loss.why);
    let tried = match (tried, why) {
        (_, Some(why)) => format!("no events were made: {why}"),
        (1, None) => "1 stream of events was tried".to_owned(),
        (tried, None) => format!("{tried} streams of events were tried"),
    };
    Some(Diagnostic::warning(codes::DOUBTFUL_LOSS, message).at(loss.span, loss.place.clone()).note(tried))
}

/// Events that tell rule and output apart, in lines.
pub(super) fn text(shown: &Separating) -> String {
    let side = match (shown.only, matches(&shown.rule), matches(&shown.output)) {
        (Side::Output, Some(0) | None, _) => "only the output matches",
        (Side::Rule, _, Some(0) | None) => "only the rule matches",
        (Side::Output, ..) => "the output finds what the rule does not",
        (Side::Rule, ..) => "the rule finds what the output does not",
    };
    let circumstance = shown.circumstance.clause().map_or(String::new(), |clause| format!(", {clause}"));
    let mut text = format!("{side}{circumstance}:");
    for event in &shown.events {
        let event = event.to_string();
        text.push('\n');
        text.extend(event.chars().take(MAX_SHOWN));
        if event.chars().nth(MAX_SHOWN).is_some() {
            text.push('…');
        }
    }
    text
}

fn matches(verdict: &Verdict) -> Option<usize> {
    match verdict {
        Verdict::Matches(matches) => Some(matches.len()),
        Verdict::Alerts(_) | Verdict::Failed(_) => None,
    }
}
