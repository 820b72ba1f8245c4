//! The streams of events that the outputs of a rule are held to.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use eqlc_diagnostics::Span;
use eqlc_ir::{Comparison, EventQuery, FieldRef, FieldType, Literal, Op, Pred, Rule, Scalar, Taxonomy};
use eqlc_witness::{Outcome, Probe, Search};
use serde_json::Value;

use crate::diff::with_queries;
use crate::effort::{Budget, Clock, Cut, Effort, Work, pairs};
use crate::fixtures::Stream;
use crate::output::asked;
use crate::proof::in_line;
use crate::verdict::Verdict;

/// How much work the search for one near miss may do, in steps of about a microsecond.
const STEPS: u64 = 20_000;

/// How many streams of a fixture that the rule finds something in, and how many made ones, are asked of beside records of
/// others.
const CROWDED: usize = 3;

/// The most pairs of events, of all streams of a rule, that are asked of beside records of others where they cannot be asked
/// as they are told.
const MAX_PAIRS: usize = 20_000;

/// Streams of events for one rule, with what the rule finds in each: the same for all of its targets.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    pub(crate) exhibits: Vec<Exhibit>,
    /// Why no events were made, where none were.
    pub(crate) without: Option<String>,
    pub(crate) cuts: Vec<Cut>,
    /// What rows of tables are made with; none where nothing is made.
    pub(crate) search: Option<Search>,
}

/// One stream.
#[derive(Clone, Debug)]
pub(crate) struct Exhibit {
    pub(crate) name: String,
    /// Whether it was made from the rule, and is not of the fixture.
    pub(crate) made: bool,
    /// Where the test was written that it is about.
    pub(crate) span: Option<Span>,
    pub(crate) events: Vec<Value>,
    /// What the rule finds.
    pub(crate) verdict: Result<Verdict, String>,
    /// Whether outputs are also asked of it beside records of others.
    pub(crate) crowded: bool,
    /// Whether they may be where they cannot be asked of it as it is told.
    pub(crate) affordable: bool,
}

impl Exhibit {
    /// A stream that nothing is known of yet.
    fn new(name: String, made: bool, span: Option<Span>, events: Vec<Value>) -> Self {
        let verdict = Err(String::new());
        Self { name, made, span, events, verdict, crowded: false, affordable: false }
    }
}

impl Evidence {
    /// The streams of a fixture, and those made from the rule: a witness, one for each alternative, and the near
    /// misses.
    #[must_use]
    pub fn of(rule: &Rule, fixture: &[Stream], effort: &Effort, clock: Clock) -> Self {
        let mut found = Self::default();
        for Stream { name, events, .. } in fixture {
            found.exhibits.push(Exhibit::new(name.clone(), false, None, events.clone()));
        }
        if effort.streams > 0 {
            found.made(rule, effort, clock);
        }
        let streams: Vec<&[Value]> = found.exhibits.iter().map(|exhibit| exhibit.events.as_slice()).collect();
        let verdicts = asked(rule, &streams, clock);
        for (exhibit, verdict) in found.exhibits.iter_mut().zip(verdicts) {
            exhibit.verdict = verdict;
        }
        let mut all = 0_usize;
        for exhibit in &mut found.exhibits {
            all = all.saturating_add(pairs(&exhibit.events));
            exhibit.affordable = all <= MAX_PAIRS;
        }
        for made in [false, true] {
            let alerting = found.exhibits.iter_mut().filter(|exhibit| exhibit.made == made);
            let alerting = alerting.filter(|exhibit| exhibit.verdict.as_ref().is_ok_and(Verdict::alerts));
            alerting.take(CROWDED).for_each(|exhibit| exhibit.crowded = true);
        }
        found
    }

    /// How many streams there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.exhibits.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.exhibits.is_empty()
    }

    /// Why no events were made from the rule, where they were asked for.
    #[must_use]
    pub fn without(&self) -> Option<&str> {
        self.without.as_deref()
    }

    fn made(&mut self, rule: &Rule, effort: &Effort, clock: Clock) {
        let search = effort.search().until(clock.until());
        let mut probes = search.branches(rule);
        if probes.is_empty() {
            if let Some(budget) = clock.spent() {
                self.cuts.push(Cut { budget, work: Work::Making, left: 0 });
            }
            self.without = Some(match search.witness(rule) {
                Outcome::Never(_) => "the rule can never match".to_owned(),
                Outcome::Unknown(reason) => reason.to_string(),
                Outcome::Found(_) => "the witness is not accepted".to_owned(),
            });
            return;
        }
        self.search = Some(search.clone());
        let ported = elsewhere(rule, &probes);
        if let Some(rule) = &ported {
            probes.extend(search.branches(rule));
        }
        for rule in std::iter::once(rule).chain(&ported).take_while(|_| clock.spent().is_none()) {
            probes.extend(search.near_misses(rule));
        }
        if let Some(budget) = clock.spent() {
            self.cuts.push(Cut { budget, work: Work::Making, left: 0 });
        }
        let mut seen: BTreeSet<u64> = self.exhibits.iter().map(|exhibit| key_of(&exhibit.events)).collect();
        let mut left = 0;
        let mut taken = 0;
        for probe in probes {
            let name = probe.to_string();
            let Probe { span, events, .. } = probe;
            let recorded = in_line(&events);
            let recorded =
                recorded.into_iter().map(|events| (format!("{name}, as sources record it"), events));
            for (name, events) in std::iter::once((name.clone(), events)).chain(recorded) {
                if !seen.insert(key_of(&events)) {
                    continue;
                }
                if taken == effort.streams {
                    left += 1;
                    continue;
                }
                taken += 1;
                self.exhibits.push(Exhibit::new(name, true, span, events));
            }
        }
        if left > 0 {
            self.cuts.push(Cut { budget: Budget::Events, work: Work::Comparing, left });
        }
    }
}

/// The rule for hosts with Windows, where it is about hosts of any system and the events that were made are of another:
/// most sources record those of Windows.
fn elsewhere(rule: &Rule, probes: &[Probe]) -> Option<Rule> {
    const SYSTEM: &str = "host.os.type";
    let queries = rule.queries();
    let fields: Vec<_> = queries.iter().flat_map(|query| query.filter.fields()).collect();
    let asked = fields.iter().any(|field| field.path == SYSTEM);
    let ecs = fields.iter().all(|field| field.taxonomy == Taxonomy::Ecs);
    let first = probes.first().and_then(|probe| probe.events.first());
    let system = first.and_then(|event| event.pointer("/host/os/type")).and_then(Value::as_str);
    if asked || !ecs || system.is_none_or(|system| system == "windows") {
        return None;
    }
    let field = FieldRef {
        path: SYSTEM.into(),
        taxonomy: Taxonomy::Ecs,
        ty: FieldType::Keyword,
        optional: false,
        span: Span::default(),
    };
    let windows = Op::Compare(Comparison::Equal, Scalar::Literal(Literal::Str("windows".into())));
    let test = Pred::test(Scalar::Field(field), windows, Span::default());
    let ported = with_queries(rule, &mut |_, query| EventQuery {
        filter: Pred::All(vec![test.clone(), query.filter]),
        ..query
    });
    Some(eqlc_ir::normalise(ported))
}

impl Effort {
    pub(crate) fn search(&self) -> Search {
        let search = Search::new().seed(self.seed).steps(STEPS);
        self.now.into_iter().fold(search, Search::now)
    }
}

fn key_of(events: &[Value]) -> u64 {
    let mut hasher = DefaultHasher::new();
    // As they are written: streams that differ in the order of their members are two.
    events.iter().for_each(|event| event.to_string().hash(&mut hasher));
    hasher.finish()
}
