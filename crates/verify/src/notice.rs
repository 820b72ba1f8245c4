//! Whether anything is wrong with an output, without a report of all that is.

use serde_json::Value;

use crate::agree::is_sequence;
use crate::circumstance::Circumstance;
use crate::crowded::strays;
use crate::effort::Clock;
use crate::evidence::{Evidence, Exhibit};
use crate::output::{Answer, Output, Relower, Subject};
use crate::project::HostRows;
use crate::report::{Law, TargetReport};
use crate::verdict::{Comparison, Difference, Verdict, compare};

/// Asks of outputs, one after the other, whether a law is broken: the laws and streams of [`prove()`](crate::prove),
/// which stops at the first stream that shows something. Streams that showed something before are asked first.
#[derive(Clone, Debug)]
pub struct Watch<'e> {
    evidence: &'e Evidence,
    /// Places of exhibits, in the order they are asked.
    order: Vec<usize>,
    /// Rows that are made of the emitted rule, once they were asked for: all outputs are for one.
    rows: Option<Vec<HostRows>>,
}

/// What was noticed about an output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noticed {
    /// The first law on its text that is broken.
    pub text: Option<Law>,
    /// The law that a stream of events shows to be broken.
    pub events: Option<Law>,
}

/// How many streams are asked at a time: few at first, for most that is wrong shows on one that showed something before.
const CHUNKS: [usize; 2] = [4, 64];

impl<'e> Watch<'e> {
    /// Over the evidence of a rule, for outputs of one target.
    #[must_use]
    pub fn new(evidence: &'e Evidence) -> Self {
        Self { evidence, order: (0..evidence.len()).collect(), rows: None }
    }

    /// What is wrong with an output.
    pub fn notice(&mut self, subject: Subject<'_>, relower: Relower<'_>) -> Noticed {
        let mut report = TargetReport::new(subject.backend.target(), subject.settings);
        let output = Output::read(subject, (relower, Clock::endless()), &mut report);
        let text = report.failures.first().map(|failure| failure.law);
        let found = output.as_ref().and_then(|output| self.first(output));
        if let Some((place, _)) = found
            && let Some(front) = self.order.get_mut(..=place)
        {
            front.rotate_right(1);
        }
        let events = found.map(|(_, law)| law).or_else(|| self.in_rows(output.as_ref()?));
        Noticed { text, events }
    }

    fn in_rows(&mut self, output: &Output<'_>) -> Option<Law> {
        let search = self.evidence.search.as_ref().filter(|_| output.is_queried())?;
        let rows = self.rows.get_or_insert_with(|| output.made(search));
        let stray = output.answers_of_rows(rows).iter().find_map(Answer::stray);
        stray.map(|_| Law::MeansWhatWasEmitted)
    }

    /// The first stream that shows something, by its place in the order, and what.
    fn first(&self, output: &Output<'_>) -> Option<(usize, Law)> {
        let [few, many] = CHUNKS;
        let (front, rest) = self.order.split_at(few.min(self.order.len()));
        let chunks = std::iter::once(front).chain(rest.chunks(many));
        let mut asked = 0;
        for chunk in chunks {
            if let Some((place, law)) = self.chunk(output, chunk) {
                return Some((asked + place, law));
            }
            asked += chunk.len();
        }
        None
    }

    fn chunk(&self, output: &Output<'_>, places: &[usize]) -> Option<(usize, Law)> {
        let exhibits: Vec<_> = places.iter().filter_map(|place| self.evidence.exhibits.get(*place)).collect();
        broken(output, &exhibits).into_iter().enumerate().find_map(|(place, law)| Some((place, law?)))
    }
}

/// For each stream the law that it shows to be broken.
fn broken(output: &Output<'_>, exhibits: &[&Exhibit]) -> Vec<Option<Law>> {
    let streams: Vec<&[Value]> = exhibits.iter().map(|exhibit| exhibit.events.as_slice()).collect();
    let answers = output.answers(&streams, &Circumstance::AsTold);
    let strays = strays(output, exhibits, &answers);
    let asked = exhibits.iter().zip(answers).zip(strays);
    asked
        .map(|((exhibit, answer), stray)| match (&exhibit.verdict, answer) {
            _ if stray.is_some() => Some(Law::MeansWhatWasEmitted),
            (Ok(rule), Ok(answer)) => of_answer(output, rule, &answer),
            _ => None,
        })
        .collect()
}

fn of_answer(output: &Output<'_>, rule: &Verdict, answer: &Answer) -> Option<Law> {
    if answer.meant.difference(&answer.found) != Difference::default() {
        return Some(Law::MeansWhatWasEmitted);
    }
    let losses = &output.subject.artifact.losses;
    let comparison = compare(rule, &answer.found, losses, is_sequence(output));
    matches!(comparison, Comparison::Disagrees(_)).then_some(Law::AgreesWithRule)
}
