//! Files of events.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use clap::ValueEnum;

use super::{Settings, made};

/// The events of a race.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Lane {
    /// Flat events of Windows as a collector has them.
    Mixed,
    /// Those of them that start a process, which most rules are about.
    Process,
    /// The same in the names of ECS.
    Ecs,
    /// A file that was given.
    #[value(skip)]
    Given,
}

impl Lane {
    /// Whether the events name their log source in `product`, `category` and `service`.
    #[must_use]
    pub fn is_tagged(self) -> bool {
        self != Self::Ecs
    }

    fn file_name(self) -> &'static str {
        match self {
            Self::Mixed => "mixed.ndjson",
            Self::Process => "process.ndjson",
            Self::Ecs => "ecs.ndjson",
            Self::Given => "given.ndjson",
        }
    }
}

/// Beside the checkout.
const SHARED: &str = "../shared/events";

/// The file of a lane, its events repeated until there are as many as are asked for.
pub(super) fn file(lane: Lane, settings: &Settings) -> Result<PathBuf, String> {
    let path = settings.folder.join(lane.file_name());
    write(lane, &path, settings).map_err(|error| format!("the events of {lane:?}: {error}"))?;
    Ok(path)
}

fn write(lane: Lane, path: &Path, settings: &Settings) -> io::Result<()> {
    let lines = lines(lane, settings)?;
    if lines.is_empty() {
        return Err(io::Error::other("there is none"));
    }
    let mut out = BufWriter::new(File::create(path)?);
    let mut count = 0u64;
    while count < settings.count {
        for line in &lines {
            out.write_all(line.trim_ascii_end().as_bytes())?;
            out.write_all(b"\n")?;
        }
        count = count.saturating_add(lines.len() as u64);
    }
    out.flush()
}

/// The distinct events.
fn lines(lane: Lane, settings: &Settings) -> io::Result<Vec<String>> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(SHARED);
    let given = settings.events.clone().unwrap_or_else(|| {
        shared.join(if lane == Lane::Ecs {
            "otrf-windows-ecs.ndjson.gz"
        } else {
            "otrf-windows-flat.ndjson.gz"
        })
    });
    let all = match fs::exists(&given)? {
        true => read(&given)?,
        false => {
            (settings.tell)(&format!("{} is not there: the events are made", given.display()));
            made::lines(lane, settings.seed)
        }
    };
    Ok(if lane == Lane::Process {
        all.into_iter().filter(|line| starts_process(line)).collect()
    } else {
        all
    })
}

fn read(path: &Path) -> io::Result<Vec<String>> {
    if path.extension().is_some_and(|extension| extension == "gz") {
        let mut gunzip =
            Command::new("gzip").arg("-dc").arg(path).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let lines = match gunzip.stdout.take() {
            Some(out) => BufReader::new(out).lines().collect(),
            None => Ok(Vec::new()),
        };
        gunzip.wait()?;
        return lines;
    }
    BufReader::new(File::open(path)?).lines().collect()
}

/// Sysmon's event 1 and the security log's 4688.
fn starts_process(line: &str) -> bool {
    let Ok(event) = serde_json::from_str::<Value>(line) else { return false };
    let channel = event.get("Channel").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    match event.get("EventID").and_then(Value::as_u64) {
        Some(1) => channel.contains("sysmon"),
        Some(4688) => channel == "security",
        _ => false,
    }
}
