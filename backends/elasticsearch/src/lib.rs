//! IR to Elasticsearch EQL and back.
//!
//! ECS is the taxonomy of the target, so nothing of a rule in ECS is mapped; the log sources and fields of Sigma are
//! (`maps/sigma.yml`). What the IR holds that EQL cannot say is refused by the target's capabilities.

mod build;
mod lucene;
mod request;

use eqlc_backend::{Artifact, Backend, EventMap, Language, Legal, ReadBack, Settings, Target};
use eqlc_diagnostics::codes::targets;
use eqlc_diagnostics::{Diagnostic, Diagnostics, Fragment, SourceId, SourceMap, has_errors};
use eqlc_ir::Rule;

/// The Elasticsearch backend.
#[derive(Debug)]
pub struct Elasticsearch {
    target: Target,
    logs: EventMap,
    verbatim: EventMap,
}

const REQUEST: &str = "request";
const KIBANA: &str = "kibana";
const TOML: &str = "toml";

impl Elasticsearch {
    /// The backend.
    ///
    /// # Errors
    /// The data compiled in does not parse; a test holds it to that.
    pub fn new() -> Result<Self, String> {
        Ok(Self {
            target: Target::parse(include_str!("../target.yml"))?,
            logs: EventMap::parse(include_str!("../maps/sigma.yml"))?,
            verbatim: EventMap::parse(include_str!("../maps/verbatim.yml"))?,
        })
    }
}

impl Backend for Elasticsearch {
    fn target(&self) -> &Target {
        &self.target
    }

    fn event_map(&self, settings: &Settings, _: &Rule) -> Option<&EventMap> {
        Some(if settings.no_mapping { &self.verbatim } else { &self.logs })
    }

    fn emit(&self, legal: &Legal, settings: &Settings) -> Result<Artifact, Diagnostics> {
        let query = eqlc_eql::print(&build::query(legal.rule())?);
        if query.len() > eqlc_eql::MAX_BYTES {
            let message = format!("the query has {} bytes, more than {}", query.len(), eqlc_eql::MAX_BYTES);
            return Err(vec![Diagnostic::error(targets::CONTENT_REFUSED, message)]);
        }
        let format = settings.format(&self.target);
        let meta = &legal.rule().meta;
        let text = match format {
            REQUEST => request::body(&query, meta),
            KIBANA => eqlc_rules::write::kibana::text(meta, &query),
            TOML => eqlc_rules::write::toml::text(meta, &query),
            _ => query,
        };
        Ok(Artifact::new(&self.target, settings, text, legal.losses().to_vec()))
    }

    fn read_back(&self, artifact: &Artifact) -> Result<ReadBack, Diagnostics> {
        let text = match artifact.format.as_str() {
            REQUEST => request::query(&artifact.text).ok_or_else(|| {
                vec![Diagnostic::error(targets::READ_BACK, "the request body holds no query")]
            })?,
            KIBANA | TOML => document_query(artifact)?,
            _ => artifact.text.clone(),
        };
        let parsed = eqlc_eql::parse(&Fragment::verbatim(SourceId::default(), 0, text.clone()));
        if has_errors(&parsed.diagnostics) {
            return Err(parsed.diagnostics);
        }
        let reprinted = eqlc_eql::print(&parsed.tree);
        Ok(ReadBack::Source { language: Language::Eql, text, reprinted })
    }
}

/// The query of a rule document, in the layout of the printer: documents may end it without a line feed.
fn document_query(artifact: &Artifact) -> Result<String, Diagnostics> {
    let name = format!("rule.{}", artifact.extension);
    let read = eqlc_rules::read(&name, artifact.text.as_bytes(), &mut SourceMap::new());
    if has_errors(&read.diagnostics) {
        return Err(read.diagnostics);
    }
    match read.tree.documents.as_slice() {
        [only] => Ok(format!("{}\n", only.query.fragment.text().trim_end())),
        _ => Err(vec![Diagnostic::error(targets::READ_BACK, "the document does not hold one rule")]),
    }
}

#[cfg(test)]
mod map_tests;
#[cfg(test)]
mod tests;
