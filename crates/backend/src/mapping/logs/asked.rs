//! The values that a test asks for, apart from how a field holds them.

use std::borrow::Cow;

use eqlc_ir::{Case, Comparison, Literal, Op, Part, Scalar, TextPattern};

/// Some one of these values.
pub(super) struct Asked<'t> {
    /// Texts.
    pub(super) patterns: Cow<'t, [TextPattern]>,
    /// Numbers and booleans.
    pub(super) constants: Vec<Literal>,
    /// How letters of the texts compare.
    pub(super) case: Case,
}

impl<'t> Asked<'t> {
    /// The values, if that is what the operator asks for.
    pub(super) fn of(op: &'t Op) -> Option<Self> {
        let (items, case) = match op {
            Op::Text(patterns, case) => {
                let patterns = Cow::Borrowed(patterns.as_slice());
                return Some(Self { patterns, constants: Vec::new(), case: *case });
            }
            Op::Compare(Comparison::Equal, Scalar::Literal(item)) => {
                (std::slice::from_ref(item), Case::Sensitive)
            }
            Op::OneOf(items, case) => (items.as_slice(), *case),
            _ => return None,
        };
        let (mut patterns, mut constants) = (Vec::new(), Vec::new());
        for item in items {
            match item {
                Literal::Str(text) => patterns.push(TextPattern::exact(text)),
                Literal::Null => {}
                other => constants.push(other.clone()),
            }
        }
        Some(Self { patterns: patterns.into(), constants, case })
    }

    /// Whether nothing is asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.patterns.is_empty() && self.constants.is_empty()
    }

    /// Everything as text, numbers as JSON writes them.
    pub(super) fn texts(&self) -> Vec<TextPattern> {
        self.patterns.iter().cloned().chain(self.constants.iter().map(written)).collect()
    }

    /// The same with other texts.
    pub(super) fn with(&self, patterns: Vec<TextPattern>) -> Self {
        Self { patterns: patterns.into(), constants: self.constants.clone(), case: self.case }
    }

    /// Whether a text is asked for.
    pub(super) fn accepts(&self, text: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(text, self.case))
            || self.constants.iter().any(|constant| written(constant).as_exact() == Some(text))
    }

    /// Folders without their last separator too.
    pub(super) fn folders(&self) -> Self {
        let mut patterns = Vec::with_capacity(self.patterns.len());
        for pattern in self.patterns.iter() {
            patterns.push(pattern.clone());
            let bare = match pattern.parts() {
                [front @ .., Part::Lit(last), Part::AnyRun] | [front @ .., Part::Lit(last)] => {
                    last.strip_suffix(['\\', '/']).filter(|text| !text.is_empty()).map(|text| (front, text))
                }
                _ => None,
            };
            if let Some((front, text)) = bare {
                let last = std::iter::once(Part::Lit(text.into()));
                patterns.push(TextPattern::new(front.iter().cloned().chain(last)));
            }
        }
        self.with(patterns)
    }
}

fn written(constant: &Literal) -> TextPattern {
    TextPattern::exact(&match constant {
        Literal::Int(number) => number.to_string(),
        Literal::Float(number) => number.to_string(),
        Literal::Bool(value) => value.to_string(),
        Literal::Str(text) => text.to_string(),
        Literal::Date(bound) => bound.text().to_owned(),
        Literal::Null => String::new(),
    })
}
