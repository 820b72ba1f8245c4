//! The command in a folder of its own, with findings one line each.

use std::fs;
use std::path::Path;
use std::process::Command;

/// The exit code and what is said, one line each.
pub(crate) fn eqlc(folder: &Path, args: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_eqlc"))
        .args(args)
        .args(["--format", "short", "--color", "never"])
        .current_dir(folder)
        .output()
        .unwrap();
    let code = output.status.code().expect("ended by itself, not by a signal");
    (code, String::from_utf8(output.stderr).unwrap() + &String::from_utf8(output.stdout).unwrap())
}

/// A folder with these files.
pub(crate) fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// The same in a folder with these files, as one text.
pub(crate) fn said(files: &[(&str, &str)], args: &[&str]) -> String {
    let (code, said) = eqlc(folder(files).path(), args);
    format!("exit {code}\n{said}")
}
