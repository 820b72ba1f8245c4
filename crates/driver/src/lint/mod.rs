//! Which findings are shown: selection by code, comments that silence, and fixes.

mod fix;
mod glob;
mod hidden;
mod identities;
mod look_back;
mod meaning;
mod never;
mod suppress;
mod yaml;

use eqlc_diagnostics::{Code, CodeInfo, Diagnostic, Diagnostics, Fragment, Severity};
use eqlc_eql::ast::Comment;

pub use fix::{Fixed, fix};
pub(crate) use hidden::hidden;
pub(crate) use identities::identities;
pub(crate) use look_back::look_back;
pub(crate) use never::{never, never_matches};
pub(crate) use yaml::comments as yaml_comments;

/// Which warnings and notes are shown. Errors always are.
#[derive(Clone, Debug, Default)]
pub struct Lints {
    select: Vec<String>,
    ignore: Vec<String>,
    /// What is ignored in some files only: a selector and the pattern of their paths.
    ignore_in: Vec<(String, String)>,
}

/// The selector of the lints that are shown when nothing is selected.
const DEFAULT: &str = "default";

impl Lints {
    /// Lints by their codes or the first letters of them, as `W0003` or `W00`; `default` stands for those that are
    /// shown when nothing is selected. What is ignored is not shown even if selected. `W0003:rules/*.json` is ignored in
    /// files of such paths only.
    ///
    /// # Errors
    /// A selector that is the start of no code; it is given back.
    pub fn new(select: &[String], ignore: &[String]) -> Result<Self, String> {
        let read = |selectors: &[String]| -> Result<Vec<String>, String> {
            let upper = |selector: &String| {
                let text = selector.trim();
                let known = text == DEFAULT || names_a_code(&text.to_ascii_uppercase());
                let text = if text == DEFAULT { text.to_owned() } else { text.to_ascii_uppercase() };
                if known { Ok(text) } else { Err(selector.clone()) }
            };
            selectors.iter().map(upper).collect()
        };
        let (some, all): (Vec<&String>, Vec<&String>) = ignore.iter().partition(|text| text.contains(':'));
        let all: Vec<String> = all.into_iter().cloned().collect();
        let split = some.iter().filter_map(|text| text.split_once(':'));
        let (codes, paths): (Vec<String>, Vec<String>) =
            split.map(|(code, path)| (code.to_owned(), path.trim().to_owned())).unzip();
        let ignore_in = read(&codes)?.into_iter().zip(paths).collect();
        Ok(Self { select: read(select)?, ignore: read(&all)?, ignore_in })
    }

    /// What is shown of a file.
    pub(crate) fn of_file(&self, path: &str) -> Self {
        let mut here = self.clone();
        for (selector, pattern) in std::mem::take(&mut here.ignore_in) {
            if glob::matches(&pattern, path) {
                here.ignore.push(selector);
            }
        }
        here
    }

    fn shows(&self, diagnostic: &Diagnostic) -> bool {
        if diagnostic.severity == Severity::Error {
            return true;
        }
        self.wants(diagnostic.code)
    }

    /// Whether warnings and notes of a code are shown.
    pub(crate) fn wants(&self, code: Code) -> bool {
        if self.ignore.iter().any(|selector| selects(selector, code)) {
            return false;
        }
        if !code.as_str().starts_with('W') {
            return true;
        }
        if self.select.is_empty() {
            is_default(code)
        } else {
            self.select.iter().any(|selector| selects(selector, code))
        }
    }

    /// The findings that are shown.
    pub(crate) fn retain(&self, diagnostics: &mut Diagnostics) {
        diagnostics.retain(|diagnostic| self.shows(diagnostic));
    }

    /// The findings of a query that are shown: those that no comment in it silences.
    pub(crate) fn apply(&self, diagnostics: &mut Diagnostics, comments: &[Comment], fragment: &Fragment) {
        suppress::apply(diagnostics, comments, fragment);
        self.retain(diagnostics);
    }
}

fn is_default(code: Code) -> bool {
    code.info().is_none_or(|info| info.default)
}

fn selects(selector: &str, code: Code) -> bool {
    if selector == DEFAULT { is_default(code) } else { code.as_str().starts_with(selector) }
}

/// Whether some code starts with the text.
fn names_a_code(start: &str) -> bool {
    let is_start = |info: &CodeInfo| info.code.starts_with(start);
    !start.is_empty() && Code::table().iter().any(is_start)
}
