//! An evaluator of EQL that was not written with eqlc: `refeql.py`, from beside the checkout, as one process.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value as Json;

/// Answers each line, a case, with a line: its matches as places in the events, or a text that says what went
/// wrong. Where the reference leaves a choice and this evaluator stops instead, it is given the choice: a
/// number that cannot be read is null, and so is a division by zero (`eql-semantics.md` §6.7, §7).
const DRIVER: &str = r#"
import json, sys
sys.path.insert(0, sys.argv[1])
sys.setrecursionlimit(100_000)
import refeql as R
func, arith = R.func, R.arith
def number(name, arguments, insensitive):
    try: return func(name, arguments, insensitive)
    except ValueError:
        if name == 'number': return None
        raise
def divide(operator, left, right):
    try: return arith(operator, left, right)
    except ZeroDivisionError: return None
R.func, R.arith = number, divide
def run(case):
    events = [dict(event, **{'#': at}) for at, event in enumerate(case['events'])]
    schema = dict(time=lambda e: R.ts(e['@timestamp']), ordinal=lambda e: (R.ts(e['@timestamp']), e['#']),
                  mapped=set(case['mapped']), dates=('@timestamp',), versions=tuple(case['versions']))
    rows = R.run(case['query'], events, schema, size=case['size'], pos=case['position'])
    return [[-1 if event is None else event['#'] for event in row] for row, key in rows]
for line in sys.stdin:
    try: print(json.dumps(run(json.loads(line))))
    except Exception as error: print(json.dumps(f'{type(error).__name__}: {error}'))
"#;

/// What the oracle says of each case; none, with a printed reason, where it or Python is absent.
pub fn answers(cases: &[Json]) -> Option<Vec<Json>> {
    let folder = crate::shared("oracle")?;
    let child = Command::new("python3")
        .args(["-c", DRIVER])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("skipped: there is no python3");
        return None;
    };
    let input: String = cases.iter().map(|case| format!("{case}\n")).collect();
    let mut stdin = child.stdin.take().expect("a pipe");
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("the evaluator ends");
    writer.join().expect("no panic").expect("the evaluator reads its input");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let answers: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(answers.len(), cases.len());
    Some(answers)
}
