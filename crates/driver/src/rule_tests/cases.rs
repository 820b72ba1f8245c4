//! What files of tests ask of a rule.

use std::path::{Component, Path, PathBuf};

use eqlc_diagnostics::codes::verify as codes;
use eqlc_diagnostics::{Diagnostic, Diagnostics, Fragment, Node, SourceMap, Span, has_errors};
use eqlc_events::Event;
use eqlc_verify::fixtures::{InfoTest, StreamCase, read, read_info};
use eqlc_verify::world::World;
use serde_json::Value;

use super::Layout;
use super::find::{TestFile, name_of, read_text};
use crate::run::{EventInput, is_event_file};

/// A test of a rule.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) file: PathBuf,
    pub(super) layout: Layout,
    pub(super) expected: Expected,
    /// The events; or why they are not there.
    pub(super) events: Result<Events, NoEvents>,
    /// Where the expectation stands, if it is in a file that is held.
    pub(super) place: Option<Span>,
}

/// What a case expects.
pub(super) enum Expected {
    /// As the layout says.
    OfLayout,
    /// These matches; none where the file does not say.
    Matches { matches: Option<Node<Vec<Vec<usize>>>>, join_keys: Option<Node<Vec<Vec<Value>>>> },
    /// At least so many; none at all where it is 0.
    AtLeast(usize),
}

/// Why a case has no events.
pub(super) enum NoEvents {
    Broken(Box<Diagnostic>),
    Skipped(String),
}

/// The events of a case.
pub(super) struct Events {
    pub(super) values: Vec<Value>,
    /// What people call each event: a line, or a place in a list.
    labels: Vec<String>,
    /// Where each stands, if its file is held.
    spans: Vec<Option<Span>>,
}

impl Events {
    /// "line 7", "event 0".
    pub(super) fn label(&self, at: usize) -> String {
        self.labels.get(at).cloned().unwrap_or_else(|| format!("event {at}"))
    }

    pub(super) fn span(&self, at: usize) -> Option<Span> {
        self.spans.get(at).copied().flatten()
    }

    /// The events as a rule sees them, and the place of each among all.
    pub(super) fn seen_by(&self, rule: &eqlc_ir::Rule) -> Result<(Vec<Event<'_>>, Vec<usize>), String> {
        let projected = World::of_rule(rule).project(&self.values)?;
        Ok((projected.events, projected.places))
    }
}

/// The cases in files. Files that cannot be read, or not as a whole, are told of; their other cases are there.
pub(super) fn cases_of(
    files: &[TestFile],
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
    read: &mut Vec<PathBuf>,
) -> Vec<Case> {
    let mut cases = Vec::new();
    for file in files {
        read.push(file.path.clone());
        match file.layout {
            Layout::Streams | Layout::Regression => match read_text(&file.path) {
                Ok(text) => {
                    let source = sources.add(file.path.display().to_string(), text.as_str());
                    let fragment = Fragment::verbatim(source, 0, text);
                    if file.layout == Layout::Streams {
                        streams(file, &fragment, diagnostics, &mut cases);
                    } else {
                        regression(file, &fragment, diagnostics, &mut cases);
                    }
                }
                Err(diagnostic) => diagnostics.push(*diagnostic),
            },
            _ => cases.push(Case {
                name: name_of(&file.path).to_owned(),
                file: file.path.clone(),
                layout: file.layout,
                expected: Expected::OfLayout,
                events: events_of(&file.path, diagnostics),
                place: None,
            }),
        }
    }
    read.extend(
        cases.iter().map(|case| case.file.clone()).filter(|path| !read.contains(path)).collect::<Vec<_>>(),
    );
    cases
}

fn streams(file: &TestFile, fragment: &Fragment, diagnostics: &mut Diagnostics, cases: &mut Vec<Case>) {
    let parsed = read(fragment);
    diagnostics.extend(parsed.diagnostics);
    for case in parsed.tree {
        let StreamCase { name, matches, join_keys, events, .. } = case;
        let place = matches.as_ref().map_or(name.span, |matches| matches.span);
        cases.push(Case {
            name: name.value,
            file: file.path.clone(),
            layout: Layout::Streams,
            expected: Expected::Matches { matches, join_keys },
            events: Ok(Events {
                labels: (0..events.len()).map(|at| format!("event {at}")).collect(),
                spans: events.iter().map(|event| Some(event.span)).collect(),
                values: events.into_iter().map(|event| event.value).collect(),
            }),
            place: Some(place),
        });
    }
}

/// Each file that is named, and beside it the same events in the other form.
fn regression(file: &TestFile, fragment: &Fragment, diagnostics: &mut Diagnostics, cases: &mut Vec<Case>) {
    let parsed = read_info(fragment);
    diagnostics.extend(parsed.diagnostics);
    for test in parsed.tree.tests {
        let found = event_files(&file.path, &test);
        let single = found.len() == 1;
        for path in found {
            let shown = path.as_ref().map_or(&*test.path.value, |path| name_of(path)).to_owned();
            cases.push(Case {
                name: if single { test.name.clone() } else { format!("{} ({shown})", test.name) },
                file: file.path.clone(),
                layout: Layout::Regression,
                expected: Expected::AtLeast(test.match_count.as_ref().map_or(1, |count| count.value)),
                events: path.and_then(|path| events_of(&path, diagnostics)),
                place: Some(test.match_count.as_ref().map_or(test.path.span, |count| count.span)),
            });
        }
    }
}

fn event_files(info: &Path, test: &InfoTest) -> Vec<Result<PathBuf, NoEvents>> {
    let named = PathBuf::from(test.path.value.replace('\\', "/"));
    let plain = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    // No file leads out of the data.
    let found = named.components().all(plain).then(|| {
        let above = info.ancestors().skip(1).map(|folder| folder.join(&named));
        let beside = named.file_name().map(|name| info.with_file_name(name));
        above.chain(beside).find(|path| path.is_file())
    });
    let named_there = found.flatten().filter(|path| is_event_file(path));
    let beside = |extension: &str| {
        let path = info.with_file_name(named.with_extension(extension).file_name()?);
        (path.is_file() && Some(&path) != named_there.as_ref()).then_some(path)
    };
    let others = ["json", "evtx"].map(beside).into_iter().flatten();
    let files: Vec<_> = named_there.clone().into_iter().chain(others).map(Ok).collect();
    if !files.is_empty() {
        return files;
    }
    if !is_event_file(&named) {
        let kind = test.kind.as_deref().unwrap_or("unknown");
        return vec![Err(NoEvents::Skipped(format!("`{}` ({kind}) is no file of events", named.display())))];
    }
    let message = format!("the file of events `{}` is not there", named.display());
    let missing = Diagnostic::error(codes::NO_EVENTS, message).at(test.path.span, "named here");
    vec![Err(NoEvents::Broken(Box::new(missing)))]
}

fn events_of(path: &Path, diagnostics: &mut Diagnostics) -> Result<Events, NoEvents> {
    let (input, found) = EventInput::read(&[path.to_path_buf()]);
    if has_errors(&found) {
        let first = found.into_iter().find(|found| found.severity == eqlc_diagnostics::Severity::Error);
        let unread = || Diagnostic::error(codes::NO_EVENTS, format!("`{}` cannot be read", path.display()));
        return Err(NoEvents::Broken(Box::new(first.unwrap_or_else(unread))));
    }
    // A line that is no event would make a case about the other lines only.
    if let Some(first) = found.first() {
        let unread = Diagnostic::error(codes::NO_EVENTS, first.message.clone());
        diagnostics.extend(found.iter().skip(1).cloned());
        return Err(NoEvents::Broken(Box::new(unread)));
    }
    let places = (0..input.len()).filter_map(|at| input.found(at));
    let labels: Vec<String> = places.map(|found| format!("line {}", found.id())).collect();
    let values = input.events().iter().map(|event| Value::Object(event.fields().clone())).collect();
    Ok(Events { values, spans: Vec::new(), labels })
}
