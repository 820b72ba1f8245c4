//! What every part of the search works with.

use eqlc_backend_native::reference::RunOptions;
use eqlc_diagnostics::Span;
use eqlc_events::Timestamp;

use crate::Reason;
use crate::language::Languages;
use crate::scene::Scene;

/// Sets of texts with the work that is left, how the rule is run, and what events look like where it does not say.
pub(crate) struct Tools<'o> {
    pub(crate) languages: Languages,
    pub(crate) options: &'o RunOptions,
    pub(crate) scene: Scene,
    /// The last field for which no value was found, with the place of one of its tests.
    pub(crate) stuck: Option<(String, Span)>,
}

impl Tools<'_> {
    /// Why a search ended without events and without a proof.
    pub(crate) fn reason(&self) -> Reason {
        match &self.stuck {
            _ if self.languages.is_spent() => Reason::OutOfSteps,
            Some((field, span)) => Reason::NoValue { field: field.clone(), span: *span },
            None => Reason::Unsolved,
        }
    }

    /// What `now` of date math is.
    pub(crate) fn now(&self) -> Timestamp {
        self.options.now.unwrap_or(Timestamp::from_nanos(0))
    }
}
