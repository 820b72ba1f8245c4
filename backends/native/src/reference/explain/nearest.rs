//! The events nearest to satisfying a query.

use eqlc_ir::EventQuery;

use super::super::RunError;
use super::super::order::Stream;
use super::super::query::Queries;
use super::super::scope::{Bound, Scope};
use super::EventExplained;

/// How many events satisfy a query, and so many of those nearest to it, in the order of the stream where they are
/// equally near. Never more than these are held.
pub(super) fn to(
    query: &EventQuery,
    queries: &Queries,
    stream: &Stream<'_>,
    beside: &Bound<'_>,
    limit: usize,
) -> Result<(usize, Vec<EventExplained>), RunError> {
    let mut satisfied = 0;
    let mut nearest: Vec<(usize, EventExplained)> = Vec::new();
    for (index, event) in stream.all() {
        let finding = queries.finding(query, Scope::event(index, event).beside(beside))?;
        satisfied += usize::from(finding.holds);
        let distance = finding.distance(true);
        let place = nearest.partition_point(|(other, _)| *other <= distance);
        if place < limit {
            nearest.insert(place, (distance, EventExplained { event: index, finding }));
            nearest.truncate(limit);
        }
    }
    Ok((satisfied, nearest.into_iter().map(|(_, explained)| explained).collect()))
}
