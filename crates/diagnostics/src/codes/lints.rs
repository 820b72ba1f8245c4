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
}
