//! What is told of a stream.

use std::time::Duration;

use eqlc_backend_native::engine::{Given, Stats};
use serde::Serialize;

/// How far a stream is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StreamCounts {
    /// Events that were read.
    pub events: u64,
    /// Events that the filter left; all without one.
    pub kept: u64,
    /// Bytes of the inputs, decompressed.
    pub bytes: u64,
    /// Bytes of the inputs as they stand on the disk.
    #[serde(skip)]
    pub taken: u64,
    /// Events that are malformed.
    pub malformed: u64,
    /// Matches that were written.
    pub matches: u64,
}

/// What a stream came to.
#[derive(Debug, Default)]
pub struct StreamReport {
    /// How much there was.
    pub counts: StreamCounts,
    /// Matches of each rule, in their order.
    pub matches: Vec<u64>,
    /// How long it took.
    pub time: Duration,
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// What was given up.
    pub given: Given,
    /// What it cost.
    pub stats: Stats,
}

/// A rule in [`StatsReport`].
#[derive(Debug, Serialize)]
struct RuleStats<'a> {
    rule: &'a str,
    name: &'a str,
    matches: u64,
    woken: u64,
    held: u64,
    evicted: u64,
}

/// [`StreamReport`] as it is written.
#[derive(Debug, Serialize)]
pub struct StatsReport<'a> {
    #[serde(flatten)]
    counts: StreamCounts,
    seconds: f64,
    events_per_second: f64,
    bytes_per_second: f64,
    cache_hits: u64,
    cache_misses: u64,
    decided_before: u64,
    late: u64,
    ahead: u64,
    hurried: u64,
    evicted: u64,
    stopped: bool,
    /// The rules, in the order of the run.
    rules: Vec<RuleStats<'a>>,
}

impl StreamReport {
    /// The figures, with the id and the name of each rule.
    #[must_use]
    pub fn stats<'a>(&self, rules: impl IntoIterator<Item = (&'a str, &'a str)>) -> StatsReport<'a> {
        let (counts, seconds) = (self.counts, self.time.as_secs_f64());
        #[expect(clippy::cast_precision_loss, reason = "a rate needs no more than 53 bits")]
        let per_second = |count: u64| if seconds > 0.0 { count as f64 / seconds } else { 0.0 };
        let of_rule = |(at, (rule, name)): (usize, (&'a str, &'a str))| {
            let cost = self.stats.rules.get(at).copied().unwrap_or_default();
            let matches = self.matches.get(at).copied().unwrap_or_default();
            let evicted = self.given.evicted_of.get(&at).copied().unwrap_or_default();
            RuleStats { rule, name, matches, woken: cost.woken, held: cost.held, evicted }
        };
        StatsReport {
            counts,
            seconds,
            events_per_second: per_second(counts.events),
            bytes_per_second: per_second(counts.bytes),
            cache_hits: self.stats.cache_hits,
            cache_misses: self.stats.cache_misses,
            decided_before: self.stats.decided_before,
            late: self.given.late,
            ahead: self.given.ahead,
            hurried: self.given.hurried,
            evicted: self.given.evicted,
            stopped: self.stopped,
            rules: rules.into_iter().enumerate().map(of_rule).collect(),
        }
    }
}

impl StatsReport<'_> {
    /// The figures for people, those of the rules that were asked most first, at most so many.
    #[must_use]
    pub fn as_text(&self, rules: usize) -> String {
        let StreamCounts { events, kept, bytes, malformed, matches, .. } = self.counts;
        let mut text = format!(
            "events     {events} ({:.0} a second), {kept} kept, {malformed} malformed\n\
             bytes      {bytes} ({:.1} MB a second)\n\
             matches    {matches}\n\
             seconds    {:.3}\n",
            self.events_per_second,
            self.bytes_per_second / 1e6,
            self.seconds,
        );
        if self.cache_hits > 0 || self.cache_misses > 0 {
            text += &format!(
                "cache      {} hits, {} misses; {} events decided as one before\n",
                self.cache_hits, self.cache_misses, self.decided_before
            );
        }
        if self.late > 0 || self.evicted > 0 {
            text += &format!("given up   {} late events, {} partial matches\n", self.late, self.evicted);
        }
        let mut asked: Vec<&RuleStats<'_>> =
            self.rules.iter().filter(|rule| rule.woken > 0 || rule.matches > 0).collect();
        asked.sort_by_key(|rule| std::cmp::Reverse((rule.woken, rule.matches)));
        if !asked.is_empty() {
            text += &format!("{:>12} {:>12}  rule\n", "asked", "matches");
        }
        for rule in asked.iter().take(rules) {
            text += &format!("{:>12} {:>12}  {}\n", rule.woken, rule.matches, rule.name);
        }
        if asked.len() > rules {
            text += &format!("{:>25}  and {} more\n", "", asked.len().saturating_sub(rules));
        }
        text
    }
}
