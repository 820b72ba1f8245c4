//! The command in a folder, with nothing on standard input.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// How it ended and what it said.
pub(crate) fn eqlc(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eqlc"))
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("the command runs")
}
