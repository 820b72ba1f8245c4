//! What a rule says about itself: everything in a rule document but the query.
//!
//! One model for every document format; the names are those of Elastic's rule documents, the richest of
//! them. Readers keep what they cannot place in [`Metadata::other`], so that nothing is lost between formats.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// How much a match matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Of interest in an investigation only. Sigma has it, Elastic does not.
    Informational,
    /// Worth a look.
    Low,
    /// Worth a look soon.
    Medium,
    /// Probably an attack.
    High,
    /// Almost certainly an attack.
    Critical,
}

impl Severity {
    /// Every severity, least first.
    pub const ALL: [Self; 5] = [Self::Informational, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The name documents use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The severity of a name, exactly as written.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == name)
    }
}

/// A tactic, technique or sub-technique of a threat framework.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreatRef {
    /// Its number, such as `TA0002` or `T1059.004`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its page.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reference: String,
}

/// A technique and its sub-techniques.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Technique {
    /// The technique itself.
    #[serde(flatten)]
    pub technique: ThreatRef,
    /// Its sub-techniques, in the order of the document.
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "subtechnique")]
    pub subtechniques: Vec<ThreatRef>,
}

/// One entry of a rule's place in a threat framework: a tactic and the techniques under it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threat {
    /// The framework, such as `MITRE ATT&CK`.
    pub framework: String,
    /// The tactic.
    pub tactic: ThreatRef,
    /// The techniques, in the order of the document.
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "technique")]
    pub techniques: Vec<Technique>,
}

/// The metadata of a rule. Absent keys are `None` or empty; defaults of an engine are not filled in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// The name people know the rule by.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What it finds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The id in the document (`rule_id` in Elastic documents, `id` elsewhere), normally a UUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The revision. A version that is no whole number stands in [`Metadata::other`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub author: Vec<String>,
    /// Its licence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// Labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Pages about what it finds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// Harmless activity that matches too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub false_positives: Vec<String>,
    /// The investigation guide, in Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What must be set up for the rule to see its events, in Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setup: Option<String>,
    /// How much a match matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// How much a match matters, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk_score: Option<u32>,
    /// Its place in threat frameworks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub threat: Vec<Threat>,

    /// The language of the query as the document names it (`eql`, `kuery`, …).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The kind of rule as the document names it (`eql`, `query`, `threshold`, …).
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub rule_type: Option<String>,
    /// Index patterns that hold the events.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub index: Vec<String>,
    /// Operating systems that the rule is for (`linux`, `macos`, `windows`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub os_list: Vec<String>,
    /// How often it runs, as written (`5m`); see [`Metadata::interval_ms`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
    /// The start of the time it looks at, in date math (`now-9m`); see [`Metadata::lookback_ms`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The end of the time it looks at, in date math.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The greatest number of alerts a run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_signals: Option<u64>,
    /// `default` marks a building block, which alerts only through other rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub building_block_type: Option<String>,
    /// The field whose value becomes the name of an alert.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule_name_override: Option<String>,
    /// The field to select events of the run by, instead of [`Metadata::timestamp_field`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp_override: Option<String>,
    /// The field that EQL orders events by (`timestamp_field`; `@timestamp` when absent).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp_field: Option<String>,
    /// The field that EQL orders events of the same time by (`tiebreaker_field`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tiebreaker_field: Option<String>,
    /// The field that EQL takes the category of an event from (`event_category_override`; `event.category`
    /// when absent).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_category_override: Option<String>,
    /// The id of the timeline template that an investigation starts from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeline_id: Option<String>,
    /// The title of that template.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeline_title: Option<String>,

    /// When the rule was written, as written (`2024/05/31`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation_date: Option<String>,
    /// When it was last changed, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_date: Option<String>,
    /// `production`, `development`, `deprecated` and so on, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maturity: Option<String>,
    /// The integrations that deliver its events.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub integration: Vec<String>,

    /// Keys that are kept and not modelled: the dotted path from the root of the document
    /// (`rule.alert_suppression`) and the value in TOML, in the order of the document.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub other: IndexMap<String, String>,
}

impl Metadata {
    /// The interval between runs when the document names none, in milliseconds: five minutes, as in Kibana's
    /// detection engine.
    pub const DEFAULT_INTERVAL_MS: u64 = 5 * MINUTE;

    /// How far a run looks back when the document does not say, in milliseconds: six minutes (`now-6m`), as
    /// in Kibana's detection engine.
    pub const DEFAULT_LOOKBACK_MS: u64 = 6 * MINUTE;

    /// The time between runs in milliseconds; [`Self::DEFAULT_INTERVAL_MS`] when absent, `None` when it is
    /// no duration.
    #[must_use]
    pub fn interval_ms(&self) -> Option<u64> {
        self.interval.as_deref().map_or(Some(Self::DEFAULT_INTERVAL_MS), duration_ms)
    }

    /// How far before now a run starts to look, in milliseconds; [`Self::DEFAULT_LOOKBACK_MS`] when absent,
    /// `None` when `from` is no date math relative to `now` or lies in the future.
    #[must_use]
    pub fn lookback_ms(&self) -> Option<u64> {
        self.from.as_deref().map_or(Some(Self::DEFAULT_LOOKBACK_MS), before_now_ms)
    }
}

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

/// Units of fixed length. Months and years of date math have none and are refused.
const UNITS: [(&str, u64); 6] =
    [("s", SECOND), ("m", MINUTE), ("h", HOUR), ("H", HOUR), ("d", DAY), ("w", WEEK)];

fn unit_ms(unit: &str) -> Option<u64> {
    UNITS.iter().find(|(name, _)| *name == unit).map(|(_, ms)| *ms)
}

/// A whole number and a unit (`5m`, `1h`, `30s`, `2d`, `1w`) in milliseconds; `None` for anything else and
/// where it does not fit 64 bits.
#[must_use]
pub fn duration_ms(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    number.parse::<u64>().ok()?.checked_mul(unit_ms(unit)?)
}

/// How far before now an expression of date math lies (`now`, `now-9m`, `now-1d-5m`, `now-9m/m`), in
/// milliseconds; `None` where it is not relative to `now`, lies in the future, or uses a unit without a fixed
/// length. Rounding (`/m`) is accepted and not counted: it can add up to one unit.
#[must_use]
pub fn before_now_ms(text: &str) -> Option<u64> {
    let rest = text.strip_prefix("now")?;
    let (mut steps, rounding) =
        rest.split_once('/').map_or((rest, None), |(steps, unit)| (steps, Some(unit)));
    if rounding.is_some_and(|unit| unit_ms(unit).is_none() && !matches!(unit, "M" | "y")) {
        return None;
    }
    let mut back: i64 = 0;
    while let Some(sign) = steps.chars().next() {
        let tail = steps.strip_prefix(['+', '-'])?;
        let end = tail.find(['+', '-']).unwrap_or(tail.len());
        let (step, next) = tail.split_at_checked(end)?;
        let step = i64::try_from(duration_ms(step)?).ok()?;
        back = if sign == '-' { back.checked_add(step)? } else { back.checked_sub(step)? };
        steps = next;
    }
    u64::try_from(back).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_a_number_and_a_unit() {
        assert_eq!(duration_ms("5m"), Some(300_000));
        assert_eq!(duration_ms("60s"), Some(60_000));
        assert_eq!(duration_ms("1w"), Some(604_800_000));
        for bad in ["", "m", "5", "5 m", "-5m", "5M", "99999999999999999999d", "5µ"] {
            assert_eq!(duration_ms(bad), None, "{bad}");
        }
    }

    #[test]
    fn date_math_counts_back_from_now() {
        assert_eq!(before_now_ms("now"), Some(0));
        assert_eq!(before_now_ms("now-9m"), Some(540_000));
        assert_eq!(before_now_ms("now-9m/m"), Some(540_000));
        assert_eq!(before_now_ms("now-1d-5m"), Some(86_700_000));
        assert_eq!(before_now_ms("now-1h+10m"), Some(3_000_000));
        for bad in ["", "now-", "now+5m", "now-9", "now-9m/q", "2024-01-01", "now-1M", "nowé"] {
            assert_eq!(before_now_ms(bad), None, "{bad}");
        }
    }

    #[test]
    fn absent_times_take_the_defaults_and_bad_ones_do_not() {
        let mut meta = Metadata::default();
        assert_eq!(meta.interval_ms(), Some(300_000));
        assert_eq!(meta.lookback_ms(), Some(360_000));
        meta.interval = Some("often".into());
        meta.from = Some("yesterday".into());
        assert_eq!(meta.interval_ms(), None);
        assert_eq!(meta.lookback_ms(), None);
    }

    #[test]
    fn severities_have_an_order_and_a_name() {
        assert!(Severity::Low < Severity::Critical);
        for severity in Severity::ALL {
            assert_eq!(Severity::find(severity.as_str()), Some(severity));
        }
        assert_eq!(Severity::find("High"), None);
    }
}
