//! What every part of the search works with.

use eqlc_backend_native::reference::RunOptions;
use eqlc_events::Timestamp;

use crate::language::Languages;
use crate::scene::Scene;

/// Sets of texts with the work that is left, how the rule is run, and what events look like where it does not say.
pub(crate) struct Tools<'o> {
    pub(crate) languages: Languages,
    pub(crate) options: &'o RunOptions,
    pub(crate) scene: Scene,
}

impl Tools<'_> {
    /// What `now` of date math is.
    pub(crate) fn now(&self) -> Timestamp {
        self.options.now.unwrap_or(Timestamp::from_nanos(0))
    }
}
