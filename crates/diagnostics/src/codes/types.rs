//! Codes of types, fields and functions (`eql-semantics.md` §3–§7).

family! {
    /// A function that does not exist.
    UNKNOWN_FUNCTION = "E1001";
    /// `~` behind a function that has no variant for it.
    NO_INSENSITIVE_VARIANT = "E1002";
    /// Too few or too many arguments.
    ARGUMENT_COUNT = "E1003";
    /// An argument of a type that the function does not take.
    ARGUMENT_TYPE = "E1004";
    /// An argument that must be a constant and is not.
    ARGUMENT_NOT_CONSTANT = "E1005";
    /// A text that is no network.
    BAD_NETWORK = "E1006";
    /// A field that no schema has, where that is refused.
    UNKNOWN_FIELD_STRICT = "E1007";
    /// An object used as a value.
    OBJECT_FIELD = "E1008";
    /// Analysed text used as a value.
    TEXT_FIELD = "E1009";
    /// Values of kinds that cannot be compared.
    TYPE_MISMATCH = "E1010";
    /// `<` and the like on values without order.
    NO_ORDER = "E1011";
    /// A field compared with a field.
    FIELD_AGAINST_FIELD = "E1012";
    /// A condition that is no condition.
    NOT_A_CONDITION = "E1013";
    /// A list item that is no constant.
    LIST_ITEM_NOT_CONSTANT = "E1014";
    /// A text operator on something else than text.
    TEXT_OPERATOR_ON_OTHER = "E1015";
    /// A pattern that is no text.
    PATTERN_NOT_TEXT = "E1016";
    /// Join keys of kinds that are never equal.
    KEY_TYPES = "E1017";
    /// A constant that no value of the field can equal.
    BAD_CONSTANT = "E1018";
    /// A regular expression that cannot be read.
    BAD_REGEX = "E1019";
    /// Arithmetic on something else than numbers.
    NOT_A_NUMBER = "E1020";
    /// A construct of the Endpoint flavour.
    ENDPOINT_ONLY = "E1021";
    /// Arithmetic without a result.
    BAD_ARITHMETIC = "E1022";
    /// A field that indices map differently.
    AMBIGUOUS_FIELD = "E1023";
    /// A schema of the user that cannot be read.
    BAD_SCHEMA = "E1024";
    /// A type that mappings do not have.
    UNKNOWN_MAPPING = "E1025";
    /// A variable or a name of a term that stands for nothing.
    UNKNOWN_NAME = "E1026";
    /// A condition on elements or processes used as a value.
    CONDITION_ONLY = "E1027";
    /// An array search without array or variable.
    BAD_ARRAY_SEARCH = "E1028";
    /// Date math that cannot be read.
    BAD_DATE_MATH = "E1029";
    /// A regular expression that takes too much to match.
    REGEX_TOO_LARGE = "E1030";
    /// A regular expression over a function that Lucene and Java read differently.
    REGEX_FLAVOURS_DIFFER = "E1031";
}
