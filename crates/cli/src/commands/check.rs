//! `eqlc check`

use std::io;

use super::lint::{closing, lints};
use super::{load_rules, options_of};
use crate::args::CheckArgs;
use crate::console::{Console, Exit};

pub(crate) fn run(args: &CheckArgs, console: &mut Console) -> io::Result<Exit> {
    let lints = match lints(&args.lints) {
        Ok(lints) => lints,
        Err(message) => return console.usage(&message),
    };
    let mut options = match options_of(&args.rules.reading, console)? {
        Ok(options) => options,
        Err(exit) => return Ok(exit),
    };
    options.lints = lints;
    options.conventions = true;
    let loaded = match load_rules(&args.rules.rules, options, console)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    closing(&args.lints, loaded.exit, &loaded.units, "", console)
}
