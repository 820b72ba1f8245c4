//! E4: what a target cannot carry.

family! {
    /// The target does not declare a construct that the rule uses.
    CONSTRUCT_REFUSED = "E4001";
    /// The target does not declare a function that the rule uses.
    FUNCTION_REFUSED = "E4002";
    /// Content that a target limits: a regular expression too long, a value it cannot write.
    CONTENT_REFUSED = "E4003";
    /// A required test names a field without counterpart.
    UNMAPPED_FIELD = "E4101";
    /// A join key without counterpart.
    UNMAPPED_KEY = "E4102";
    /// No source of the target delivers the events.
    NO_SOURCE = "E4103";
    /// Nothing of a condition could be mapped.
    NOTHING_LEFT = "E4104";
    /// An artifact cannot be read back: a bug.
    READ_BACK = "E4900";
}
