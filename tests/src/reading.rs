//! How engines read rules and events otherwise than the reference: once they are read so, the reference must say what
//! the engine says, or the divergence is another.

use eqlc_diagnostics::Span;
use eqlc_events::Event;
use eqlc_ir::fold::{Fold, walk_pred, walk_scalar, walk_test};
use eqlc_ir::{
    Anywhere, Case, Comparison, Correlation, CorrelationCondition, CorrelationKind, EventQuery, Literal, Op,
    Part, Pred, RuleCondition, Scalar, Taxonomy, Test, TextPattern,
};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

/// One way to read otherwise.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// A list in an event is something else than a value, and not null either.
    ListIsOther,
    /// Fields are compared with each other with regard to letter case.
    FieldsCased,
    /// A field that is missing is not null.
    MissingIsNotNull,
    /// A keyword is the whole of a value.
    KeywordIsWhole,
    /// Numbers, truth values and texts are of kinds that are not equal.
    KindsApart,
    /// Times are whole seconds, and events of one second are in any order.
    WholeSeconds,
    /// One rule of a `temporal` correlation is enough.
    OneIsEnough,
    /// The correlation finds nothing.
    Nothing,
}

impl Reading {
    /// The query as it is read.
    #[must_use]
    pub fn query(self, query: &EventQuery) -> EventQuery {
        let mut reader = Reader(self);
        reader.query(query.clone())
    }

    /// The event as it is read.
    #[must_use]
    pub fn event(self, event: &Json) -> Json {
        match (self, event) {
            (Self::ListIsOther, Json::Object(fields)) => {
                let text = |value: &Json| match value {
                    Json::Array(items) if items.len() != 1 => Json::Object(Map::new()),
                    other => self.event(other),
                };
                let logged = |name: &str| name == "logsource" || name.starts_with("logsource.");
                let read = fields.iter().map(|(name, value)| {
                    (name.clone(), if logged(name) { value.clone() } else { text(value) })
                });
                Json::Object(read.collect())
            }
            (_, other) => other.clone(),
        }
    }

    /// The correlation as it is read.
    #[must_use]
    pub fn correlation(self, correlation: &Correlation) -> Correlation {
        let mut correlation = correlation.clone();
        if self == Self::OneIsEnough
            && correlation.kind == CorrelationKind::Temporal
            && correlation.condition.is_none()
        {
            let any = (0..correlation.rules.len()).map(RuleCondition::Rule).collect();
            correlation.condition = Some(CorrelationCondition::Rules(RuleCondition::Any(any)));
        }
        correlation
    }

    /// The streams of which one is what is read.
    #[must_use]
    pub fn streams(self, events: &[Event]) -> Vec<Vec<Json>> {
        let values = events.iter().map(|event| Json::Object(event.fields().clone()));
        if self != Self::WholeSeconds {
            return vec![values.collect()];
        }
        let mut whole: Vec<Json> = values.collect();
        let seconds: Vec<String> = whole.iter().map(second).collect();
        for (value, second) in whole.iter_mut().zip(&seconds) {
            value["@timestamp"] = Json::from(format!("{second}Z"));
        }
        let mut numbered: Vec<(String, usize)> = seconds.into_iter().zip(0..).collect();
        numbered.sort_by(|(one, at), (other, before)| one.cmp(other).then(before.cmp(at)));
        let backwards = numbered.into_iter().filter_map(|(_, at)| whole.get(at).cloned()).collect();
        vec![whole, backwards]
    }
}

/// The time of an event to the second.
fn second(event: &Json) -> String {
    let time = event.get("@timestamp").and_then(Json::as_str);
    time.and_then(|time| time.get(..19)).unwrap_or_default().to_owned()
}

struct Reader(Reading);

impl Fold for Reader {
    fn pred(&mut self, pred: Pred) -> Pred {
        match (self.0, pred) {
            (Reading::KeywordIsWhole, Pred::Anywhere(Anywhere { op: Op::Text(patterns, case), span })) => {
                let patterns = patterns.iter().map(inside).collect();
                Pred::Anywhere(Anywhere { op: Op::Text(patterns, case), span })
            }
            (_, pred) => walk_pred(self, pred),
        }
    }

    fn test(&mut self, test: Test) -> Pred {
        let test = walk_test(self, test);
        match (self.0, test.op) {
            (Reading::MissingIsNotNull | Reading::ListIsOther, Op::IsNull) => {
                let own = |op| Pred::test(test.subject.clone(), op, test.span);
                let exists = own(Op::Exists);
                let there = if self.0 == Reading::MissingIsNotNull { exists } else { exists.not() };
                Pred::All(vec![own(Op::IsNull), there])
            }
            (Reading::KindsApart, Op::OneOf(items, case)) => {
                let own = |op| Pred::test(test.subject.clone(), op, test.span);
                let (texts, others) = items.into_iter().partition(|item| matches!(item, Literal::Str(_)));
                Pred::Any(vec![own(Op::OneOf(texts, case)), no_text(&test.subject, Op::OneOf(others, case))])
            }
            (Reading::KindsApart, op @ Op::Compare(_, Scalar::Literal(_))) => no_text(&test.subject, op),
            (Reading::FieldsCased, Op::Compare(Comparison::EqualInsensitive, right)) => {
                Pred::test(test.subject, Op::Compare(Comparison::Equal, right), test.span)
            }
            (_, op) => Pred::test(test.subject, op, test.span),
        }
    }

    fn scalar(&mut self, scalar: Scalar) -> Scalar {
        match scalar {
            Scalar::Field(mut field) if self.0 == Reading::KindsApart => {
                field.taxonomy = Taxonomy::Ecs;
                Scalar::Field(field)
            }
            other => walk_scalar(self, other),
        }
    }
}

/// A test of a value that is no text.
fn no_text(subject: &Scalar, op: Op) -> Pred {
    let text = Op::Text(vec![TextPattern::new([Part::AnyRun])], Case::Sensitive);
    let own = |op| Pred::test(subject.clone(), op, Span::default());
    Pred::All(vec![own(op), own(text).not()])
}

/// A pattern without the wildcards at its ends.
fn inside(pattern: &TextPattern) -> TextPattern {
    let parts = match pattern.parts() {
        [Part::AnyRun, inner @ .., Part::AnyRun] => inner,
        parts => parts,
    };
    TextPattern::new(parts.iter().cloned())
}
