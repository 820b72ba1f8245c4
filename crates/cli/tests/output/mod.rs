//! What a command that ended said.

use std::process::Output;

/// How it ended.
pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().expect("ended by itself, not by a signal")
}

/// What it wrote to standard output.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What it wrote to standard error.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
