//! One process, and what it took.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// What an evaluator says of its run.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Answer {
    /// How many rules it loaded.
    pub rules: u64,
    /// CPU time of loading, in seconds.
    pub load_seconds: f64,
    /// CPU time from the first event to the last.
    pub run_seconds: f64,
    /// Events it looked at.
    pub events: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The most memory it had.
    pub peak_kib: Option<u64>,
    /// How often each rule matched.
    #[serde(default)]
    pub matches: BTreeMap<String, u64>,
}

impl Answer {
    /// Events a second of CPU time.
    #[must_use]
    pub fn rate(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a rate needs no more than 53 bits")]
        let events = self.events as f64;
        if self.run_seconds > 0.0 { events / self.run_seconds } else { 0.0 }
    }
}

/// What a process that says nothing of itself took.
pub(super) struct Took {
    /// CPU time of all its threads.
    pub(super) cpu_seconds: f64,
    /// The most memory it was seen to have.
    pub(super) peak_kib: Option<u64>,
}

/// The answer of a process that says it on standard output.
pub(super) fn answer(command: &mut Command) -> Result<Answer, String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("no answer: {error}"))
}

/// How `eqlc run` ends when it left rules out.
const BROKEN_RULES: i32 = 2;

/// Runs a process whose output nobody wants.
pub(super) fn watched(command: &mut Command) -> Result<Took, String> {
    let before = children_seconds();
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak_kib = None;
    let code = loop {
        peak_kib = peak(Path::new(&status)).max(peak_kib);
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(code) => break code,
            None => thread::sleep(Duration::from_millis(20)),
        }
    };
    // Rules that cannot be run are said and left out; the others were.
    if !code.success() && code.code() != Some(BROKEN_RULES) {
        let mut said = String::new();
        if let Some(mut stderr) = child.stderr.take() {
            // What cannot be read is not said.
            let _ = stderr.read_to_string(&mut said);
        }
        return Err(said.trim().to_owned());
    }
    let cpu_seconds = match (before, children_seconds()) {
        (Some(before), Some(after)) => after - before,
        _ => start.elapsed().as_secs_f64(),
    };
    Ok(Took { cpu_seconds, peak_kib })
}

/// The most memory that a process had, in KiB, from its status.
pub(super) fn peak(status: &Path) -> Option<u64> {
    let status = fs::read_to_string(status).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// CPU time of all processes that were started and have ended, in seconds. Linux counts in hundredths.
fn children_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name, in brackets, may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(13);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / 100.0)
}

/// CPU time of all threads of this process, in seconds; else the time that passed since `start`.
pub(super) fn own_seconds(start: Instant) -> f64 {
    let of_thread = |path: &Path| -> Option<f64> {
        let stat = fs::read_to_string(path.join("schedstat")).ok()?;
        stat.split_whitespace().next()?.parse().ok()
    };
    let threads = fs::read_dir("/proc/self/task").ok();
    let nanos: Option<f64> = threads
        .map(|threads| threads.filter_map(Result::ok).filter_map(|thread| of_thread(&thread.path())).sum());
    match nanos {
        Some(nanos) if nanos > 0.0 => nanos / 1e9,
        _ => start.elapsed().as_secs_f64(),
    }
}
