//! The native plan and its reference evaluator, which is the meaning of the IR.
//!
//! The target holds everything the IR can say and speaks every taxonomy, so nothing is mapped and nothing is
//! lost: what is refused is only what the evaluator cannot run ([`reference::RunError`]).

pub mod engine;
pub mod file;
pub mod plan;
pub mod reference;
#[cfg(test)]
mod tests;

use eqlc_backend::{Artifact, Backend, EventMap, Legal, ReadBack, Settings, Target};
use eqlc_diagnostics::codes::targets;
use eqlc_diagnostics::{Code, Diagnostic, Diagnostics, Span};
use eqlc_ir::Rule;

/// The native backend.
#[derive(Debug)]
pub struct Native {
    target: Target,
}

impl Native {
    /// The backend.
    ///
    /// # Errors
    /// The data compiled in does not parse; a test holds it to that.
    pub fn new() -> Result<Self, String> {
        Ok(Self { target: Target::parse(include_str!("../target.yml"))? })
    }
}

impl Backend for Native {
    fn target(&self) -> &Target {
        &self.target
    }

    fn event_map(&self, _: &Settings, _: &Rule) -> Option<&EventMap> {
        None
    }

    fn emit(&self, legal: &Legal, settings: &Settings) -> Result<Artifact, Diagnostics> {
        reference::check(legal.rule())
            .map_err(|error| refusal(targets::CONTENT_REFUSED, &error, error.span()))?;
        let text =
            plan::write(legal.rule()).map_err(|error| refusal(targets::CONTENT_REFUSED, &error, None))?;
        Ok(Artifact::new(&self.target, settings, text, legal.losses().to_vec()))
    }

    fn read_back(&self, artifact: &Artifact) -> Result<ReadBack, Diagnostics> {
        let rule = plan::read(&artifact.text).map_err(|error| refusal(targets::READ_BACK, &error, None))?;
        Ok(ReadBack::Rule(Box::new(rule)))
    }
}

fn refusal(code: Code, error: &dyn std::error::Error, span: Option<Span>) -> Diagnostics {
    let finding = Diagnostic::error(code, error.to_string());
    vec![match span {
        Some(span) => finding.at(span, "here"),
        None => finding,
    }]
}
