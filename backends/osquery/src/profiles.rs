//! What users choose from by the option `profile`: where the events of Windows come from. The tables of Linux and
//! macOS belong to every choice. The option `platform` leaves the sources of one system: a query runs on one.

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
    /// The product of the log sources that are left; none: all.
    product: Option<&'static str>,
    ecs: OnceLock<Option<EventMap>>,
    sigma: OnceLock<Option<EventMap>>,
    piped: OnceLock<Option<EventMap>>,
    verbatim: OnceLock<Option<EventMap>>,
    pub(crate) profile: Profile,
}

impl Choice {
    /// From ECS.
    pub(crate) fn ecs(&self) -> Option<&EventMap> {
        self.ecs.get_or_init(|| self.read(self.files.ecs).map(|map| self.with_rows(map))).as_ref()
    }

    fn read(&self, files: &'static [File]) -> Option<EventMap> {
        let mut map = EventMap::parse_all(files).ok()?;
        if let Some(product) = self.product {
            map.sources.retain(|source| source.log_source.product.as_deref() == Some(product));
        }
        Some(map)
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
        self.sigma.get_or_init(|| self.read(self.files.sigma)).as_ref()
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

/// Names of platforms in osquery's words, and the product of their log sources; the first has all.
const PLATFORMS: [(&str, Option<&str>); 4] =
    [("any", None), ("windows", Some("windows")), ("linux", Some("linux")), ("darwin", Some("macos"))];

/// The choices, each read when it is first asked for.
#[derive(Debug, Default)]
pub(crate) struct Choices {
    read: [[OnceLock<Option<Choice>>; PLATFORMS.len()]; CHOICES.len()],
}

impl Choices {
    /// The choice of this name, for all platforms; none where there is no such choice.
    pub(crate) fn get(&self, id: &str) -> Option<&Choice> {
        self.on(id, "any")
    }

    /// The choice of this name with the sources of a platform; none where there is no such choice or platform.
    ///
    /// Its files are compiled in and a test reads them.
    pub(crate) fn on(&self, id: &str, platform: &str) -> Option<&Choice> {
        let at = CHOICES.iter().position(|files| files.id == id)?;
        let of = PLATFORMS.iter().position(|(name, _)| *name == platform)?;
        let (files, (_, product)) = (CHOICES.get(at)?, PLATFORMS.get(of)?);
        self.read.get(at)?.get(of)?.get_or_init(|| choice(files, *product).ok()).as_ref()
    }

    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &Choice)> {
        CHOICES.iter().map(|files| {
            choice(files, None).unwrap_or_else(|error| panic!("{error}"));
            for maps in [files.ecs, files.sigma] {
                EventMap::parse_all(maps).unwrap_or_else(|error| panic!("{error}"));
            }
            (files.id, self.get(files.id).unwrap())
        })
    }
}

fn choice(files: &'static Files, product: Option<&'static str>) -> Result<Choice, String> {
    let texts = files.columns.iter().map(|(_, text)| *text);
    let profile = Profile::parse(texts).map_err(|error| format!("{}: {error}", files.id))?;
    let unread = OnceLock::new;
    Ok(Choice {
        files,
        product,
        ecs: unread(),
        sigma: unread(),
        piped: unread(),
        verbatim: unread(),
        profile,
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
