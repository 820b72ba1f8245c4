//! How far the keys of samples and the groups of correlations came.

use std::cmp::Reverse;

use eqlc_events::Event;
use eqlc_ir::{Correlation, CorrelationCondition, Literal, Sample};

use super::super::correlation::{self, Member};
use super::super::keys;
use super::super::order::Stream;
use super::super::query::Queries;
use super::super::{RunError, sample};

/// What there is under a key.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyCourse {
    /// The key.
    pub key: Vec<Literal>,
    /// For each term or rule the events that satisfy it, by their index in the events that were given.
    pub events: Vec<Vec<usize>>,
    /// The windows of a correlation that no longer one holds, those with the most members first; a few.
    pub windows: Vec<Window>,
}

/// The members of a group within the time span.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// The events, in order.
    pub events: Vec<usize>,
    /// The rules that have a member, by their places.
    pub rules: Vec<usize>,
    /// The number that the condition is about, if it is about one.
    pub number: Option<Literal>,
    /// Whether the condition holds of the window.
    pub holds: bool,
}

/// Windows of a group that are shown.
const MAX_WINDOWS: usize = 3;

pub(super) fn of_sample(
    wanted: &Sample,
    queries: &Queries,
    events: &[Event],
    limit: usize,
) -> Result<Vec<KeyCourse>, RunError> {
    let by_key = sample::group(wanted, queries, events)?;
    let course = |(key, events): (keys::JoinKey, Vec<Vec<usize>>)| KeyCourse {
        key: keys::literals(&key),
        events,
        windows: Vec::new(),
    };
    Ok(furthest(by_key.into_iter().map(course).collect(), limit))
}

pub(super) fn of_correlation(
    wanted: &Correlation,
    queries: &Queries,
    stream: &Stream<'_>,
    limit: usize,
) -> Result<Vec<KeyCourse>, RunError> {
    let groups = correlation::groups(wanted, queries, stream)?;
    let course = |(key, members): (keys::JoinKey, Vec<Member>)| {
        let of_rule = |rule: usize| -> Vec<usize> {
            let own = members.iter().filter(|member| member.rules.contains(&rule));
            own.flat_map(|member| member.events.iter().copied()).collect()
        };
        KeyCourse {
            key: keys::literals(&key),
            events: (0..wanted.rules.len()).map(of_rule).collect(),
            windows: windows(wanted, &members),
        }
    };
    Ok(furthest(groups.into_iter().map(course).collect(), limit))
}

/// Those with an event for the most terms first, then those with the most events.
fn furthest(mut courses: Vec<KeyCourse>, limit: usize) -> Vec<KeyCourse> {
    courses.sort_by_cached_key(|course| {
        let filled = course.events.iter().filter(|events| !events.is_empty()).count();
        let most = course.windows.iter().map(|window| window.events.len()).max();
        (Reverse(filled), Reverse(most))
    });
    courses.truncate(limit);
    courses
}

fn windows(wanted: &Correlation, members: &[Member]) -> Vec<Window> {
    let mut found: Vec<Window> = correlation::longest(wanted, members)
        .into_iter()
        .map(|window| Window {
            events: window.iter().flat_map(|member| member.events.iter().copied()).collect(),
            rules: correlation::present(window),
            number: match &wanted.condition {
                Some(CorrelationCondition::Number(number)) => correlation::number(wanted, number, window),
                _ => None,
            },
            holds: correlation::alerts_in(wanted, window),
        })
        .collect();
    found.sort_by_key(|window| (Reverse(window.holds), Reverse(window.events.len())));
    found.truncate(MAX_WINDOWS);
    found
}
