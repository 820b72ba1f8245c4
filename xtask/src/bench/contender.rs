//! Who takes part.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::process::{Answer, answer, watched};
use super::{Lane, RuleSet, Settings};

/// An evaluator in one configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contender {
    /// eqlc as a library, one thread.
    Eqlc,
    /// The command `eqlc run`, start and output included, one thread beside the one that reads.
    EqlcRun,
    /// The command on two cores.
    EqlcRun2,
    /// eqlc's reference evaluator, on fewer events.
    Reference,
    /// rsigma as it is, every rule asked.
    Rsigma,
    /// rsigma, rules left out whose log source is another.
    RsigmaRouting,
    /// rsigma, only rules asked whose log source the event names: the same meaning as eqlc's.
    RsigmaExact,
    /// sigma-rust, on fewer events.
    SigmaRust,
    /// The Python package `eql`, on fewer events; where `PYTHON` names an interpreter that has it.
    PythonEql,
    /// No rules: `sonic-rs` parses the events.
    SonicRs,
    /// No rules: `serde_json` parses the events.
    SerdeJson,
}

impl Contender {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Eqlc,
        Self::EqlcRun,
        Self::EqlcRun2,
        Self::Reference,
        Self::Rsigma,
        Self::RsigmaRouting,
        Self::RsigmaExact,
        Self::SigmaRust,
        Self::PythonEql,
        Self::SonicRs,
        Self::SerdeJson,
    ];

    /// The name in reports and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Eqlc => "eqlc",
            Self::EqlcRun => "eqlc-run",
            Self::EqlcRun2 => "eqlc-run-2",
            Self::Reference => "eqlc-reference",
            Self::Rsigma => "rsigma",
            Self::RsigmaRouting => "rsigma-routing",
            Self::RsigmaExact => "rsigma-exact",
            Self::SigmaRust => "sigma-rust",
            Self::PythonEql => "python-eql",
            Self::SonicRs => "sonic-rs",
            Self::SerdeJson => "serde_json",
        }
    }

    /// Whether it looks at fewer events.
    #[must_use]
    pub fn is_slow(self) -> bool {
        matches!(self, Self::Reference | Self::SigmaRust | Self::PythonEql)
    }

    /// Whether it can read the rules, and the events have the names that it needs.
    pub(super) fn reads(self, lane: Lane, set: RuleSet) -> bool {
        match self {
            Self::Eqlc
            | Self::EqlcRun
            | Self::EqlcRun2
            | Self::Reference
            | Self::SonicRs
            | Self::SerdeJson => true,
            Self::Rsigma | Self::RsigmaRouting | Self::RsigmaExact | Self::SigmaRust => {
                lane != Lane::Ecs && !matches!(set, RuleSet::Elastic | RuleSet::Both)
            }
            Self::PythonEql => lane == Lane::Ecs && set == RuleSet::Elastic,
        }
    }
}

/// What is started.
pub(super) struct Binaries {
    own: PathBuf,
    eqlc: PathBuf,
    peers: PathBuf,
    python: Option<PathBuf>,
    script: PathBuf,
}

impl Binaries {
    /// Builds eqlc and the peers, unless they are there.
    pub(super) fn build(settings: &Settings) -> Result<Self, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let peers = root.join("benches").join("run-peers");
        let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
        let build = |manifest: &Path, package: &str| -> Result<PathBuf, String> {
            let folder = target.clone().unwrap_or_else(|| manifest.join("target")).join("release");
            if settings.built {
                return Ok(folder);
            }
            (settings.tell)(&format!("building {package}"));
            let status = Command::new("cargo")
                .args(["build", "--quiet", "--release", "--locked", "-p", package, "--manifest-path"])
                .arg(manifest.join("Cargo.toml"))
                .status()
                .map_err(|error| error.to_string())?;
            if status.success() { Ok(folder) } else { Err(format!("{package} cannot be built")) }
        };
        let eqlc = build(&root, "eqlc")?.join("eqlc");
        let script = peers.join("python_eql.py");
        let peers = build(&peers, "eqlc-run-peers")?.join("run-peers");
        let own = std::env::current_exe().map_err(|error| error.to_string())?;
        Ok(Self { own, eqlc, peers, python: std::env::var_os("PYTHON").map(PathBuf::from), script })
    }

    pub(super) fn has(&self, contender: Contender) -> bool {
        contender != Contender::PythonEql || self.python.is_some()
    }

    /// Runs one contender once.
    pub(super) fn run(
        &self,
        contender: Contender,
        lane: Lane,
        rules: &Path,
        events: &Path,
        settings: &Settings,
    ) -> Result<Answer, String> {
        let most = if contender.is_slow() { settings.slow } else { u64::MAX };
        match contender {
            Contender::Eqlc | Contender::Reference => {
                let mut command = Command::new(&self.own);
                command.arg("bench-alone").args(["--most", &most.to_string(), "--events"]).arg(events);
                if lane.is_tagged() {
                    command.arg("--tagged");
                }
                if contender == Contender::Reference {
                    command.arg("--reference");
                }
                answer(command.arg(rules))
            }
            Contender::EqlcRun => self.command(1, lane, rules, events, settings),
            Contender::EqlcRun2 => self.command(2, lane, rules, events, settings),
            Contender::PythonEql => {
                let python = self.python.as_deref().ok_or("`PYTHON` names no interpreter")?;
                answer(Command::new(python).arg(&self.script).arg(rules).arg(events).arg(most.to_string()))
            }
            _ => {
                let mut command = Command::new(&self.peers);
                answer(command.arg(contender.name()).arg(rules).arg(events).arg(most.to_string()))
            }
        }
    }

    /// The command as users run it. Its loading is timed by a run without events.
    fn command(
        &self,
        threads: usize,
        lane: Lane,
        rules: &Path,
        events: &Path,
        settings: &Settings,
    ) -> Result<Answer, String> {
        let figures = settings.folder.join("stats.json");
        let run = |events: &Path| {
            let mut command = Command::new(&self.eqlc);
            command.args(["run", "-q", "--disorder", "0", "--taxonomy", "rules"]);
            command.args(["--threads", &threads.to_string()]).arg("-r").arg(rules);
            if lane.is_tagged() {
                command.args(["--log-source-fields", "product,category,service"]);
            }
            let mut stats = std::ffi::OsString::from("--stats=");
            stats.push(&figures);
            watched(command.arg(stats).arg(events))
        };
        let nothing = settings.folder.join("nothing.ndjson");
        std::fs::write(&nothing, "").map_err(|error| error.to_string())?;
        let (load, whole) = (run(&nothing)?, run(events)?);
        let text = std::fs::read(&figures).map_err(|error| error.to_string())?;
        let stats: Figures = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
        // On several cores the time that passes is what they are for.
        let run_seconds = if threads > 1 { stats.seconds } else { whole.cpu_seconds - load.cpu_seconds };
        Ok(Answer {
            rules: stats.rules.len() as u64,
            load_seconds: load.cpu_seconds,
            run_seconds,
            events: stats.events,
            bytes: stats.bytes,
            peak_kib: whole.peak_kib,
            matches: stats.matched(),
        })
    }
}

/// What is wanted of the figures of a run.
#[derive(serde::Deserialize)]
struct Figures {
    events: u64,
    bytes: u64,
    seconds: f64,
    rules: Vec<RuleFigures>,
}

#[derive(serde::Deserialize)]
struct RuleFigures {
    rule: String,
    matches: u64,
}

impl Figures {
    fn matched(self) -> std::collections::BTreeMap<String, u64> {
        let matched = self.rules.into_iter().filter(|rule| rule.matches > 0);
        matched.map(|rule| (rule.rule, rule.matches)).collect()
    }
}
