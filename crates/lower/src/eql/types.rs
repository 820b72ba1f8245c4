//! Types in the words of users, and which constants go with them.

use eqlc_diagnostics::Span;
use eqlc_ir::{FieldType, Literal, Owner, Scalar};

/// A value with its type.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    pub(super) scalar: Scalar,
    /// [`FieldType::Unknown`] for null, and for what no schema tells.
    pub(super) ty: FieldType,
    pub(super) span: Span,
}

impl Typed {
    pub(super) fn literal(literal: Literal, span: Span) -> Self {
        let ty = literal_type(&literal);
        Self { scalar: Scalar::Literal(literal), ty, span }
    }

    /// Whether no event is needed to know it.
    pub(super) fn is_constant(&self) -> bool {
        self.scalar.is_constant()
    }

    /// What to call it in a message.
    pub(super) fn name(&self) -> String {
        match &self.scalar {
            Scalar::Field(field) => format!("`{}`", field.path),
            Scalar::Of(Owner::Element(name), field) if field.path.is_empty() => format!("`${name}`"),
            Scalar::Of(Owner::Element(name), field) => format!("`${name}.{}`", field.path),
            Scalar::Of(Owner::Step(name), field) => format!("`{name}.{}`", field.path),
            Scalar::Literal(literal) => format!("`{}`", shown(literal)),
            Scalar::Call { function, .. } => match symbol(*function) {
                Some(symbol) => format!("the result of `{symbol}`"),
                None => format!("`{}(…)`", function.name()),
            },
            Scalar::Logic(_) => "the condition".to_owned(),
        }
    }
}

fn symbol(function: eqlc_ir::Function) -> Option<&'static str> {
    use eqlc_ir::Function;
    match function {
        Function::Add => Some("+"),
        Function::Subtract | Function::Negate => Some("-"),
        Function::Multiply => Some("*"),
        Function::Divide => Some("/"),
        Function::Modulo => Some("%"),
        _ => None,
    }
}

pub(super) fn literal_type(literal: &Literal) -> FieldType {
    match literal {
        Literal::Null => FieldType::Unknown,
        Literal::Bool(_) => FieldType::Boolean,
        Literal::Int(_) => FieldType::Integer,
        Literal::Float(_) => FieldType::Float,
        Literal::Str(_) => FieldType::Keyword,
        Literal::Date(_) => FieldType::Date,
    }
}

/// What values of a type are, for "holds …".
pub(super) fn noun(ty: FieldType) -> &'static str {
    match ty {
        FieldType::Keyword | FieldType::Text => "text",
        FieldType::Integer | FieldType::Float => "numbers",
        FieldType::Boolean => "true or false",
        FieldType::Date => "dates",
        FieldType::Ip => "addresses",
        FieldType::Version => "versions",
        FieldType::Object => "an object",
        FieldType::Unknown => "values of any type",
    }
}

/// What a constant is, for "this is …".
pub(super) fn literal_noun(literal: &Literal) -> &'static str {
    match literal {
        Literal::Null => "null",
        Literal::Bool(_) => "true or false",
        Literal::Int(_) | Literal::Float(_) => "a number",
        Literal::Str(_) => "text",
        Literal::Date(_) => "a date",
    }
}

/// A constant as EQL writes it, shortened.
pub(super) fn shown(literal: &Literal) -> String {
    match literal {
        Literal::Null => "null".to_owned(),
        Literal::Bool(value) => value.to_string(),
        Literal::Int(value) => value.to_string(),
        Literal::Float(value) => format!("{value:?}"),
        Literal::Str(text) if text.chars().count() > 40 => {
            format!("\"{}…\"", text.chars().take(39).collect::<String>())
        }
        Literal::Str(text) => format!("\"{text}\""),
        Literal::Date(bound) => format!("\"{bound}\""),
    }
}
