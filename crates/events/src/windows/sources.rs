//! Which of Sigma's log sources an event of the Windows event log is of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

/// The services of channels, and the categories of events of a channel.
static DATA: LazyLock<Data> =
    LazyLock::new(|| serde_json::from_str(include_str!("log_sources.json")).unwrap_or_default());

#[derive(Default, Deserialize)]
struct Data {
    services: BTreeMap<String, Vec<String>>,
    categories: Vec<Category>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Category {
    channel: String,
    ids: Vec<u64>,
    category: String,
    /// Values of fields that make it another category.
    #[serde(default)]
    unless: BTreeMap<String, Vec<String>>,
    /// Fields of the event that Sigma's category knows by another name.
    #[serde(default)]
    fields: BTreeMap<String, String>,
}

/// The log source of an event of the Windows event log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowsSource {
    /// Sigma's services.
    pub services: Vec<&'static str>,
    /// Sigma's categories.
    pub categories: Vec<&'static str>,
    /// Fields that Sigma knows by another name: the name in the event, and Sigma's.
    pub fields: Vec<(&'static str, &'static str)>,
}

impl WindowsSource {
    /// The log source of the events of a channel with a number. `field` gives the text of a field; which ones are
    /// asked for says [`Self::deciding`].
    #[must_use]
    pub fn of(channel: &str, id: u64, field: impl Fn(&str) -> Option<String>) -> Self {
        of(channel, id, field)
    }

    /// The fields that the log source hangs on, channel and number aside.
    #[must_use]
    pub fn deciding() -> BTreeSet<&'static str> {
        DATA.categories.iter().flat_map(|category| category.unless.keys()).map(String::as_str).collect()
    }

    /// Every field that Sigma knows by another name in some log source: the name in the event, and Sigma's.
    #[must_use]
    pub fn renamed() -> BTreeSet<(&'static str, &'static str)> {
        let fields = DATA.categories.iter().flat_map(|category| &category.fields);
        fields.map(|(from, to)| (from.as_str(), to.as_str())).collect()
    }
}

pub(super) fn of(channel: &str, id: u64, field: impl Fn(&str) -> Option<String>) -> WindowsSource {
    let data = &*DATA;
    let same = |other: &String| other.eq_ignore_ascii_case(channel);
    let services = data.services.iter().filter(|(_, channels)| channels.iter().any(same));
    let excluded = |category: &Category| {
        let is =
            |(name, values): (&String, &Vec<String>)| field(name).is_some_and(|text| values.contains(&text));
        category.unless.iter().any(is)
    };
    let categories: Vec<&Category> = data
        .categories
        .iter()
        .filter(|category| same(&category.channel) && category.ids.contains(&id) && !excluded(category))
        .collect();
    let names = categories.iter().flat_map(|category| &category.fields);
    WindowsSource {
        services: services.map(|(name, _)| name.as_str()).collect(),
        fields: names.map(|(from, to)| (from.as_str(), to.as_str())).collect(),
        categories: categories.iter().map(|category| category.category.as_str()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_is_read() {
        let data: Data = serde_json::from_str(include_str!("log_sources.json")).unwrap();
        assert!(data.services.len() > 30 && data.categories.len() > 30);
        let known = |channel: &String| data.services.values().flatten().any(|other| other == channel);
        assert!(data.categories.iter().all(|category| known(&category.channel)));
    }

    #[test]
    fn a_key_that_is_made_is_not_deleted() {
        let categories = |event_type: Option<&str>| {
            let field = |name: &str| event_type.filter(|_| name == "EventType").map(str::to_owned);
            of("Microsoft-Windows-Sysmon/Operational", 12, field).categories
        };
        assert_eq!(categories(Some("CreateKey")), ["registry_add", "registry_event"]);
        assert_eq!(categories(Some("DeleteValue")), ["registry_delete", "registry_event"]);
        assert_eq!(categories(None), ["registry_add", "registry_delete", "registry_event"]);
    }
}
