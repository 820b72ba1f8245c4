//! SARIF 2.1.0, for code scanning.

use std::io::{self, Write};

use eqlc_diagnostics::{Diagnostics, SourceMap};
use eqlc_report::SarifLog;
use serde_json::json;

use super::{About, Form, Totals};

#[derive(Default)]
pub(super) struct Sarif {
    log: SarifLog,
}

impl Form for Sarif {
    fn head(&mut self, _: &Totals, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn rule(&mut self, about: &About<'_>, findings: &Diagnostics, _: &mut dyn Write) -> io::Result<()> {
        self.log.add(&about.unit.sources, Some(&about.unit.input.name()), findings);
        Ok(())
    }

    fn file(&mut self, sources: &SourceMap, findings: &Diagnostics, _: &mut dyn Write) -> io::Result<()> {
        self.log.add(sources, None, findings);
        Ok(())
    }

    fn foot(&mut self, totals: &Totals, out: &mut dyn Write) -> io::Result<()> {
        let targets = totals.record.targets.iter().zip(&totals.targets);
        let targets: serde_json::Map<String, serde_json::Value> =
            targets.map(|(target, totals)| (target.target.clone(), json!(totals))).collect();
        let properties = json!({ "record": totals.record, "rules": totals.rules, "totals": targets });
        let log = std::mem::take(&mut self.log).finish(env!("CARGO_PKG_VERSION"), properties);
        serde_json::to_writer_pretty(&mut *out, &log)?;
        writeln!(out)
    }
}
