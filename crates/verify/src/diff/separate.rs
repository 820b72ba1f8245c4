//! Streams that two matchers judge differently, made as small as they can be.

use std::collections::{BTreeSet, HashSet};
use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use serde_json::Value as Json;

use super::matcher::Matcher;
use crate::effort::pairs;
use crate::verdict::Verdict;

/// A stream that shows a difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Separation {
    /// The events, in the order of their time.
    pub events: Vec<Json>,
    /// What the left matcher finds.
    pub left: Verdict,
    /// What the right one finds.
    pub right: Verdict,
}

/// Which difference is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// The left matcher finds what the right one does not.
    LeftOnly,
    /// The other way round.
    RightOnly,
}

impl Separation {
    /// Whether it shows a difference of this way.
    #[must_use]
    pub fn shows(&self, way: Way) -> bool {
        differ(&self.left, &self.right, way)
    }
}

/// The most pairs of events, of all streams together, that are judged to make one stream smaller.
const MAX_JUDGED: usize = 24_000;

/// The first of the candidates that shows a difference, made as small as it can be: an event or a field is left out as
/// long as what is left still shows it. Paths in `kept` (`@timestamp`) are left alone.
#[must_use]
pub fn separate(
    matchers: (&dyn Matcher, &dyn Matcher),
    way: Way,
    candidates: &[Vec<Json>],
    kept: &[&str],
) -> Option<Separation> {
    let [left, right] =
        separate_ways(matchers, [way == Way::LeftOnly, way == Way::RightOnly], candidates, kept);
    left.or(right)
}

/// Streams that are judged at a time.
const CHUNK: usize = 32;

/// [`separate()`] for the ways that are `wanted`, the left one first; each candidate is judged once.
pub(super) fn separate_ways(
    (left, right): (&dyn Matcher, &dyn Matcher),
    wanted: [bool; 2],
    candidates: &[Vec<Json>],
    kept: &[&str],
) -> [Option<Separation>; 2] {
    let ways = [Way::LeftOnly, Way::RightOnly];
    let mut first: [Option<&Vec<Json>>; 2] = [None, None];
    for chunk in candidates.chunks(CHUNK) {
        let verdicts = left.verdicts(chunk).into_iter().zip(right.verdicts(chunk));
        for (stream, verdicts) in chunk.iter().zip(verdicts) {
            let (Some(left), Some(right)) = verdicts else { continue };
            for (found, way) in first.iter_mut().zip(ways) {
                if found.is_none() && differ(&left, &right, way) {
                    *found = Some(stream);
                }
            }
        }
        if first.iter().zip(wanted).all(|(found, wanted)| found.is_some() || !wanted) {
            break;
        }
    }
    let [of_left, of_right] = [0, 1].map(|at| {
        let (found, wanted, way) = (first.get(at)?.as_ref()?, wanted.get(at)?, ways.get(at)?);
        wanted.then(|| shrunk((left, right), *way, found, kept))?
    });
    [of_left, of_right]
}

fn shrunk(
    (left, right): (&dyn Matcher, &dyn Matcher),
    way: Way,
    events: &[Json],
    kept: &[&str],
) -> Option<Separation> {
    let events = smallest(&Pair { left, right, way }, events, (kept, &BTreeSet::new()));
    Some(Separation { left: left.verdict(&events)?, right: right.verdict(&events)?, events })
}

/// What a stream must keep showing while it is made smaller.
pub(crate) trait Judge {
    /// Whether each of the streams shows it.
    fn shows(&self, streams: &[Vec<Json>]) -> Vec<bool>;
}

/// That one matcher finds what the other does not.
struct Pair<'a> {
    left: &'a dyn Matcher,
    right: &'a dyn Matcher,
    way: Way,
}

impl Judge for Pair<'_> {
    fn shows(&self, streams: &[Vec<Json>]) -> Vec<bool> {
        let verdicts = self.left.verdicts(streams).into_iter().zip(self.right.verdicts(streams));
        verdicts
            .map(|verdicts| match verdicts {
                (Some(left), Some(right)) => differ(&left, &right, self.way),
                _ => false,
            })
            .collect()
    }
}

/// The stream, made as small as it can be: an event or a field is left out as long as what is left still shows what
/// the judge asks for. Paths in `kept` are left alone; fields that are not `asked` for are tried to be left out at once,
/// where it is known which are.
pub(crate) fn smallest(
    judge: &dyn Judge,
    events: &[Json],
    (kept, asked): (&[&str], &BTreeSet<String>),
) -> Vec<Json> {
    let (refuted, best) = (HashSet::new(), events.to_vec());
    let mut shrinking = Shrinking { judge, kept, left: MAX_JUDGED, refuted, best };
    shrinking.asked_alone(asked);
    shrinking.run();
    shrinking.best
}

pub(crate) fn differ(left: &Verdict, right: &Verdict, way: Way) -> bool {
    let difference = left.difference(right);
    match way {
        Way::LeftOnly => !difference.missing.is_empty(),
        Way::RightOnly => !difference.extra.is_empty(),
    }
}

struct Shrinking<'a> {
    judge: &'a dyn Judge,
    kept: &'a [&'a str],
    /// Pairs of events that may still be judged.
    left: usize,
    /// Streams that were tried and do not show it.
    refuted: HashSet<u64>,
    best: Vec<Json>,
}

/// The most events that are looked at each by itself. Longer streams are runs of events that are alike.
const MAX_SEPARATE: usize = 6;

/// Objects that tell what kind of record an event is, so that few sources record it without them.
const TELLING: &[&str] = &["event", "host", "logsource"];
/// Those that records of most kinds are told from too.
const COMMON: &[&str] = &["event", "host", "logsource", "process", "dll", "file", "network", "user"];

/// Tells a stream from others; the order of members does not matter.
pub(crate) fn key_of(stream: &[Json]) -> u64 {
    FixedState::default().hash_one(stream)
}

/// Whether a field is another or stands below it.
fn is_inside(path: &str, whole: &str) -> bool {
    path.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// A place in an event: keys from the top.
type Path = Vec<String>;

impl Shrinking<'_> {
    /// Which of some streams show it. None is judged where not all can be.
    fn shows(&mut self, streams: &[Vec<Json>]) -> Option<Vec<bool>> {
        let keys: Vec<u64> = streams.iter().map(|stream| key_of(stream)).collect();
        let mut shows = vec![false; streams.len()];
        let open: Vec<usize> = (0..streams.len())
            .filter(|at| keys.get(*at).is_some_and(|key| !self.refuted.contains(key)))
            .collect();
        let judged: Vec<Vec<Json>> = open.iter().filter_map(|at| streams.get(*at).cloned()).collect();
        self.left = self.left.checked_sub(judged.iter().map(|stream| pairs(stream)).sum())?;
        for (at, shown) in open.into_iter().zip(self.judge.shows(&judged)) {
            if let (Some(shows), Some(key)) = (shows.get_mut(at), keys.get(at)) {
                *shows = shown;
                if !shown {
                    self.refuted.insert(*key);
                }
            }
        }
        Some(shows)
    }

    /// Takes away all at once what nobody asks for, or as much of it as no record is told from.
    fn asked_alone(&mut self, asked: &BTreeSet<String>) {
        if asked.is_empty() {
            return;
        }
        for spared in [&[], TELLING, COMMON] {
            let fewer = self.without_unasked(asked, spared);
            if self.take(fewer) {
                return;
            }
        }
    }

    /// The stream without what nobody asks for, but for some objects.
    fn without_unasked(&self, asked: &BTreeSet<String>, spared: &[&str]) -> Vec<Json> {
        let is_asked = |path: &str| {
            self.kept.contains(&path)
                || asked.iter().any(|asked| is_inside(path, asked) || is_inside(asked, path))
        };
        let mut stream = self.best.clone();
        for event in &mut stream {
            let mut paths = Vec::new();
            leaves(event, &mut Vec::new(), &mut paths);
            paths.retain(|path| {
                let is_spared = path.first().is_some_and(|first| spared.contains(&first.as_str()));
                !is_spared && !is_asked(&path.join("."))
            });
            paths.iter().for_each(|path| {
                remove(event, path);
            });
        }
        stream
    }

    fn run(&mut self) {
        loop {
            let before = self.best.clone();
            self.one_alone();
            self.everywhere();
            self.fewer();
            if self.best.len() <= MAX_SEPARATE {
                (0..self.best.len()).for_each(|at| self.event(at));
            }
            if self.best == before || self.left == 0 {
                return;
            }
        }
    }

    /// Takes away from all events at once the fields that none of them needs.
    fn everywhere(&mut self) {
        if self.best.len() < 2 {
            return;
        }
        let mut paths = Vec::new();
        self.best.iter().for_each(|event| leaves(event, &mut Vec::new(), &mut paths));
        paths.retain(|path| !self.kept.contains(&path.join(".").as_str()));
        paths.sort_unstable();
        paths.dedup();
        let whole = self.best.clone();
        let without = |paths: &[Path]| -> Vec<Json> {
            let mut stream = whole.clone();
            for event in &mut stream {
                paths.iter().for_each(|path| {
                    remove(event, path);
                });
            }
            stream
        };
        let mut idle: Vec<Path> = Vec::new();
        for few in paths.chunks(CHUNK) {
            let each: Vec<Vec<Json>> = few.iter().map(|path| without(std::slice::from_ref(path))).collect();
            let Some(shows) = self.shows(&each) else { return };
            idle.extend(few.iter().zip(shows).filter(|(_, shows)| *shows).map(|(path, _)| path.clone()));
        }
        if !idle.is_empty() {
            self.take(without(&idle));
        }
    }

    /// Takes one event alone, if one shows the difference: rules that look at each event by itself need no more.
    fn one_alone(&mut self) {
        if self.best.len() < 2 {
            return;
        }
        for few in self.best.clone().chunks(CHUNK) {
            let alone: Vec<Vec<Json>> = few.iter().map(|event| vec![event.clone()]).collect();
            let Some(shows) = self.shows(&alone) else { return };
            if let Some((found, _)) = alone.into_iter().zip(shows).find(|(_, shows)| *shows) {
                self.best = found;
                return;
            }
        }
    }

    /// Leaves out events: many that stand together before few.
    fn fewer(&mut self) {
        let mut size = self.best.len().div_ceil(2).max(1);
        loop {
            let mut end = self.best.len();
            while end > 0 {
                let start = end.saturating_sub(size);
                let mut fewer = self.best.clone();
                fewer.drain(start..end.min(fewer.len()));
                if !fewer.is_empty() || size == 1 {
                    self.take(fewer);
                }
                end = start;
            }
            if size == 1 {
                return;
            }
            size /= 2;
        }
    }

    /// Takes a smaller stream, if it still shows the difference.
    fn take(&mut self, stream: Vec<Json>) -> bool {
        let shows = self.shows(std::slice::from_ref(&stream)).is_some_and(|shows| shows == [true]);
        if shows {
            self.best = stream;
        }
        shows
    }

    fn event(&mut self, at: usize) {
        let Some(event) = self.best.get(at) else { return };
        self.all_at_once(at, &self.wholes(event));
        let Some(event) = self.best.get(at) else { return };
        let mut paths = Vec::new();
        leaves(event, &mut Vec::new(), &mut paths);
        paths.retain(|path| !self.kept.contains(&path.join(".").as_str()));
        self.all_at_once(at, &paths);
        // What only makes sense together goes together.
        let mut things: Vec<&[String]> = paths.iter().filter_map(|path| Some(path.split_last()?.1)).collect();
        things.retain(|thing| !thing.is_empty());
        things.sort_unstable();
        things.dedup();
        for thing in things {
            self.changed(at, |event| remove(event, thing));
        }
        for path in paths.iter().rev() {
            if !self.best.get(at).and_then(|event| read_at(event, path)).is_some_and(Json::is_array) {
                continue;
            }
            self.changed(at, |event| match value_at(event, path) {
                Some(Json::Array(items)) if items.len() > 1 => {
                    items.truncate(1);
                    true
                }
                _ => false,
            });
            self.changed(at, |event| match value_at(event, path) {
                Some(slot @ Json::Array(_)) => match slot.as_array().map(Vec::as_slice) {
                    Some([only]) => {
                        *slot = only.clone();
                        true
                    }
                    _ => false,
                },
                _ => false,
            });
        }
    }

    /// The objects of an event with several members: most of what fills an event goes with a few of them. The log source
    /// is left for later: other fields say it too, and less plainly.
    fn wholes(&self, event: &Json) -> Vec<Path> {
        let several = |member: &Json| member.as_object().is_some_and(|members| members.len() > 1);
        let members = event.as_object().into_iter().flatten();
        let open = |name: &str| {
            name != "logsource" && self.kept.iter().all(|kept| kept.split('.').next() != Some(name))
        };
        members
            .filter(|(name, member)| several(member) && open(name))
            .map(|(name, _)| vec![name.clone()])
            .collect()
    }

    /// Takes away every field that can be left out by itself, which nearly always can be left out together. What can be
    /// left out only then is found when all is looked at again.
    fn all_at_once(&mut self, at: usize, paths: &[Path]) {
        let without = |best: &[Json], paths: &[&Path]| {
            let mut stream = best.to_vec();
            let event = stream.get_mut(at)?;
            paths.iter().all(|path| remove(event, path)).then_some(stream)
        };
        let each = paths.iter().map(|path| without(&self.best, &[path]).unwrap_or_default());
        let each: Vec<Vec<Json>> = each.collect();
        let Some(shows) = self.shows(&each) else { return };
        let idle: Vec<&Path> =
            paths.iter().zip(shows).filter(|(_, shows)| *shows).map(|(path, _)| path).collect();
        let all = if idle.is_empty() { None } else { without(&self.best, &idle) };
        if all.is_some_and(|stream| self.take(stream)) {
            return;
        }
        // The last fields first: what was added to fill an event stands behind what was asked for.
        for path in idle.into_iter().rev() {
            self.changed(at, |event| remove(event, path));
        }
    }

    fn changed(&mut self, at: usize, change: impl FnOnce(&mut Json) -> bool) {
        let mut stream = self.best.clone();
        if stream.get_mut(at).is_some_and(change) {
            self.take(stream);
        }
    }
}

/// Every place with a value that is no object with members.
pub(crate) fn leaves(node: &Json, path: &mut Path, found: &mut Vec<Path>) {
    match node {
        Json::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                path.push(name.clone());
                leaves(member, path, found);
                path.pop();
            }
        }
        _ => found.push(path.clone()),
    }
}

/// What stands at a place.
pub(crate) fn read_at<'e>(event: &'e Json, path: &[String]) -> Option<&'e Json> {
    path.iter().try_fold(event, |node, name| node.as_object()?.get(name))
}

/// The same, to be changed.
pub(crate) fn value_at<'e>(event: &'e mut Json, path: &[String]) -> Option<&'e mut Json> {
    path.iter().try_fold(event, |node, name| node.as_object_mut()?.get_mut(name))
}

/// Takes away what stands at a place, and objects that are left empty.
pub(crate) fn remove(event: &mut Json, path: &[String]) -> bool {
    let Some((last, above)) = path.split_last() else { return false };
    let Some(members) = value_at(event, above).and_then(Json::as_object_mut) else { return false };
    let removed = members.shift_remove(last).is_some();
    if removed && members.is_empty() && !above.is_empty() {
        remove(event, above);
    }
    removed
}
