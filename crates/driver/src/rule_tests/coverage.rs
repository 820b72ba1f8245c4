//! What of a rule no event exercises.

use eqlc_backend_native::reference::explain::{AnswerKind, Answers, QueryCoverage, Role, coverage};
use eqlc_diagnostics::codes::verify as codes;
use eqlc_diagnostics::{Diagnostic, Diagnostics, SourceMap, Span};
use serde::Serialize;

use super::TestSettings;
use super::cases::Case;
use super::check::options_of;
use crate::explain::{SourcePlace, place};
use crate::load::LoadedRule;

/// The longest text of a condition that is shown, in characters.
const MAX_TEXT: usize = 120;

/// What the events of the tests exercise of a rule. Exercised are the two answers of each test, and each alternative
/// that holds for some event: the conditions that `or` joins, apart from single tests, and each query as a whole.
#[derive(Clone, Debug, Serialize)]
pub struct RuleCoverage {
    /// How much there is to exercise.
    pub total: usize,
    /// How much of it is.
    pub exercised: usize,
    /// The tests.
    pub tests: Vec<TestCoverage>,
    /// The alternatives.
    pub alternatives: Vec<AlternativeCoverage>,
    /// What is not exercised, with its place.
    #[serde(skip)]
    pub findings: Diagnostics,
}

/// How often a condition held and did not.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Outcomes {
    /// Events for which it held.
    pub held: usize,
    /// Events for which it did not.
    pub failed: usize,
}

/// A test and its answers.
#[derive(Clone, Debug, Serialize)]
pub struct TestCoverage {
    /// The query that it stands in: `event`, `step 2`, `until`, `term 1`, or the name of a rule of a correlation.
    pub query: String,
    /// The test as its rule writes it.
    pub text: String,
    /// Where it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<SourcePlace>,
    /// Its answers.
    #[serde(flatten)]
    pub outcomes: Outcomes,
}

/// An alternative and its answers.
#[derive(Clone, Debug, Serialize)]
pub struct AlternativeCoverage {
    /// The query that it stands in, or is.
    pub query: String,
    /// The alternative as its rule writes it; empty for a query as a whole.
    pub text: String,
    /// Where it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<SourcePlace>,
    /// How many events it held for.
    pub held: usize,
}

impl RuleCoverage {
    /// How much is exercised, in hundredths, rounded down.
    #[must_use]
    pub fn percent(&self) -> usize {
        percent(self.exercised, self.total)
    }
}

/// A share in hundredths, rounded down; all of nothing is all.
#[must_use]
pub(crate) fn percent(part: usize, whole: usize) -> usize {
    (part * 100).checked_div(whole).unwrap_or(100)
}

/// What the events of all cases exercise together.
pub(super) fn of_rule(
    rule: &LoadedRule,
    cases: &[Case],
    sources: &SourceMap,
    settings: &TestSettings,
) -> RuleCoverage {
    let lowered = &rule.lowered;
    let ask =
        |events: &[eqlc_events::Event]| coverage(lowered, events, &options_of(lowered, events, settings));
    // Without events it has the shape alone.
    let mut queries = ask(&[]).unwrap_or_default();
    for case in cases {
        let Ok(events) = &case.events else { continue };
        let Ok((seen, _)) = events.seen_by(lowered) else { continue };
        for (own, other) in queries.iter_mut().zip(ask(&seen).unwrap_or_default()) {
            own.satisfied += other.satisfied;
            own.condition.add(&other.condition);
        }
    }
    let mut count = Count { sources, quiet: cases.is_empty(), query: String::new(), into: empty() };
    queries.iter().for_each(|query| count.query(query));
    count.into
}

fn empty() -> RuleCoverage {
    let (tests, alternatives, findings) = (Vec::new(), Vec::new(), Vec::new());
    RuleCoverage { total: 0, exercised: 0, tests, alternatives, findings }
}

struct Count<'a> {
    sources: &'a SourceMap,
    /// Whether nothing is pointed at, because there is no test at all.
    quiet: bool,
    query: String,
    into: RuleCoverage,
}

impl Count<'_> {
    fn query(&mut self, covered: &QueryCoverage) {
        self.query = match &covered.role {
            Role::Event => "event".to_owned(),
            Role::Step(at, _) => format!("step {}", at + 1),
            Role::Until => "until".to_owned(),
            Role::Term(at) => format!("term {}", at + 1),
            Role::Rule(name) => name.clone(),
        };
        let span = hull(&covered.condition);
        self.goal(covered.satisfied);
        if covered.satisfied == 0 {
            let what = match &covered.role {
                Role::Event => "no event of the tests matches the rule".to_owned(),
                Role::Rule(name) => format!("no event of the tests satisfies `{name}`"),
                _ => format!("no event of the tests satisfies {}", self.query),
            };
            self.finding(what, span);
        }
        let place = span.and_then(|span| place(span, self.sources));
        let (query, text) = (self.query.clone(), String::new());
        self.into.alternatives.push(AlternativeCoverage { query, text, place, held: covered.satisfied });
        self.condition(&covered.condition);
    }

    fn condition(&mut self, answers: &Answers) {
        match &answers.kind {
            AnswerKind::Test { span, text } => {
                let shown = if span.is_empty() { text } else { self.sources.slice(*span) };
                self.test(answers, one_line(shown), Some(*span).filter(|span| !span.is_empty()));
            }
            AnswerKind::Descendant => self.test(answers, "some process above".to_owned(), None),
            AnswerKind::Any | AnswerKind::AtLeast(_) => {
                answers.parts.iter().filter(|part| !is_single(part)).for_each(|part| self.alternative(part));
            }
            _ => {}
        }
        answers.parts.iter().for_each(|part| self.condition(part));
    }

    fn test(&mut self, answers: &Answers, text: String, span: Option<Span>) {
        let outcomes = Outcomes { held: answers.held, failed: answers.failed };
        self.goal(outcomes.held);
        self.goal(outcomes.failed);
        let message = match (outcomes.held, outcomes.failed) {
            (0, 0) => Some(format!("no event of the tests is asked `{text}`")),
            (0, _) => Some(format!("no event of the tests makes `{text}` true")),
            (_, 0) => Some(format!("no event of the tests makes `{text}` false")),
            _ => None,
        };
        if let Some(message) = message {
            self.finding(message, span);
        }
        let place = span.and_then(|span| place(span, self.sources));
        self.into.tests.push(TestCoverage { query: self.query.clone(), text, place, outcomes });
    }

    fn alternative(&mut self, answers: &Answers) {
        let span = hull(answers);
        let text = span.map_or_else(String::new, |span| one_line(self.sources.slice(span)));
        self.goal(answers.held);
        if answers.held == 0 {
            self.finding(format!("no event of the tests takes the alternative `{text}`"), span);
        }
        let place = span.and_then(|span| place(span, self.sources));
        let (query, held) = (self.query.clone(), answers.held);
        self.into.alternatives.push(AlternativeCoverage { query, text, place, held });
    }

    fn goal(&mut self, times: usize) {
        self.into.total += 1;
        self.into.exercised += usize::from(times > 0);
    }

    fn finding(&mut self, message: String, span: Option<Span>) {
        if self.quiet {
            return;
        }
        let found = Diagnostic::warning(codes::NOT_COVERED, message);
        self.into.findings.push(match span {
            Some(span) => found.at(span, "not exercised"),
            None => found,
        });
    }
}

/// Whether an alternative is a single test, whose answers are counted already.
fn is_single(answers: &Answers) -> bool {
    match &answers.kind {
        AnswerKind::Test { .. } | AnswerKind::Descendant | AnswerKind::Const => true,
        AnswerKind::Not => answers.parts.iter().all(is_single),
        _ => false,
    }
}

/// From the first test of a condition to the last.
fn hull(answers: &Answers) -> Option<Span> {
    let own = match &answers.kind {
        AnswerKind::Test { span, .. } => Some(*span).filter(|span| !span.is_empty()),
        _ => None,
    };
    own.into_iter().chain(answers.parts.iter().filter_map(hull)).reduce(Span::to)
}

fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
