//! Times eqlc beside other evaluators of rules: one file of events, one process each, in turn.

mod child;
mod contender;
mod events;
#[path = "../../../benches/run-peers/src/lines.rs"]
mod lines;
mod made;
mod process;
mod report;
mod rules;

use std::fs;
use std::path::{Path, PathBuf};

pub use child::{Alone, alone};
pub use contender::Contender;
pub use events::Lane;
pub use report::{as_json, as_text};
pub use rules::RuleSet;

use contender::Binaries;
use process::Answer;

/// What is timed.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The events; empty: all lanes.
    pub lanes: Vec<Lane>,
    /// The rules; empty: those that say something about the lane.
    pub sets: Vec<RuleSet>,
    /// Who takes part; empty: all who can read the rules.
    pub contenders: Vec<Contender>,
    /// A file of events instead of the lanes; it is taken for flat events of Windows.
    pub events: Option<PathBuf>,
    /// A folder of rules instead of the sets.
    pub rules: Option<PathBuf>,
    /// Events are repeated until there are so many.
    pub count: u64,
    /// So many for whom these are too many.
    pub slow: u64,
    /// How often each runs.
    pub rounds: usize,
    /// What rules and made events are drawn from.
    pub seed: u64,
    /// Where files are made.
    pub folder: PathBuf,
    /// Whether the release builds of eqlc and the peers are taken as they are.
    pub built: bool,
    /// What is told while it runs.
    pub tell: fn(&str),
}

/// One contender on one lane with one set of rules.
#[derive(Clone, Debug)]
pub struct Timed {
    /// Who.
    pub contender: Contender,
    /// What each round gave; none: it failed, and how.
    pub rounds: Result<Vec<Answer>, String>,
}

/// All contenders on one lane with one set of rules.
#[derive(Clone, Debug)]
pub struct Race {
    /// The events.
    pub lane: Lane,
    /// The rules.
    pub set: RuleSet,
    /// How many files of rules there are.
    pub files: usize,
    /// In the order of [`Contender`].
    pub timed: Vec<Timed>,
}

/// Runs what is asked for.
///
/// # Errors
/// Files cannot be made, or the peers cannot be built.
pub fn bench(settings: &Settings) -> Result<Vec<Race>, String> {
    fs::create_dir_all(&settings.folder).map_err(|error| error.to_string())?;
    let binaries = Binaries::build(settings)?;
    let mut races = Vec::new();
    for lane in settings.lanes() {
        let events = events::file(lane, settings)?;
        for set in settings.sets_of(lane) {
            let (rules, files) = match rules::folder(set, settings) {
                Ok(found) => found,
                Err(reason) => {
                    (settings.tell)(&format!("{set:?}: {reason}"));
                    continue;
                }
            };
            races.push(race(lane, set, (&rules, files), &events, &binaries, settings));
        }
    }
    Ok(races)
}

impl Settings {
    fn lanes(&self) -> Vec<Lane> {
        match (&self.events, self.lanes.as_slice()) {
            (Some(_), _) => vec![Lane::Given],
            (None, []) => vec![Lane::Mixed, Lane::Process, Lane::Ecs],
            (None, lanes) => lanes.to_vec(),
        }
    }

    fn sets_of(&self, lane: Lane) -> Vec<RuleSet> {
        match (&self.rules, self.sets.as_slice(), lane) {
            (Some(_), _, _) => vec![RuleSet::Given],
            (None, [], Lane::Ecs) => vec![RuleSet::Elastic, RuleSet::Both],
            (None, [], _) => vec![
                RuleSet::One,
                RuleSet::Ten,
                RuleSet::Hundred,
                RuleSet::Thousand,
                RuleSet::Windows,
                RuleSet::Both,
            ],
            (None, sets, _) => sets.to_vec(),
        }
    }
}

fn race(
    lane: Lane,
    set: RuleSet,
    (rules, files): (&Path, usize),
    events: &Path,
    binaries: &Binaries,
    settings: &Settings,
) -> Race {
    let takes_part = |contender: &Contender| {
        contender.reads(lane, set)
            && (settings.contenders.is_empty() || settings.contenders.contains(contender))
            && binaries.has(*contender)
    };
    let mut timed: Vec<Timed> = Contender::ALL
        .into_iter()
        .filter(takes_part)
        .map(|contender| Timed { contender, rounds: Ok(Vec::new()) })
        .collect();
    for round in 1..=settings.rounds.max(1) {
        for timed in &mut timed {
            let Ok(rounds) = &mut timed.rounds else { continue };
            (settings.tell)(&format!("{lane:?} {set:?} {} round {round}", timed.contender.name()));
            match binaries.run(timed.contender, lane, rules, events, settings) {
                Ok(answer) => rounds.push(answer),
                Err(reason) => timed.rounds = Err(reason),
            }
        }
    }
    Race { lane, set, files, timed }
}
