//! Values beside those that a test asks for: a little longer, shorter, in other letters, one more and one less, for
//! every item of its list. They tell a test from one that is a little wider or narrower.

use std::net::IpAddr;

use eqlc_ir::{Body, Literal, Op, Part, Scalar, Test, TextPattern};
use indexmap::IndexSet;
use ipnet::IpNet;
use serde_json::Value as Json;

use super::single::other_case;
use super::{About, Change, Probes};
use crate::scene::PARTS;
use crate::stream::{Made, Plan};

/// The most values that are tried for a test.
const MAX_VALUES: usize = 240;
/// The most values that are tried for a test, where each needs a stream of its own.
const MAX_APART: usize = 40;
/// The most events of a stream of several values.
const MAX_EVENTS: usize = 96;

impl Probes<'_, '_, '_> {
    /// The events of a part with other values in the field of a test: in one stream where the rule judges every event by
    /// itself or joins them by a key that is free, else in a stream each.
    /// `more`: others that tell the test from one that is a little different.
    pub(super) fn near(
        &mut self,
        settled: &Plan,
        (part, test): (usize, &Test),
        more: Vec<Plan>,
        about: &dyn Fn(Change) -> About,
    ) {
        let Scalar::Field(field) = &test.subject else { return };
        let Some(made) = settled.events.iter().find(|made| made.part == part).cloned() else { return };
        let value = made.draft.fields.get(field.path.as_str());
        let near = beside(&test.op, value).into_iter().map(|near| in_place(&test.op, value, near));
        let values: IndexSet<Json> = near.filter(|near| Some(near) != value).collect();
        let copy = |value: &Json| {
            let other = changed(&made, &field.path, value);
            super::with(settled, part, |made| made.draft.clone_from(&other.draft))
        };
        let alone = matches!(self.maker.rule.body, Body::Event(_)) && self.maker.rule.pipes.is_empty();
        let key = if alone { None } else { self.free_key(settled, &field.path) };
        if !alone && key.is_none() {
            for copy in spread(&values, MAX_APART).map(copy).chain(more) {
                if self.next() {
                    self.note(about(Change::Near), &copy);
                }
            }
            return;
        }
        let copies = spread(&values, MAX_VALUES).map(copy).chain(more);
        // Of a correlation only whether it alerts is known: what matches would hide what does not.
        let (matching, other): (Vec<Plan>, Vec<Plan>) =
            copies.partition(|copy| key.is_some() && self.matches(copy));
        let together = (MAX_EVENTS / settled.events.len().max(1)).max(1);
        for copies in matching.chunks(together).chain(other.chunks(together)) {
            let mut plan = Plan::default();
            for (nth, copy) in copies.iter().enumerate() {
                let mut events = copy.events.clone();
                if let Some(key) = key {
                    events.iter_mut().for_each(|made| rekey(made, key, nth));
                }
                plan.events.extend(events);
            }
            plan.events.sort_by_key(|made| made.at_ms);
            if self.next() {
                self.note(about(Change::Near), &plan);
            }
        }
    }

    /// The place of a key by which events are joined, and of which the rule asks for nothing else: with another value in
    /// it the same events are another match. Hosts are left alone, for sources record each by itself.
    fn free_key(&self, plan: &Plan, changed: &str) -> Option<usize> {
        let rule = self.maker.rule;
        if !matches!(rule.body, Body::Sequence(_)) || !rule.pipes.is_empty() {
            return None;
        }
        let asked: Vec<&str> = rule
            .queries()
            .into_iter()
            .flat_map(|query| query.filter.fields())
            .map(|field| field.path.as_str())
            .collect();
        let of_host = |path: &str| path.starts_with("host.") || path.starts_with("agent.");
        let is_free = |made: &Made, at: usize| {
            made.keys.get(at).is_some_and(|path| {
                let value = made.draft.fields.get(path);
                let plain = value.is_some_and(|value| value.is_string() || value.is_number());
                plain && !of_host(path) && path != changed && !asked.contains(&path.as_str())
            })
        };
        let keys = plan.events.iter().map(|made| made.keys.len()).min().unwrap_or(0);
        (0..keys).rev().find(|at| plan.events.iter().all(|made| is_free(made, *at)))
    }
}

/// So many of several, in turn and not the first alone.
fn spread(values: &IndexSet<Json>, most: usize) -> impl Iterator<Item = &Json> {
    values.iter().step_by(values.len().div_ceil(most).max(1))
}

/// Another value in a key, by a number.
fn rekey(made: &mut Made, key: usize, nth: usize) {
    let slot = made.keys.get(key).and_then(|path| made.draft.fields.get_mut(path));
    match slot {
        Some(Json::String(text)) => text.push_str(&format!("-{nth}")),
        Some(slot @ Json::Number(_)) => {
            let number = slot.as_i64().unwrap_or(0);
            *slot = Json::from(number.saturating_add(i64::try_from(nth).unwrap_or(0) * 4));
        }
        _ => {}
    }
}

/// The value in the place of those that the test asks for, where the field has several.
fn in_place(op: &Op, value: Option<&Json>, near: Json) -> Json {
    let Some(Json::Array(several)) = value else { return near };
    let asked = |value: &Json| match (op, value) {
        (Op::Text(patterns, case), Json::String(text)) => {
            patterns.iter().any(|pattern| pattern.matches(text, *case))
        }
        (Op::OneOf(items, _), value) => items.iter().flat_map(of_literal).any(|item| item == *value),
        (Op::Compare(_, Scalar::Literal(literal)), value) => of_literal(literal).contains(value),
        _ => false,
    };
    let mut kept: Vec<Json> = several.iter().filter(|value| !asked(value)).cloned().collect();
    kept.push(near);
    Json::Array(kept)
}

/// Fields that end in a value of another.
const EXTENSIONS: &[(&str, &str)] = &[("file.path", "file.extension"), ("file.name", "file.extension")];

/// The event with another value in a field, and in those that say the same of it.
fn changed(made: &Made, path: &str, value: &Json) -> Made {
    let mut made = made.clone();
    let old = made.draft.fields.insert(path.to_owned(), value.clone());
    let (Some(Json::String(old)), Json::String(new)) = (old, value) else { return made };
    for (whole, part) in PARTS.iter().chain(EXTENSIONS) {
        if *part == path
            && let Some(Json::String(text)) = made.draft.fields.get_mut(*whole)
            && let Some(folder) = text.strip_suffix(old.as_str())
        {
            *text = format!("{folder}{new}");
        }
        if *whole == path
            && !part.ends_with(".extension")
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
        Op::Exists | Op::IsNull => match value {
            Some(Json::String(text)) if text.parse::<IpAddr>().is_err() => vec![Json::from("x")],
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
