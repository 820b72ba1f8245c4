//! What users choose from by the option `profile`: where the events of Windows come from. The tables of Linux and
//! macOS belong to every choice.

use std::sync::OnceLock;

use eqlc_backend::EventMap;
use eqlc_backend::mapping::Others;
use indexmap::IndexMap;

use crate::piped;
use crate::profile::Profile;

/// A choice, with its maps.
#[derive(Debug)]
pub(crate) struct Choice {
    /// From ECS; and from log sources where fields have names of ECS, or those that pipelines gave them.
    pub(crate) ecs: EventMap,
    /// From Sigma's log sources and fields.
    pub(crate) sigma: EventMap,
    /// From Sigma's log sources; fields keep their names.
    pub(crate) verbatim: EventMap,
    pub(crate) profile: Profile,
}

/// A file with its name.
type File = (&'static str, &'static str);

macro_rules! file {
    ($name:literal) => {
        ($name, include_str!(concat!("../maps/", $name, ".yml")))
    };
}

/// The files of a choice. Earlier sources win.
struct Files {
    id: &'static str,
    /// Maps from ECS.
    ecs: &'static [File],
    /// Maps from Sigma.
    sigma: &'static [File],
    columns: &'static [File],
}

const CHOICES: [Files; 2] = [
    Files {
        id: "sysmon",
        ecs: &[file!("sysmon"), file!("security"), file!("linux"), file!("macos")],
        sigma: &[file!("sysmon.sigma"), file!("event_log.sigma"), file!("linux.sigma"), file!("macos.sigma")],
        columns: &[
            file!("sysmon.columns"),
            file!("security.columns"),
            file!("event_log.columns"),
            file!("linux.columns"),
            file!("macos.columns"),
        ],
    },
    Files {
        id: "native",
        ecs: &[file!("native"), file!("security"), file!("linux"), file!("macos")],
        sigma: &[file!("native.sigma"), file!("event_log.sigma"), file!("linux.sigma"), file!("macos.sigma")],
        columns: &[
            file!("native.columns"),
            file!("security.columns"),
            file!("event_log.columns"),
            file!("linux.columns"),
            file!("macos.columns"),
        ],
    },
];

/// The choices, each read when it is first asked for.
#[derive(Debug, Default)]
pub(crate) struct Choices {
    read: [OnceLock<Option<Choice>>; CHOICES.len()],
}

impl Choices {
    /// The choice of this name; none where there is no such choice.
    ///
    /// Its files are compiled in and a test reads them.
    pub(crate) fn get(&self, id: &str) -> Option<&Choice> {
        let at = CHOICES.iter().position(|files| files.id == id)?;
        let files = CHOICES.get(at)?;
        self.read.get(at)?.get_or_init(|| choice(files).ok()).as_ref()
    }

    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &Choice)> {
        CHOICES.iter().map(|files| {
            choice(files).unwrap_or_else(|error| panic!("{error}"));
            (files.id, self.get(files.id).unwrap())
        })
    }
}

fn choice(files: &Files) -> Result<Choice, String> {
    let sigma = EventMap::parse_all(files.sigma)?;
    let mut ecs = EventMap::parse_all(files.ecs)?;
    let texts = files.columns.iter().map(|(_, text)| *text);
    let profile = Profile::parse(texts).map_err(|error| format!("{}: {error}", files.id))?;
    ecs.logged = Some(Box::new(piped::map(&sigma, &ecs, &profile)));
    Ok(Choice { ecs, verbatim: verbatim(sigma.clone()), sigma, profile })
}

fn verbatim(mut map: EventMap) -> EventMap {
    map.groups.clear();
    for source in &mut map.sources {
        source.groups.clear();
        source.fields = IndexMap::new();
        source.others = Some(Others { plain_names: true, ..Others::default() });
    }
    map
}
