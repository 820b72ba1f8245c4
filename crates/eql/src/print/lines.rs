//! Lines with the comments and blank lines between them.

use super::flat::{Flat, Full, unlimited};
use super::{INDENT, WIDTH};
use crate::ast::Comment;

/// Bytes that the text of most queries does with.
const USUAL: usize = 1024;
/// For indents, of which few are wider.
const BLANKS: &str = "                ";

/// Text under construction. Comments are put out when a line starts that stands behind them.
pub(super) struct Lines<'a> {
    text: String,
    /// Where the line at hand starts in the text.
    line: usize,
    /// The bytes of the indent of the line.
    indent: usize,
    /// Whether the line ends in a comment that runs to the line end.
    sealed: bool,
    begun: bool,
    /// Whether nothing stands yet in the innermost block: there a blank line would part nothing.
    opened: bool,
    comments: &'a [Comment],
    /// Where what follows a blank line starts, in the order of the text.
    blanks: &'a [u32],
}

impl<'a> Lines<'a> {
    pub(super) fn new(comments: &'a [Comment], blanks: &'a [u32]) -> Self {
        let text = String::with_capacity(USUAL);
        Self { text, line: 0, indent: 0, sealed: false, begun: false, opened: true, comments, blanks }
    }

    /// Whether a blank line not yet put out stands behind `end` of one thing and in front of `start` of the next.
    #[inline]
    pub(super) fn parts(&self, end: u32, start: u32) -> bool {
        if self.blanks.is_empty() {
            return false;
        }
        let from = self.blanks.partition_point(|blank| *blank < end);
        self.blanks.get(from).is_some_and(|blank| *blank <= start)
    }

    /// Whether a blank line was not yet put out.
    pub(super) fn has_blanks(&self) -> bool {
        !self.blanks.is_empty()
    }

    /// Starts a block: the next line follows its opening bracket.
    pub(super) fn open(&mut self) {
        self.opened = true;
    }

    /// Leaves out blank lines in front of `place` that were not put out.
    pub(super) fn forget_blanks(&mut self, place: u32) {
        self.take_blanks(place);
    }

    #[inline]
    fn take_blanks(&mut self, place: u32) -> bool {
        if self.blanks.is_empty() {
            return false;
        }
        let count = self.blanks.partition_point(|blank| *blank <= place);
        self.blanks = self.blanks.get(count..).unwrap_or_default();
        count > 0
    }

    /// Whether a comment not yet put out starts in the range.
    #[inline]
    pub(super) fn has_comment(&self, start: u32, end: u32) -> bool {
        if self.comments.is_empty() {
            return false;
        }
        let from = self.comments.partition_point(|comment| comment.span.start < start);
        self.comments.get(from).is_some_and(|comment| comment.span.start < end)
    }

    /// Starts a line for something at `place`: comments in front of it come first. A line just started and still
    /// empty is used.
    pub(super) fn start(&mut self, indent: usize, place: Option<u32>) {
        let blank = place.is_some_and(|place| {
            self.flush(indent, place);
            self.take_blanks(place)
        });
        self.fresh(indent, blank);
    }

    /// Starts the line of a closing bracket at `place`: comments in front of it belong to what it closes.
    pub(super) fn close(&mut self, indent: usize, place: u32) {
        self.flush(indent + INDENT, place);
        self.forget_blanks(place);
        self.fresh(indent, false);
    }

    fn fresh(&mut self, indent: usize, blank: bool) {
        let opened = std::mem::take(&mut self.opened);
        let unused = self.begun && !self.sealed && self.text.len() == self.line + self.indent;
        if unused {
            self.text.truncate(self.line);
        } else {
            self.end_line();
            if blank && !opened {
                self.text.push('\n');
                self.line = self.text.len();
            }
            self.begun = true;
        }
        self.indent = indent;
        let mut left = indent;
        while left > 0 {
            let blanks = BLANKS.get(..left).unwrap_or(BLANKS);
            self.text.push_str(blanks);
            left -= blanks.len();
        }
    }

    /// What stands on the line so far.
    fn line(&self) -> &str {
        self.text.get(self.line..).unwrap_or_default()
    }

    fn trim_line(&mut self) {
        // Nearly every line ends in a bracket or a quote.
        if !self.text.as_bytes().last().is_some_and(u8::is_ascii_graphic) {
            self.text.truncate(self.line + self.line().trim_end().len());
        }
    }

    fn end_line(&mut self) {
        if self.begun {
            self.trim_line();
            self.text.push('\n');
        }
        self.line = self.text.len();
        self.sealed = false;
        self.begun = false;
    }

    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds to the line.
    pub(super) fn write(&mut self, write: impl FnOnce(&mut Flat<'_>) -> Result<(), Full>) {
        unlimited(&mut self.text, write);
    }

    /// Adds to the line if it fits with `behind` columns to spare; changes nothing otherwise.
    pub(super) fn fits(
        &mut self,
        behind: usize,
        write: impl FnOnce(&mut Flat<'_>) -> Result<(), Full>,
    ) -> bool {
        let start = self.text.len();
        let fits = write(&mut Flat::new(&mut self.text, self.line, WIDTH - behind)).is_ok();
        if !fits {
            self.text.truncate(start);
        }
        fits
    }

    fn flush(&mut self, indent: usize, place: u32) {
        while let Some((comment, rest)) = self.comments.split_first() {
            if comment.span.start >= place {
                return;
            }
            self.comments = rest;
            let blank = self.take_blanks(comment.span.start);
            let fits_behind =
                !comment.own_line && self.begun && !self.sealed && !self.line().trim().is_empty();
            if fits_behind {
                self.trim_line();
                self.text.push(' ');
            } else {
                self.fresh(indent, blank);
            }
            self.text.push_str(&comment.text);
            self.sealed = comment.text.starts_with("//");
        }
    }

    /// The whole text, after the comments that are left.
    pub(super) fn finish(mut self) -> String {
        self.flush(0, u32::MAX);
        self.end_line();
        self.text
    }
}
