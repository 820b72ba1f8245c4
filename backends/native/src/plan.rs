//! The plan: a rule as JSON, versioned, to be run by the evaluator.
//!
//! `{"eqlc_plan": 1, "rule": …}`, where the rule is the IR itself. [`read`] gives back what [`write()`] was given,
//! places aside.

use std::fmt;

use eqlc_ir::Rule;
use serde::{Deserialize, Serialize};

/// The version that is written, and the latest that is read.
pub const VERSION: u64 = 1;

/// The deepest nesting of JSON that readers take, this one included.
const MAX_DEPTH: usize = 127;

/// Why a plan cannot be written or read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// A rule nested so deeply that its plan could not be read back.
    TooDeep,
    /// A number that JSON cannot give back: one that is not finite.
    Inexact,
    /// The text is no JSON; the parser's message.
    NotJson(String),
    /// JSON, but not made by this program.
    NotAPlan,
    /// A plan of a version that is not known.
    Version(u64),
    /// A plan of a known version whose rule is not one; the parser's message.
    Corrupt(String),
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooDeep => f.write_str("the rule is nested too deeply for a plan"),
            Self::Inexact => f.write_str("the rule holds a number that is not finite"),
            Self::NotJson(message) => write!(f, "the plan is not JSON: {message}"),
            Self::NotAPlan => f.write_str("this is no plan: the key `eqlc_plan` with a version is missing"),
            Self::Version(found) => {
                write!(f, "the plan has version {found}; versions up to {VERSION} are known")
            }
            Self::Corrupt(message) => write!(f, "the rule of the plan is damaged: {message}"),
        }
    }
}

impl std::error::Error for PlanError {}

#[derive(Serialize)]
struct Written<'a> {
    eqlc_plan: u64,
    rule: &'a Rule,
}

/// Only the version: the rule of another version may look like anything.
#[derive(Deserialize)]
struct Head {
    eqlc_plan: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    #[serde(rename = "eqlc_plan")]
    _version: u64,
    rule: Rule,
}

/// The plan of a rule: indented JSON, ending in a line feed.
///
/// # Errors
/// The rule holds what JSON cannot give back: [`PlanError::TooDeep`], [`PlanError::Inexact`].
pub fn write(rule: &Rule) -> Result<String, PlanError> {
    let plan = Written { eqlc_plan: VERSION, rule };
    let mut text =
        serde_json::to_string_pretty(&plan).map_err(|error| PlanError::Corrupt(error.to_string()))?;
    if depth(&text) > MAX_DEPTH {
        return Err(PlanError::TooDeep);
    }
    // JSON writes an infinite number as null, which is no number to read.
    match read(&text) {
        Ok(back) if back == *rule => {
            text.push('\n');
            Ok(text)
        }
        _ => Err(PlanError::Inexact),
    }
}

/// The rule of a plan.
///
/// # Errors
/// All of [`PlanError`] but what only [`write()`] finds.
pub fn read(text: &str) -> Result<Rule, PlanError> {
    let head: Head = serde_json::from_str(text).map_err(|error| {
        if error.is_data() { PlanError::NotAPlan } else { PlanError::NotJson(error.to_string()) }
    })?;
    match head.eqlc_plan {
        // A list would pass for the fields in order.
        _ if !text.trim_start().starts_with('{') => Err(PlanError::NotAPlan),
        None => Err(PlanError::NotAPlan),
        Some(1..=VERSION) => {
            let read: Read =
                serde_json::from_str(text).map_err(|error| PlanError::Corrupt(error.to_string()))?;
            Ok(read.rule)
        }
        Some(version) => Err(PlanError::Version(version)),
    }
}

/// The deepest nesting of brackets outside texts.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0usize);
    let (mut in_text, mut escaped) = (false, false);
    for byte in json.bytes() {
        if in_text {
            in_text = escaped || byte != b'"';
            escaped = byte == b'\\' && !escaped;
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'{' | b'[' => {
                depth = depth.saturating_add(1);
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
