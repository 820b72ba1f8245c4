//! The `eqlc` command.

mod args;
mod commands;
mod console;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};
use crate::console::{Console, Exit};

/// Trees are many small allocations; this allocator makes checking a quarter faster than that of glibc.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, anything else is wrong usage. Nothing is left to say where even
            // printing fails.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Fine.into() };
        }
    };
    if let Some(error) = args::misplaced_format(&cli) {
        eprintln!("error: {error}");
        return Exit::Usage.into();
    }
    let mut console = Console::new(&cli.global);
    let result = match cli.command {
        Command::Check(args) => commands::check::run(&args, &mut console),
        Command::Lint(args) => commands::lint::run(&args, &mut console),
        Command::Fmt(args) => commands::fmt::run(&args, &mut console),
        Command::Compile(args) => commands::compile::run(&args, &mut console),
        Command::Verify(args) => commands::verify::run(&args, &mut console),
        Command::Witness(args) => commands::witness::run(&args, &mut console),
        Command::Test(args) => commands::test::run(&args, &mut console),
        Command::Run(args) => commands::run::run(&args, &mut console),
        Command::Diff(args) => commands::diff::run(&args, &mut console),
        Command::Fields(args) => commands::fields::run(&args, &mut console),
        Command::Explain(args) => commands::explain::run(&args, &mut console),
        Command::Targets(args) => commands::targets::run(&args, &mut console),
        Command::Completions(args) => commands::completions::run(&args, &mut console),
    };
    match result {
        Ok(exit) => exit.into(),
        // The reader of our output went away (`eqlc … | head`): not worth a word.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Exit::Fine.into(),
        Err(error) => {
            eprintln!("error: the output cannot be written: {error}");
            Exit::Usage.into()
        }
    }
}
