//! What users choose from by the option `profile`: where the events of Windows come from. The tables of Linux and
//! macOS belong to every choice.

use std::sync::OnceLock;

use eqlc_backend::EventMap;
use eqlc_backend::mapping::Others;
use indexmap::IndexMap;

use crate::profile::Profile;

/// A choice, with its maps.
#[derive(Debug)]
pub(crate) struct Choice {
    /// From ECS.
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

/// The files of a choice: maps from ECS, maps from Sigma, columns. Earlier sources win.
const CHOICES: [(&str, &[File], &[File], &[File]); 2] = [
    (
        "sysmon",
        &[file!("sysmon"), file!("security"), file!("linux"), file!("macos")],
        &[file!("sysmon.sigma"), file!("event_log.sigma"), file!("linux.sigma"), file!("macos.sigma")],
        &[
            file!("sysmon.columns"),
            file!("security.columns"),
            file!("event_log.columns"),
            file!("linux.columns"),
            file!("macos.columns"),
        ],
    ),
    (
        "native",
        &[file!("native"), file!("security"), file!("linux"), file!("macos")],
        &[file!("native.sigma"), file!("event_log.sigma"), file!("linux.sigma"), file!("macos.sigma")],
        &[
            file!("native.columns"),
            file!("security.columns"),
            file!("event_log.columns"),
            file!("linux.columns"),
            file!("macos.columns"),
        ],
    ),
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
        let at = CHOICES.iter().position(|(known, ..)| *known == id)?;
        let (id, ecs, sigma, columns) = CHOICES.get(at)?;
        self.read.get(at)?.get_or_init(|| choice(id, ecs, sigma, columns).ok()).as_ref()
    }

    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &Choice)> {
        CHOICES.iter().map(|(id, ecs, sigma, columns)| {
            choice(id, ecs, sigma, columns).unwrap_or_else(|error| panic!("{error}"));
            (*id, self.get(id).unwrap())
        })
    }
}

fn choice(id: &str, ecs: &[File], sigma: &[File], columns: &[File]) -> Result<Choice, String> {
    let sigma = EventMap::parse_all(sigma)?;
    let texts = columns.iter().map(|(_, text)| *text);
    Ok(Choice {
        ecs: EventMap::parse_all(ecs)?,
        verbatim: verbatim(sigma.clone()),
        sigma,
        profile: Profile::parse(texts).map_err(|error| format!("{id}: {error}"))?,
    })
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
