//! Which fields of events are read.

use super::plan::Plan;
use crate::reference::lineage::{ABOVE, PROCESS};

impl Plan {
    /// The paths of the fields that [`AtHand`](super::AtHand) is asked for.
    pub(crate) fn reads(&self) -> impl Iterator<Item = &str> {
        let clocks = self.clocks.iter().flat_map(|clock| {
            let tie = clock.tiebreaker.as_ref().map(|field| field.path.as_str());
            [Some(clock.timestamp_field.as_str()), tie].into_iter().flatten()
        });
        let fields = self.fields.iter().map(|field| field.path.as_str());
        let tree = if self.above.is_empty() { &[][..] } else { &[PROCESS, ABOVE[0], ABOVE[1]][..] };
        clocks.chain(fields).chain(tree.iter().copied())
    }
}
