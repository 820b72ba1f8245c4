//! Which backends a command uses, with which settings.

use std::collections::BTreeMap;

use eqlc_driver::{Backend, Chosen, NO_PIPELINE, Registry, Settings};

use crate::args::{Allow, ReadingArgs, TargetArgs};

/// A backend and the settings for it.
pub(super) struct Selected<'a> {
    pub(super) backend: &'a dyn Backend,
    pub(super) settings: Settings,
}

impl Selected<'_> {
    pub(super) fn chosen(&self) -> Chosen<'_> {
        (self.backend, &self.settings)
    }
}

/// The backends that were asked for; all where none was and `or_all`. An option goes to the targets that
/// have it; one that no target has is an error, as a line.
pub(super) fn select<'a>(
    registry: &'a Registry,
    (args, reading): (&TargetArgs, &ReadingArgs),
    output_format: Option<&str>,
    or_all: bool,
) -> Result<Vec<Selected<'a>>, String> {
    let backends = backends(registry, &args.target, or_all)?;
    let options = options(args)?;
    for name in options.keys() {
        if !backends.iter().any(|backend| has_option(*backend, name)) {
            return Err(format!("none of the targets has an option `{name}`"));
        }
    }
    if let Some(format) = output_format
        && !backends.iter().any(|backend| backend.target().format(format).is_some())
    {
        return Err(format!("none of the targets has an output format `{format}`"));
    }
    backends
        .into_iter()
        .map(|backend| {
            let format = output_format.filter(|format| backend.target().format(format).is_some());
            let options = options
                .iter()
                .filter(|(name, _)| has_option(backend, name))
                .map(|(k, v)| (k.clone(), v.clone()));
            let settings = Settings {
                format: format.map(str::to_owned),
                options: options.collect(),
                allow_narrower: args.allow.contains(&Allow::Narrower),
                // A pipeline says itself what becomes of fields; `none` that they stay as they are.
                no_mapping: !reading.pipeline.is_empty(),
                pipelines: reading.pipeline.iter().any(|path| path.as_os_str() != NO_PIPELINE),
            };
            settings.check(backend.target())?;
            Ok(Selected { backend, settings })
        })
        .collect()
}

fn backends<'a>(
    registry: &'a Registry,
    names: &[String],
    or_all: bool,
) -> Result<Vec<&'a dyn Backend>, String> {
    if names.is_empty() {
        return if or_all {
            Ok(registry.iter().collect())
        } else {
            Err(format!("a target is needed: `-t` with one or more of {}", Registry::ids().join(", ")))
        };
    }
    let mut found: Vec<&dyn Backend> = Vec::new();
    for name in names {
        let backend = registry.find(name).ok_or_else(|| unknown(name))?;
        if !found.iter().any(|known| known.target().id == backend.target().id) {
            found.push(backend);
        }
    }
    Ok(found)
}

pub(super) fn unknown(name: &str) -> String {
    let near = eqlc_diagnostics::nearest(name, Registry::ids());
    let hint = eqlc_diagnostics::did_you_mean(&near).map_or(String::new(), |hint| format!("; {hint}"));
    format!("no target `{name}`; there are {}{hint}", Registry::ids().join(", "))
}

fn options(args: &TargetArgs) -> Result<BTreeMap<String, String>, String> {
    let mut options = BTreeMap::new();
    for option in &args.options {
        let (name, value) =
            option.split_once('=').ok_or_else(|| format!("`{option}` is not of the form NAME=VALUE"))?;
        options.insert(name.to_owned(), value.to_owned());
    }
    for (name, value) in [("profile", &args.profile), ("taxonomy", &args.taxonomy)] {
        if let Some(value) = value {
            options.insert(name.to_owned(), value.clone());
        }
    }
    Ok(options)
}

fn has_option(backend: &dyn Backend, name: &str) -> bool {
    backend.target().options.iter().any(|option| option.name == name)
}
