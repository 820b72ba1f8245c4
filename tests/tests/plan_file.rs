//! Plans in files: they find what their rules find, byte for byte, and nothing in a file harms who reads it.

use std::io;
use std::path::Path;

use eqlc_backend_native::file;
use eqlc_diagnostics::Diagnostic;
use eqlc_diagnostics::codes::files as codes;
use eqlc_driver::witness::{Outcome, Search};
use eqlc_driver::{
    FixedSettings, Inputs, Listener, LoadOptions, Names, RunSettings, Source, StoredPlan, Stream,
    StreamCounts, StreamSettings, load,
};
use eqlc_ir::Rule;
use eqlc_tests::{root, sampled, shared};
use proptest::prelude::*;

/// Hears nothing but what was found.
#[derive(Default)]
struct Heard(Vec<String>);

impl Listener for Heard {
    fn found(&mut self, finding: &Diagnostic) -> io::Result<()> {
        self.0.push(format!("{finding:?}"));
        Ok(())
    }

    fn rejected(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn progress(&mut self, _: StreamCounts) {}

    fn idle(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn settings(threads: usize) -> StreamSettings {
    let run = RunSettings { now: Some(Search::present()), ..RunSettings::default() };
    StreamSettings { run, threads, ..StreamSettings::default() }
}

/// What a stream says of a file of events.
fn said(mut stream: Stream, events: &Path) -> (String, Vec<String>) {
    let (source, diagnostics) = Source::open(&[events.to_path_buf()]);
    assert_eq!(diagnostics, []);
    let (mut out, mut heard) = (Vec::new(), Heard::default());
    stream.run(&source, &mut out, &mut heard).unwrap();
    (String::from_utf8(out).unwrap(), heard.0)
}

fn rules(folder: &Path) -> Vec<Rule> {
    let units = load(&Inputs::rules(&[folder.to_path_buf()]).files, LoadOptions::default());
    units.into_iter().flat_map(|unit| unit.rules).map(|rule| rule.rule).collect()
}

/// All rules in one plan, over the witnesses and near misses of some of them.
fn agree(folder: &Path, step: usize) {
    let rules = rules(folder);
    let mut lines = String::new();
    let mut asked = 0;
    for rule in sampled(rules.iter().collect(), step) {
        asked += 1;
        if let Outcome::Found(found) = Search::new().witness(rule) {
            found.iter().flat_map(|witness| &witness.events).for_each(|event| lines += &format!("{event}\n"));
        }
        for probe in Search::new().near_misses(rule).iter().take(3) {
            probe.events.iter().for_each(|event| lines += &format!("{event}\n"));
        }
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &lines).unwrap();
    let (bytes, refused) = StoredPlan::make(rules.clone(), FixedSettings::default()).unwrap();
    let plan = StoredPlan::of_bytes("plan.bin", bytes).unwrap();
    assert_eq!(plan.len() + refused.len(), rules.len());
    let both = Names { ecs: true, sigma: true };
    for (names, threads) in [(Names::default(), 1), (Names::default(), 3), (both, 2)] {
        let settings = settings(threads);
        let by_rules = said(Stream::new(rules.clone(), names, None, &settings), file.path());
        let by_plan = said(Stream::of_plan(&plan, names, None, &settings).unwrap(), file.path());
        assert!(by_rules.0.lines().count() >= asked / 2, "{} of {asked}", by_rules.0.lines().count());
        assert!(by_plan == by_rules, "{} with {names:?}", folder.display());
        println!("{}: {} matches with {names:?}", folder.display(), by_rules.0.lines().count());
    }
}

#[test]
fn plans_of_the_samples_find_the_same() {
    agree(&root().join("rules"), 1);
}

#[test]
fn plans_of_corpora_find_the_same() {
    for (corpus, step) in [("elastic-rules", 20), ("endpoint-rules", 40), ("sigma-rules", 60)] {
        if let Some(folder) = shared(&format!("corpus/{corpus}")) {
            agree(&folder, step);
        }
    }
}

fn small() -> Vec<u8> {
    StoredPlan::make(rules(&root().join("rules")), FixedSettings::default()).unwrap().0
}

/// Reads a file that may be anything, and makes its rules ready.
fn survives(bytes: Vec<u8>) {
    match StoredPlan::of_bytes("x", bytes) {
        Err(error) => assert_eq!(error.code, codes::BAD_PLAN),
        Ok(plan) => {
            for names in [Names::default(), Names { ecs: true, sigma: true }] {
                match Stream::of_plan(&plan, names, None, &settings(1)) {
                    Err(error) => assert_eq!(error.code, codes::BAD_PLAN),
                    Ok(stream) => drop(stream),
                }
            }
        }
    }
}

#[test]
fn every_changed_byte_and_every_truncation_is_told() {
    let whole = small();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        let error = StoredPlan::of_bytes("x", bytes).expect_err("a changed byte");
        assert_eq!(error.code, codes::BAD_PLAN, "{at}");
    }
    for length in (0..whole.len()).step_by(7) {
        assert_eq!(StoredPlan::of_bytes("x", whole[..length].to_vec()).unwrap_err().code, codes::BAD_PLAN);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn content_that_was_made_to_harm_is_survived(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let whole = small();
        let mut content = file::open(&whole).unwrap().to_vec();
        for (at, byte) in changes {
            let at = at.index(content.len());
            content[at] = byte;
        }
        if let Some(cut) = cut {
            content.truncate(cut.index(content.len()));
        }
        survives(file::seal(&content));
    }

    #[test]
    fn any_content_is_survived(content in proptest::collection::vec(any::<u8>(), 0..400)) {
        survives(file::seal(&content));
    }
}
