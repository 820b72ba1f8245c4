//! What changed since the tests ran.
//!
//! Files are looked at by their size and the time of their last change: that works on every file system, shared ones
//! too, and takes a few milliseconds for thousands of files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use eqlc_diagnostics::Diagnostics;

use super::{TestData, TestSettings, UnitTests, test_units};
use crate::compile::Chosen;
use crate::input::{Input, Inputs};
use crate::load::{LoadOptions, Unit, load_bytes};

/// How long files must be left alone before they are read: editors write in several steps.
const CALM: Duration = Duration::from_millis(60);

/// How often that is waited for.
const MAX_WAITS: usize = 50;

/// Size and time of the last change; none for a file that is not there.
type Stamp = Option<(u64, Option<SystemTime>)>;

/// Runs the tests of rules again when the rules or their tests change.
#[derive(Debug)]
pub struct TestWatch {
    rules: Vec<PathBuf>,
    tests: Vec<PathBuf>,
    options: LoadOptions,
    settings: TestSettings,
    known: BTreeMap<PathBuf, Known>,
}

/// An input whose tests ran.
#[derive(Debug)]
struct Known {
    unit: Unit,
    /// The rule and every file of its tests, as they were.
    stamps: BTreeMap<PathBuf, Stamp>,
}

/// The inputs that changed, with their tests.
#[derive(Debug)]
pub struct TestRound {
    /// The inputs.
    pub units: Vec<Unit>,
    /// Their tests.
    pub tests: Vec<UnitTests>,
    /// What is wrong with the paths of rules.
    pub inputs: Diagnostics,
    /// What is wrong with the folders of tests.
    pub data: TestData,
    /// The files of each input, as they were before they were read.
    stamps: Vec<BTreeMap<PathBuf, Stamp>>,
}

impl TestWatch {
    /// Watches paths of rules, and folders of tests beside those that belong to the rules.
    #[must_use]
    pub fn new(rules: &[PathBuf], tests: &[PathBuf], options: LoadOptions, settings: TestSettings) -> Self {
        let (rules, tests) = (rules.to_vec(), tests.to_vec());
        Self { rules, tests, options, settings, known: BTreeMap::new() }
    }

    /// How many files are watched.
    #[must_use]
    pub fn files(&self) -> usize {
        self.known.values().flat_map(|known| known.stamps.keys()).collect::<BTreeSet<_>>().len()
    }

    /// Looks at all files, and tests what changed; none where nothing did. The first time that is everything.
    pub fn look(&mut self, targets: &[Chosen<'_>]) -> Option<TestRound> {
        let (mut inputs, mut data) = (Inputs::rules(&self.rules), TestData::read(&self.tests));
        let mut stamps = self.stamps(&inputs.files, &mut data);
        let mut changed = self.changed(&inputs.files, &stamps);
        if changed.is_empty() {
            return None;
        }
        for _ in 0..MAX_WAITS {
            sleep(CALM);
            let (later_inputs, mut later_data) = (Inputs::rules(&self.rules), TestData::read(&self.tests));
            let later = self.stamps(&later_inputs.files, &mut later_data);
            let calm = later == stamps;
            (inputs, data, stamps) = (later_inputs, later_data, later);
            if calm {
                break;
            }
        }
        changed = self.changed(&inputs.files, &stamps);
        let options = self.options.clone().of_run(&inputs.files);
        if options.sigma.is_some() && changed.iter().any(|input| is_yaml(input)) {
            // Documents of Sigma may name others.
            changed = inputs.files.iter().filter(|input| changed.contains(input) || is_yaml(input)).collect();
        }
        // Taken before anything is read, so that what changes meanwhile is seen the next time.
        let of_rules: Vec<BTreeMap<PathBuf, Stamp>> = changed
            .iter()
            .map(|input| input.path.iter().map(|path| (path.clone(), stamp(path))).collect())
            .collect();
        let units: Vec<Unit> = changed.into_iter().map(|input| load(input, &options)).collect();
        let stamps = units.iter().zip(of_rules).map(|(unit, of_rule)| {
            let mut stamps = found(unit, &mut data);
            stamps.extend(of_rule);
            stamps
        });
        let stamps = stamps.collect();
        let tests = test_units(&units, &mut data, &self.settings, targets);
        self.known.retain(|path, _| inputs.files.iter().any(|input| input.path.as_ref() == Some(path)));
        Some(TestRound { units, tests, inputs: inputs.diagnostics, data, stamps })
    }

    /// Takes a round back, so that the next one tells what changed since.
    pub fn keep(&mut self, round: TestRound) {
        let units = round.units.into_iter().zip(round.tests).zip(round.stamps);
        for ((unit, tests), mut stamps) in units {
            let Some(path) = unit.input.path.clone() else { continue };
            for file in tests.files {
                let now = stamp(&file);
                stamps.entry(file).or_insert(now);
            }
            self.known.insert(path, Known { unit, stamps });
        }
    }

    /// The files of each input as they are.
    fn stamps(&self, inputs: &[Input], data: &mut TestData) -> BTreeMap<PathBuf, BTreeMap<PathBuf, Stamp>> {
        let of = |input: &Input| {
            let path = input.path.clone()?;
            let stamps = match self.known.get(&path) {
                Some(known) => {
                    let mut stamps = found(&known.unit, data);
                    stamps.extend(known.stamps.keys().map(|path| (path.clone(), stamp(path))));
                    stamps
                }
                None => BTreeMap::from([(path.clone(), stamp(&path))]),
            };
            Some((path, stamps))
        };
        let mut of = of;
        inputs.iter().filter_map(&mut of).collect()
    }

    fn changed<'a>(
        &self,
        inputs: &'a [Input],
        stamps: &BTreeMap<PathBuf, BTreeMap<PathBuf, Stamp>>,
    ) -> Vec<&'a Input> {
        let is_changed = |input: &&Input| {
            let Some(path) = &input.path else { return false };
            let known = self.known.get(path).map(|known| &known.stamps);
            known.is_none() || known != stamps.get(path)
        };
        inputs.iter().filter(is_changed).collect()
    }
}

/// The rule and the files of its tests that are found now.
fn found(unit: &Unit, data: &mut TestData) -> BTreeMap<PathBuf, Stamp> {
    let rule = unit.input.path.iter().cloned();
    let tests = data.of(unit).into_iter().flatten().map(|file| file.path);
    rule.chain(tests).map(|path| (path.clone(), stamp(&path))).collect()
}

fn stamp(path: &Path) -> Stamp {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.len(), metadata.modified().ok()))
}

fn is_yaml(input: &Input) -> bool {
    let extension = input.path.as_deref().and_then(Path::extension).and_then(|extension| extension.to_str());
    matches!(extension, Some("yml" | "yaml"))
}

fn load(input: &Input, options: &LoadOptions) -> Unit {
    match input.read() {
        Ok(bytes) => load_bytes(input.clone(), &bytes, options.clone()),
        Err(diagnostic) => crate::load::load_read(input, Err(diagnostic), options),
    }
}
