//! The texts behind a [`SourceMap`](crate::SourceMap), in the form codespan-reporting takes.

use std::ops::Range;
use std::sync::OnceLock;

use codespan_reporting::files::{Error, Files, line_starts};

/// Texts by number. Where the lines of one begin is found when something first asks for it: of most files nothing is
/// reported.
#[derive(Clone, Debug, Default)]
pub struct SourceFiles {
    files: Vec<SourceFile>,
}

#[derive(Clone, Debug)]
pub(crate) struct SourceFile {
    pub(crate) name: String,
    pub(crate) text: String,
    lines: OnceLock<Vec<usize>>,
}

impl SourceFiles {
    /// Adds a text; its number.
    pub(crate) fn add(&mut self, name: String, text: String) -> usize {
        self.files.push(SourceFile { name, text, lines: OnceLock::new() });
        self.files.len() - 1
    }

    pub(crate) fn find(&self, id: usize) -> Option<&SourceFile> {
        self.files.get(id)
    }

    fn file(&self, id: usize) -> Result<&SourceFile, Error> {
        self.find(id).ok_or(Error::FileMissing)
    }
}

impl SourceFile {
    /// The first byte of every line.
    fn lines(&self) -> &[usize] {
        self.lines.get_or_init(|| line_starts(&self.text).collect())
    }
}

impl<'a> Files<'a> for SourceFiles {
    type FileId = usize;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: usize) -> Result<&'a str, Error> {
        self.file(id).map(|file| file.name.as_str())
    }

    fn source(&'a self, id: usize) -> Result<&'a str, Error> {
        self.file(id).map(|file| file.text.as_str())
    }

    fn line_index(&'a self, id: usize, byte: usize) -> Result<usize, Error> {
        let lines = self.file(id)?.lines();
        Ok(lines.partition_point(|start| *start <= byte).saturating_sub(1))
    }

    fn line_range(&'a self, id: usize, line: usize) -> Result<Range<usize>, Error> {
        let file = self.file(id)?;
        let lines = file.lines();
        let start = *lines.get(line).ok_or(Error::LineTooLarge { given: line, max: lines.len() - 1 })?;
        Ok(start..lines.get(line + 1).copied().unwrap_or(file.text.len()))
    }
}
