//! Lines with the comments between them.

use super::INDENT;
use crate::ast::Comment;

/// Text under construction. Comments are put out when a line starts that stands behind them.
pub(super) struct Lines<'a> {
    done: String,
    line: String,
    /// Whether `line` ends in a comment that runs to the line end.
    sealed: bool,
    begun: bool,
    comments: &'a [Comment],
}

impl<'a> Lines<'a> {
    pub(super) fn new(comments: &'a [Comment]) -> Self {
        Self { done: String::new(), line: String::new(), sealed: false, begun: false, comments }
    }

    /// Whether a comment not yet put out starts in the range.
    pub(super) fn has_comment(&self, start: u32, end: u32) -> bool {
        let from = self.comments.partition_point(|comment| comment.span.start < start);
        self.comments.get(from).is_some_and(|comment| comment.span.start < end)
    }

    /// Starts a line for something at `place`: comments in front of it come first. A line just started and still
    /// empty is used.
    pub(super) fn start(&mut self, indent: usize, place: Option<u32>) {
        if let Some(place) = place {
            self.flush(indent, place);
        }
        self.fresh(indent);
    }

    /// Starts the line of a closing bracket at `place`: comments in front of it belong to what it closes.
    pub(super) fn close(&mut self, indent: usize, place: u32) {
        self.flush(indent + INDENT, place);
        self.fresh(indent);
    }

    fn fresh(&mut self, indent: usize) {
        if self.begun && self.line.trim().is_empty() && !self.sealed {
            self.line = " ".repeat(indent);
            return;
        }
        self.end_line();
        self.line = " ".repeat(indent);
        self.begun = true;
    }

    fn end_line(&mut self) {
        if self.begun {
            self.done.push_str(self.line.trim_end());
            self.done.push('\n');
        }
        self.line.clear();
        self.sealed = false;
        self.begun = false;
    }

    pub(super) fn push(&mut self, text: &str) {
        self.line.push_str(text);
    }

    /// Columns of the line so far.
    pub(super) fn column(&self) -> usize {
        self.line.chars().count()
    }

    fn flush(&mut self, indent: usize, place: u32) {
        while let Some((comment, rest)) = self.comments.split_first() {
            if comment.span.start >= place {
                return;
            }
            self.comments = rest;
            let fits_behind = !comment.own_line && self.begun && !self.sealed && !self.line.trim().is_empty();
            if fits_behind {
                self.line.truncate(self.line.trim_end().len());
                self.line.push(' ');
            } else {
                self.fresh(indent);
            }
            self.line.push_str(&comment.text);
            self.sealed = comment.text.starts_with("//");
        }
    }

    /// The whole text, after the comments that are left.
    pub(super) fn finish(mut self) -> String {
        self.flush(0, u32::MAX);
        self.end_line();
        self.done
    }
}
