//! Checks of a field test: modifiers that go together, and values that suit them.

use std::net::IpAddr;

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Node, Span};

use super::{Reader, regex};
use crate::modifier::Role;
use crate::yaml::Yaml;
use crate::{FieldTest, Modifier, Value};

impl Reader<'_> {
    /// Reports what is wrong with a test whose modifiers are all known. `items` are the nodes of its values.
    pub(super) fn check_test(&mut self, test: &FieldTest, items: &[Yaml]) {
        if self.check_combination(&test.modifiers) {
            self.check_list(test, items);
            for value in &test.values {
                self.check_value(test, value, items);
            }
        }
    }

    /// What lists must not hold, and what must be one.
    fn check_list(&mut self, test: &FieldTest, items: &[Yaml]) {
        let nulls = test.values.iter().find(|value| value.value == Value::Null);
        if let Some(null) = nulls.filter(|_| items.len() > 1) {
            self.sink.push(
                Diagnostic::warning(codes::NULL_IN_LIST, "null is no value among others")
                    .at(null.span, "in a list of values")
                    .help("test for null in a search of its own"),
            );
        }
        let all = test.modifiers.iter().find(|modifier| modifier.value == Modifier::All);
        // A placeholder may stand for many.
        if let Some(all) = all.filter(|_| items.len() == 1 && !test.has(Modifier::Expand)) {
            let mut span = all.span;
            span.start = span.start.saturating_sub(1);
            let mut diagnostic =
                Diagnostic::warning(codes::ALL_OF_ONE, "`all` over a single value changes nothing")
                    .at(all.span, "there is one value");
            if test.field.is_some() || test.modifiers.len() > 1 {
                diagnostic = diagnostic.fix(Applicability::Safe, "remove `|all`", span, "");
            }
            self.sink.push(diagnostic);
        }
    }

    fn check_combination(&mut self, modifiers: &[Node<Modifier>]) -> bool {
        for (at, modifier) in modifiers.iter().enumerate() {
            let before = modifiers.get(..at).unwrap_or(&[]);
            if let Some(other) = before.iter().find(|other| modifier.value.conflicts(other.value)) {
                let message = if modifier.value == other.value {
                    format!("the modifier `{modifier}` is given twice", modifier = modifier.value)
                } else {
                    format!("the modifiers `{}` and `{}` do not go together", other.value, modifier.value)
                };
                let mut diagnostic = Diagnostic::error(codes::MODIFIER_COMBINATION, message)
                    .at(modifier.span, "this one")
                    .and_at(other.span, "with this one");
                if other.value == Modifier::Re && modifier.value.role() == Role::Shape {
                    diagnostic = diagnostic.help(
                        "a regular expression is found anywhere in the field unless `^` or `$` bind it",
                    );
                }
                if modifier.value == Modifier::Contains && other.value == Modifier::Re
                    || modifier.value == other.value
                {
                    // With the `|` before it.
                    let mut span = modifier.span;
                    span.start = span.start.saturating_sub(1);
                    let title = format!("remove `|{}`", modifier.value);
                    diagnostic = diagnostic.fix(Applicability::Safe, title, span, "");
                }
                self.sink.push(diagnostic);
                return false;
            }
            let flag_alone = modifier.value.role() == Role::RegexFlag
                && !before.iter().any(|other| matches!(other.value.role(), Role::Regex | Role::RegexFlag));
            if flag_alone {
                let message = format!("the modifier `{}` stands only after `re`", modifier.value);
                self.sink.push(
                    Diagnostic::error(codes::MODIFIER_COMBINATION, message)
                        .at(modifier.span, "no `re` before it"),
                );
                return false;
            }
        }
        true
    }

    fn check_value(&mut self, test: &FieldTest, value: &Node<Value>, items: &[Yaml]) {
        for modifier in &test.modifiers {
            let role = modifier.value.role();
            let fits = match role {
                Role::Exists => matches!(value.value, Value::Bool(_)),
                Role::Order | Role::Time => matches!(value.value, Value::Int(_) | Value::Float(_)),
                Role::Shape | Role::Case | Role::Text => {
                    matches!(value.value, Value::Str(_) | Value::Raw(_))
                }
                Role::Regex | Role::Cidr | Role::FieldRef => matches!(value.value, Value::Raw(_)),
                Role::RegexFlag | Role::Free => true,
            };
            // `gte|day` compares a part of a time: the role of either takes numbers, and one error is enough.
            if !fits {
                self.unsuited(modifier, value);
                return;
            }
        }
        if let Value::Raw(text) = &value.value {
            if test.has(Modifier::Re) {
                self.check_regex(text, value.span, items);
            } else if test.has(Modifier::Cidr) && !test.has(Modifier::Expand) {
                self.check_cidr(text, value.span);
            }
        }
    }

    fn unsuited(&mut self, modifier: &Node<Modifier>, value: &Node<Value>) {
        let wanted = match modifier.value.role() {
            Role::Exists => "`true` or `false`",
            Role::Order | Role::Time => "a number",
            Role::Cidr => "a network such as `10.0.0.0/8`",
            Role::FieldRef => "the name of a field",
            _ => "text",
        };
        let message = format!("`{}` takes {wanted}, not {}", modifier.value, value.value.kind());
        let diagnostic = Diagnostic::error(codes::MODIFIER_VALUE, message)
            .at(value.span, format!("this is {}", value.value.kind()))
            .and_at(modifier.span, "because of this modifier");
        let bare = match &value.value {
            Value::Str(text) => text.as_literal(),
            _ => None,
        };
        let number = bare.filter(|text| {
            matches!(modifier.value.role(), Role::Order | Role::Time) && text.parse::<i64>().is_ok()
        });
        let boolean = bare.filter(|text| {
            modifier.value == Modifier::Exists && matches!(*text, "true" | "false" | "True" | "False")
        });
        let diagnostic = match number.or(boolean) {
            Some(text) => diagnostic.fix(Applicability::Safe, "remove the quotes", value.span, text),
            None => diagnostic,
        };
        self.sink.push(diagnostic);
    }

    fn check_regex(&mut self, text: &str, span: Span, items: &[Yaml]) {
        let Some(fault) = regex::fault(text) else { return };
        let node = items.iter().find(|item| self.span(&item.at) == span);
        let at = node.and_then(|node| Some(self.place(node, node.as_scalar()?).span(fault.at.clone())));
        self.sink.push(
            Diagnostic::error(
                codes::BAD_REGEX,
                format!("the regular expression is not valid: {}", fault.what),
            )
            .at(at.unwrap_or(span), fault.what),
        );
    }

    fn check_cidr(&mut self, text: &str, span: Span) {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
        let Ok(address) = address.parse::<IpAddr>() else {
            self.sink.push(
                Diagnostic::error(codes::BAD_CIDR, format!("`{text}` is not a network"))
                    .at(span, "expected an IP address, `/`, and the length of the prefix"),
            );
            return;
        };
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let Some(prefix) = prefix else { return };
        let length = prefix.parse::<u8>().ok().filter(|length| *length <= bits);
        let Some(length) = length.filter(|_| prefix.bytes().all(|b| b.is_ascii_digit())) else {
            let kind = if bits == 32 { "IPv4" } else { "IPv6" };
            self.sink.push(
                Diagnostic::error(
                    codes::BAD_CIDR,
                    format!("`/{prefix}` is not the length of an {kind} prefix"),
                )
                .at(span, format!("expected 0 to {bits} after the `/`"))
                .fix(
                    Applicability::Unsafe,
                    format!("write `/{bits}`, the one address"),
                    span,
                    format!("'{address}/{bits}'"),
                ),
            );
            return;
        };
        let network = format!("{}/{length}", masked(address, length));
        if masked(address, length) != address {
            let message = format!("`{text}` has bits set beyond its prefix");
            self.sink.push(
                Diagnostic::warning(codes::CIDR_HOST_BITS, message)
                    .at(span, format!("the network is `{network}`"))
                    .note("some readers of Sigma rules refuse such a network")
                    .fix(Applicability::Safe, format!("write `{network}`"), span, format!("'{network}'")),
            );
        }
    }
}

/// The address with the bits after the prefix cleared.
fn masked(address: IpAddr, length: u8) -> IpAddr {
    let length = u32::from(length);
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
            IpAddr::V4((u32::from(v4) & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
            IpAddr::V6((u128::from(v6) & mask).into())
        }
    }
}
