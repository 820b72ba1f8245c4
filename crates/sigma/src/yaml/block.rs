//! The YAML that rules are written in, read line by line: maps and lists in block style, scalars on one line, texts
//! under `|`, comments.
//!
//! Whatever else stands in a text, and whatever is wrong in it, makes this reading give up, and the parser of the whole
//! of YAML reads the text from its start. So nothing is said here, nothing is guessed, and both give the same tree with
//! the same places; the tests hold them to it.

mod line;

use eqlc_diagnostics::Fragment;

use super::Yaml;
use super::read::{Content, Reader};
use super::{Kind, Scalar, Style};
use crate::read::Sink;
use line::{Line, Lines, Value};

/// Lists and maps inside each other; deeper ones are for the other parser to judge.
const MAX_DEPTH: usize = 32;

/// A text of one document. None: something in it is not for this reader.
pub(super) fn read(fragment: &Fragment) -> Option<Yaml> {
    let text = fragment.text();
    if !line::is_plain_text(text) {
        return None;
    }
    let mut sink = Sink::default();
    let reader = Reader::new(fragment, "", &mut sink);
    let mut blocks = Blocks { reader, open: Vec::new(), awaited: None };
    let mut lines = Lines::of(text);
    while let Some(line) = lines.next()? {
        blocks.line(line, &mut lines)?;
    }
    let tree = blocks.finish()?;
    sink.finish().is_empty().then_some(tree)
}

/// A list or map that the next line may go on with.
#[derive(Clone, Copy)]
enum Block {
    Map {
        indent: usize,
    },
    /// `of_key`: its dashes stand right under the key that it is the value of.
    Seq {
        indent: usize,
        of_key: bool,
    },
}

impl Block {
    fn indent(self) -> usize {
        match self {
            Self::Map { indent } | Self::Seq { indent, .. } => indent,
        }
    }
}

struct Blocks<'a> {
    reader: Reader<'a>,
    open: Vec<Block>,
    /// The block whose key or dash still has no node; it stands on the next lines.
    awaited: Option<Block>,
}

impl Blocks<'_> {
    fn line(&mut self, line: Line<'_>, lines: &mut Lines<'_>) -> Option<()> {
        let item = line.is_item();
        match self.awaited.take() {
            Some(parent) => self.first(parent, line, item)?,
            None if self.open.is_empty() => {
                // The document; it is a map from the first column on.
                (line.indent == 0 && !item).then_some(())?;
                self.begin(Block::Map { indent: 0 }, line.start)?;
            }
            None => self.continued(line, item)?,
        }
        if item {
            return self.item(line, lines);
        }
        let Value::Key(key, rest) = line.value()? else { return None };
        self.entry(key, rest, lines)
    }

    /// The line is the first of what a key or dash waits for.
    fn first(&mut self, parent: Block, line: Line<'_>, item: bool) -> Option<()> {
        let indent = line.indent;
        match parent {
            _ if indent > parent.indent() && item => {
                self.begin(Block::Seq { indent, of_key: false }, line.start)
            }
            _ if indent > parent.indent() => self.begin(Block::Map { indent }, line.start),
            // The place of such a list is that of its first node.
            Block::Map { .. } if indent == parent.indent() && item => {
                self.begin(Block::Seq { indent, of_key: true }, line.inner()?.start)
            }
            _ => None,
        }
    }

    /// The line goes on with a block that is open; those inside of it end.
    fn continued(&mut self, line: Line<'_>, item: bool) -> Option<()> {
        while let Some(block) = self.open.last() {
            let ends = match block {
                Block::Map { indent } => *indent > line.indent,
                Block::Seq { indent, of_key } => {
                    *indent > line.indent || (*of_key && *indent == line.indent && !item)
                }
            };
            if !ends {
                break;
            }
            self.end(line.start);
        }
        let block = self.open.last()?;
        (block.indent() == line.indent && matches!(block, Block::Seq { .. }) == item).then_some(())
    }

    /// What stands behind a dash.
    fn item(&mut self, line: Line<'_>, lines: &mut Lines<'_>) -> Option<()> {
        let Some(inner) = line.inner() else {
            self.awaited = self.open.last().copied();
            return Some(());
        };
        if inner.is_item() {
            return None;
        }
        match inner.value()? {
            Value::Key(key, rest) => {
                self.begin(Block::Map { indent: inner.indent }, inner.start)?;
                self.entry(key, rest, lines)
            }
            value => self.value(value, line.indent, lines),
        }
    }

    /// A key with what stands behind its colon; the value may stand on the next lines.
    fn entry(&mut self, key: Yaml, rest: Line<'_>, lines: &mut Lines<'_>) -> Option<()> {
        self.reader.node(key);
        match rest.value()? {
            Value::Nothing => {
                self.awaited = self.open.last().copied();
                Some(())
            }
            value => self.value(value, self.open.last()?.indent(), lines),
        }
    }

    /// A value whose key or dash stands in a block of this indentation.
    fn value(&mut self, value: Value<'_>, indent: usize, lines: &mut Lines<'_>) -> Option<()> {
        match value {
            Value::Scalar(node) => self.reader.node(node),
            Value::Block { ends_in_line } => {
                let (text, at) = lines.block(indent, ends_in_line)?;
                let at = self.reader.trimmed(at, Style::Block);
                let kind = Kind::Scalar(Scalar { text, style: Style::Block });
                self.reader.node(Yaml { kind, at });
            }
            Value::Key(..) | Value::Nothing => return None,
        }
        // Lines that stand deeper go on with the scalar.
        (lines.next_indent() <= indent).then_some(())
    }

    fn begin(&mut self, block: Block, start: usize) -> Option<()> {
        let content = match block {
            // The keys of a rule, and those of a map in it.
            Block::Map { .. } => Content::map(if self.open.is_empty() { 16 } else { 4 }),
            Block::Seq { .. } => Content::Seq(Vec::new()),
        };
        self.reader.open(start..start, 0, content);
        self.open.push(block);
        (self.open.len() <= MAX_DEPTH).then_some(())
    }

    fn end(&mut self, at: usize) {
        self.open.pop();
        self.reader.close(&(at..at));
    }

    fn finish(mut self) -> Option<Yaml> {
        if self.awaited.is_some() {
            return None;
        }
        let end = self.reader.end();
        while !self.open.is_empty() {
            self.end(end);
        }
        self.reader.only()
    }
}

#[cfg(test)]
mod tests;
