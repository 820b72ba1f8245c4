//! Which events of a stream are of one host.

use serde_json::Value;

use super::fields::Fields;

/// What names a host, each by itself.
pub(crate) const NAMES: &[&str] = &["host.id", "host.name", "host.hostname"];

/// Whether events that have the same in one of the names of their host have the same in the others: a source keeps one of
/// them alone.
///
/// # Errors
/// Two names contradict each other.
pub(crate) fn are_told_apart(stream: &[Value]) -> Result<(), String> {
    if stream.len() < 2 {
        return Ok(());
    }
    let read = |event: &Value| {
        let of = |name: &&str| Some((*Fields::only(event, name).ok()?.all(name).first()?).to_owned());
        NAMES.iter().map(of).collect::<Vec<_>>()
    };
    let hosts: Vec<Vec<Option<String>>> = stream.iter().map(read).collect();
    for (at, host) in hosts.iter().enumerate() {
        for other in hosts.iter().take(at) {
            let both =
                || NAMES.iter().zip(host.iter().zip(other)).filter(|(_, (a, b))| a.is_some() && b.is_some());
            let same = both().find(|(_, (a, b))| a == b);
            let different = both().find(|(_, (a, b))| a != b);
            if let (Some((same, _)), Some((different, _))) = (same, different) {
                return Err(format!("`{same}` is that of another host by `{different}`"));
            }
        }
    }
    Ok(())
}
