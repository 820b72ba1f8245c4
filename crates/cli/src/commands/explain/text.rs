//! Explanations for people.

use std::io::{self, Write};

use eqlc_driver::{
    ConditionNode, EventPlace, ExplainedKey, ExplainedQuery, ExplainedSequence, RuleExplanation, SeenValues,
    SequenceEnd,
};
use serde_json::Value;

/// Where the values stand beside conditions; longer conditions push them on.
const COLUMN: usize = 56;

/// Values of a field that are shown.
const MAX_VALUES: usize = 5;

/// The longest value that is shown, in characters.
const MAX_VALUE: usize = 120;

pub(super) fn write(explanation: &RuleExplanation, out: &mut dyn Write) -> io::Result<()> {
    let found = match explanation.matches {
        0 => "no match".to_owned(),
        1 => "1 match".to_owned(),
        matches => format!("{matches} matches"),
    };
    writeln!(out, "{}: {found}", explanation.name)?;
    if let Some(course) = &explanation.sequence {
        sequence(course, out)?;
    }
    keys(explanation, out)?;
    for each in &explanation.queries {
        query(each, out)?;
    }
    writeln!(out)
}

fn query(query: &ExplainedQuery, out: &mut dyn Write) -> io::Result<()> {
    if query.role != "event" {
        let satisfied = match query.satisfied_by {
            0 => "no event satisfies it".to_owned(),
            1 => "1 event satisfies it".to_owned(),
            events => format!("{events} events satisfy it"),
        };
        let missing = if query.missing { " (must be missing)" } else { "" };
        writeln!(out, "\n{}{missing}: {satisfied}", query.role)?;
    }
    for event in &query.events {
        let verb = match (query.role.as_str(), event.condition.holds) {
            ("event", true) => "matches",
            ("event", false) => "does not match",
            (_, true) => "satisfies it",
            (_, false) => "does not satisfy it",
        };
        writeln!(out, "  {} {verb}", shown(&event.event))?;
        condition(&event.condition, 2, out)?;
    }
    Ok(())
}

fn shown(event: &EventPlace) -> String {
    format!("{}:{}", event.file, event.id)
}

fn condition(node: &ConditionNode, depth: usize, out: &mut dyn Write) -> io::Result<()> {
    let sign = if node.holds { '✓' } else { '✗' };
    let head = format!("{:indent$}{sign} {}", "", node.text, indent = depth * 2);
    let mut beside: Vec<String> = node.seen.iter().map(values).collect();
    if let Some(result) = &node.result {
        let verb = if node.kind == "anywhere" { "found" } else { "gives" };
        beside.push(format!("{verb} {}", value(result)));
    }
    if node.cause {
        beside.push("◀ decides".to_owned());
    }
    if beside.is_empty() {
        writeln!(out, "{head}")?;
    } else {
        writeln!(out, "{head:<COLUMN$}  {}", beside.join("  "))?;
    }
    node.parts.iter().try_for_each(|part| condition(part, depth + 1, out))
}

fn values(seen: &SeenValues) -> String {
    if seen.values.is_empty() {
        return format!("{} has no value", seen.field);
    }
    let mut list: Vec<String> = seen.values.iter().take(MAX_VALUES).map(value).collect();
    if let Some(more) = seen.values.len().checked_sub(MAX_VALUES).filter(|more| *more > 0) {
        list.push(format!("… {more} more"));
    }
    format!("{} = {}", seen.field, list.join(", "))
}

fn value(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(MAX_VALUE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn key(key: &[Value]) -> String {
    let parts: Vec<String> = key.iter().map(value).collect();
    if parts.is_empty() { String::new() } else { format!(" for {}", parts.join(", ")) }
}

fn sequence(course: &ExplainedSequence, out: &mut dyn Write) -> io::Result<()> {
    let (found, stages) = (course.filled.len(), course.stages);
    writeln!(out, "  {found} of {stages} events of the sequence came together{}:", key(&course.key))?;
    for stage in &course.filled {
        writeln!(out, "    step {}  {}", stage.step, shown(&stage.event))?;
    }
    let next = course.next.map_or_else(String::new, |step| format!("step {step}"));
    match &course.end {
        SequenceEnd::Complete => {}
        SequenceEnd::TooLate { event, over_ms } => {
            writeln!(out, "    {next}  {} comes {over_ms} ms too late for the time span", shown(event))?;
        }
        SequenceEnd::Until { event } => writeln!(out, "    until   {} ends it", shown(event))?,
        SequenceEnd::NotMissing { event, step } => {
            writeln!(out, "    step {step}  {} stands where no event may", shown(event))?;
        }
        SequenceEnd::Unfinished => writeln!(out, "    {next}  no later event with this key satisfies it")?,
    }
    for other in &course.other_keys {
        writeln!(out, "    {next}  {} satisfies it, but{}", shown(&other.event), key(&other.key))?;
    }
    Ok(())
}

fn keys(explanation: &RuleExplanation, out: &mut dyn Write) -> io::Result<()> {
    for course in &explanation.keys {
        let names = explanation.queries.iter().map(|query| query.role.as_str());
        let counts = names.zip(&course.events).map(|(name, events)| format!("{name}: {events}"));
        writeln!(out, "  events{}: {}", key(&course.key), counts.collect::<Vec<_>>().join(", "))?;
        windows(course, out)?;
    }
    Ok(())
}

fn windows(course: &ExplainedKey, out: &mut dyn Write) -> io::Result<()> {
    for window in &course.windows {
        let sign = if window.holds { '✓' } else { '✗' };
        let number = window.number.as_ref().map_or_else(String::new, |number| format!(", comes to {number}"));
        let (from, to) = (shown(&window.from), shown(&window.to));
        let (members, rules) = (window.members, window.rules.join(", "));
        writeln!(out, "    {sign} {members} within the time span, {from} to {to}: {rules}{number}")?;
    }
    Ok(())
}
