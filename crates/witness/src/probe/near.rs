//! Values beside those that a test asks for: a little longer, shorter, in other letters, one more and one less, for
//! every item of its list. They tell a test from one that is a little wider or narrower.

use std::net::IpAddr;

use eqlc_ir::{Body, Literal, Op, Part, Scalar, Test, TextPattern};
use ipnet::IpNet;
use serde_json::Value as Json;

use super::single::other_case;
use super::{About, Change, Probes};
use crate::scene::PARTS;
use crate::stream::{Made, Plan};

/// The most values that are tried for a test, where one stream holds them all.
const MAX_TOGETHER: usize = 400;
/// The most values that are tried for a test, where each needs a stream of its own.
const MAX_APART: usize = 40;

impl Probes<'_, '_, '_> {
    /// The events of a part with other values in the field of a test: in one stream where the rule judges every event by
    /// itself, else in a stream each.
    pub(super) fn near(&mut self, settled: &Plan, part: usize, test: &Test, about: &dyn Fn(Change) -> About) {
        let Scalar::Field(field) = &test.subject else { return };
        let Some(made) = settled.events.iter().find(|made| made.part == part).cloned() else { return };
        let value = made.draft.fields.get(field.path.as_str());
        let mut values: Vec<Json> = Vec::new();
        for near in beside(&test.op, value) {
            if !values.contains(&near) && Some(&near) != value {
                values.push(near);
            }
        }
        let changed = |value: &Json| changed(&made, &field.path, value);
        let apart = matches!(self.maker.rule.body, Body::Event(_)) && self.maker.rule.pipes.is_empty();
        if apart && settled.events.len() == 1 {
            values.truncate(MAX_TOGETHER);
            let plan = Plan { events: values.iter().map(changed).collect() };
            if !plan.events.is_empty() && self.next() {
                self.note(about(Change::Near), &plan);
            }
            return;
        }
        // Those of several items in turn, not all of the first.
        let step = values.len().div_ceil(MAX_APART).max(1);
        for value in values.iter().step_by(step) {
            if !self.next() {
                return;
            }
            let other = changed(value);
            let plan = super::with(settled, part, |made| made.draft.clone_from(&other.draft));
            self.note(about(Change::Near), &plan);
        }
    }
}

/// The event with another value in a field, and in those that say the same of it.
fn changed(made: &Made, path: &str, value: &Json) -> Made {
    let mut made = made.clone();
    let old = made.draft.fields.insert(path.to_owned(), value.clone());
    let (Some(Json::String(old)), Json::String(new)) = (old, value) else { return made };
    for (whole, part) in PARTS {
        if *part == path
            && let Some(Json::String(text)) = made.draft.fields.get_mut(*whole)
            && let Some(folder) = text.strip_suffix(old.as_str())
        {
            *text = format!("{folder}{new}");
        }
        if *whole == path
            && let Some(slot) = made.draft.fields.get_mut(*part)
        {
            *slot = Json::from(new.rsplit(['\\', '/']).next().unwrap_or(new));
        }
    }
    made
}

/// Values at the edges of what a test asks for.
fn beside(op: &Op, value: Option<&Json>) -> Vec<Json> {
    match op {
        Op::Text(patterns, _) => patterns.iter().flat_map(of_pattern).map(Json::from).collect(),
        Op::OneOf(items, _) => items.iter().flat_map(of_literal).collect(),
        Op::Compare(_, Scalar::Literal(literal)) => of_literal(literal),
        Op::InNet(nets) => nets.iter().flat_map(of_network).map(Json::from).collect(),
        Op::Regex(_) => match value {
            Some(Json::String(text)) => of_text(text).into_iter().map(Json::from).collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// A text with a character more or less at either end, and in other letters.
fn of_text(text: &str) -> Vec<String> {
    let mut chars = text.chars();
    let shorter = chars.next_back().map(|_| chars.as_str().to_owned());
    let mut chars = text.chars();
    let later = chars.next().map(|_| chars.as_str().to_owned());
    let turned = other_case(&Json::from(text)).and_then(|turned| turned.as_str().map(str::to_owned));
    let longer = [format!("{text}q"), format!("q{text}")];
    let ends = [shorter, later, turned].into_iter().flatten().filter(|text| !text.is_empty());
    std::iter::once(text.to_owned()).chain(longer).chain(ends).collect()
}

/// Texts that a pattern just matches or just does not.
fn of_pattern(pattern: &TextPattern) -> Vec<String> {
    let filled = |run: &str, one: &str| -> String {
        let part = |part: &Part| match part {
            Part::Lit(text) => text.to_string(),
            Part::AnyRun => run.to_owned(),
            Part::AnyOne => one.to_owned(),
        };
        pattern.parts().iter().map(part).collect()
    };
    let least = filled("", "C");
    let mut found = of_text(&least);
    let has = |wanted: &Part| pattern.parts().contains(wanted);
    if has(&Part::AnyRun) {
        found.push(filled("q", "C"));
    }
    if has(&Part::AnyOne) {
        found.extend([filled("", ""), filled("", "CD"), filled("q", "CD")]);
    }
    found
}

fn of_literal(literal: &Literal) -> Vec<Json> {
    match literal {
        Literal::Str(text) => of_text(text).into_iter().map(Json::from).collect(),
        Literal::Int(number) => [number - 1, *number, number + 1]
            .into_iter()
            .filter_map(|number| match i64::try_from(number) {
                Ok(number) => Some(Json::from(number)),
                Err(_) => u64::try_from(number).ok().map(Json::from),
            })
            .collect(),
        Literal::Float(number) => [number - 0.5, *number, number + 0.5].into_iter().map(Json::from).collect(),
        Literal::Bool(flag) => vec![Json::from(*flag), Json::from(!flag)],
        Literal::Null | Literal::Date(_) => Vec::new(),
    }
}

/// The first and last address of a network, and those just outside.
fn of_network(net: &IpNet) -> Vec<String> {
    let (first, last) = (net.network(), net.broadcast());
    let moved = |address: IpAddr, up: bool| -> Option<IpAddr> {
        match address {
            IpAddr::V4(address) => {
                let bits = u32::from(address);
                let bits = if up { bits.checked_add(1) } else { bits.checked_sub(1) };
                bits.map(|bits| IpAddr::V4(bits.into()))
            }
            IpAddr::V6(address) => {
                let bits = u128::from(address);
                let bits = if up { bits.checked_add(1) } else { bits.checked_sub(1) };
                bits.map(|bits| IpAddr::V6(bits.into()))
            }
        }
    };
    let found = [moved(first, false), Some(first), Some(last), moved(last, true)];
    found.into_iter().flatten().map(|address| address.to_string()).collect()
}
