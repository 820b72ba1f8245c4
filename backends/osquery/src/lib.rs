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

mod asked;
mod cell;
mod columns;
mod computed;
pub mod describe;
mod event;
pub mod functions;
mod guide;
mod header;
mod layout;
mod limits;
mod literal;
mod network;
mod pack;
mod pair;
mod piped;
mod predicate;
mod profile;
mod profiles;
mod raw;
mod read;
mod regex;
mod requirements;
mod schedule;
pub mod schema;
mod sequence;
mod sql;
mod test;
mod text;
mod value;
mod view;
mod watch;
mod weight;

#[cfg(test)]
mod tests;

pub use cell::Cell;
pub use guide::guide_pack;
pub use header::{header_holds, header_rules};
pub use view::RowsQuery;

use eqlc_backend::mapping::{asks_log_sources, taxonomy_of};
use eqlc_backend::{Artifact, Backend, EventMap, Legal, Loss, ReadBack, Requirement, Settings, Target};
use eqlc_diagnostics::codes::targets;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use eqlc_ir::{Body, Rule, Taxonomy};
use sqlparser::ast::Query;

use profile::Profile;
use profiles::{Choice, Choices};

/// The target `osquery`.
#[derive(Debug)]
pub struct Osquery {
    target: Target,
    profiles: Choices,
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
        Ok(Self { target, profiles: Choices::default() })
    }

    /// The seconds between two runs of the query of a mapped rule, for which it is written; none where it finds all
    /// rows that there are, whenever it runs.
    #[must_use]
    pub fn interval_s(&self, settings: &Settings, rule: &Rule) -> Option<u64> {
        let looks_back = match &rule.body {
            Body::Event(query) => event::looks_back(&asked::asked(query, self.profile(settings)?).ok()?),
            _ => true,
        };
        looks_back.then(|| schedule::interval_s(rule))
    }

    fn choice(&self, settings: &Settings) -> Option<&Choice> {
        let option = |name| settings.option(&self.target, name);
        self.profiles.on(option("profile"), option("platform"))
    }

    fn profile(&self, settings: &Settings) -> Option<&Profile> {
        self.choice(settings).map(|choice| &choice.profile)
    }
}

impl Backend for Osquery {
    fn target(&self) -> &Target {
        &self.target
    }

    fn event_map(&self, settings: &Settings, rule: &Rule) -> Option<&EventMap> {
        let choice = self.choice(settings)?;
        match taxonomy_of(rule) {
            Taxonomy::Ecs if asks_log_sources(rule) => choice.piped(),
            Taxonomy::Ecs => choice.ecs(),
            Taxonomy::Sigma | Taxonomy::Target(_) if settings.pipelines => choice.piped(),
            Taxonomy::Sigma | Taxonomy::Target(_) if settings.no_mapping => choice.verbatim(),
            Taxonomy::Sigma | Taxonomy::Target(_) => choice.sigma(),
        }
    }

    fn emit(&self, legal: &Legal, settings: &Settings) -> Result<Artifact, Diagnostics> {
        let wanted = settings.format(&self.target);
        let (Some(profile), Some(format)) = (self.profile(settings), self.target.format(wanted)) else {
            let message = "target `osquery` has no such profile or output format";
            return Err(vec![Diagnostic::error(targets::CONTENT_REFUSED, message)]);
        };
        let rule = legal.rule();
        let emitted = match &rule.body {
            Body::Event(query) => event::emit(query, schedule::interval_s(rule), profile)?,
            Body::Sequence(sequence) => sequence::emit(sequence, schedule::interval_s(rule), profile)?,
            Body::Sample(_) | Body::Correlation(_) => {
                let message = "target `osquery` has a form for events and sequences only";
                return Err(vec![Diagnostic::error(targets::CONSTRUCT_REFUSED, message)]);
            }
        };
        limits::check(&emitted.query)?;
        let (mut text, bent) = match format.id.as_str() {
            "pack" => pack::text(rule, &emitted.query, profile)?,
            _ => (layout::pretty(&emitted.query.to_string()), Vec::new()),
        };
        text.push('\n');
        let mut losses = legal.losses().to_vec();
        let own = emitted.losses.into_iter().chain(bent);
        losses.extend(own.filter(|loss| !legal.losses().contains(loss)));
        Ok(Artifact::new(&self.target, settings, text, losses))
    }

    fn requirements(&self, settings: &Settings) -> Vec<Requirement> {
        let mut all = self.profile(settings).map(requirements::of).unwrap_or_default();
        let platform = settings.option(&self.target, "platform");
        all.retain(|one| platform == "any" || one.platform == platform);
        all
    }

    fn requirements_of(&self, legal: &Legal, settings: &Settings) -> Vec<Requirement> {
        let queries = legal.rule().queries();
        let asked = |profile| {
            let each = queries.iter().map(|query| asked::asked(query, profile));
            Some(each.collect::<Result<Vec<_>, _>>().ok()?.into_iter().flatten().collect::<Vec<_>>())
        };
        let query = Settings { format: Some("query".to_owned()), ..settings.clone() };
        let (Some(asked), Ok(artifact)) = (self.profile(settings).and_then(asked), self.emit(legal, &query))
        else {
            return Vec::new();
        };
        let tables: Vec<_> = asked.iter().flat_map(asked::Asked::parts).map(|(table, _)| table).collect();
        requirements::of_tables(&tables, &layout::tables(&artifact.text.replace('\n', " ")))
    }

    fn read_back(&self, artifact: &Artifact) -> Result<ReadBack, Diagnostics> {
        read::read(artifact)
    }
}
