//! Numbers given to `maxspan` and `runs`, `eql-semantics.md` §3.

use chumsky::prelude::*;
use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Node, Span, did_you_mean, nearest};

use super::context::{Context, Rule, Tokens, index};
use super::failure::{Failure, Want};
use super::slips::misspelt;
use crate::ast::{MaxSpan, TimeUnit};
use crate::token::Kind;

/// `name = number unit`, as indices of tokens.
#[derive(Clone, Copy)]
pub(super) struct Amount {
    pub(super) name: usize,
    negative: bool,
    number: usize,
    unit: Option<usize>,
    /// From the sign to the unit.
    span: Span,
}

const MAX_RUNS: u64 = 100;

impl Amount {
    pub(super) fn named(self, name: usize) -> Self {
        Self { name, ..self }
    }
}

/// `-5 s`, without the name.
pub(super) fn amount<'t>(cx: Context<'t>) -> Rule<'t, Amount> {
    custom(move |input: &mut Tokens<'t, '_>| {
        let first = index(input);
        let (amount, end) = amount_at(cx, first)?;
        super::context::take(input, end - first);
        Ok(amount)
    })
    .boxed()
}

/// The amount whose first token is that of an index, and the index of the token behind it.
pub(super) fn amount_at(cx: Context<'_>, first: usize) -> Result<(Amount, usize), Failure> {
    let signed = matches!(cx.kind(first), Some(Kind::Minus | Kind::Plus));
    let number = first + usize::from(signed);
    let Some(Kind::Int | Kind::Float) = cx.kind(number) else {
        return Err(Failure::expected(number, &[Want::Number]));
    };
    let unit = number + 1;
    let glued = cx.get(number).map(|token| token.end) == cx.get(unit).map(|token| token.start);
    let known = |name: &str| TimeUnit::ALL.iter().any(|(unit, _)| *unit == name);
    let unit = cx
        .get(unit)
        .filter(|token| token.kind == Kind::Ident && (glued || known(token.name())))
        .map(|_| unit);
    let end = unit.unwrap_or(number) + 1;
    let negative = cx.kind(first) == Some(Kind::Minus);
    Ok((Amount { name: 0, negative, number, unit, span: cx.between(first, end) }, end))
}

/// The number if it is a positive integer.
fn positive(cx: Context<'_>, amount: &Amount) -> Option<u64> {
    let value = cx.get(amount.number)?.integer()?;
    (value > 0 && !amount.negative).then_some(value)
}

fn is_decimal(cx: Context<'_>, amount: &Amount) -> bool {
    cx.kind(amount.number) == Some(Kind::Float)
}

pub(super) fn interpret_maxspan(
    cx: Context<'_>,
    amount: Amount,
    found: &mut Vec<Diagnostic>,
) -> Option<Node<MaxSpan>> {
    let name = cx.get(amount.name)?;
    if name.kind != Kind::Maxspan {
        if nearest(name.name(), ["maxspan"]).is_empty() {
            let text = cx.text_of(name);
            let mut unknown = Diagnostic::error(codes::UNKNOWN_OPTION, format!("unknown option `{text}`"))
                .at(name.span, "`maxspan` is expected here");
            if name.is_word("runs") {
                unknown = unknown.help("`with runs=N` stands after the bracket of a term");
            }
            found.push(unknown);
            return None;
        }
        found.push(misspelt(cx, name, "maxspan"));
    }
    let unit = time_unit(cx, &amount, found);
    if is_decimal(cx, &amount) {
        let decimal = Diagnostic::error(codes::MAXSPAN_DECIMAL, "a time is a whole number of units")
            .at(cx.at(amount.number), "a decimal number");
        found.push(match unit.and_then(|unit| whole_units(cx.text_of_at(amount.number), unit)) {
            Some(whole) if !amount.negative => {
                decimal.fix(Applicability::Safe, format!("write `{whole}`"), amount.span, whole)
            }
            _ => decimal.help("use a smaller unit: `500ms` for half a second"),
        });
        return None;
    }
    let Some(value) = positive(cx, &amount) else {
        found.push(
            Diagnostic::error(codes::MAXSPAN_NOT_POSITIVE, "`maxspan` is more than zero")
                .at(amount.span, "a positive whole number is expected"),
        );
        return None;
    };
    let unit = unit?;
    if value.checked_mul(unit.millis()).is_none_or(|millis| i64::try_from(millis).is_err()) {
        found.push(
            Diagnostic::error(codes::NUMBER_TOO_LARGE, "the time is too long")
                .at(amount.span, "more milliseconds than fit in 63 bits"),
        );
        return None;
    }
    Some(Node::new(MaxSpan { value, unit }, amount.span))
}

/// The time that a decimal number of units is, in the greatest unit that holds it without a rest: `90s` for `1.5`
/// minutes. None where it is no whole number of milliseconds, is nothing, or is written with an exponent.
fn whole_units(number: &str, unit: TimeUnit) -> Option<String> {
    let (whole, rest) = number.split_once('.')?;
    let rest = rest.trim_end_matches('0');
    let scale = 10_u64.checked_pow(u32::try_from(rest.len()).ok()?)?;
    let digits: u64 = format!("0{whole}{rest}").parse().ok()?;
    let scaled = digits.checked_mul(unit.millis())?;
    let millis = scaled / scale;
    if millis == 0 || millis * scale != scaled {
        return None;
    }
    let (name, unit) = TimeUnit::ALL
        .iter()
        .filter(|(_, unit)| millis % unit.millis() == 0)
        .max_by_key(|(_, unit)| unit.millis())?;
    Some(format!("{}{name}", millis / unit.millis()))
}

fn time_unit(cx: Context<'_>, amount: &Amount, found: &mut Vec<Diagnostic>) -> Option<TimeUnit> {
    let Some(token) = amount.unit.and_then(|unit| cx.get(unit)) else {
        let place = amount.span.at_end();
        found.push(
            Diagnostic::error(codes::MAXSPAN_NO_UNIT, "`maxspan` has no unit")
                .at(amount.span, "one of `ms`, `s`, `m`, `h`, `d` is expected after the number")
                .fix(Applicability::Unsafe, "take it as seconds", place, "s"),
        );
        return None;
    };
    let written = token.name();
    if let Some((_, unit)) = TimeUnit::ALL.iter().find(|(name, _)| *name == written) {
        return Some(*unit);
    }
    let meant = meant_unit(written);
    let mut unknown = Diagnostic::error(codes::MAXSPAN_UNIT, format!("unknown time unit `{written}`"))
        .at(token.span, "one of `ms`, `s`, `m`, `h`, `d` is expected");
    if let Some(help) = did_you_mean(&meant) {
        unknown = unknown.help(help);
    }
    if let Some(unit) = meant.first() {
        unknown = unknown.fix(
            Applicability::Unsafe,
            format!("replace `{written}` with `{unit}`"),
            token.span,
            *unit,
        );
    }
    found.push(unknown);
    None
}

/// The units that a word may stand for.
fn meant_unit(written: &str) -> Vec<&'static str> {
    const WORDS: [(&str, &str); 18] = [
        ("millis", "ms"),
        ("millisecond", "ms"),
        ("milliseconds", "ms"),
        ("msec", "ms"),
        ("sec", "s"),
        ("secs", "s"),
        ("second", "s"),
        ("seconds", "s"),
        ("min", "m"),
        ("mins", "m"),
        ("minute", "m"),
        ("minutes", "m"),
        ("hr", "h"),
        ("hrs", "h"),
        ("hour", "h"),
        ("hours", "h"),
        ("day", "d"),
        ("days", "d"),
    ];
    let lower = written.to_ascii_lowercase();
    if let Some((_, unit)) = WORDS.iter().find(|(word, _)| *word == lower) {
        return vec![unit];
    }
    let units = TimeUnit::ALL.iter().map(|(name, _)| *name);
    if lower == "mm" {
        return vec!["m", "ms"];
    }
    nearest(written, units)
}

pub(super) fn interpret_runs(
    cx: Context<'_>,
    amount: &Amount,
    found: &mut Vec<Diagnostic>,
) -> Option<Node<u32>> {
    let name = cx.get(amount.name)?;
    if name.name() != "runs" {
        let text = cx.text_of(name);
        if name.kind == Kind::Ident && !nearest(name.name(), ["runs"]).is_empty() {
            found.push(misspelt(cx, name, "runs"));
        } else {
            let mut unknown = Diagnostic::error(codes::UNKNOWN_OPTION, format!("unknown option `{text}`"))
                .at(name.span, "`runs` is expected here");
            if name.kind == Kind::Maxspan {
                unknown = unknown.help("`with maxspan=…` stands before the first term of the sequence");
            }
            found.push(unknown);
            return None;
        }
    }
    let number = cx.at(amount.number);
    if let Some(unit) = amount.unit {
        found.push(Diagnostic::error(codes::RUNS, "`runs` has no unit").at(cx.at(unit), "not expected here"));
        return None;
    }
    if is_decimal(cx, amount) {
        found.push(Diagnostic::error(codes::RUNS, "`runs` is a whole number").at(number, "a decimal number"));
        return None;
    }
    let Some(value) = positive(cx, amount) else {
        found.push(
            Diagnostic::error(codes::RUNS, "`runs` is more than zero")
                .at(amount.span, "a positive whole number is expected"),
        );
        return None;
    };
    match u32::try_from(value) {
        Ok(times) if value <= MAX_RUNS => Some(Node::new(times, number)),
        _ => {
            found.push(
                Diagnostic::error(codes::RUNS, format!("a term is repeated {MAX_RUNS} times at most"))
                    .at(number, "too many"),
            );
            None
        }
    }
}
