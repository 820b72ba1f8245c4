//! What documents of ECS tell of the kind of record that they are: rules ask it, and sources that keep one kind alone do
//! not write it down.

use serde_json::Value;

use super::classify::{RegistryChange, What, classify};
use super::fields::Fields;
use crate::diff::put;

/// The fields that tell it.
pub(crate) const OF_KIND: &[&str] = &["event.action", "data_stream.dataset"];

/// What the documents of a kind of record have in a field of [`OF_KIND`]; none where that is not told here.
fn values(field: &str, what: What) -> &'static [&'static str] {
    match (field, what) {
        ("data_stream.dataset", _) => &["windows.sysmon_operational"],
        ("event.action", What::ProcessStart) => &["start"],
        ("event.action", What::ProcessEnd) => &["end"],
        ("event.action", What::Connection) => &["connection_attempted", "connection_accepted"],
        ("event.action", What::NameQuery) => &["lookup_requested", "lookup_result"],
        ("event.action", What::ImageLoad) => &["load", "Image loaded (rule: ImageLoad)"],
        ("event.action", What::DriverLoad) => &["load"],
        ("event.action", What::FileCreate) => &["creation"],
        ("event.action", What::FileOverwrite) => &["overwrite"],
        ("event.action", What::FileChange) => &["modification"],
        ("event.action", What::FileRename | What::Registry(RegistryChange::Rename)) => &["rename"],
        ("event.action", What::FileDelete) => &["deletion"],
        ("event.action", What::Registry(RegistryChange::SetValue)) => &["modification"],
        ("event.action", What::Registry(RegistryChange::CreateKey)) => &["creation"],
        ("event.action", What::Registry(RegistryChange::DeleteKey | RegistryChange::DeleteValue)) => {
            &["deletion"]
        }
        _ => &[],
    }
}

/// The event of a host with Windows as a document of its kind of record has these fields; none where it has them so, or
/// where what happened is not known.
pub(crate) fn completed(event: &Value, asked: &[&str]) -> Option<Value> {
    let fields = Fields::read(event).ok()?;
    let on_windows = matches!(fields.one("host.os.type"), Ok(Some("windows")));
    let what = classify(&fields).ok().filter(|_| on_windows)?;
    let mut whole = None;
    for field in asked {
        let known = values(field, what);
        let is_known = |text: &&str| known.contains(text);
        let told = fields.all(field);
        let Some(first) = known.first().filter(|_| !matches!(told.as_slice(), [only] if is_known(only)))
        else {
            continue;
        };
        let event = whole.get_or_insert_with(|| event.clone());
        let path: Vec<String> = field.split('.').map(str::to_owned).collect();
        match event.as_object_mut().and_then(|members| members.get_mut(*field)) {
            Some(dotted) => *dotted = Value::from(*first),
            None => put(event, &path, Value::from(*first)),
        }
    }
    whole
}
