//! `eqlc check`

use std::io;

use super::{count, load_rules};
use crate::args::CheckArgs;
use crate::console::{Console, Exit};

pub(crate) fn run(args: &CheckArgs, console: &mut Console) -> io::Result<Exit> {
    let loaded = match load_rules(&args.rules.rules, args.rules.strict_fields, console)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let broken = match loaded.broken() {
        0 => String::new(),
        broken => format!(", {broken} with errors"),
    };
    console.closing(&format!("checked {}{broken}", count(loaded.rules() + loaded.broken(), "rule")))?;
    Ok(loaded.exit)
}
