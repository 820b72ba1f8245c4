//! eqlc by itself, as a library: what the other evaluators are timed against.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Instant;

use eqlc_driver::{
    Engine, Inputs, LoadOptions, LogSourceFields, Place, RunSettings, StreamOptions, StreamSettings,
    detector, load_rules,
};

use super::lines::Lines;
use super::process::{Answer, own_seconds, peak};

/// What one run is of.
#[derive(Clone, Debug)]
pub struct Alone {
    /// Files of rules, or folders of them.
    pub rules: Vec<PathBuf>,
    /// A file with an event a line.
    pub events: PathBuf,
    /// The most events that are looked at.
    pub most: u64,
    /// Whether events say in `product`, `category` and `service` which log source they are from.
    pub tagged: bool,
    /// What evaluates the rules.
    pub engine: Engine,
}

/// Runs rules over events, single events of one file in one thread, and says what it took.
///
/// # Errors
/// The events cannot be read.
pub fn alone(asked: &Alone) -> Result<Answer, String> {
    let start = Instant::now();
    let begun = own_seconds(start);
    let inputs = Inputs::rules(&asked.rules);
    let options = LoadOptions { unlinted: true, ..LoadOptions::default() };
    let rules: Vec<_> = load_rules(&inputs.files, options).flat_map(|(_, rules)| rules).collect();
    let ids: Vec<String> = rules.iter().map(|rule| rule.id.clone()).collect();
    let log_source = match asked.tagged {
        true => LogSourceFields {
            product: "product".to_owned(),
            category: "category".to_owned(),
            service: "service".to_owned(),
        },
        false => LogSourceFields::default(),
    };
    // Nobody reads the texts of events here, as nobody does of the other evaluators.
    let settings = StreamSettings {
        run: RunSettings { log_source, ..RunSettings::default() },
        stream: StreamOptions { disorder_ms: Some(0), keep_events: false, ..StreamOptions::default() },
        threads: 1,
        engine: asked.engine,
    };
    let with_options = |rule: eqlc_ir::Rule| {
        let options = settings.run.options(&rule.meta);
        (rule, options)
    };
    let mut detector = detector(rules.into_iter().map(with_options).collect(), &settings);
    let loaded = own_seconds(start);

    let file = File::open(&asked.events).map_err(|error| error.to_string())?;
    let (mut lines, mut found) = (Lines::new(file), Vec::new());
    let mut answer = Answer { rules: ids.len() as u64, load_seconds: loaded - begun, ..Answer::default() };
    let mut counts = vec![0u64; ids.len()];
    let mut count = |found: &mut Vec<eqlc_driver::Detection>| {
        for detection in found.drain(..) {
            if let Some(count) = counts.get_mut(detection.rule) {
                *count = count.saturating_add(1);
            }
        }
    };
    while answer.events < asked.most
        && let Some(line) = lines.next_line().map_err(|error| error.to_string())?
    {
        let place = Place { ordinal: answer.events, input: 0, line: answer.events.saturating_add(1) };
        answer.bytes = answer.bytes.saturating_add(line.len() as u64);
        answer.events = answer.events.saturating_add(1);
        // What is malformed matches nothing, for everybody.
        let _ = detector.event(line.trim_ascii_end(), place, &mut found);
        count(&mut found);
    }
    detector.finish(&mut found);
    count(&mut found);
    answer.run_seconds = own_seconds(start) - loaded;
    answer.peak_kib = peak(Path::new("/proc/self/status"));
    let matched = ids.into_iter().zip(counts).filter(|(_, count)| *count > 0);
    answer.matches = matched.collect::<BTreeMap<_, _>>();
    Ok(answer)
}
