//! Calls: which functions there are and what they take (`eql-semantics.md` §7).

use eqlc_diagnostics::codes::{lints, types};
use eqlc_diagnostics::{Applicability, Diagnostic, Node, Span, did_you_mean, nearest};
use eqlc_eql::ast::{Call, Expr};
use eqlc_ir::normalise::parse_network;
use eqlc_ir::{Case, FieldType, Function, Literal, Scalar};
use smol_str::SmolStr;

use super::Lowering;
use super::endpoint::{is_array_search, no_value};
use super::types::{Typed, noun};

/// What an argument must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arg {
    Any,
    Text,
    Number,
    /// A number without a fraction.
    Whole,
    Address,
    /// A constant network.
    Network,
    /// A constant whole number.
    Base,
    /// A constant, true or false.
    Flag,
}

/// A function as calls see it.
#[derive(Debug)]
pub(super) struct Signature {
    pub(super) function: Function,
    required: &'static [(&'static str, Arg)],
    /// May be left out.
    optional: &'static [(&'static str, Arg)],
    /// Whether the last required argument may be repeated.
    repeats: bool,
    /// Whether `~` can be written behind the name.
    insensitive: bool,
    returns: FieldType,
}

const fn signature(
    function: Function,
    required: &'static [(&'static str, Arg)],
    returns: FieldType,
) -> Signature {
    Signature { function, required, optional: &[], repeats: false, insensitive: false, returns }
}

const fn insensitive(signature: Signature) -> Signature {
    Signature { insensitive: true, ..signature }
}

const NUMBERS: &[(&str, Arg)] = &[("left", Arg::Number), ("right", Arg::Number)];
const TWO_TEXTS: &[(&str, Arg)] = &[("source", Arg::Text), ("text", Arg::Text)];
const BETWEEN: &[(&str, Arg)] = &[("source", Arg::Text), ("left", Arg::Text), ("right", Arg::Text)];

const SIGNATURES: &[Signature] = &[
    signature(Function::Add, NUMBERS, FieldType::Float),
    Signature {
        optional: &[("greedy", Arg::Flag)],
        ..insensitive(signature(Function::Between, BETWEEN, FieldType::Keyword))
    },
    Signature {
        repeats: true,
        ..signature(
            Function::CidrMatch,
            &[("address", Arg::Address), ("network", Arg::Network)],
            FieldType::Boolean,
        )
    },
    Signature { repeats: true, ..signature(Function::Concat, &[("value", Arg::Any)], FieldType::Keyword) },
    signature(Function::Divide, NUMBERS, FieldType::Float),
    insensitive(signature(Function::EndsWith, TWO_TEXTS, FieldType::Boolean)),
    Signature {
        optional: &[("start", Arg::Whole)],
        ..insensitive(signature(Function::IndexOf, TWO_TEXTS, FieldType::Integer))
    },
    signature(Function::Length, &[("text", Arg::Text)], FieldType::Integer),
    signature(Function::Modulo, NUMBERS, FieldType::Float),
    signature(Function::Multiply, NUMBERS, FieldType::Float),
    Signature {
        optional: &[("base", Arg::Base)],
        ..signature(Function::Number, &[("text", Arg::Text)], FieldType::Float)
    },
    insensitive(signature(Function::StartsWith, TWO_TEXTS, FieldType::Boolean)),
    signature(Function::String, &[("value", Arg::Any)], FieldType::Keyword),
    insensitive(signature(Function::StringContains, TWO_TEXTS, FieldType::Boolean)),
    Signature {
        optional: &[("end", Arg::Whole)],
        ..signature(Function::Substring, &[("text", Arg::Text), ("start", Arg::Whole)], FieldType::Keyword)
    },
    signature(Function::Subtract, NUMBERS, FieldType::Float),
];

/// The function of a name, in any letter case.
pub(super) fn find(name: &str) -> Option<&'static Signature> {
    SIGNATURES.iter().find(|signature| signature.function.name().eq_ignore_ascii_case(name))
}

impl Signature {
    fn maximum(&self) -> usize {
        if self.repeats { usize::MAX } else { self.required.len() + self.optional.len() }
    }

    fn argument(&self, at: usize) -> Option<(&'static str, Arg)> {
        let listed = self.required.iter().chain(self.optional).nth(at).copied();
        listed.or_else(|| self.required.last().copied().filter(|_| self.repeats))
    }

    /// `substring(text, start[, end])`
    fn usage(&self) -> String {
        let required: Vec<&str> = self.required.iter().map(|(name, _)| *name).collect();
        let optional: String = self.optional.iter().map(|(name, _)| format!("[, {name}]")).collect();
        let more = if self.repeats { ", …" } else { "" };
        format!("{}({}{optional}{more})", self.function.name(), required.join(", "))
    }

    /// A constant option that is null is as good as left out.
    fn drop_null_option(&self, values: &mut Vec<Typed>) {
        let option = matches!(self.optional, [(_, Arg::Base | Arg::Flag)]);
        let null = values.last().is_some_and(|value| matches!(value.scalar, Scalar::Literal(Literal::Null)));
        if option && null && values.len() > self.required.len() {
            values.pop();
        }
    }

    fn is_arithmetic(&self) -> bool {
        self.required == NUMBERS
    }
}

impl Lowering<'_> {
    pub(super) fn call(&mut self, call: &Call, span: Span) -> Option<Typed> {
        if is_array_search(&call.name.value) {
            self.array_search(&call.args, span)?;
            return self.refuse(no_value(span));
        }
        let values: Vec<Option<Typed>> = call.args.iter().map(|arg| self.value(arg)).collect();
        self.call_of(call, values, span)
    }

    /// Apart from [`Self::call`], which nests as deep as the text does and needs a small frame.
    fn call_of(&mut self, call: &Call, values: Vec<Option<Typed>>, span: Span) -> Option<Typed> {
        let Call { name, insensitive, args } = call;
        let insensitive = *insensitive;
        let Some(signature) = find(&name.value) else {
            return self.refuse(unknown(name, insensitive, args, span));
        };
        let mut sound = true;
        if insensitive && !signature.insensitive {
            self.report(no_variant(name, signature));
            sound = false;
        }
        if args.len() < signature.required.len() || args.len() > signature.maximum() {
            return self.refuse(argument_count(signature, args.len(), span));
        }
        for (at, value) in values.iter().enumerate() {
            if let (Some(value), Some((_, wanted))) = (value, signature.argument(at))
                && let Some(problem) = wrong_argument(signature, at, wanted, value)
            {
                self.report(problem);
                sound = false;
            }
        }
        let mut values = values.into_iter().collect::<Option<Vec<Typed>>>().filter(|_| sound)?;
        signature.drop_null_option(&mut values);
        if signature.is_arithmetic() {
            return self.apply(signature.function, values, span);
        }
        self.note_null_argument(signature, &values, span);
        let case = if insensitive { Case::Insensitive } else { Case::Sensitive };
        let constants: Option<Vec<&Literal>> = values.iter().map(|value| value.scalar.as_literal()).collect();
        if let Some(result) =
            constants.and_then(|args| super::constants::evaluate(signature.function, &args, case))
        {
            return Some(Typed::literal(result, span));
        }
        let args = values.into_iter().map(|value| value.scalar).collect();
        let scalar = Scalar::Call { function: signature.function, args, case };
        Some(Typed { scalar, ty: signature.returns, span })
    }
    /// Most functions have no value where an argument has none (§7), and that a constant tells before any event.
    fn note_null_argument(&mut self, signature: &Signature, values: &[Typed], span: Span) {
        let passes_null = matches!(signature.function, Function::Between | Function::Substring);
        // A null where an optional argument stands is as good as none.
        let needed = if signature.repeats { values.len() } else { signature.required.len() };
        let null =
            values.iter().take(needed).find(|value| matches!(value.scalar, Scalar::Literal(Literal::Null)));
        let Some(null) = null.filter(|_| !passes_null) else { return };
        let message = format!("`{}` of null has no value", signature.function.name());
        self.report(
            Diagnostic::warning(lints::CONSTANT_CONDITION, message)
                .at(null.span, "always null")
                .and_at(span, "never true, and never compares as true")
                .help("`x == null` asks whether a field has no value"),
        );
    }
}

fn unknown(name: &Node<SmolStr>, insensitive: bool, args: &[Expr], span: Span) -> Diagnostic {
    if let Some(gone) = super::gone::diagnostic(name, insensitive, args, span) {
        return gone;
    }
    let error = Diagnostic::error(types::UNKNOWN_FUNCTION, format!("unknown function `{}`", name.value))
        .at(name.span, "no such function");
    let near = nearest(&name.value, SIGNATURES.iter().map(|signature| signature.function.name()));
    let error = match did_you_mean(&near) {
        Some(help) => error.help(help),
        None => error,
    };
    match near.as_slice() {
        [best] => {
            let tilde = if insensitive { "~" } else { "" };
            let replacement = format!("{best}{tilde}");
            error.fix(
                Applicability::Unsafe,
                format!("replace with `{replacement}`"),
                with_tilde(name, insensitive),
                replacement,
            )
        }
        _ => error,
    }
}

/// The place of the name with its `~`, whether or not the tree counts that to the name.
pub(super) fn with_tilde(name: &Node<SmolStr>, insensitive: bool) -> Span {
    let plain = name.span.range().len() == name.value.len();
    let end = name.span.end + u32::from(insensitive && plain);
    Span { end, ..name.span }
}

fn no_variant(name: &Node<SmolStr>, signature: &Signature) -> Diagnostic {
    let with: Vec<String> = SIGNATURES
        .iter()
        .filter(|signature| signature.insensitive)
        .map(|signature| format!("`{}~`", signature.function.name()))
        .collect();
    let message = format!("`{}` has no variant that ignores letter case", signature.function.name());
    Diagnostic::error(types::NO_INSENSITIVE_VARIANT, message)
        .at(with_tilde(name, true), "`~` means nothing here")
        .help(format!("those that have one are {}", with.join(", ")))
        .fix(Applicability::Safe, "remove `~`", with_tilde(name, true), name.value.as_str())
}

fn argument_count(signature: &Signature, given: usize, span: Span) -> Diagnostic {
    let (least, most) = (signature.required.len(), signature.maximum());
    let wanted = match (least, most) {
        (least, usize::MAX) => format!("{least} or more"),
        (least, most) if least == most => least.to_string(),
        (least, most) => format!("{least} or {most}"),
    };
    let plural = if wanted == "1" { "" } else { "s" };
    let message = format!("`{}` takes {wanted} argument{plural} and has {given}", signature.function.name());
    Diagnostic::error(types::ARGUMENT_COUNT, message)
        .at(span, format!("{given} given"))
        .help(format!("it is written `{}`", signature.usage()))
}

fn wrong_argument(signature: &Signature, at: usize, wanted: Arg, value: &Typed) -> Option<Diagnostic> {
    let constant = value.scalar.as_literal();
    let null = matches!(constant, Some(Literal::Null));
    let fits = match wanted {
        Arg::Any => true,
        Arg::Text => value.ty.is_string() || value.ty == FieldType::Unknown,
        Arg::Number => value.ty.is_number() || value.ty == FieldType::Unknown,
        // What a field or a function gives is known to be whole only when it is there.
        Arg::Whole => match constant {
            Some(literal) => matches!(literal, Literal::Int(_)),
            None => value.ty.is_number() || value.ty == FieldType::Unknown,
        },
        Arg::Address => {
            matches!(value.ty, FieldType::Ip | FieldType::Unknown)
                || matches!(constant, Some(Literal::Str(_)))
        }
        Arg::Network | Arg::Base | Arg::Flag => return wrong_constant(signature, at, wanted, value),
    };
    (!fits && !null).then(|| wrong_type(signature, at, wanted, value))
}

fn wrong_constant(signature: &Signature, at: usize, wanted: Arg, value: &Typed) -> Option<Diagnostic> {
    match (wanted, value.scalar.as_literal()) {
        (_, None) => {
            let message =
                format!("the {} argument of `{}` must be a constant", ordinal(at), signature.function.name());
            Some(
                Diagnostic::error(types::ARGUMENT_NOT_CONSTANT, message)
                    .at(value.span, "depends on the event"),
            )
        }
        (Arg::Network, Some(Literal::Str(text))) => parse_network(text).is_none().then(|| {
            Diagnostic::error(types::BAD_NETWORK, format!("`{text}` is no network"))
                .at(value.span, "not an address with a prefix length")
                .help("a network is written as in `10.0.0.0/8` or `fe80::/10`")
        }),
        (Arg::Base, Some(Literal::Int(base))) if (2..=36).contains(base) => None,
        (Arg::Base | Arg::Flag, Some(Literal::Null)) | (Arg::Flag, Some(Literal::Bool(_))) => None,
        (_, Some(_)) => Some(wrong_type(signature, at, wanted, value)),
    }
}

fn wrong_type(signature: &Signature, at: usize, wanted: Arg, value: &Typed) -> Diagnostic {
    let needs = match wanted {
        Arg::Any => "a value",
        Arg::Text => "text",
        Arg::Number => "a number",
        Arg::Whole => "a whole number",
        Arg::Address => "an address",
        Arg::Network => "a network in quotes",
        Arg::Base => "a whole number from 2 to 36",
        Arg::Flag => "`true` or `false`",
    };
    let name = signature.function.name();
    let message = format!("the {} argument of `{name}` must be {needs}", ordinal(at));
    let label = match value.scalar.as_literal() {
        Some(literal) => format!("this is {}", super::types::literal_noun(literal)),
        None => format!("{} holds {}", value.name(), noun(value.ty)),
    };
    let error = Diagnostic::error(types::ARGUMENT_TYPE, message).at(value.span, label);
    match (wanted, value.scalar.as_literal()) {
        (Arg::Text, None) => error.help("`string(x)` makes text of any value"),
        (Arg::Number | Arg::Whole, None) if value.ty == FieldType::Keyword => {
            error.help("`number(x)` reads a number from a text")
        }
        (Arg::Text, Some(Literal::Int(number))) => {
            error.fix(Applicability::Safe, "put it in quotes", value.span, format!("\"{number}\""))
        }
        _ => error,
    }
}

fn ordinal(at: usize) -> String {
    match at {
        0 => "first".to_owned(),
        1 => "second".to_owned(),
        2 => "third".to_owned(),
        3 => "fourth".to_owned(),
        at => format!("{}th", at + 1),
    }
}
