//! What users choose from by the option `profile`: where the events of Windows come from. The tables of Linux and
//! macOS belong to every choice.

use std::sync::OnceLock;

use eqlc_backend::EventMap;
use eqlc_backend::mapping::Others;
use indexmap::IndexMap;

use crate::piped;
use crate::profile::{Profile, Table};

/// A choice, with its maps. Each is read when it is first asked for: nearly every run needs one of them.
///
/// The files are compiled in and a test reads them, so that there is none only where that test fails.
#[derive(Debug)]
pub(crate) struct Choice {
    files: &'static Files,
    ecs: OnceLock<Option<EventMap>>,
    sigma: OnceLock<Option<EventMap>>,
    piped: OnceLock<Option<EventMap>>,
    verbatim: OnceLock<Option<EventMap>>,
    pub(crate) profile: Profile,
}

impl Choice {
    /// From ECS.
    pub(crate) fn ecs(&self) -> Option<&EventMap> {
        self.ecs
            .get_or_init(|| EventMap::parse_all(self.files.ecs).ok().map(|map| self.with_rows(map)))
            .as_ref()
    }

    /// The map with the rows of its sources, so that several of them answer a query together.
    fn with_rows(&self, mut map: EventMap) -> EventMap {
        for source in &mut map.sources {
            source.rows = self.profile.table(&source.log_source).map(Table::rows);
        }
        map
    }

    /// From Sigma's log sources and fields.
    pub(crate) fn sigma(&self) -> Option<&EventMap> {
        self.sigma.get_or_init(|| EventMap::parse_all(self.files.sigma).ok()).as_ref()
    }

    /// From Sigma's log sources where fields have names of ECS, or those that pipelines gave them.
    pub(crate) fn piped(&self) -> Option<&EventMap> {
        self.piped.get_or_init(|| Some(piped::map(self.sigma()?, self.ecs()?, &self.profile))).as_ref()
    }

    /// From Sigma's log sources; fields keep their names.
    pub(crate) fn verbatim(&self) -> Option<&EventMap> {
        self.verbatim.get_or_init(|| self.sigma().cloned().map(verbatim)).as_ref()
    }
}

/// A file with its name.
type File = (&'static str, &'static str);

macro_rules! file {
    ($name:literal) => {
        ($name, include_str!(concat!("../maps/", $name, ".yml")))
    };
}

/// The files of a choice. Earlier sources win.
#[derive(Debug)]
struct Files {
    id: &'static str,
    /// Maps from ECS.
    ecs: &'static [File],
    /// Maps from Sigma.
    sigma: &'static [File],
    columns: &'static [File],
}

static CHOICES: [Files; 2] = [
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
            for maps in [files.ecs, files.sigma] {
                EventMap::parse_all(maps).unwrap_or_else(|error| panic!("{error}"));
            }
            (files.id, self.get(files.id).unwrap())
        })
    }
}

fn choice(files: &'static Files) -> Result<Choice, String> {
    let texts = files.columns.iter().map(|(_, text)| *text);
    let profile = Profile::parse(texts).map_err(|error| format!("{}: {error}", files.id))?;
    let unread = OnceLock::new;
    Ok(Choice { files, ecs: unread(), sigma: unread(), piped: unread(), verbatim: unread(), profile })
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
