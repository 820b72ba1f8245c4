//! Races as text and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value, json};

use super::process::Answer;
use super::{Contender, Race, Timed};

/// Rules with other counts that are listed one by one.
const MAX_LISTED: usize = 40;

impl Timed {
    /// The round with the least CPU time: whatever else the machine does only adds to it.
    #[must_use]
    pub fn best(&self) -> Option<&Answer> {
        self.rounds.as_ref().ok()?.iter().min_by(|a, b| a.run_seconds.total_cmp(&b.run_seconds))
    }

    fn median(&self) -> Option<f64> {
        let mut seconds: Vec<f64> =
            self.rounds.as_ref().ok()?.iter().map(|round| round.run_seconds).collect();
        seconds.sort_by(f64::total_cmp);
        seconds.get(seconds.len() / 2).copied()
    }
}

impl Race {
    fn best(&self, contender: Contender) -> Option<&Answer> {
        self.timed.iter().find(|timed| timed.contender == contender)?.best()
    }

    /// Rules for which eqlc and rsigma, asked the same, count other matches: the rule, eqlc's count and rsigma's.
    #[must_use]
    pub fn differences(&self) -> Option<Vec<(String, u64, u64)>> {
        let ours = [Contender::Eqlc, Contender::EqlcRun].into_iter().find_map(|own| self.best(own))?;
        let theirs = self.best(Contender::RsigmaExact)?;
        let mut both: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        for (rule, count) in &ours.matches {
            both.entry(rule).or_default().0 = *count;
        }
        for (rule, count) in &theirs.matches {
            both.entry(rule).or_default().1 = *count;
        }
        let differ = both.into_iter().filter(|(_, (own, other))| own != other);
        Some(differ.map(|(rule, (own, other))| (rule.to_owned(), own, other)).collect())
    }
}

/// A table for each race, and the ratios of eqlc to the others.
#[must_use]
pub fn as_text(races: &[Race]) -> String {
    let mut text = String::new();
    for race in races {
        // Writing to text cannot fail.
        let _ = table(race, &mut text);
    }
    text
}

fn table(race: &Race, text: &mut String) -> std::fmt::Result {
    writeln!(text, "{:?} events, {:?} rules ({} files)\n", race.lane, race.set, race.files)?;
    writeln!(
        text,
        "{:<16} {:>8} {:>8} {:>8} {:>10} {:>8} {:>9} {:>9} {:>12}",
        "", "load s", "best s", "median", "events/s", "MB/s", "peak MiB", "matches", "eqlc is ×"
    )?;
    let own = race.best(Contender::Eqlc).map(Answer::rate);
    for timed in &race.timed {
        let name = timed.contender.name();
        let Some(best) = timed.best() else {
            let reason = timed.rounds.as_ref().err().map_or("no round", String::as_str);
            writeln!(text, "{name:<16} failed: {}", reason.lines().next_back().unwrap_or_default())?;
            continue;
        };
        #[expect(clippy::cast_precision_loss, reason = "figures for people")]
        let (bytes, peak) = (best.bytes as f64, best.peak_kib.unwrap_or(0) as f64 / 1024.0);
        let rate = if best.run_seconds > 0.0 { bytes / best.run_seconds / 1e6 } else { 0.0 };
        let matches: u64 = best.matches.values().sum();
        let ratio = own.filter(|_| best.rate() > 0.0).map(|own| format!("{:.2}", own / best.rate()));
        writeln!(
            text,
            "{name:<16} {:>8.3} {:>8.3} {:>8.3} {:>10.0} {rate:>8.0} {peak:>9.0} {matches:>9} {:>12}",
            best.load_seconds,
            best.run_seconds,
            timed.median().unwrap_or_default(),
            best.rate(),
            ratio.unwrap_or_default(),
        )?;
    }
    verdicts(race, text)?;
    writeln!(text)
}

fn verdicts(race: &Race, text: &mut String) -> std::fmt::Result {
    let Some(differ) = race.differences() else { return Ok(()) };
    if differ.is_empty() {
        return writeln!(text, "\nverdicts: the counts of every rule are equal to those of rsigma-exact");
    }
    writeln!(text, "\nverdicts: {} rules count otherwise than rsigma-exact", differ.len())?;
    for (rule, own, other) in differ.iter().take(MAX_LISTED) {
        writeln!(text, "  {rule}: eqlc {own}, rsigma {other}")?;
    }
    if differ.len() > MAX_LISTED {
        writeln!(text, "  and {} more", differ.len() - MAX_LISTED)?;
    }
    Ok(())
}

/// All rounds.
#[must_use]
pub fn as_json(races: &[Race]) -> Value {
    let of_race = |race: &Race| {
        let of_timed = |timed: &Timed| match &timed.rounds {
            Ok(rounds) => json!({"name": timed.contender.name(), "rounds": rounds}),
            Err(reason) => json!({"name": timed.contender.name(), "failed": reason}),
        };
        json!({
            "lane": format!("{:?}", race.lane),
            "rules": format!("{:?}", race.set),
            "files": race.files,
            "contenders": race.timed.iter().map(of_timed).collect::<Vec<_>>(),
            "differences": race.differences(),
        })
    };
    Value::Array(races.iter().map(of_race).collect())
}
