//! `eqlc explain`

use std::io::{self, Write};

use eqlc_diagnostics::{Code, CodeInfo, did_you_mean, nearest};

use crate::args::ExplainArgs;
use crate::console::{Console, Exit};

pub(crate) fn run(args: &ExplainArgs, console: &mut Console) -> io::Result<Exit> {
    let Some(wanted) = &args.code else { return list(console) };
    let Some(info) = Code::find(wanted).and_then(Code::info) else {
        let near = nearest(wanted, Code::table().iter().map(|info| info.code.as_str()));
        let hint = did_you_mean(&near).map_or(String::new(), |hint| format!("; {hint}"));
        return console.usage(&format!("no code `{wanted}`; `eqlc explain` lists all{hint}"));
    };
    explain(info, console)?;
    Ok(Exit::Fine)
}

fn list(console: &Console) -> io::Result<Exit> {
    let mut out = io::stdout().lock();
    for info in Code::table() {
        if console.is_json() {
            writeln!(out, "{}", serde_json::to_string(info)?)?;
        } else {
            writeln!(out, "{}  {}", info.code, info.title)?;
        }
    }
    Ok(Exit::Fine)
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
