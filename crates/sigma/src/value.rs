//! Values of a detection.

use crate::SigmaString;

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text with wildcards.
    Str(SigmaString),
    /// Text that is not Sigma's to interpret, exactly as written: the value of a test whose modifiers say
    /// [`crate::Modifier::takes_raw_text`] (`re`, `cidr`, `fieldref`), and of no other.
    Raw(String),
    /// A whole number.
    Int(i128),
    /// A number with a fraction; always finite.
    Float(f64),
    /// `true` or `false`.
    Bool(bool),
    /// `null`: the field has no value.
    Null,
}

impl Value {
    /// Text in which every character stands for itself.
    pub fn literal(text: impl Into<String>) -> Self {
        Self::Str(SigmaString::literal(text))
    }

    /// Text as a rule's author would write it, wildcards included.
    #[must_use]
    pub fn pattern(source: &str) -> Self {
        Self::Str(SigmaString::parse(source))
    }

    /// The name of the kind, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Str(_) | Self::Raw(_) => "text",
            Self::Int(_) | Self::Float(_) => "a number",
            Self::Bool(_) => "a boolean",
            Self::Null => "null",
        }
    }
}
