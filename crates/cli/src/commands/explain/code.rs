//! What a code means.

use std::io::{self, Write};

use eqlc_diagnostics::{Code, CodeInfo, did_you_mean, nearest};

use crate::console::{Console, Exit};

/// Explains a code; without one, lists all.
pub(super) fn run(wanted: Option<&str>, console: &mut Console) -> io::Result<Exit> {
    let Some(wanted) = wanted else {
        list(console)?;
        return Ok(Exit::Fine);
    };
    let Some(info) = Code::find(wanted).and_then(Code::info) else {
        let near = nearest(wanted, Code::table().iter().map(|info| info.code.as_str()));
        let hint = did_you_mean(&near).map_or(String::new(), |hint| format!("; {hint}"));
        let message = if std::path::Path::new(wanted).exists() {
            format!("`{wanted}` is a file; `eqlc explain {wanted} --event EVENTS` says why it matches events")
        } else {
            format!("no code `{wanted}`; `eqlc explain` lists all{hint}")
        };
        return console.usage(&message);
    };
    explain(info, console)?;
    Ok(Exit::Fine)
}

fn list(console: &Console) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for info in Code::table() {
        if console.is_json() {
            writeln!(out, "{}", serde_json::to_string(info)?)?;
        } else {
            writeln!(out, "{}  {}", info.code, info.title)?;
        }
    }
    Ok(())
}

fn explain(info: &CodeInfo, console: &Console) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if console.is_json() {
        return writeln!(out, "{}", serde_json::to_string(info)?);
    }
    writeln!(out, "{}: {}\n\n{}", info.code, info.title, info.explanation.trim_end())?;
    for (head, text) in [("Example:", &info.example), ("Instead:", &info.instead)] {
        if let Some(text) = text {
            writeln!(out, "\n{head}\n")?;
            for line in text.trim_end().lines() {
                writeln!(out, "    {line}")?;
            }
        }
    }
    Ok(())
}
