//! Folders of rules.

use std::fs;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::Settings;
use crate::random::Random;

/// The rules of a race.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RuleSet {
    /// One rule of Sigma for Windows.
    One,
    /// Ten.
    Ten,
    /// A hundred.
    Hundred,
    /// A thousand.
    Thousand,
    /// All.
    Windows,
    /// All EQL rules of Elastic.
    Elastic,
    /// Both of these.
    Both,
    /// A folder that was given.
    #[value(skip)]
    Given,
}

const WINDOWS: &str = "../shared/corpus/sigma-rules/rules/windows";
const ELASTIC: &str = "../shared/corpus/elastic-rules";

/// A folder with the rules, and how many files there are.
pub(super) fn folder(set: RuleSet, settings: &Settings) -> Result<(PathBuf, usize), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let (windows, elastic) = (root.join(WINDOWS), root.join(ELASTIC));
    let of = |list: &[&Path], most: Option<usize>| -> Result<(PathBuf, usize), String> {
        let mut files = Vec::new();
        for folder in list {
            collect(folder, &mut files).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        files.sort();
        if let Some(most) = most {
            // Of the same draw: ten are among the hundred.
            Random::new(settings.seed, &["rules"]).shuffle(&mut files);
            files.truncate(most);
        }
        copied(&files, &settings.folder.join(format!("rules-{set:?}").to_lowercase()))
            .map_err(|error| error.to_string())
    };
    match set {
        RuleSet::One => of(&[&windows], Some(1)),
        RuleSet::Ten => of(&[&windows], Some(10)),
        RuleSet::Hundred => of(&[&windows], Some(100)),
        RuleSet::Thousand => of(&[&windows], Some(1000)),
        RuleSet::Windows => of(&[&windows], None),
        RuleSet::Elastic => of(&[&elastic], None),
        RuleSet::Both => of(&[&windows, &elastic], None),
        RuleSet::Given => match &settings.rules {
            Some(given) => of(&[given.as_path()], None),
            None => Err("no folder was given".to_owned()),
        },
    }
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, found)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yml" || extension == "toml" || extension == "eql")
        {
            found.push(path);
        }
    }
    Ok(())
}

/// The files in a folder of their own, under numbers where names are the same.
fn copied(files: &[PathBuf], folder: &Path) -> std::io::Result<(PathBuf, usize)> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    for (at, path) in files.iter().enumerate() {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        fs::copy(path, folder.join(format!("{at:05}-{name}")))?;
    }
    Ok((folder.to_path_buf(), files.len()))
}
