//! IR to Sigma YAML and back.
//!
//! A rule over single events becomes one document, a correlation becomes a file of several: its rules, which
//! raise no alert of their own, and the correlation over them. Two taxonomies are written, SigmaHQ's own by
//! log source and ECS; which one is an option of the target, and the field names of the legal rule say it.

mod correlation;
mod detection;
mod document;
mod meta;
mod refuse;
mod time;

use eqlc_backend::{Artifact, Backend, EventMap, Language, Legal, ReadBack, Settings, Target};
use eqlc_diagnostics::{Diagnostics, Fragment, SourceId, has_errors};
use eqlc_ir::{Rule, Taxonomy};

/// The Sigma backend.
#[derive(Debug)]
pub struct Sigma {
    target: Target,
    sigma: EventMap,
    ecs: EventMap,
}

const TAXONOMY: &str = "taxonomy";
const ECS: &str = "ecs";

/// The most that a reader of Sigma files takes.
const MAX_BYTES: usize = 4 * 1024 * 1024;

impl Sigma {
    /// The backend.
    ///
    /// # Errors
    /// The data compiled in does not parse; a test holds it to that.
    pub fn new() -> Result<Self, String> {
        Ok(Self {
            target: Target::parse(include_str!("../target.yml"))?,
            sigma: EventMap::parse_all(&[
                ("logs", include_str!("../maps/logs.yml")),
                ("cloud", include_str!("../maps/cloud.yml")),
                ("sigma", include_str!("../maps/sigma.yml")),
            ])?,
            ecs: EventMap::parse(include_str!("../maps/ecs.yml"))?,
        })
    }
}

impl Backend for Sigma {
    fn target(&self) -> &Target {
        &self.target
    }

    fn event_map(&self, settings: &Settings, _: &Rule) -> Option<&EventMap> {
        match settings.option(&self.target, TAXONOMY) {
            ECS => Some(&self.ecs),
            _ => Some(&self.sigma),
        }
    }

    fn emit(&self, legal: &Legal, settings: &Settings) -> Result<Artifact, Diagnostics> {
        let asked = match settings.option(&self.target, TAXONOMY) {
            ECS => Taxonomy::Ecs,
            _ => Taxonomy::Sigma,
        };
        let file = document::file(legal.rule(), asked)?;
        let text = eqlc_sigma::write(&file);
        if text.len() > MAX_BYTES {
            let what = "the output is larger than the 4 MiB that readers of Sigma files take";
            return Err(refuse::content(eqlc_diagnostics::Span::default(), what));
        }
        Ok(Artifact::new(&self.target, settings, text, legal.losses().to_vec()))
    }

    fn read_back(&self, artifact: &Artifact) -> Result<ReadBack, Diagnostics> {
        let text = artifact.text.clone();
        let parsed = eqlc_sigma::parse(&Fragment::verbatim(SourceId::default(), 0, text.clone()));
        if has_errors(&parsed.diagnostics) {
            return Err(parsed.diagnostics);
        }
        let reprinted = eqlc_sigma::write(&parsed.tree);
        Ok(ReadBack::Source { language: Language::Sigma, text, reprinted })
    }
}

#[cfg(test)]
mod tests;
