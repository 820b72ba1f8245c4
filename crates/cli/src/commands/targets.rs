//! `eqlc targets`

use std::io::{self, Write};

use eqlc_driver::{Construct, LoadOptions, Registry, Requirement, Settings, Target, legal};

use super::select::unknown;
use super::{Loaded, load_rules};
use crate::args::TargetsArgs;
use crate::console::{Console, Exit};

pub(crate) fn run(args: &TargetsArgs, console: &mut Console) -> io::Result<Exit> {
    let registry = match Registry::new() {
        Ok(registry) => registry,
        Err(error) => return console.usage(&error),
    };
    let mut out = io::stdout().lock();
    let Some(id) = &args.target else {
        for backend in registry.iter() {
            let target = backend.target();
            writeln!(out, "{:<14} {}", target.id, target.title)?;
        }
        return Ok(Exit::Fine);
    };
    let Some(backend) = registry.find(id) else { return console.usage(&unknown(id)) };
    if !args.requires {
        return describe(backend.target(), &mut out).map(|()| Exit::Fine);
    }
    let mut settings = Settings::default();
    if let Some(profile) = &args.profile {
        let options = &backend.target().options;
        let known = options.iter().find(|option| option.name == "profile");
        if !known.is_some_and(|option| option.values.contains(profile)) {
            return console.usage(&format!("target `{id}` has no profile `{profile}`"));
        }
        settings.options.insert("profile".to_owned(), profile.clone());
    }
    if args.rules.is_empty() {
        return requirements(&backend.requirements(&settings), &mut out).map(|()| Exit::Fine);
    }
    let Loaded { units, exit } = match load_rules(&args.rules, LoadOptions::default(), console)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    // What is refused needs nothing; `compile` says why it is.
    let rules = units.iter().flat_map(|unit| &unit.rules);
    let legal = rules.filter_map(|rule| legal(&rule.rule, backend, &settings).ok());
    let needs: Vec<Requirement> =
        legal.flat_map(|legal| backend.requirements_of(&legal, &settings)).collect();
    requirements(&Requirement::merged(needs), &mut out).map(|()| exit)
}

/// Settings by platform, as the flag file of an agent has them.
fn requirements(needs: &[Requirement], out: &mut dyn Write) -> io::Result<()> {
    let mut platforms: Vec<&str> = Vec::new();
    for need in needs {
        if !platforms.contains(&need.platform.as_str()) {
            platforms.push(&need.platform);
        }
    }
    for (at, platform) in platforms.iter().enumerate() {
        let gap = if at == 0 { "" } else { "\n" };
        writeln!(out, "{gap}# {platform}")?;
        for need in needs.iter().filter(|need| need.platform == *platform) {
            writeln!(out, "# {}\n{}", need.why, need.flag)?;
        }
    }
    Ok(())
}

fn describe(target: &Target, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}: {}\n\nholds", target.id, target.title)?;
    for construct in Construct::ALL {
        let held = *construct == Construct::Core || target.has(*construct);
        writeln!(out, "  {}  {}", if held { "yes" } else { "no " }, construct.title())?;
    }
    let functions: Vec<&str> = target.functions.iter().map(|function| function.name()).collect();
    if !functions.is_empty() {
        writeln!(out, "\nfunctions\n  {}", functions.join(", "))?;
    }
    writeln!(out, "\noutput formats (-f)")?;
    let width = |texts: Vec<&str>| texts.into_iter().map(str::len).max().unwrap_or(0);
    let ids = width(target.formats.iter().map(|format| format.id.as_ref()).collect());
    let extensions = width(target.formats.iter().map(|format| format.extension.as_ref()).collect());
    for format in &target.formats {
        writeln!(out, "  {:<ids$}  .{:<extensions$}  {}", format.id, format.extension, format.title)?;
    }
    if !target.options.is_empty() {
        writeln!(out, "\noptions (-O NAME=VALUE)")?;
    }
    for option in &target.options {
        let values = option.values.join("|");
        writeln!(out, "  {}={values}  {} (default {})", option.name, option.title, option.default)?;
    }
    Ok(())
}
