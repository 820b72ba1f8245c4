//! Codes of lints: legal rules that probably do not mean what their author wanted.

family! {
    /// A field that no schema has.
    UNKNOWN_FIELD = "W0001";
    /// A wildcard where none is.
    WILDCARD_IN_EXACT = "W0002";
    /// `like` without a wildcard.
    LIKE_WITHOUT_WILDCARD = "W0003";
    /// An anchor in a regular expression.
    REGEX_ANCHOR = "W0004";
    /// A range of one letter case under `regex~`.
    REGEX_RANGE_CASE = "W0005";
    /// An operator of Lucene's expressions that other flavours do not have.
    REGEX_OPERATOR = "W0006";
    /// The same alternative twice.
    DUPLICATE_ALTERNATIVE = "W0007";
    /// A comparison whose answer does not depend on the event.
    CONSTANT_CONDITION = "W0008";
    /// A number where the field holds texts.
    NUMBER_FOR_TEXT = "W0009";
    /// An event category that looks like a slip.
    UNKNOWN_CATEGORY = "W0010";
    /// Null in a list.
    NULL_IN_LIST = "W0011";
    /// Two fields marked with `?` compared with each other.
    OPTIONAL_FIELDS_COMPARED = "W0012";
    /// A pattern that another one of the list covers.
    COVERED_ALTERNATIVE = "W0013";
    /// The same condition twice among operands.
    DUPLICATE_CONDITION = "W0014";
    /// Operands of which one makes the other pointless.
    CONTRADICTION = "W0015";
    /// A backslash before a wildcard, where no escape is.
    ESCAPED_WILDCARD = "W0016";
    /// A negation that holds for events without the field.
    NEGATION_OF_MISSING = "W0017";
    /// `with runs`, which asks for repetition.
    RUNS_ARE_REPETITION = "W0018";
    /// A sequence longer than what a run of the rule looks back.
    MAXSPAN_BEYOND_LOOK_BACK = "W0019";
    /// A missing event at the end of a sequence.
    MISSING_EVENT_LAST = "W0021";
    /// A comment that silences nothing.
    UNUSED_SUPPRESSION = "W0020";
    /// A field that indices behind the rule's patterns do not map.
    FIELD_OUTSIDE_PATTERNS = "W0022";
    /// A character that cannot be seen, or changes how the text around it is shown.
    HIDDEN_CHARACTER = "W0023";
    /// A rule that no event matches.
    NEVER_MATCHES = "W0024";
}
