//! The law that an output means what was emitted, where no record says all that the events do and where others have left
//! records too. What the rule as written finds there is no matter of it.

use eqlc_events::Event;
use eqlc_ir::{Body, Rule};
use serde_json::Value;

use crate::agree::kept;
use crate::circumstance::Circumstance;
use crate::diff::put;
use crate::evidence::Exhibit;
use crate::output::{Answer, Output};
use crate::verdict::Difference;

/// For each exhibit how the output and the emitted rule differ beside records of others; none where they do not, or are
/// not asked. Asked are exhibits that are marked, and those that could not be asked as they are told.
pub(crate) fn strays(
    output: &Output<'_>,
    exhibits: &[&Exhibit],
    answers: &[Result<Answer, String>],
) -> Vec<Option<Difference>> {
    let mut found = vec![None; exhibits.len()];
    if !output.is_recorded() {
        return found;
    }
    let asked = exhibits.iter().zip(answers).zip(&mut found);
    let (streams, places): (Vec<&[Value]>, Vec<&mut Option<Difference>>) = asked
        .filter(|((exhibit, answer), _)| exhibit.crowded || exhibit.affordable && answer.is_err())
        .map(|((exhibit, _), place)| (exhibit.events.as_slice(), place))
        .unzip();
    for (answer, place) in output.answers(&streams, &Circumstance::Crowded).into_iter().zip(places) {
        let difference = answer.map(|answer| answer.meant.difference(&answer.found));
        *place = difference.ok().filter(|difference| *difference != Difference::default());
    }
    if let Some(span) = own_span(output) {
        for (exhibit, place) in exhibits.iter().zip(&mut found) {
            if place.is_none() && exhibit.crowded && exhibit.made {
                *place = stretched(output, exhibit, span);
            }
        }
    }
    found
}

/// The longest time of a match, in milliseconds, where the target has another one than the rule: events that were made of
/// the rule do not stand around it.
fn own_span(output: &Output<'_>) -> Option<u64> {
    let span = |rule: &Rule| match &rule.body {
        Body::Sequence(sequence) => sequence.maxspan_ms,
        Body::Correlation(correlation) => Some(correlation.timespan_ms),
        Body::Event(_) | Body::Sample(_) => None,
    };
    let own = span(output.subject.legal.rule());
    own.filter(|own| span(output.subject.rule) != Some(*own))
}

/// How the output and the emitted rule differ where the last event stands at the end of a time span, or just behind it.
fn stretched(output: &Output<'_>, exhibit: &Exhibit, span: u64) -> Option<Difference> {
    let rule = output.subject.rule;
    let [field] = kept(rule);
    let path: Vec<String> = field.split('.').map(str::to_owned).collect();
    let (first, before) = exhibit.events.split_first()?;
    let (last, _) = before.split_last()?;
    let start: jiff::Timestamp = Event::borrowed(first, 0)?
        .timestamp(field)
        .and_then(|time| jiff::Timestamp::from_nanosecond(time.nanos()).ok())?;
    let with_last_at = |millis: u64| {
        let at = start.checked_add(jiff::SignedDuration::from_millis(i64::try_from(millis).ok()?)).ok()?;
        let mut stream = exhibit.events.clone();
        let mut last = last.clone();
        put(&mut last, &path, Value::from(format!("{at:.3}")));
        *stream.last_mut()? = last;
        Some(stream)
    };
    let streams: Vec<Vec<Value>> =
        [span, span.saturating_add(1)].into_iter().filter_map(with_last_at).collect();
    let streams: Vec<&[Value]> = streams.iter().map(Vec::as_slice).collect();
    let answers = output.answers(&streams, &Circumstance::AsRecorded);
    let differences = answers.into_iter().flatten().map(|answer| answer.meant.difference(&answer.found));
    differences.into_iter().find(|difference| *difference != Difference::default())
}
