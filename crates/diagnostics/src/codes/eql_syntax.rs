//! EQL syntax: tokens, grammar, and the shape of sequences, samples and pipes.

family! {
    /// Unexpected text.
    UNEXPECTED_TOKEN = "E0001";
    /// The query ends too early.
    UNEXPECTED_END = "E0002";
    /// A character without meaning.
    STRAY_CHARACTER = "E0003";
    /// The query is too long.
    QUERY_TOO_LONG = "E0004";
    /// Nested too deep.
    NESTED_TOO_DEEP = "E0005";
    /// Too many arithmetic operators in a row.
    ARITHMETIC_TOO_LONG = "E0006";
    /// A misspelt keyword.
    MISSPELT_KEYWORD = "E0007";
    /// A keyword in the wrong letter case.
    KEYWORD_CASE = "E0008";
    /// `=` instead of `==`.
    SINGLE_EQUALS = "E0010";
    /// An operator of another language.
    FOREIGN_OPERATOR = "E0011";
    /// Single quotes around a string.
    SINGLE_QUOTES = "E0012";
    /// `?` before a quote.
    MARKED_RAW = "E0013";
    /// A backslash that starts no escape.
    BAD_ESCAPE = "E0014";
    /// A string without end.
    UNTERMINATED_STRING = "E0015";
    /// A Unicode escape that names no character.
    BAD_UNICODE = "E0016";
    /// A line end in a raw string.
    RAW_NEWLINE = "E0017";
    /// A comment without end.
    UNTERMINATED_COMMENT = "E0018";
    /// A name in back-ticks without end.
    UNTERMINATED_NAME = "E0019";
    /// A number out of range.
    NUMBER_TOO_LARGE = "E0020";
    /// A bracket that is never closed.
    UNCLOSED_BRACKET = "E0021";
    /// A closing bracket without an opening one.
    UNMATCHED_BRACKET = "E0022";
    /// `not` before an operator other than `in`.
    INFIX_NOT = "E0023";
    /// Comparisons in a chain.
    CHAINED_COMPARISON = "E0024";
    /// An empty list.
    EMPTY_LIST = "E0025";
    /// A comma too many.
    EXTRA_COMMA = "E0026";
    /// A pattern that is no constant.
    PATTERN_NOT_CONSTANT = "E0027";
    /// A name that needs back-ticks.
    NAME_NEEDS_QUOTES = "E0028";
    /// An array index.
    ARRAY_INDEX = "E0029";
    /// A relation between processes.
    LINEAGE = "E0030";
    /// A filter without event category.
    NO_CATEGORY = "E0031";
    /// `where` is missing.
    NO_WHERE = "E0032";
    /// An event category that needs quotes.
    CATEGORY_NEEDS_QUOTES = "E0033";
    /// A `;` after the query.
    SEMICOLON = "E0034";
    /// Typographic quotes.
    TYPOGRAPHIC_QUOTES = "E0035";
    /// `join` is not supported.
    JOIN = "E0040";
    /// `sequence` is missing.
    NO_SEQUENCE = "E0041";
    /// `with` is missing before `maxspan`.
    NO_WITH = "E0042";
    /// `by` after `with`.
    WITH_BEFORE_BY = "E0043";
    /// A time without unit.
    MAXSPAN_NO_UNIT = "E0044";
    /// An unknown time unit.
    MAXSPAN_UNIT = "E0045";
    /// A decimal time.
    MAXSPAN_DECIMAL = "E0046";
    /// A time that is not more than zero.
    MAXSPAN_NOT_POSITIVE = "E0047";
    /// A wrong number of runs.
    RUNS = "E0048";
    /// An unknown option after `with`.
    UNKNOWN_OPTION = "E0049";
    /// A sequence of fewer than two terms.
    SEQUENCE_TOO_SHORT = "E0050";
    /// A sequence of more than 256 terms.
    SEQUENCE_TOO_LONG = "E0051";
    /// Different numbers of join keys.
    KEY_COUNTS = "E0052";
    /// A join key that is no field.
    KEY_NOT_A_FIELD = "E0053";
    /// A missing event without `maxspan`.
    MISSING_WITHOUT_MAXSPAN = "E0054";
    /// Only missing events.
    ALL_MISSING = "E0055";
    /// `until` with a missing event.
    UNTIL_MISSING = "E0056";
    /// `until` with `runs`.
    UNTIL_RUNS = "E0057";
    /// A name for a term.
    TERM_ALIAS = "E0058";
    /// `fork` is not supported.
    FORK = "E0059";
    /// A wrong number of terms in a sample.
    SAMPLE_LENGTH = "E0060";
    /// A sample without key.
    SAMPLE_NO_KEY = "E0061";
    /// A join key used twice.
    SAMPLE_DUPLICATE_KEY = "E0062";
    /// A clause that a sample does not have.
    SAMPLE_CLAUSE = "E0063";
    /// An unknown pipe.
    UNKNOWN_PIPE = "E0070";
    /// A pipe of Endgame EQL.
    PIPE_NOT_SUPPORTED = "E0071";
    /// A wrong argument of a pipe.
    PIPE_ARGUMENT = "E0072";
}
