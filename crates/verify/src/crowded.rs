//! The law that an output means what was emitted, where no record says all that the events do and where others have left
//! records too. What the rule as written finds there is no matter of it.

use serde_json::Value;

use crate::circumstance::Circumstance;
use crate::evidence::Exhibit;
use crate::output::{Answer, Output};
use crate::verdict::Difference;

/// For each exhibit how the output and the emitted rule differ beside records of others; none where they do not, or are
/// not asked. Asked are exhibits that could not be asked as they are told, and those that are marked.
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
        .filter(|((exhibit, answer), _)| exhibit.crowded || answer.is_err())
        .map(|((exhibit, _), place)| (exhibit.events.as_slice(), place))
        .unzip();
    for (answer, place) in output.answers(&streams, &Circumstance::Crowded).into_iter().zip(places) {
        let difference = answer.map(|answer| answer.meant.difference(&answer.found));
        *place = difference.ok().filter(|difference| *difference != Difference::default());
    }
    found
}
