//! `eqlc compile -t osquery --guide`

use std::io::{self, Write};

use eqlc_driver::{OutputFolder, guide_packs, write_whole};

use super::{count, find_rules};
use crate::args::CompileArgs;
use crate::console::{Console, Exit};

/// The target whose packs hold queries of guides.
const TARGET: &str = "osquery";

/// The extension of packs of guides, which stand beside those of their rules.
const EXTENSION: &str = "guide.json";

pub(crate) fn run(args: &CompileArgs, console: &mut Console) -> io::Result<Exit> {
    if args.targets.target != [TARGET] {
        return console.usage("`--guide` needs `-t osquery` and no other target: guides hold queries for it");
    }
    let (inputs, mut exit) = match find_rules(&args.rules.rules, console)? {
        Ok(found) => found,
        Err(exit) => return Ok(exit),
    };
    let mut folder = args.output.as_deref().map(OutputFolder::new);
    let mut out = io::stdout().lock();
    let (mut written, headed) = (0, inputs.len() > 1);
    for input in &inputs {
        let found = guide_packs(input);
        console.diagnostics(&found.sources, &found.diagnostics)?;
        if found.broken {
            exit = exit.max(Exit::BrokenRules);
        }
        for (nth, pack) in &found.packs {
            let Some(folder) = &mut folder else {
                if headed {
                    writeln!(out, "==> {} (guide) <==", found.input.relative.display())?;
                }
                out.write_all(pack.as_bytes())?;
                written += 1;
                continue;
            };
            let file = folder.name(TARGET, &found.input.relative, *nth, EXTENSION);
            match file.and_then(|path| write_whole(&path, pack)) {
                Ok(()) => written += 1,
                Err(diagnostic) => {
                    console.plain(&[*diagnostic])?;
                    exit = Exit::Usage;
                }
            }
        }
    }
    console.closing(&format!("wrote {} of {}", count(written, "pack"), count(inputs.len(), "file")))?;
    Ok(exit)
}
