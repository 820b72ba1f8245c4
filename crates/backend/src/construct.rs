//! What rules are made of, as far as targets differ in it.

use eqlc_diagnostics::Span;
use eqlc_ir::{
    Body, Case, Category, Comparison, Correlation, CorrelationKind, EventQuery, Function, Literal, Op, Owner,
    Pred, Rule, Scalar, Sequence, Source, Test,
};
use serde::{Deserialize, Serialize};

/// A construct of the IR that a target has or has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Construct {
    /// `all`, `any`, `not` and equality: every target has these.
    Core,
    /// `at-least n`.
    AtLeast,
    /// `<`, `<=`, `>`, `>=` against a constant.
    Order,
    /// A test for null of a field.
    FieldNull,
    /// A test for null of anything else.
    ExpressionNull,
    /// Texts compared with regard to letter case.
    CaseSensitiveText,
    /// Texts compared without regard to letter case.
    CaseInsensitiveText,
    /// Wildcards.
    Wildcards,
    /// Regular expressions.
    Regex,
    /// Complements and intersections inside of regular expressions.
    RegexAlgebra,
    /// Dates relative to now, moved or rounded.
    DateMath,
    /// Addresses in networks.
    Networks,
    /// A function's result in a test.
    Functions,
    /// A test with fields on both sides.
    FieldToField,
    /// A test for the text of a field at the start, at the end or inside of that of another.
    FieldInField,
    /// A condition used as a value.
    LogicAsValue,
    /// A query over every category.
    AnyCategory,
    /// A query over a category of events.
    EventCategory,
    /// A query over a log source.
    LogSource,
    /// A sequence.
    Sequence,
    /// A sequence without maxspan.
    UnboundedSequence,
    /// A sequence without keys.
    KeylessSequence,
    /// `until`.
    Until,
    /// A missing event.
    MissingEvent,
    /// `with runs`.
    Runs,
    /// A key that may be null.
    OptionalKey,
    /// A sample.
    Sample,
    /// Sigma's `temporal_ordered`.
    TemporalOrdered,
    /// Sigma's `temporal`.
    Temporal,
    /// `head` and `tail`.
    Limits,
    /// A condition on one element of an array of objects.
    ArraySearch,
    /// A condition on events of the processes above.
    Descendant,
    /// A value of the event of an earlier step.
    BackReference,
    /// Text in any field of the event.
    AnyField,
    /// A test that tells a field with null from one that is not there.
    Presence,
    /// A part of a time, such as the hour.
    TimeParts,
    /// A correlation that counts events or computes with values.
    Aggregation,
    /// A correlation of correlations.
    ChainedCorrelation,
    /// A temporal correlation that asks for other than all of its rules.
    RuleCondition,
}

impl Construct {
    /// The construct in words, for messages and tables.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Core => "boolean conditions and equality",
            Self::AtLeast => "at least N of several conditions",
            Self::Order => "order comparisons",
            Self::FieldNull => "tests for a missing field",
            Self::ExpressionNull => "tests of an expression for null",
            Self::CaseSensitiveText => "case-sensitive text",
            Self::CaseInsensitiveText => "case-insensitive text",
            Self::Wildcards => "wildcards",
            Self::Regex => "regular expressions",
            Self::RegexAlgebra => "complements and intersections in regular expressions",
            Self::DateMath => "date math",
            Self::Networks => "address ranges",
            Self::Functions => "functions",
            Self::FieldToField => "comparisons of a field with a field",
            Self::FieldInField => "text of a field inside of another",
            Self::LogicAsValue => "conditions used as values",
            Self::AnyCategory => "queries over every event category",
            Self::EventCategory => "queries over an event category",
            Self::LogSource => "queries over a log source",
            Self::Sequence => "sequences",
            Self::UnboundedSequence => "sequences without maxspan",
            Self::KeylessSequence => "sequences without join keys",
            Self::Until => "`until`",
            Self::MissingEvent => "missing events",
            Self::Runs => "`with runs`",
            Self::OptionalKey => "optional join keys",
            Self::Sample => "samples",
            Self::TemporalOrdered => "`temporal_ordered` correlations",
            Self::Temporal => "`temporal` correlations",
            Self::Limits => "`head` and `tail`",
            Self::ArraySearch => "conditions on one element of an array",
            Self::Descendant => "`descendant of`",
            Self::BackReference => "values of the event of an earlier step",
            Self::AnyField => "searches for text in any field",
            Self::Presence => "tests that tell null from a missing field",
            Self::TimeParts => "parts of a time",
            Self::Aggregation => "correlations that count or compute",
            Self::ChainedCorrelation => "correlations of correlations",
            Self::RuleCondition => "temporal correlations with a condition",
        }
    }

    /// Every construct, in order.
    pub const ALL: &'static [Self] = &[
        Self::Core,
        Self::AtLeast,
        Self::Order,
        Self::FieldNull,
        Self::ExpressionNull,
        Self::CaseSensitiveText,
        Self::CaseInsensitiveText,
        Self::Wildcards,
        Self::Regex,
        Self::RegexAlgebra,
        Self::DateMath,
        Self::Networks,
        Self::Functions,
        Self::FieldToField,
        Self::FieldInField,
        Self::LogicAsValue,
        Self::AnyCategory,
        Self::EventCategory,
        Self::LogSource,
        Self::Sequence,
        Self::UnboundedSequence,
        Self::KeylessSequence,
        Self::Until,
        Self::MissingEvent,
        Self::Runs,
        Self::OptionalKey,
        Self::Sample,
        Self::TemporalOrdered,
        Self::Temporal,
        Self::Limits,
        Self::ArraySearch,
        Self::Descendant,
        Self::BackReference,
        Self::AnyField,
        Self::Presence,
        Self::TimeParts,
        Self::Aggregation,
        Self::ChainedCorrelation,
        Self::RuleCondition,
    ];
}

/// A construct used at a place; with the function for [`Construct::Functions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// What.
    pub construct: Construct,
    /// Which function, if it is one.
    pub function: Option<Function>,
    /// Where.
    pub span: Span,
}

/// Everything a rule is made of, in order of writing.
#[must_use]
pub fn constructs_of(rule: &Rule) -> Vec<Use> {
    let mut found = Finder::default();
    for query in rule.queries() {
        found.query(query);
    }
    found.body(&rule.body);
    if !rule.pipes.is_empty() {
        found.add(Construct::Limits, Span::default());
    }
    found.uses
}

#[derive(Default)]
struct Finder {
    uses: Vec<Use>,
}

impl Finder {
    fn add(&mut self, construct: Construct, span: Span) {
        self.uses.push(Use { construct, function: None, span });
    }

    fn query(&mut self, query: &EventQuery) {
        let span = query.filter.tests().first().map_or_else(Span::default, |test| test.span);
        match query.category {
            Category::Any => self.add(Construct::AnyCategory, span),
            Category::OneOf(_) => self.add(Construct::EventCategory, span),
            Category::LogSource(_) => self.add(Construct::LogSource, span),
        }
        self.pred(&query.filter, span);
    }

    fn body(&mut self, body: &Body) {
        match body {
            Body::Event(_) => {}
            Body::Sequence(sequence) => self.sequence(sequence),
            Body::Sample(_) => self.add(Construct::Sample, Span::default()),
            Body::Correlation(correlation) => self.correlation(correlation),
        }
    }

    fn correlation(&mut self, correlation: &Correlation) {
        let first = correlation.queries().into_iter().find_map(|query| query.filter.tests().first().copied());
        let span = first.map_or_else(Span::default, |test| test.span);
        let temporal = correlation.kind.is_temporal();
        self.add(
            match correlation.kind {
                CorrelationKind::TemporalOrdered => Construct::TemporalOrdered,
                CorrelationKind::Temporal => Construct::Temporal,
                _ => Construct::Aggregation,
            },
            span,
        );
        if temporal && correlation.condition.is_some() {
            self.add(Construct::RuleCondition, span);
        }
        for rule in &correlation.rules {
            if let Source::Correlation(inner) = &rule.source {
                self.add(Construct::ChainedCorrelation, span);
                self.correlation(inner);
            }
        }
    }

    fn sequence(&mut self, sequence: &Sequence) {
        let span = sequence.steps.first().map_or_else(Span::default, |step| step.span.0);
        self.add(Construct::Sequence, span);
        if sequence.maxspan_ms.is_none() {
            self.add(Construct::UnboundedSequence, span);
        }
        for step in &sequence.steps {
            let keys = sequence.keys_of(&step.by);
            if keys.is_empty() {
                self.add(Construct::KeylessSequence, step.span.0);
            }
            if let Some(key) = keys.iter().find(|key| key.field.optional) {
                self.add(Construct::OptionalKey, key.field.span);
            }
            if step.missing {
                self.add(Construct::MissingEvent, step.span.0);
            }
            if step.runs != 1 {
                self.add(Construct::Runs, step.span.0);
            }
        }
        if sequence.until.is_some() {
            self.add(Construct::Until, span);
        }
    }

    fn pred(&mut self, pred: &Pred, at: Span) {
        match pred {
            Pred::All(list) | Pred::Any(list) => list.iter().for_each(|pred| self.pred(pred, at)),
            Pred::Not(inner) => self.pred(inner, at),
            Pred::AtLeast(_, list) => {
                self.add(Construct::AtLeast, at);
                list.iter().for_each(|pred| self.pred(pred, at));
            }
            Pred::Const(_) => self.add(Construct::Core, at),
            Pred::Test(test) => self.test(test),
            Pred::Element(element) => {
                self.add(Construct::ArraySearch, element.array.span);
                self.pred(&element.pred, element.array.span);
            }
            Pred::Descendant(query) => {
                let span = query.filter.tests().first().map_or(at, |test| test.span);
                // Whose category the query has is a part of the construct.
                self.add(Construct::Descendant, span);
                self.pred(&query.filter, span);
            }
            Pred::Anywhere(wanted) => {
                self.add(Construct::AnyField, wanted.span);
                self.operation(&wanted.op, wanted.span);
            }
        }
    }

    fn test(&mut self, test: &Test) {
        let span = test.span;
        let bare = test.subject.as_input().is_some();
        if let Some(case) = field_in_field(test) {
            self.add(Construct::FieldInField, span);
            return self.add(case_construct(case), span);
        }
        self.scalar(&test.subject, span);
        match &test.op {
            Op::IsNull if bare => self.add(Construct::FieldNull, span),
            Op::IsNull => self.add(Construct::ExpressionNull, span),
            Op::IsTrue => self.add(Construct::Core, span),
            Op::Compare(comparison, right) => {
                if !right.is_constant() && !test.subject.is_constant() {
                    self.add(Construct::FieldToField, span);
                }
                self.scalar(right, span);
                self.dates(right.as_literal(), span);
                self.add(comparison_construct(*comparison, right), span);
            }
            op => self.operation(op, span),
        }
    }

    /// What tests look at nothing but their subject with.
    fn operation(&mut self, op: &Op, span: Span) {
        match op {
            Op::IsNull | Op::IsTrue | Op::Compare(..) => {}
            Op::OneOf(items, case) => {
                self.dates(items, span);
                let texts = items.iter().any(|item| matches!(item, Literal::Str(_)));
                self.add(if texts { case_construct(*case) } else { Construct::Core }, span);
            }
            Op::Text(patterns, case) => {
                self.add(case_construct(*case), span);
                if patterns.iter().any(|pattern| pattern.as_exact().is_none()) {
                    self.add(Construct::Wildcards, span);
                }
            }
            Op::Regex(regex) => {
                self.add(case_construct(regex.case), span);
                self.add(Construct::Regex, span);
                if regex.root.has_algebra() {
                    self.add(Construct::RegexAlgebra, span);
                }
            }
            Op::InNet(_) => self.add(Construct::Networks, span),
            Op::Exists => self.add(Construct::Presence, span),
            Op::TimePart(..) => self.add(Construct::TimeParts, span),
        }
    }

    fn dates<'a>(&mut self, constants: impl IntoIterator<Item = &'a Literal>, span: Span) {
        let is_math = |constant: &Literal| matches!(constant, Literal::Date(bound) if bound.is_math());
        if constants.into_iter().any(is_math) {
            self.add(Construct::DateMath, span);
        }
    }

    fn scalar(&mut self, scalar: &Scalar, span: Span) {
        match scalar {
            // The element of a variable stands in a condition on it, which has been counted.
            Scalar::Field(_) | Scalar::Literal(_) | Scalar::Of(Owner::Element(_), _) => {}
            Scalar::Of(Owner::Step(_), _) => self.add(Construct::BackReference, span),
            Scalar::Call { function, args, .. } => {
                self.uses.push(Use { construct: Construct::Functions, function: Some(*function), span });
                args.iter().for_each(|arg| self.scalar(arg, span));
            }
            Scalar::Logic(inner) => {
                self.add(Construct::LogicAsValue, span);
                self.pred(inner, span);
            }
        }
    }
}

/// Whether letter case counts, if the test asks for the text of a field in that of another.
fn field_in_field(test: &Test) -> Option<Case> {
    let Scalar::Call { function, args, case } = &test.subject else { return None };
    let texts = matches!(function, Function::StartsWith | Function::EndsWith | Function::StringContains);
    let fields = matches!(args.as_slice(), [Scalar::Field(_), Scalar::Field(_)]);
    (texts && fields && test.op == Op::IsTrue).then_some(*case)
}

fn comparison_construct(comparison: Comparison, right: &Scalar) -> Construct {
    match (comparison, right) {
        (Comparison::Equal, Scalar::Literal(Literal::Str(_))) => Construct::CaseSensitiveText,
        (Comparison::Equal, _) => Construct::Core,
        (Comparison::EqualInsensitive, _) => Construct::CaseInsensitiveText,
        _ => Construct::Order,
    }
}

fn case_construct(case: Case) -> Construct {
    match case {
        Case::Sensitive => Construct::CaseSensitiveText,
        Case::Insensitive => Construct::CaseInsensitiveText,
    }
}
