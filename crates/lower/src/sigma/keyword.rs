//! Keywords: values that are looked for in the whole event.
//!
//! A keyword stands anywhere in a value, as if it had `contains`: the whole event is searched, not a field that
//! could begin or end with it.

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Diagnostic, Node, Span};
use eqlc_ir::{Anywhere, Case, Op, Part, Pred, TextPattern};
use eqlc_sigma::{FieldTest, Modifier, Value};

use super::Lowering;
use super::value::Texts;

impl Lowering<'_> {
    /// A keyword of a list.
    pub(super) fn keyword(&mut self, value: &Node<Value>) -> Option<Pred> {
        let test = FieldTest { span: value.span, ..FieldTest::new("", [], []) };
        let op = self.keyword_op(&test, std::slice::from_ref(value))?;
        Some(Pred::Anywhere(Anywhere { op, span: value.span }))
    }

    /// A test without a field, such as `'|all':`.
    pub(super) fn keyword_test(&mut self, test: &FieldTest) -> Option<Pred> {
        if let Some(modifier) = test.modifiers.iter().find(|modifier| needs_field(modifier.value)) {
            let message = format!("`{}` needs a field, and keywords have none", modifier.value);
            self.report(
                Diagnostic::error(codes::KEYWORD_SEARCH, message)
                    .at(modifier.span, "keywords are looked for anywhere in the event")
                    .help("put the name of a field before the `|`"),
            );
            return None;
        }
        let one = |op, span: Span| Pred::Anywhere(Anywhere { op, span });
        let whole = if test.has(Modifier::All) {
            let each: Vec<Option<Pred>> = test
                .values
                .iter()
                .map(|value| Some(one(self.keyword_op(test, std::slice::from_ref(value))?, value.span)))
                .collect();
            Pred::All(each.into_iter().collect::<Option<_>>()?)
        } else if test.has(Modifier::Re) {
            let each: Vec<Option<Pred>> =
                test.values.iter().map(|value| Some(one(self.regex(test, value)?, value.span))).collect();
            Pred::Any(each.into_iter().collect::<Option<_>>()?)
        } else {
            one(self.keyword_op(test, &test.values)?, test.span)
        };
        Some(if test.has(Modifier::Neq) { whole.not() } else { whole })
    }

    /// Some one of the values; of a regular expression one value only.
    fn keyword_op(&mut self, test: &FieldTest, values: &[Node<Value>]) -> Option<Op> {
        if let ([only], true) = (values, test.has(Modifier::Re)) {
            return self.regex(test, only);
        }
        let case = if test.has(Modifier::Cased) { Case::Sensitive } else { Case::Insensitive };
        let mut patterns = Vec::new();
        for value in values {
            if value.value == Value::Null {
                self.report(
                    Diagnostic::error(
                        codes::KEYWORD_SEARCH,
                        "null cannot be looked for anywhere in the event",
                    )
                    .at(value.span, "no text"),
                );
                return None;
            }
            match self.texts_of(test, value)? {
                Texts::Pattern(found) => patterns.push(anywhere(&found)),
                Texts::Patterns(found) => patterns.extend(found.iter().map(anywhere)),
                Texts::Constant(constant) => {
                    patterns.push(anywhere(&TextPattern::exact(&text_of(&constant))))
                }
                Texts::Null => {}
            }
        }
        Some(Op::Text(patterns, case))
    }
}

/// Whether a modifier says how a keyword relates to a field or to its kind.
fn needs_field(modifier: Modifier) -> bool {
    use Modifier as M;
    match modifier {
        M::All | M::Contains | M::Cased | M::Neq | M::Expand | M::WinDash => false,
        M::Re | M::ReIgnoreCase | M::ReMultiLine | M::ReDotAll => false,
        M::Base64 | M::Base64Offset | M::Wide | M::Utf16Le | M::Utf16Be | M::Utf16 => false,
        M::StartsWith | M::EndsWith | M::Exists | M::Cidr | M::FieldRef => true,
        M::Gt | M::Gte | M::Lt | M::Lte => true,
        M::Minute | M::Hour | M::Day | M::Week | M::Month | M::Year => true,
    }
}

fn anywhere(pattern: &TextPattern) -> TextPattern {
    let ends = |part: Option<&Part>| matches!(part, Some(Part::AnyRun));
    let parts = pattern.parts();
    let before: &[Part] = if ends(parts.first()) { &[] } else { &[Part::AnyRun] };
    let after: &[Part] = if ends(parts.last()) { &[] } else { &[Part::AnyRun] };
    pattern.clone().surrounded(before, after)
}

fn text_of(constant: &eqlc_ir::Literal) -> String {
    match constant {
        eqlc_ir::Literal::Bool(value) => value.to_string(),
        eqlc_ir::Literal::Int(value) => value.to_string(),
        eqlc_ir::Literal::Float(value) => format!("{value:?}"),
        eqlc_ir::Literal::Str(text) => text.to_string(),
        eqlc_ir::Literal::Date(bound) => bound.text().to_owned(),
        eqlc_ir::Literal::Null => String::new(),
    }
}
