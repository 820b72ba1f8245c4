//! Codes of Sigma documents.

family! {
    /// The text is not YAML.
    YAML_SYNTAX = "E2001";
    /// A tab in the indentation.
    YAML_TAB = "E2002";
    /// A quote that nothing closes.
    YAML_UNCLOSED_QUOTE = "E2003";
    /// A key that stands twice in one map.
    YAML_DUPLICATE_KEY = "E2004";
    /// A tag, or an alias to nothing.
    YAML_NOT_ALLOWED = "E2005";
    /// A file too large or too deeply nested to read.
    YAML_TOO_LARGE = "E2006";
    /// A scalar that YAML 1.1 and 1.2 read differently; a warning.
    YAML_AMBIGUOUS = "E2007";
    /// A key that must be there is not.
    MISSING_KEY = "E2010";
    /// A value of the wrong kind.
    WRONG_KIND = "E2011";
    /// A `level` that Sigma does not have.
    UNKNOWN_LEVEL = "E2012";
    /// A `status` that Sigma does not have.
    UNKNOWN_STATUS = "E2013";
    /// A date of another form; a warning.
    BAD_DATE = "E2014";
    /// An `id` that is not a UUID; a warning.
    BAD_ID = "E2015";
    /// A key that looks like a slip of the pen; a warning.
    UNKNOWN_KEY = "E2016";
    /// An `action` that rule collections do not have.
    OLD_COLLECTION = "E2017";
    /// A modifier that Sigma does not have.
    UNKNOWN_MODIFIER = "E2020";
    /// Modifiers that cannot stand together.
    MODIFIER_COMBINATION = "E2021";
    /// A value that a modifier does not take.
    MODIFIER_VALUE = "E2022";
    /// A network that is not one.
    BAD_CIDR = "E2023";
    /// A regular expression that no engine accepts.
    BAD_REGEX = "E2024";
    /// A search or a list with nothing in it.
    NO_VALUES = "E2025";
    /// A network with bits set after its prefix; a warning.
    CIDR_HOST_BITS = "E2026";
    /// `null` in a list of values; a warning.
    NULL_IN_LIST = "E2027";
    /// `all` over a single value; a warning.
    ALL_OF_ONE = "E2028";
    /// A condition that is not well formed.
    CONDITION_SYNTAX = "E2030";
    /// A parenthesis without a partner.
    CONDITION_PARENTHESIS = "E2031";
    /// A name that nothing has.
    CONDITION_UNKNOWN_NAME = "E2032";
    /// A pattern that no name matches.
    CONDITION_MATCHES_NOTHING = "E2033";
    /// An aggregation after `|`, of Sigma version 1.
    CONDITION_AGGREGATION = "E2034";
    /// A condition too deeply nested to read.
    CONDITION_TOO_DEEP = "E2035";
    /// A search that no condition uses; a warning.
    UNUSED_SEARCH = "E2036";
    /// A correlation type that Sigma does not have.
    CORRELATION_TYPE = "E2040";
    /// A length of time that is not one.
    BAD_TIMESPAN = "E2041";
    /// A condition that does not suit a correlation.
    CORRELATION_CONDITION = "E2042";
    /// A search for values anywhere in the event that asks for more.
    KEYWORD_SEARCH = "E2050";
    /// A modifier that has no form outside of Sigma.
    MODIFIER_NO_FORM = "E2051";
    /// A regular expression that has no form outside of its flavour.
    REGEX_NO_FORM = "E2052";
    /// A correlation that has no form outside of Sigma.
    CORRELATION_NO_FORM = "E2053";
    /// A correlation names a rule, or a field of a rule, that the file does not define.
    CORRELATION_RULE = "E2054";
    /// A filter that no rule is changed by; a warning.
    FILTER_ASIDE = "E2055";
    /// A placeholder without a list.
    PLACEHOLDER = "E2056";
    /// A key that a processing pipeline does not have.
    PIPELINE_KEY = "E2200";
    /// A kind of transformation, condition or finalizer that there is not.
    PIPELINE_TYPE = "E2201";
    /// A value in a processing pipeline that is missing or of the wrong kind.
    PIPELINE_VALUE = "E2202";
    /// A regular expression, or a replacement, of a processing pipeline that cannot be used.
    PIPELINE_REGEX = "E2203";
    /// An expression over the conditions of an item that is not well formed.
    PIPELINE_EXPRESSION = "E2204";
    /// Something of a pipeline that needs Python or reaches outside of it.
    PIPELINE_OUTSIDE = "E2205";
    /// A postprocessing that would change the text of a query.
    PIPELINE_QUERY_CHANGED = "E2206";
    /// A finalizer or the like is left aside; a warning.
    PIPELINE_OUTPUT_ASIDE = "E2207";
    /// A pipeline for other targets; a warning.
    PIPELINE_BACKENDS = "E2208";
    /// A pipeline refuses the rule.
    PIPELINE_REFUSES = "E2220";
    /// A pipeline does not map every field of the rule, and says that it must.
    PIPELINE_UNMAPPED = "E2221";
    /// A transformation has no result for a part of the rule.
    PIPELINE_NO_RESULT = "E2222";
    /// A pipeline puts text of a query language into the rule.
    PIPELINE_QUERY_TEXT = "E2223";
    /// A pipeline leaves nothing of the rule.
    PIPELINE_EMPTY = "E2224";
    /// A transformation leaves out a value; a warning.
    PIPELINE_LEFT_OUT = "E2225";
}
