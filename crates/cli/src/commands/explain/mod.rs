//! `eqlc explain`: a code, or why a rule matches events or does not.

mod code;
mod event;
mod text;

use std::io;

use crate::args::ExplainArgs;
use crate::console::{Console, Exit};

pub(crate) fn run(args: &ExplainArgs, console: &mut Console) -> io::Result<Exit> {
    if args.event.is_empty() { code::run(args.what.as_deref(), console) } else { event::run(args, console) }
}
