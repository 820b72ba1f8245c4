//! `eqlc completions`

use std::io;

use clap::CommandFactory;

use crate::args::{Cli, CompletionsArgs};
use crate::console::{Console, Exit};

pub(crate) fn run(args: &CompletionsArgs, _: &mut Console) -> io::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "eqlc", &mut script);
    io::Write::write_all(&mut io::stdout().lock(), &script)?;
    Ok(Exit::Fine)
}
