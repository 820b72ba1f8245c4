//! What every backend shares: the [`Backend`] trait, targets as data, the passes *map* and *legalise*,
//! losses and artifacts.
//!
//! A backend never asks "which target is this?": differences stand in `target.yml` and in the event map
//! of the target; code asks for a [`Construct`]. A construct that a target does not declare is refused with
//! a coded diagnostic by [`legalise`], without a line of code in the backend.

mod artifact;
mod as_correlation;
mod at_least;
mod construct;
mod correlate;
mod intervals;
mod legalise;
mod lengths;
mod loss;
pub mod mapping;
mod presence;
mod requirement;
mod settings;
mod target;

pub use artifact::{Artifact, Language, ReadBack};
pub use construct::{Construct, Use, constructs_of};
pub use legalise::{Legal, lacking, legalise};
pub use loss::{Direction, Loss};
pub use mapping::{EventMap, Mapped, map_rule};
pub use presence::without_presence;
pub use requirement::Requirement;
pub use settings::Settings;
pub use target::{OutputFormat, Target, TargetOption};

use eqlc_diagnostics::Diagnostics;
use eqlc_ir::Rule;

/// A target that rules can be written for, and read back from.
pub trait Backend: Send + Sync {
    /// What the target is and can.
    fn target(&self) -> &Target;

    /// The event map for a rule and these settings, by whose names its fields have ([`mapping::taxonomy_of`]) and
    /// whether it asks log sources ([`mapping::asks_log_sources`]); none when the target speaks the taxonomy of the
    /// rule, so that [`map_rule`] has nothing to do. A map that the rule does not need
    /// ([`EventMap::is_needed_for`]) is not used for it.
    fn event_map(&self, settings: &Settings, rule: &Rule) -> Option<&EventMap>;

    /// Passes 7 and 8: the target's own tree from a legal rule, and its text.
    ///
    /// # Errors
    /// E4xxx for content, not constructs, that the target cannot hold (a regular expression that is too
    /// long, say).
    fn emit(&self, legal: &Legal, settings: &Settings) -> Result<Artifact, Diagnostics>;

    /// What systems must be started with so that they run the outputs and have the events that these ask for; in
    /// the order of the target's data.
    fn requirements(&self, _settings: &Settings) -> Vec<Requirement> {
        Vec::new()
    }

    /// The same for the output of one rule: nothing that only others need.
    fn requirements_of(&self, _legal: &Legal, settings: &Settings) -> Vec<Requirement> {
        self.requirements(settings)
    }

    /// Pass 9: the artifact parsed in the target's own grammar, ready to be lowered again or run.
    ///
    /// # Errors
    /// The text does not parse: a bug of the backend.
    fn read_back(&self, artifact: &Artifact) -> Result<ReadBack, Diagnostics>;
}
