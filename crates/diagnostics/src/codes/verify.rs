//! V: verification.

family! {
    /// A rule does not find what its fixture says.
    FIXTURE = "V0001";
    /// An output disagrees with its rule.
    DISAGREES = "V0002";
    /// A rule has no fixture to be verified on.
    NO_FIXTURE = "V0003";
    /// A fixture file cannot be read.
    BAD_FIXTURE = "V0004";
    /// No events were found that a rule matches.
    NO_WITNESS = "V0005";
    /// What decides that two rules judge an event differently.
    SEPARATED = "V0010";
    /// Whether two rules mean the same is not decided.
    UNDECIDED = "V0011";
}
