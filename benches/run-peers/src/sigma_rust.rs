//! sigma-rust in a minimal loop: every rule whose log source the event names is asked.

use std::fs;
use std::path::{Path, PathBuf};

use sigma_rust::{Event, Rule, event_from_json, rule_from_yaml};

use super::{Evaluate, Failure};

fn files(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "yml") {
            found.push(path);
        }
    }
    Ok(())
}

fn is_from(event: &Event, rule: &Rule) -> bool {
    let source = &rule.logsource;
    [("product", &source.product), ("category", &source.category), ("service", &source.service)].iter().all(
        |(field, wanted)| {
            wanted.as_ref().is_none_or(|wanted| {
                event.get(field).is_some_and(|value| value.value_to_string().eq_ignore_ascii_case(wanted))
            })
        },
    )
}

pub(crate) fn evaluator(folder: &Path) -> Result<(usize, Evaluate), Failure> {
    let mut paths = Vec::new();
    files(folder, &mut paths)?;
    paths.sort();
    let mut rules = Vec::new();
    for path in &paths {
        // Rules that it does not know are its loss.
        if let Ok(rule) = rule_from_yaml(&fs::read_to_string(path)?) {
            rules.push(rule);
        }
    }
    let count = rules.len();
    let evaluate: Evaluate = Box::new(move |text, matches| {
        let event = event_from_json(std::str::from_utf8(text)?)?;
        for rule in rules.iter().filter(|rule| is_from(&event, rule)) {
            if rule.is_match(&event) {
                let id = rule.id.clone().unwrap_or_else(|| rule.title.clone());
                *matches.entry(id).or_default() += 1;
            }
        }
        Ok(())
    });
    Ok((count, evaluate))
}
