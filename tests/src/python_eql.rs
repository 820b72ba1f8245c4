//! The `eql` package of Python, the first evaluator of the language, as one process.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value as Json;

/// The environment variable that names a Python with the package `eql` 1.0.
pub const VARIABLE: &str = "EQLC_PYTHON_EQL";

/// Answers each line, a case, with a line: the matches with and without regard to letter case, each as places in the
/// events, or a text that says what went wrong. The engine knows events with nested fields of one value each, sorted by
/// time, and their category apart; the events are given so: a list of one value is that value, and an empty one none
/// (`eql-semantics.md` §4).
const DRIVER: &str = r#"
import datetime, json, sys
import eql, eql.utils
from eql.parser import (parse_query, elasticsearch_syntax, allow_negation, allow_runs, allow_sample)

def single(value):
    if isinstance(value, dict): return {key: single(item) for key, item in value.items()}
    if isinstance(value, list):
        if not value: return None
        return single(value[0]) if len(value) == 1 else [single(item) for item in value]
    return value

def put(into, path, value):
    head, _, rest = path.partition('.')
    if rest:
        inner = into.setdefault(head, {})
        if isinstance(inner, dict): put(inner, rest, value)
    elif isinstance(value, dict):
        inner = into.setdefault(head, {})
        if isinstance(inner, dict):
            for name, item in value.items(): put(inner, name, item)
    else: into[head] = value

def at(data, path):
    for name in path.split('.'):
        data = data.get(name) if isinstance(data, dict) else None
    return data

def ticks(value):
    if isinstance(value, (int, float)): return int(value * 10_000)
    moment = datetime.datetime.fromisoformat(value.replace('Z', '+00:00'))
    if moment.tzinfo is None: moment = moment.replace(tzinfo=datetime.timezone.utc)
    since = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return (since.days * 86_400 + since.seconds) * 10_000_000 + since.microseconds * 10

def answer(case, insensitive):
    eql.utils.CASE_INSENSITIVE = insensitive
    try:
        with elasticsearch_syntax, allow_sample, allow_runs, allow_negation:
            query = parse_query(case['query'])
        engine, found, events = eql.PythonEngine(), [], []
        engine.add_query(query)
        engine.add_output_hook(lambda output: found.append([event.data['#'] for event in output.events]))
        for place, event in enumerate(case['events']):
            data = {'#': place}
            for name, value in single(event).items(): put(data, name, value)
            category = at(data, case['category'])
            events.append(eql.Event(category if isinstance(category, str) else 'generic', ticks(at(data, '@timestamp')), data))
        events.sort(key=lambda event: event.time)
        engine.stream_events(events)
        return sorted(found)
    except Exception as error:
        return f'{type(error).__name__}: {error}'

for line in sys.stdin:
    case = json.loads(line)
    print(json.dumps({'sensitive': answer(case, False), 'insensitive': answer(case, True)}))
"#;

/// What the engine says of each case; none, with a printed reason, where it is not there.
pub fn answers(cases: &[Json]) -> Option<Vec<Json>> {
    let Some(python) = std::env::var_os(VARIABLE) else {
        eprintln!("skipped: {VARIABLE} does not name a Python with the package `eql`");
        return None;
    };
    let child =
        Command::new(&python).args(["-c", DRIVER]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{VARIABLE} names {}: {error}", python.display()));
    let input: String = cases.iter().map(|case| format!("{case}\n")).collect();
    let mut stdin = child.stdin.take().expect("a pipe");
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("the engine ends");
    writer.join().expect("no panic").expect("the engine reads its input");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let answers: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(answers.len(), cases.len());
    Some(answers)
}
