//! `eqlc witness`

use std::io::{self, Write};

use eqlc_driver::{
    MadeSettings, MadeStreams, OutputFolder, Unit, events_as_lines, make_streams, streams_as_fixture,
    streams_as_json, write_whole,
};

use super::{count, load_checked};
use crate::args::{MadeForm, WitnessArgs};
use crate::console::{Console, Exit};

pub(crate) fn run(args: &WitnessArgs, console: &mut Console) -> io::Result<Exit> {
    let loaded = match load_checked(&args.rules, console)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let settings = MadeSettings {
        near_misses: args.near_misses,
        all_branches: args.all_branches,
        limit: args.limit.map(std::num::NonZeroUsize::get),
        seed: args.seed,
        now: args.now,
    };
    let default = if console.is_json() { MadeForm::Json } else { MadeForm::Ndjson };
    let mut outputs = Outputs {
        form: args.output_format.unwrap_or(default),
        folder: args.output.as_deref().map(OutputFolder::new),
        settings,
        streams: 0,
        without: 0,
        exit: loaded.exit,
    };
    for (unit, rules) in loaded.units.iter().zip(make_streams(&loaded.units, &settings)) {
        for made in rules {
            outputs.rule(unit, &made, console)?;
        }
    }
    let without = match outputs.without {
        0 => String::new(),
        without => format!(", {} without", count(without, "rule")),
    };
    let (streams, rules) = (count(outputs.streams, "stream"), count(loaded.rules(), "rule"));
    console.closing(&format!("made {streams} for {rules}{without}"))?;
    Ok(outputs.exit)
}

/// Where streams go and what became of them.
struct Outputs {
    form: MadeForm,
    folder: Option<OutputFolder>,
    settings: MadeSettings,
    streams: usize,
    without: usize,
    exit: Exit,
}

impl Outputs {
    fn rule(&mut self, unit: &Unit, made: &MadeStreams<'_>, console: &mut Console) -> io::Result<()> {
        if let Some(finding) = &made.finding {
            self.without += 1;
            self.exit = self.exit.max(Exit::Findings);
            // Checking has said so already.
            if !unit
                .diagnostics
                .iter()
                .any(|known| known.code == finding.code && known.span() == finding.span())
            {
                console.diagnostics(&unit.sources, std::slice::from_ref(finding))?;
            }
        }
        if made.streams.is_empty() && self.form != MadeForm::Json {
            return Ok(());
        }
        let (text, extension) = match self.form {
            MadeForm::Ndjson => (events_as_lines(made), "ndjson"),
            MadeForm::Json => (format!("{}\n", streams_as_json(made, unit, &self.settings)), "json"),
            MadeForm::Fixture => (streams_as_fixture(made, unit, &self.settings), "tests.yml"),
        };
        let Some(folder) = &mut self.folder else {
            let first = self.streams == 0;
            self.streams += made.streams.len();
            let mut out = io::stdout().lock();
            // What belongs together stands together: streams are told apart by empty lines.
            if !first && self.form == MadeForm::Ndjson {
                writeln!(out)?;
            }
            return out.write_all(text.as_bytes());
        };
        let written = folder
            .name("", &unit.input.relative, made.rule.nth, extension)
            .and_then(|path| write_whole(&path, &text));
        match written {
            Ok(()) => self.streams += made.streams.len(),
            Err(diagnostic) => {
                console.plain(&[*diagnostic])?;
                self.exit = Exit::Usage;
            }
        }
        Ok(())
    }
}
