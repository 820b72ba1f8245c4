//! Codes of files and rule documents.

family! {
    /// Bytes that are no UTF-8.
    NOT_UTF8 = "E3001";
    /// A file too large for a rule.
    TOO_LARGE = "E3002";
    /// Nothing in the file.
    EMPTY_FILE = "E3003";
    /// A format that is not read.
    UNKNOWN_FORMAT = "E3004";
    /// TOML that does not parse.
    TOML_SYNTAX = "E3005";
    /// No table of the rule.
    NO_RULE = "E3006";
    /// A key that a rule cannot be without.
    MISSING_KEY = "E3007";
    /// A value of another type than the key takes.
    WRONG_TYPE = "E3008";
    /// A severity that does not exist.
    UNKNOWN_SEVERITY = "E3009";
    /// A risk score out of range.
    BAD_RISK_SCORE = "E3010";
    /// A duration or date math that is none.
    BAD_TIME = "E3011";
    /// A rule in another language.
    NOT_EQL = "E3012";
    /// A key that looks like a slip.
    UNKNOWN_KEY = "E3013";
    /// Type and language of a rule contradict each other.
    TYPE_AND_LANGUAGE = "E3014";
    /// A query without text.
    EMPTY_QUERY = "E3015";
    /// A file or folder cannot be read.
    UNREADABLE = "E3016";
    /// The paths given hold no rule.
    NO_RULES = "E3017";
    /// Two rules would be written to one file.
    OUTPUT_CLASH = "E3018";
    /// An output cannot be written.
    UNWRITABLE = "E3019";
    /// A line of events is malformed.
    BAD_EVENT = "E3020";
    /// The evaluator refuses to run a rule.
    NOT_EVALUABLE = "E3021";
    /// JSON that does not parse.
    JSON_SYNTAX = "E3022";
    /// A value of an export that is no rule.
    NOT_A_RULE = "E3023";
    /// A value that Kibana's import of rules refuses.
    NOT_IMPORTABLE = "E3024";
    /// Events have other names than rules.
    FOREIGN_NAMES = "E3025";
    /// A stream gave up events or partial matches.
    GIVEN_UP = "E3026";
    /// A file that is no plan to be run.
    BAD_PLAN = "E3027";
    /// A block of a guide whose JSON does not parse, or that is not closed.
    GUIDE_BLOCK = "E3030";
    /// A plugin of guides that does not exist.
    GUIDE_PLUGIN = "E3031";
    /// A key of a block that is missing or of the wrong type.
    GUIDE_KEY = "E3032";
    /// A guide that refers to a block which is not there.
    GUIDE_REFERENCE = "E3033";
    /// SQL of a guide that does not parse.
    GUIDE_SQL = "E3034";
    /// SQL of a guide whose texts lost their quotes.
    GUIDE_QUOTES = "E3035";
    /// A table that osquery does not have.
    GUIDE_TABLE = "E3036";
    /// A column that no table of the query has.
    GUIDE_COLUMN = "E3037";
    /// A comparison with null.
    GUIDE_NULL = "E3038";
    /// A table of other operating systems than the rule is for.
    GUIDE_PLATFORM = "E3039";
    /// A table that answers only with a condition that the query lacks.
    GUIDE_REQUIRED = "E3040";
    /// A query that cannot stand in a pack.
    GUIDE_LEFT_OUT = "E3041";
}
