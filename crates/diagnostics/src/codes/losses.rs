//! L: losses, where an output means something else than the rule.

family! {
    /// `head` or `tail` is left out.
    LIMIT_DROPPED = "L1001";
    /// A sequence without maxspan got one.
    SPAN_INVENTED = "L1002";
    /// A correlation reports groups, not tuples.
    TUPLES_NOT_REPORTED = "L1003";
    /// A correlation does not follow the newest partial only.
    NEWEST_PARTIAL = "L1004";
    /// A key that may be null became one that must have a value.
    NULL_KEY = "L1005";
    /// A sequence reports tuples, a correlation alerts once for a group.
    TUPLES_REPORTED = "L1006";
    /// A sequence follows the newest partial only, a correlation every one.
    ONLY_NEWEST_PARTIAL = "L1007";
    /// A field that holds null counts as one that is not there.
    NULL_NOT_PRESENT = "L1008";
    /// A run of events inside a sequence became a count of them.
    RUN_COUNTED = "L1009";
    /// One event may stand for several terms of a sample.
    EVENT_STANDS_TWICE = "L1010";
    /// The counterpart of a field is an approximation.
    APPROXIMATE_FIELD = "L1101";
    /// An exclusion over an unmapped field is left out.
    EXCLUSION_DROPPED = "L1102";
    /// An alternative over an unmapped field is left out.
    ALTERNATIVE_DROPPED = "L1103";
    /// The source does not deliver all events that the rule can match.
    SOURCE_COVERS_LESS = "L1104";
    /// A join key is another field with the same role.
    KEY_REPLACED = "L1105";
    /// The source delivers events that it cannot tell from those the rule asks for.
    SOURCE_COVERS_MORE = "L1106";
    /// How documents hold the events of a log source is not known for certain.
    APPROXIMATE_SOURCE = "L1107";
}
