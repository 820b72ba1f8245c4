//! What a million live keys cost: `cargo bench -p eqlc-driver --bench keys [-- RULES]`.
//!
//! All sequences of a corpus in one plan, on one core. Each event is JSON, made from the witness of a rule: first a
//! million events each of which begins a sequence with a key of its own, then a million among them, every fourth of
//! which goes on with one of these keys, then a million with few keys in every rule. Once the texts of waiting events
//! are let go (`eqlc run --no-events`), once they are kept, each in a process of its own for the sake of its memory.
//! Only the time in the evaluator counts.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eqlc_backend_native::engine::{Given, PartialLimits, Place, Plan, Session, StreamOptions};
use eqlc_backend_native::reference::RunOptions;
use eqlc_driver::witness::{Outcome, Search};
use eqlc_driver::{Inputs, LoadOptions, load};
use eqlc_ir::{Body, Rule};
use serde_json::Value as Json;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const KEYS: u64 = 1_000_000;
const BATCH: u64 = 1_000;

/// Stands around what is put in; no event has it.
const MARK: char = '\u{1f5dd}';

/// What is put in: a key, and a time.
const KEY: &str = "key";
const TIME: &str = "time";

/// An event with a key and a time to be put in.
struct Form(Vec<String>);

impl Form {
    /// Puts a key in the place of the value of a field, wherever else the event has the same.
    fn of(event: &Json, key: &str) -> Option<Self> {
        let mut event = event.clone();
        event.as_object_mut()?.insert("@timestamp".to_owned(), format!("{MARK}{TIME}{MARK}").into());
        let value = key.split('.').try_fold(&event, |node, part| node.get(part))?;
        let old = value.as_str()?.to_owned();
        let text = serde_json::to_string(&event).ok()?;
        let text = text.replace(&format!("\"{old}\""), &format!("\"{MARK}{KEY}{MARK}\""));
        Some(Self(text.split(MARK).map(str::to_owned).collect()))
    }

    fn write(&self, key: u64, ordinal: u64, text: &mut Vec<u8>) {
        for part in &self.0 {
            match part.as_str() {
                KEY => text.extend(format!("key-{key:016x}").bytes()),
                // Three million events in less than a second of their own time, so that no time span ends.
                TIME => text.extend(format!("2025-01-15T12:00:00.{:09}Z", ordinal * 200).bytes()),
                part => text.extend(part.bytes()),
            }
        }
    }
}

/// The sequences below a folder.
fn sequences(folder: &Path) -> Vec<Rule> {
    let units = load(&Inputs::rules(&[folder.to_path_buf()]).files, LoadOptions::default());
    let rules = units.into_iter().flat_map(|unit| unit.rules).map(|rule| rule.rule);
    rules.filter(|rule| matches!(rule.body, Body::Sequence(_))).collect()
}

/// The first two events of a witness of a sequence whose key is one text.
fn steps(rule: &Rule) -> Option<[Form; 2]> {
    let Body::Sequence(sequence) = &rule.body else { return None };
    if sequence.steps.len() < 2 || sequence.steps.iter().any(|step| step.missing || step.runs > 1) {
        return None;
    }
    let Outcome::Found(found) = Search::new().witness(rule) else { return None };
    let [first, second, ..] = found.first()?.events.as_slice() else { return None };
    let key = |step: usize| {
        let keys = sequence.by.iter().chain(&sequence.steps.get(step)?.by);
        let texts = keys.filter(|key| key.field.ty.is_string());
        texts.map(|key| key.field.path.as_str()).next()
    };
    Some([Form::of(first, key(0)?)?, Form::of(second, key(1)?)?])
}

/// Mebibytes of memory that the process had at most, and has.
fn memory() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    (of("VmHWM:").unwrap_or(0) / 1024, of("VmRSS:").unwrap_or(0) / 1024)
}

struct Run {
    session: Session,
    forms: Vec<[Form; 2]>,
    ordinal: u64,
    matches: usize,
}

impl Run {
    /// Events, each with its key, the number of its rule and which step it is; how many partial matches there are then.
    fn events(&mut self, what: &str, keys: impl Fn(u64) -> (u64, u64, usize)) -> usize {
        let mut spent = Duration::ZERO;
        let (mut text, mut out, mut bad, mut bytes) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for batch in 0..KEYS / BATCH {
            text.clear();
            let mut ends = Vec::new();
            for at in batch * BATCH..(batch + 1) * BATCH {
                let (key, rule, step) = keys(at);
                let count = u64::try_from(self.forms.len()).unwrap_or(1);
                let form = usize::try_from(rule % count).ok().and_then(|at| self.forms.get(at));
                self.ordinal += 1;
                if let Some(form) = form.and_then(|steps| steps.get(step)) {
                    form.write(key, self.ordinal, &mut text);
                }
                ends.push((self.ordinal, text.len()));
            }
            let mut start = 0;
            let mut events = Vec::with_capacity(ends.len());
            for (ordinal, end) in ends {
                let place = Place { ordinal, input: 0, line: ordinal };
                events.push((place, text.get(start..end).unwrap_or_default()));
                start = end;
            }
            bytes += text.len();
            let begin = Instant::now();
            self.session.batch(&events, &mut out, &mut bad);
            spent += begin.elapsed();
            self.matches += out.len();
            out.clear();
        }
        let ((most, now), live) = (memory(), self.session.stats().remembered);
        #[expect(clippy::cast_precision_loss, reason = "a rate")]
        let rate = KEYS as f64 / spent.as_secs_f64();
        println!(
            "{what}: {rate:.0} events/s of {} bytes, {live} partial matches, {now} MiB (most {most}), {} matches",
            bytes / 1_000_000,
            self.matches,
        );
        assert!(bad.is_empty(), "{bad:?}");
        live
    }
}

fn run(folder: &Path, keep_events: bool) {
    let rules = sequences(folder);
    let options: Vec<RunOptions> = rules
        .iter()
        .map(|rule| RunOptions { now: Some(Search::present()), ..RunOptions::of(&rule.meta) })
        .collect();
    let (plan, refused) = Plan::new(&rules.iter().zip(&options).collect::<Vec<_>>());
    let forms: Vec<[Form; 2]> = rules.iter().filter_map(steps).collect();
    if forms.is_empty() {
        println!("skipped: no sequences in {}", folder.display());
        return;
    }
    let kept = if keep_events { "texts kept" } else { "texts let go" };
    println!("{kept}: {} sequences, {} refused, events for {}", rules.len(), refused.len(), forms.len());
    let partials = PartialLimits { per_rule: 4_000_000, total: 8_000_000 };
    let stream = StreamOptions { disorder_ms: Some(0), partials, keep_events, ..StreamOptions::default() };
    let mut run = Run { session: Session::new(Arc::new(plan), &stream, 1), forms, ordinal: 0, matches: 0 };
    drop(rules);
    let live = run.events("  a key each", |at| (at, at, 0));
    assert!(live > 900_000, "{live} partial matches");
    run.events("  among them", |at| {
        let key = at.wrapping_mul(7_919) % KEYS;
        (key, key, usize::from(at % 4 == 0))
    });
    run.events("  few keys of many rules", |at| (at % 1_000, at / 1_000, 0));
    assert_eq!(run.session.given(), Given::default());
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/elastic-rules");
    if let [mode, folder] = args.as_slice()
        && let Some(keep) = ["drop", "keep"].iter().position(|known| known == mode)
    {
        return run(Path::new(folder), keep == 1);
    }
    let folder = args.first().map_or(default, Into::into);
    for mode in ["drop", "keep"] {
        let itself = std::env::current_exe().map(|exe| Command::new(exe).arg(mode).arg(&folder).status());
        assert!(itself.is_ok_and(|status| status.is_ok_and(|status| status.success())));
    }
}
