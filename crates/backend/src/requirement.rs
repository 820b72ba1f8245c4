//! What a target's outputs need of the system that runs them.

use serde::Serialize;

/// One thing that must be set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Requirement {
    /// The operating system, in the words of the target.
    pub platform: String,
    /// The setting with its value.
    pub flag: String,
    /// What it is good for; lower case, no full stop.
    pub why: String,
}
