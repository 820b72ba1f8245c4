//! Codes of lints of Sigma documents: W20 what a rule says about itself, W21 log sources and fields, W22 searches,
//! W23 conditions, W24 correlations.

family! {
    /// Keys that SigmaHQ asks for are missing.
    METADATA_MISSING = "W2001";
    /// A title longer than allowed.
    TITLE_LENGTH = "W2002";
    /// A title that reads as a sentence.
    TITLE_FORM = "W2003";
    /// A word of a title in lower case.
    TITLE_CASE = "W2004";
    /// A UUID that is not a random one.
    ID_VERSION = "W2005";
    /// An `id` that two rules have.
    ID_TWICE = "W2006";
    /// A `title` that two rules have.
    TITLE_TWICE = "W2007";
    /// A `name` that two rules have.
    NAME_TWICE = "W2008";
    /// A description that says next to nothing.
    DESCRIPTION_SHORT = "W2009";
    /// A description that does not begin with `Detects`.
    DESCRIPTION_START = "W2010";
    /// A link in a description.
    DESCRIPTION_LINK = "W2011";
    /// `modified` that does not go with `date`.
    MODIFIED_DATE = "W2012";
    /// A date that no calendar has.
    NO_SUCH_DATE = "W2013";
    /// A reference that is no link.
    REFERENCE_FORM = "W2014";
    /// A reference to a branch.
    REFERENCE_BRANCH = "W2015";
    /// A reference to ATT&CK.
    REFERENCE_ATTACK = "W2016";
    /// An item that is given twice.
    REPEATED_ITEM = "W2017";
    /// A tag that is not well formed.
    TAG_FORM = "W2018";
    /// A namespace of tags that Sigma does not have.
    TAG_NAMESPACE = "W2019";
    /// A name that its namespace of tags does not have.
    TAG_NAME = "W2020";
    /// A false positive that is none.
    FALSE_POSITIVE_WORD = "W2021";
    /// A false positive that is not well formed.
    FALSE_POSITIVE_FORM = "W2022";
    /// An entry of `related` that means nothing.
    RELATED = "W2023";
    /// A deprecated rule that names no other.
    DEPRECATED_ALONE = "W2024";
    /// Keys in another order.
    KEY_ORDER = "W2025";
    /// The name of a file.
    FILE_NAME = "W2026";
    /// The first part of the name of a file.
    FILE_PREFIX = "W2027";
    /// A filter with keys that only rules have.
    FILTER_METADATA = "W2028";
    /// Text between double quotes.
    DOUBLE_QUOTES = "W2029";
    /// A part of a log source that looks like a slip.
    LOG_SOURCE_SLIP = "W2101";
    /// A log source that nobody knows.
    LOG_SOURCE_UNKNOWN = "W2102";
    /// Parts of a log source that do not go together.
    LOG_SOURCE_PARTS = "W2103";
    /// A part of a log source with capitals or blanks.
    LOG_SOURCE_FORM = "W2104";
    /// A field that events of the log source do not have.
    FIELD_UNKNOWN = "W2105";
    /// A field with a blank in its name.
    FIELD_BLANK = "W2106";
    /// Numbers of events where a category would do.
    GENERIC_LOG_SOURCE = "W2107";
    /// The number of an event that the category says already.
    EVENT_ID_SAID = "W2108";
    /// A rule for all that Sysmon writes.
    SYSMON_EVENT_ID = "W2109";
    /// A value that is given twice.
    REPEATED_VALUE = "W2201";
    /// A value that another one of the list covers.
    COVERED_VALUE = "W2202";
    /// A wildcard where the modifier says the same.
    WILDCARD_BESIDE_MODIFIER = "W2203";
    /// Wildcards that a modifier could say.
    WILDCARD_FOR_MODIFIER = "W2204";
    /// Two wildcards side by side.
    WILDCARD_TWICE = "W2205";
    /// A regular expression that a plain test could say.
    REGEX_FOR_TEXT = "W2206";
    /// `.*` at an end of a regular expression.
    REGEX_OPEN_END = "W2207";
    /// `all` over values that a field equals.
    ALL_EQUAL = "W2209";
    /// `base64offset` without `contains`.
    BASE64_WITHOUT_CONTAINS = "W2210";
    /// An option with one kind of dash.
    DASH_KINDS = "W2211";
    /// A number in quotes.
    QUOTED_NUMBER = "W2212";
    /// A list of one value.
    LIST_OF_ONE = "W2213";
    /// A backslash written as two.
    DOUBLED_BACKSLASH = "W2214";
    /// A backslash that turns a wildcard into a character.
    ESCAPED_WILDCARD_IN_PATH = "W2215";
    /// A character that cannot be seen.
    HIDDEN_CHARACTER_IN_VALUE = "W2216";
    /// A character that looks like a dash.
    DASH_LOOKALIKE = "W2217";
    /// A wildcard by itself.
    ONLY_WILDCARD = "W2218";
    /// Empty text under a modifier.
    EMPTY_TEXT = "W2219";
    /// A hash that is none.
    HASH_FORM = "W2220";
    /// A name that Windows translates.
    TRANSLATED_NAME = "W2221";
    /// A search that is given twice.
    REPEATED_SEARCH = "W2222";
    /// `of` over a single search.
    OF_ONE = "W2301";
    /// `all of them`.
    ALL_OF_THEM = "W2302";
    /// `of` with the name of a search.
    OF_NAME = "W2303";
    /// Several conditions.
    CONDITION_LIST = "W2304";
    /// `timeframe` without use.
    TIMEFRAME_ALONE = "W2305";
    /// The name of a filter.
    FILTER_NAME = "W2306";
    /// A filter that is not excluded.
    FILTER_NOT_EXCLUDED = "W2307";
    /// An operand that is given twice.
    REPEATED_OPERAND = "W2308";
    /// A temporal correlation of one rule.
    TEMPORAL_OF_ONE = "W2401";
    /// A correlation without `group-by`.
    NO_GROUP = "W2402";
    /// A field that the rules of a correlation do not have.
    GROUP_FIELD = "W2403";
    /// An alias without use.
    ALIAS_ASIDE = "W2404";
    /// A rule that a correlation names twice.
    RULE_TWICE = "W2405";
    /// A condition that every match fulfils, or none.
    COUNT_ALWAYS = "W2406";
    /// No time at all.
    NO_TIME = "W2407";
}
