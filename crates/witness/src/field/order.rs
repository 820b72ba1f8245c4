//! Tests of fields whose values stand in an order, as sets on a line: exactly those values satisfy them.

use std::net::IpAddr;

use eqlc_events::{DateSpan, Timestamp};
use eqlc_ir::date::DateBound;
use eqlc_ir::normalise::parse_network;
use eqlc_ir::{Case, Comparison, FieldRef, FieldType, Function, Literal, Op, Scalar, Test};
use ipnet::IpNet;
use serde_json::{Number, Value as Json};

use crate::line::{Cut, Line, Place};

/// A kind of values with an order.
pub(super) trait Ordered: Place {
    /// The values of a field that satisfy a test; none where that is no set of such values.
    fn set_of(test: &Test, now: Timestamp) -> Option<Line<Self>>;

    /// Values from a stretch, those that a reader expects first.
    fn within(from: Cut<Self>, to: Cut<Self>) -> Vec<Json>;
}

/// What tests leave of the values of a field: for each wanted test what satisfies it and none of those refused.
pub(super) fn left<T: Ordered>(wanted: &[&Test], refused: &[&Test], now: Timestamp) -> Vec<Option<Line<T>>> {
    let taken = refused.iter().filter_map(|test| T::set_of(test, now)).fold(Line::nothing(), Line::or);
    let free = taken.not();
    wanted.iter().map(|test| T::set_of(test, now).map(|set| set.and(&free))).collect()
}

/// Values that satisfy all tests at once, as far as they are sets.
pub(super) fn values<T: Ordered>(wanted: &[&Test], refused: &[&Test], now: Timestamp) -> Vec<Json> {
    let taken = refused.iter().filter_map(|test| T::set_of(test, now)).fold(Line::nothing(), Line::or);
    let joint = wanted.iter().filter_map(|test| T::set_of(test, now)).fold(taken.not(), |a, b| a.and(&b));
    joint.stretches().iter().take(4).flat_map(|(from, to)| T::within(*from, *to)).collect()
}

fn bare(test: &Test) -> Option<&FieldRef> {
    test.subject.as_field()
}

/// The constants that a test of equality or order compares with.
fn compared(test: &Test) -> Option<(Comparison, &[Literal])> {
    match &test.op {
        Op::Compare(comparison, Scalar::Literal(literal)) => {
            Some((*comparison, std::slice::from_ref(literal)))
        }
        Op::OneOf(items, _) => Some((Comparison::Equal, items)),
        _ => None,
    }
}

/// Numbers, where a float holds them exactly.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(super) struct Numeric(f64);

/// Beyond it whole numbers are not told apart.
const MAX_WHOLE: i128 = 1 << 53;

impl Place for Numeric {}

impl Ordered for Numeric {
    fn set_of(test: &Test, _: Timestamp) -> Option<Line<Self>> {
        bare(test).filter(|field| field.ty.is_number())?;
        let (comparison, constants) = compared(test)?;
        let mut set = Line::nothing();
        for constant in constants {
            let value = match constant {
                Literal::Int(value) if value.abs() < MAX_WHOLE => Self(whole(*value)),
                Literal::Float(value) if value.is_finite() => Self(*value),
                Literal::Null => continue,
                _ => return None,
            };
            set = set.or(side(comparison, value, value));
        }
        Some(set)
    }

    fn within(from: Cut<Self>, to: Cut<Self>) -> Vec<Json> {
        let inside = |value: f64| from <= Self(value).before() && Self(value).behind() <= to;
        let ends = [from, to].into_iter().filter_map(|cut| match cut {
            Cut::At(Self(value), _) => Some(value),
            Cut::Start | Cut::End => None,
        });
        let ends: Vec<f64> = ends.collect();
        let near = ends.iter().flat_map(|value| [*value, value + 1.0, value - 1.0, value.trunc() + 1.0]);
        let middle = match ends.as_slice() {
            [low, high] => Some(f64::midpoint(*low, *high)),
            _ => None,
        };
        let usual = if ends.is_empty() { vec![1.0] } else { Vec::new() };
        near.chain(middle).chain(usual).filter(|value| inside(*value)).filter_map(number).collect()
    }
}

#[expect(clippy::cast_precision_loss, reason = "whole numbers up to 2⁵³ are exact")]
fn whole(value: i128) -> f64 {
    value as f64
}

/// A number as JSON writes it, whole if it is.
#[expect(clippy::cast_possible_truncation, reason = "whole and below 2⁵³")]
pub(super) fn number(value: f64) -> Option<Json> {
    if value.fract() == 0.0 && value.abs() < whole(MAX_WHOLE) {
        return Some(Json::from(value as i64));
    }
    Number::from_f64(value).map(Json::Number)
}

/// Values that stand so to the ones from `first` to `last`.
fn side<T: Place>(comparison: Comparison, first: T, last: T) -> Line<T> {
    match comparison {
        Comparison::Equal | Comparison::EqualInsensitive => Line::between(first, last),
        Comparison::Less => Line::below(first),
        Comparison::LessOrEqual => Line::above(last).not(),
        Comparison::Greater => Line::above(last),
        Comparison::GreaterOrEqual => Line::below(first).not(),
    }
}

/// Instants, in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(super) struct Instant(i128);

impl Place for Instant {
    fn behind(self) -> Cut<Self> {
        Cut::At(Self(self.0.saturating_add(1)), false)
    }
}

impl Ordered for Instant {
    fn set_of(test: &Test, now: Timestamp) -> Option<Line<Self>> {
        bare(test).filter(|field| field.ty == FieldType::Date)?;
        let (comparison, constants) = compared(test)?;
        let mut set = Line::nothing();
        for constant in constants {
            let bound = match constant {
                Literal::Date(bound) => bound.as_ref().clone(),
                Literal::Str(text) => DateBound::parse(text).ok()?,
                Literal::Int(millis) => DateBound::of_millis(i64::try_from(*millis).ok()?),
                Literal::Null => continue,
                _ => return None,
            };
            let span = DateSpan::of_bound(&bound, now)?;
            set = set.or(side(comparison, Self(span.first.nanos()), Self(span.last.nanos())));
        }
        Some(set)
    }

    fn within(from: Cut<Self>, to: Cut<Self>) -> Vec<Json> {
        const MILLI: i128 = 1_000_000;
        const HOUR: i128 = 3_600_000 * MILLI;
        let inside = |nanos: i128| from <= Self(nanos).before() && Self(nanos).behind() <= to;
        // Well inside first, then whole milliseconds at the ends, then the very ends.
        let mut near = Vec::new();
        if let Cut::At(Self(first), _) = from {
            let milli = first.div_euclid(MILLI) * MILLI;
            near.extend([milli + HOUR, milli + MILLI, milli, first, first + 1]);
        }
        if let Cut::At(Self(last), _) = to {
            let milli = last.div_euclid(MILLI) * MILLI;
            near.extend([milli - HOUR, milli - MILLI, milli, last, last - 1]);
        }
        near.into_iter().filter(|nanos| inside(*nanos)).filter_map(date).collect()
    }
}

/// An instant as events write it.
pub(crate) fn date(nanos: i128) -> Option<Json> {
    let instant = jiff::Timestamp::from_nanosecond(nanos).ok()?;
    let whole = nanos.rem_euclid(1_000_000) == 0;
    Some(Json::from(if whole { format!("{instant:.3}") } else { format!("{instant:.9}") }))
}

/// Addresses; IPv4 as IPv4-mapped IPv6, which it is equal to.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(super) struct Address(u128);

impl Address {
    fn of(address: IpAddr) -> Self {
        Self(match address {
            IpAddr::V4(v4) => u128::from(v4.to_ipv6_mapped()),
            IpAddr::V6(v6) => u128::from(v6),
        })
    }

    fn json(self) -> Json {
        Json::from(IpAddr::V6(self.0.into()).to_canonical().to_string())
    }

    fn of_net(net: &IpNet) -> Line<Self> {
        Line::between(Self::of(net.network()), Self::of(net.broadcast()))
    }
}

impl Place for Address {
    fn before(self) -> Cut<Self> {
        if self.0 == 0 { Cut::Start } else { Cut::At(self, false) }
    }

    fn behind(self) -> Cut<Self> {
        self.0.checked_add(1).map_or(Cut::End, |next| Cut::At(Self(next), false))
    }
}

impl Ordered for Address {
    fn set_of(test: &Test, _: Timestamp) -> Option<Line<Self>> {
        if let Op::InNet(nets) = &test.op {
            bare(test)?;
            return Some(nets.iter().map(Self::of_net).fold(Line::nothing(), Line::or));
        }
        if let (Scalar::Call { function: Function::CidrMatch, args, .. }, Op::IsTrue) =
            (&test.subject, &test.op)
        {
            let (Scalar::Field(_), nets) = args.split_first()? else { return None };
            let nets = nets.iter().map(|net| match net {
                Scalar::Literal(Literal::Str(text)) => parse_network(text),
                _ => None,
            });
            let nets = nets.collect::<Option<Vec<IpNet>>>()?;
            return Some(nets.iter().map(Self::of_net).fold(Line::nothing(), Line::or));
        }
        bare(test).filter(|field| field.ty == FieldType::Ip)?;
        if matches!(test.op, Op::OneOf(_, Case::Insensitive)) {
            return None;
        }
        let (comparison, constants) = compared(test)?;
        let mut set = Line::nothing();
        for constant in constants {
            let Literal::Str(text) = constant else { return None };
            set = set.or(match text.contains('/') {
                true if comparison.is_equality() => Self::of_net(&parse_network(text)?),
                true => return None,
                false => {
                    let address = Self::of(text.parse().ok()?);
                    side(comparison, address, address)
                }
            });
        }
        Some(set)
    }

    fn within(from: Cut<Self>, to: Cut<Self>) -> Vec<Json> {
        let inside = |address: &Self| from <= address.before() && address.behind() <= to;
        let usual = ["203.0.113.10", "10.1.2.3", "192.168.1.10", "2001:db8::10"];
        let usual = usual.into_iter().filter_map(|text| text.parse().ok()).map(Self::of);
        let mut near = Vec::new();
        if let Cut::At(Self(first), _) = from {
            near.extend([first.saturating_add(10), first.saturating_add(1), first]);
        }
        if let Cut::At(Self(last), _) = to {
            near.extend([last.saturating_sub(10), last.saturating_sub(1), last]);
        }
        usual.chain(near.into_iter().map(Self)).filter(inside).map(Self::json).take(4).collect()
    }
}
