//! What rules are asked about of a batch.

use eqlc_backend_native::engine::{Before, Malformed, Place};
use eqlc_events::Batch;

use super::detector::Detector;
use super::hit;

/// What rules are asked about of a batch.
#[derive(Default)]
pub(super) struct Picked {
    /// The events, by their items in the batch, and where they stand.
    pub(super) kept: Vec<(usize, Place)>,
    /// How many events the filter left out.
    pub(super) left_out: u64,
    /// Items that are no events, and why where the item does not say it itself.
    pub(super) rejected: Vec<(usize, Option<Malformed>)>,
}

impl Picked {
    /// Says where the events stand, of which was only known where they stand in their batch.
    pub(super) fn stand_behind(&mut self, before: Before) {
        self.kept.iter_mut().for_each(|(_, place)| *place = place.behind(before));
    }

    /// The events and where they stand.
    pub(super) fn events<'b>(&self, batch: &'b Batch) -> Vec<(Place, &'b [u8])> {
        let text = |(item, place): &(usize, Place)| match batch.item(*item) {
            Some(Ok(event)) => Some((*place, hit::event_of(event.bytes()))),
            _ => None,
        };
        self.kept.iter().filter_map(text).collect()
    }
}

/// The places of events among all of a run.
#[derive(Default)]
pub(super) struct Places {
    next: u64,
}

impl Places {
    /// Where the events of the next batch of an input stand: the input, and the place of the first among all.
    pub(super) fn begin(&mut self, input: usize, batch: &Batch) -> (u32, u64) {
        let first = self.next;
        let events = batch.items().filter(Result::is_ok).count() as u64;
        self.next = self.next.saturating_add(events);
        (input_number(input), first)
    }
}

/// An input, as places have it.
pub(super) fn input_number(input: usize) -> u32 {
    u32::try_from(input).unwrap_or(u32::MAX)
}

/// The events of a batch that pass the filter. The batch is of this input, and its first event has this place among all.
pub(super) fn pick<'b>(
    batch: &'b Batch,
    (input, first): (u32, u64),
    mut filter: Option<&mut (dyn Detector + 'static)>,
    events: &mut Vec<(Place, &'b [u8])>,
) -> Picked {
    let mut picked = Picked { kept: Vec::with_capacity(batch.len()), ..Picked::default() };
    let mut ordinal = first;
    for (item, found) in batch.items().enumerate() {
        let event = match found {
            Ok(event) => event,
            // Told when all before it is.
            Err(error) if error.last => continue,
            Err(_) => {
                picked.rejected.push((item, None));
                continue;
            }
        };
        let place = Place { ordinal, input, line: event.line() as u64 };
        ordinal = ordinal.saturating_add(1);
        let text = hit::event_of(event.bytes());
        match passes(filter.as_deref_mut(), text, place) {
            Ok(true) => {
                events.push((place, text));
                picked.kept.push((item, place));
            }
            Ok(false) => picked.left_out = picked.left_out.saturating_add(1),
            Err(reason) => picked.rejected.push((item, Some(reason))),
        }
    }
    picked
}

/// Whether a filter lets an event pass.
fn passes(
    filter: Option<&mut (dyn Detector + 'static)>,
    text: &[u8],
    place: Place,
) -> Result<bool, Malformed> {
    let Some(filter) = filter else { return Ok(true) };
    let mut found = Vec::new();
    filter.event(text, place, &mut found)?;
    Ok(!found.is_empty())
}
