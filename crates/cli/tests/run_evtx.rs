//! `eqlc run` over event logs of Windows, those of SigmaHQ's regression tests where they stand beside the checkout.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failing step fails the test")]

mod alone;
mod output;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;

use alone::eqlc;
use output::{code, stderr, stdout};

/// How many logs are run.
const LOGS: usize = 8;

/// The files with an extension below a folder, in order.
fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
}

/// Logs, each with the rule that it was recorded for and the id of that.
fn recorded() -> Option<Vec<(PathBuf, PathBuf, String)>> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let (logs, rules) = (corpus.join("sigma-regression"), corpus.join("sigma-rules/rules/windows"));
    if !logs.exists() || !rules.exists() {
        eprintln!("skipped: ../shared/corpus/sigma-regression is not there");
        return None;
    }
    let (mut evtx, mut yml) = (Vec::new(), Vec::new());
    files(&logs, "evtx", &mut evtx);
    files(&rules, "yml", &mut yml);
    let ids: Vec<(PathBuf, String)> = yml
        .into_iter()
        .filter_map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let id = text.lines().find_map(|line| line.strip_prefix("id: "))?.trim().to_owned();
            Some((path, id))
        })
        .collect();
    let pairs = evtx.into_iter().filter_map(|log| {
        let stem = log.file_stem()?.to_str()?.to_owned();
        let (rule, id) = ids.iter().find(|(_, id)| *id == stem)?;
        Some((log, rule.clone(), id.clone()))
    });
    let all: Vec<_> = pairs.collect();
    let step = all.len().div_ceil(LOGS).max(1);
    Some(all.into_iter().step_by(step).collect())
}

#[test]
fn event_logs_are_found_by_the_rules_they_were_recorded_for() {
    let Some(recorded) = recorded() else { return };
    let folder = tempfile::tempdir().unwrap();
    for (log, rule, id) in &recorded {
        fs::copy(log, folder.path().join("log.evtx")).unwrap();
        let rule = rule.to_str().unwrap();
        let ran = eqlc(folder.path(), &["run", "-q", "-r", rule, "log.evtx"]);
        assert_eq!(code(&ran), 0, "{}", stderr(&ran));
        let found: Value = serde_json::from_str(stdout(&ran).lines().next().expect(id)).unwrap();
        assert_eq!(found.pointer("/rule"), Some(&Value::from(id.as_str())));
        assert_eq!(found.pointer("/events/0/file"), Some(&Value::from("log.evtx")));
        let line = found.pointer("/events/0/line").and_then(Value::as_u64);
        assert!(line.is_some_and(|record| record > 0), "the number of the record");
        assert!(found.pointer("/events/0/event").is_some_and(Value::is_object));
        // The same in a folder, compressed, and by a plan.
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(&fs::read(log).unwrap()).unwrap();
        fs::write(folder.path().join("log.evtx.gz"), packed.finish().unwrap()).unwrap();
        let matches = stdout(&ran).lines().count();
        let both = eqlc(folder.path(), &["run", "-q", "-r", rule, "."]);
        assert_eq!(stdout(&both).lines().count(), 2 * matches);
        let made = eqlc(folder.path(), &["compile", "-q", "-t", "native", "-o", "plan.bin", rule]);
        assert_eq!(code(&made), 0, "{}", stderr(&made));
        let by_plan = eqlc(folder.path(), &["run", "-q", "plan.bin", "log.evtx"]);
        assert_eq!(stdout(&by_plan), stdout(&ran));
    }
    println!("{} logs", recorded.len());
}

#[test]
fn a_log_that_breaks_off_is_told_and_the_other_inputs_are_read() {
    let Some(recorded) = recorded() else { return };
    let (log, rule, _) = recorded.first().expect("a log");
    let folder = tempfile::tempdir().unwrap();
    let bytes = fs::read(log).unwrap();
    fs::write(folder.path().join("a.evtx"), &bytes[..bytes.len() / 8]).unwrap();
    fs::write(folder.path().join("b.evtx"), &bytes).unwrap();
    let ran = eqlc(folder.path(), &["run", "-r", rule.to_str().unwrap(), "a.evtx", "b.evtx"]);
    assert!(stdout(&ran).contains("\"file\":\"b.evtx\""), "{}", stderr(&ran));
}
