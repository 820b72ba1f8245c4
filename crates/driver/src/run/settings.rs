//! What a run is asked for.

use eqlc_backend_native::reference::{LogSourceFields, ResultPosition, RunOptions};
use eqlc_events::Timestamp;
use eqlc_ir::Metadata;

/// How many matches a response holds where the request does not say (`eql-semantics.md` §12).
pub const RESPONSE_SIZE: usize = 10;

/// The form of the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunOutput {
    /// Each match on a line of its own.
    #[default]
    Matches,
    /// The response of Elasticsearch's `_eql/search`, a line for each rule.
    Response,
}

/// The parameters of a run (`eql-semantics.md` §12). A parameter that is absent is taken from the rule, then
/// from the defaults of [`RunOptions`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunSettings {
    /// The field that orders events.
    pub timestamp_field: Option<String>,
    /// The field that orders events of the same time.
    pub tiebreaker_field: Option<String>,
    /// The field that holds the category of an event.
    pub category_field: Option<String>,
    /// The most matches of a rule, before its pipes. Absent: [`RESPONSE_SIZE`] for a response, else no limit.
    pub size: Option<usize>,
    /// The end from which [`RunSettings::size`] counts.
    pub result_position: Option<ResultPosition>,
    /// The most matches of a sample for one key.
    pub max_samples_per_key: Option<usize>,
    /// What `now` of date math is, the same for every rule. Absent: rules that say `now` are refused.
    pub now: Option<Timestamp>,
    /// Where events say which log source they are from.
    pub log_source: LogSourceFields,
    /// The form of the answer.
    pub output: RunOutput,
}

impl RunSettings {
    /// What one rule is run with.
    #[must_use]
    pub fn options(&self, meta: &Metadata) -> RunOptions {
        let of_rule = RunOptions::of(meta);
        let default_size = match self.output {
            RunOutput::Matches => of_rule.size,
            RunOutput::Response => Some(RESPONSE_SIZE),
        };
        RunOptions {
            timestamp_field: self.timestamp_field.clone().unwrap_or(of_rule.timestamp_field),
            tiebreaker_field: self.tiebreaker_field.clone().or(of_rule.tiebreaker_field),
            category_field: self.category_field.clone().unwrap_or(of_rule.category_field),
            size: self.size.or(default_size),
            result_position: self.result_position.unwrap_or(of_rule.result_position),
            max_samples_per_key: self.max_samples_per_key.unwrap_or(of_rule.max_samples_per_key),
            now: self.now,
            log_source: self.log_source.clone(),
            ..of_rule
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_goes_before_the_rule_and_the_rule_before_the_defaults() {
        let meta = Metadata {
            timestamp_field: Some("of.rule".to_owned()),
            tiebreaker_field: Some("tie.rule".to_owned()),
            ..Metadata::default()
        };
        let asked = RunSettings { timestamp_field: Some("asked".to_owned()), ..RunSettings::default() };
        let options = asked.options(&meta);
        assert_eq!(options.timestamp_field, "asked");
        assert_eq!(options.tiebreaker_field.as_deref(), Some("tie.rule"));
        assert_eq!(options.category_field, "event.category");
    }

    #[test]
    fn only_a_response_is_limited_unasked() {
        let size = |output, size| RunSettings { output, size, ..RunSettings::default() };
        let of = |settings: RunSettings| settings.options(&Metadata::default()).size;
        assert_eq!(of(size(RunOutput::Matches, None)), None);
        assert_eq!(of(size(RunOutput::Response, None)), Some(10));
        assert_eq!(of(size(RunOutput::Response, Some(0))), Some(0));
    }
}
