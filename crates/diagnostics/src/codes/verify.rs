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
    /// No events show a recorded loss.
    DOUBTFUL_LOSS = "V0006";
    /// A budget ended before a verification.
    CUT_SHORT = "V0007";
    /// An output could be compared on no stream.
    NOT_COMPARED = "V0008";
    /// An output finds nothing in any stream.
    NEVER_MATCHED = "V0009";
    /// What decides that two rules judge an event differently.
    SEPARATED = "V0010";
    /// Whether two rules mean the same is not decided.
    UNDECIDED = "V0011";
    /// An event that must match does not.
    MUST_MATCH = "V0020";
    /// An event that must not match does.
    MUST_NOT_MATCH = "V0021";
    /// An allowlisted event is not kept out by an exclusion of the rule.
    NOT_EXCLUDED = "V0022";
    /// A rule finds other matches in a stream than its fixture lists.
    MATCHES = "V0023";
    /// The events of matches share other values than the fixture lists.
    JOIN_KEYS = "V0024";
    /// A rule finds fewer matches in a file of events than its regression test counts.
    MATCH_COUNT = "V0025";
    /// A rule has no tests.
    NO_TESTS = "V0026";
    /// No event of the tests exercises a part of the rule.
    NOT_COVERED = "V0027";
    /// The events of a test are not there or cannot be read.
    NO_EVENTS = "V0028";
    /// What a rule finds cannot be written into its fixture.
    NOT_BLESSED = "V0029";
}
