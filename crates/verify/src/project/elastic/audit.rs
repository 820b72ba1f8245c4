//! Records of Linux' audit system.
//!
//! The kind of a record keeps its own field where the pipeline has another word for the action; else it is the action. The
//! arguments of a program stand in one list, whose first is the program.

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::leaves::Leaf;
use super::{Document, unwritten};

/// Puts the kind of a record and the arguments of a program into its document; what is left of its values.
pub(super) fn shaped(
    leaves: Vec<Leaf>,
    actions: &IndexMap<String, String>,
    document: &mut Document<'_>,
) -> Result<Vec<Leaf>, String> {
    let (kind, mut leaves): (Vec<Leaf>, Vec<Leaf>) = leaves.into_iter().partition(|leaf| leaf.name == "type");
    let kind = match kind.as_slice() {
        [] => return Err("`type` is missing, and every record has one".to_owned()),
        [Leaf { values, is_list: false, .. }] => values.first().and_then(Value::as_str),
        _ => None,
    };
    let written = |kind: &&str| kind.bytes().all(|c| matches!(c, b'A'..=b'Z' | b'0'..=b'9' | b'_'));
    let kind = kind.filter(|kind| !kind.is_empty()).filter(written).ok_or_else(|| unwritten("type"))?;
    leaves.iter_mut().for_each(unquote);
    match actions.get(kind) {
        Some(action) => {
            document.fields.insert("auditd.log.record_type".to_owned(), json!(kind));
            document.fields.insert("event.action".to_owned(), json!(action));
        }
        None if kind == "AVC" => return Err("what becomes of `AVC` is not told here".to_owned()),
        // The action is that of the system call, whose words are not needed here.
        None if kind == "SYSCALL" && leaves.iter().any(names_call) => {
            document.fields.insert("auditd.log.record_type".to_owned(), json!(kind));
        }
        None => {
            document.fields.insert("event.action".to_owned(), json!(kind.to_lowercase()));
        }
    }
    if kind == "EXECVE" { arguments(leaves, document) } else { Ok(leaves) }
}

/// Whether this is the name of a system call and not its number.
fn names_call(leaf: &Leaf) -> bool {
    let is_name =
        |value: &Value| value.as_str().is_some_and(|text| text.starts_with(|c: char| c.is_alphabetic()));
    matches!(leaf.name.as_str(), "SYSCALL" | "syscall") && leaf.values.iter().all(is_name)
}

/// Takes one quote from each end.
fn unquote(leaf: &mut Leaf) {
    for value in &mut leaf.values {
        if let Value::String(text) = value {
            let bare = text.strip_prefix(['\'', '"']).unwrap_or(text);
            *text = bare.strip_suffix(['\'', '"']).unwrap_or(bare).to_owned();
        }
    }
}

/// `a0`, `a1`, … become the list of arguments; where the first ones are missing, a note says so.
fn arguments(leaves: Vec<Leaf>, document: &mut Document<'_>) -> Result<Vec<Leaf>, String> {
    let (mut found, mut others): (Vec<(usize, Value)>, Vec<Leaf>) = (Vec::new(), Vec::new());
    for leaf in leaves {
        let place = leaf.name.strip_prefix('a').and_then(|digits| digits.parse::<usize>().ok());
        match (place, leaf.values.as_slice()) {
            (None, _) => others.push(leaf),
            (Some(place), [Value::String(text)]) if !leaf.is_list => {
                if !document.store.leaves_out(&Value::from(text.as_str())) {
                    found.push((place, json!(text)));
                }
            }
            (Some(_), _) => return Err(unwritten(&leaf.name)),
        }
    }
    found.sort_by_key(|(place, _)| *place);
    let Some((first, program)) = found.first().cloned() else { return Ok(others) };
    let mut list: Vec<Value> = found.into_iter().map(|(_, text)| text).collect();
    if first == 0 {
        document.fields.insert("process.executable".to_owned(), program);
        others.retain(|leaf| leaf.name != "exe");
    } else {
        list.insert(0, json!(format!("[... {first} truncated arguments ...]")));
    }
    document.fields.insert("process.args".to_owned(), Value::Array(list));
    Ok(others)
}
