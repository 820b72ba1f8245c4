//! Matches of several events in other orders and at other times: what tells a step from the next and the span from a longer one.

use serde_json::Value;

use super::{START_MS, time_of};

/// An event and when it happens, in milliseconds since 1970.
pub(super) type Timed = (i64, Value);

/// A match with each event twice, and with its later events at the end of the time span and behind it.
pub(super) fn shaped(events: &[Value], maxspan_ms: Option<u64>) -> Vec<Vec<Timed>> {
    let timed: Vec<Timed> = events.iter().cloned().map(as_told).collect();
    let twice = timed
        .iter()
        .flat_map(|(at_ms, event)| [(*at_ms, event.clone()), (at_ms.saturating_add(1), event.clone())]);
    let mut found: Vec<Vec<Timed>> = vec![twice.collect()];
    let span = maxspan_ms.and_then(|span| i64::try_from(span).ok());
    if let (Some((start, _)), Some(span)) = (timed.first(), span) {
        // Some tables tell whole seconds.
        let ends = [span, span.saturating_add(1), span.saturating_add(1_000)];
        for (from, end) in (1..timed.len()).flat_map(|from| ends.map(|end| (from, end))) {
            let late = start.saturating_add(end);
            let at = |place: usize, at_ms: i64| if place < from { at_ms } else { late };
            let moved =
                timed.iter().enumerate().map(|(place, (at_ms, event))| (at(place, *at_ms), event.clone()));
            found.push(moved.collect());
        }
    }
    found
}

/// An event when it says that it happens.
pub(super) fn as_told(event: Value) -> Timed {
    (time_of(&event).unwrap_or(START_MS), event)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::shaped;

    #[test]
    fn a_match_is_repeated_and_reaches_over_its_span() {
        let events =
            [json!({"@timestamp": "1970-01-01T00:00:01Z"}), json!({"@timestamp": "1970-01-01T00:00:02Z"})];
        let times = |span| -> Vec<Vec<i64>> {
            let streams = shaped(&events, span).into_iter();
            streams.map(|stream| stream.into_iter().map(|(at_ms, _)| at_ms).collect()).collect()
        };
        assert_eq!(times(None), [[1_000, 1_001, 2_000, 2_001]]);
        let wanted =
            [vec![1_000, 1_001, 2_000, 2_001], vec![1_000, 6_000], vec![1_000, 6_001], vec![1_000, 7_000]];
        assert_eq!(times(Some(5_000)), wanted);
    }
}
