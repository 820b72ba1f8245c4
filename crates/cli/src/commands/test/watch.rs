//! Running tests again whenever something changes.

use std::io::{self, Write};
use std::thread::sleep;
use std::time::{Duration, Instant};

use eqlc_driver::{Chosen, LoadOptions, TestSettings, TestWatch};

use super::{Results, report};
use crate::args::TestArgs;
use crate::commands::{count, report as report_unit};
use crate::console::{Console, Exit};

/// The shortest time between two looks at the files.
const PAUSE: Duration = Duration::from_millis(250);

/// How many times as long as a look takes none is taken.
const REST: u32 = 5;

/// Runs until it is interrupted or nobody reads on.
pub(super) fn run(
    (args, targets): (&TestArgs, &[Chosen<'_>]),
    options: LoadOptions,
    settings: TestSettings,
    console: &mut Console,
) -> io::Result<Exit> {
    let mut watch = TestWatch::new(&args.rules, &args.tests, options, settings);
    loop {
        let began = Instant::now();
        let round = watch.look(targets);
        let looked = if round.is_some() { Duration::ZERO } else { began.elapsed() };
        if let Some(round) = round {
            console.plain(&round.inputs)?;
            console.diagnostics(&round.data.sources, &round.data.diagnostics)?;
            for unit in &round.units {
                report_unit(unit, console)?;
            }
            report(&Results { units: &round.units, tests: &round.tests, args }, Exit::Fine, console)?;
            watch.keep(round);
            if !console.is_quiet() {
                writeln!(io::stderr(), "watching {}; Ctrl-C ends", count(watch.files(), "file"))?;
            }
        }
        sleep(PAUSE.max(looked * REST));
    }
}
