//! IR to osquery SQL and back.
//!
//! A mapped rule names log sources of a profile; each is a table of osquery with a row filter, and each mapped
//! field is a SQL expression over its row (`maps/*.columns.yml`). The rule becomes a tree of `sqlparser`, never
//! pasted text: what a user wrote enters it as literals only.
//!
//! # What the SQL means
//!
//! The meaning is that of the IR, on the text that a table of osquery can hold:
//!
//! * a text column has no value where it is null **or empty** (osquery writes `''` for what is missing);
//! * a condition counts as false where SQL says null, so a negation is `(…) IS NOT TRUE`;
//! * a text holds no NUL character, and addresses are written plainly (`10.0.0.1`, not `::ffff:10.0.0.1`);
//! * without regard to letter case, ASCII letters are compared by `LIKE`, which knows only those: the two
//!   characters outside ASCII that fold to an ASCII letter (`U+017F`, `U+212A`) do not match it. A pattern with
//!   a letter outside ASCII is written as `GLOB` with every case of every letter and is exact.

mod event;
pub mod functions;
mod layout;
mod literal;
mod network;
mod pack;
mod predicate;
mod profile;
mod read;
mod regex;
pub mod schema;
mod sequence;
mod sql;
mod test;
mod text;
mod view;

#[cfg(test)]
mod tests;

pub use profile::Requirement;

use eqlc_backend::{Artifact, Backend, EventMap, Legal, Loss, ReadBack, Settings, Target};
use eqlc_diagnostics::codes::targets;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use eqlc_ir::{Body, Taxonomy};
use sqlparser::ast::Query;

use profile::Profile;

/// Id, event map and columns of each profile; the files are compiled in.
const PROFILES: [(&str, &str, &str); 2] = [
    ("sysmon", include_str!("../maps/sysmon.yml"), include_str!("../maps/sysmon.columns.yml")),
    ("native", include_str!("../maps/native.yml"), include_str!("../maps/native.columns.yml")),
];

/// The target `osquery`.
#[derive(Debug)]
pub struct Osquery {
    target: Target,
    profiles: Vec<(&'static str, EventMap, Profile)>,
}

/// A query and what emitting it bent.
struct Emitted {
    query: Query,
    losses: Vec<Loss>,
}

impl Osquery {
    /// The target with its profiles.
    ///
    /// # Errors
    /// The data compiled in does not parse; a test holds it to that.
    pub fn new() -> Result<Self, String> {
        let target = Target::parse(include_str!("../target.yml"))?;
        let mut profiles = Vec::with_capacity(PROFILES.len());
        for (id, map, columns) in PROFILES {
            let map = EventMap::parse(map).map_err(|error| format!("{id}: {error}"))?;
            let profile = Profile::parse(columns).map_err(|error| format!("{id}: {error}"))?;
            profiles.push((id, map, profile));
        }
        Ok(Self { target, profiles })
    }

    /// What an agent must be started with so that the tables of a profile have rows; empty for a profile that
    /// does not exist.
    #[must_use]
    pub fn requires(&self, profile: &str) -> &[Requirement] {
        self.profiles
            .iter()
            .find(|(id, _, _)| *id == profile)
            .map_or(&[], |(_, _, profile)| profile.requires.as_slice())
    }

    fn profile(&self, settings: &Settings) -> Option<&(&'static str, EventMap, Profile)> {
        let wanted = settings.option(&self.target, "profile");
        self.profiles.iter().find(|(id, _, _)| *id == wanted)
    }
}

impl Backend for Osquery {
    fn target(&self) -> &Target {
        &self.target
    }

    fn event_map(&self, settings: &Settings, _: &Taxonomy) -> Option<&EventMap> {
        self.profile(settings).map(|(_, map, _)| map)
    }

    fn emit(&self, legal: &Legal, settings: &Settings) -> Result<Artifact, Diagnostics> {
        let wanted = settings.format(&self.target);
        let (Some((_, _, profile)), Some(format)) = (self.profile(settings), self.target.format(wanted))
        else {
            let message = "target `osquery` has no such profile or output format";
            return Err(vec![Diagnostic::error(targets::CONTENT_REFUSED, message)]);
        };
        let rule = legal.rule();
        let emitted = match &rule.body {
            Body::Event(query) => event::emit(query, profile)?,
            Body::Sequence(sequence) => sequence::emit(sequence, &rule.meta, profile)?,
            Body::Sample(_) | Body::Correlation(_) => {
                let message = "target `osquery` has a form for events and sequences only";
                return Err(vec![Diagnostic::error(targets::CONSTRUCT_REFUSED, message)]);
            }
        };
        sql::check_nesting(&emitted.query)?;
        let mut text = match format.id.as_str() {
            "pack" => pack::text(rule, &emitted.query, profile),
            _ => layout::pretty(&emitted.query.to_string()),
        };
        text.push('\n');
        let mut losses = legal.losses().to_vec();
        losses.extend(emitted.losses.into_iter().filter(|loss| !legal.losses().contains(loss)));
        Ok(Artifact::new(&self.target, settings, text, losses))
    }

    fn read_back(&self, artifact: &Artifact) -> Result<ReadBack, Diagnostics> {
        read::read(artifact)
    }
}
