//! Targets with the settings that they are looked at with.

use std::collections::BTreeMap;

use eqlc_driver::{Backend, Registry, Settings};

/// A target with its settings, as a column of a report.
pub(crate) struct Column<'r> {
    /// What reports call it: the id of the target, and the value of an option behind a colon.
    pub(crate) name: String,
    /// The target.
    pub(crate) backend: &'r dyn Backend,
    /// The settings.
    pub(crate) settings: Settings,
}

/// The options of targets of which every value is looked at apart.
const APART: &[(&str, &str)] = &[("osquery", "profile")];

/// Every column, or those of the names that are given: `osquery` is all of its profiles, `osquery:native` one.
///
/// # Errors
/// A name that there is no column for.
pub(crate) fn columns<'r>(registry: &'r Registry, wanted: &[String]) -> Result<Vec<Column<'r>>, String> {
    let mut all = Vec::new();
    for backend in registry.iter() {
        let target = backend.target();
        let apart = APART.iter().find(|(id, _)| *id == target.id);
        let option = apart.and_then(|(_, name)| target.options.iter().find(|option| option.name == *name));
        match option {
            None => all.push(Column { name: target.id.clone(), backend, settings: Settings::default() }),
            Some(option) => all.extend(option.values.iter().map(|value| Column {
                name: format!("{}:{value}", target.id),
                backend,
                settings: Settings {
                    options: BTreeMap::from([(option.name.clone(), value.clone())]),
                    ..Settings::default()
                },
            })),
        }
    }
    let means = |name: &str, column: &Column<'_>| column.name == name || column.backend.target().id == name;
    if let Some(unknown) = wanted.iter().find(|name| !all.iter().any(|column| means(name, column))) {
        let known: Vec<&str> = all.iter().map(|column| column.name.as_str()).collect();
        return Err(format!("there is no target `{unknown}`; there are {}", known.join(", ")));
    }
    if !wanted.is_empty() {
        all.retain(|column| wanted.iter().any(|name| means(name, column)));
    }
    Ok(all)
}
