//! From text to YAML trees, one a document.

use std::collections::BTreeMap;
use std::ops::Range;

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Edit, Fix, Fragment};
use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError};

use super::alias::{Anchors, Unexpanded, merged};
use super::{Entry, Kind, Scalar, Style, Yaml, block};
use crate::read::Sink;

/// Files above this are no rules; the largest known is below 100 kB.
const MAX_BYTES: usize = 4 << 20;

/// Lists and maps that may be open at one point.
const MAX_DEPTH: usize = 64;

/// Reads every document. One with a syntax error is left out; the next begins at the next `---`. `what` is the kind of
/// file, for messages.
pub(crate) fn read(fragment: &Fragment, what: &str, sink: &mut Sink) -> Vec<Yaml> {
    let text = fragment.text();
    if text.len() > MAX_BYTES {
        let message = format!("the file is larger than {} MiB", MAX_BYTES >> 20);
        sink.push(Diagnostic::error(codes::YAML_TOO_LARGE, message).at(fragment.span(0, 0), "not read"));
        return Vec::new();
    }
    match block::read(fragment) {
        Some(document) => vec![document],
        None => documents(fragment, what, sink),
    }
}

/// The documents of a text, with the parser of the whole of YAML.
pub(super) fn documents(fragment: &Fragment, what: &str, sink: &mut Sink) -> Vec<Yaml> {
    let text = fragment.text();
    let mut options = granit_parser::options! {
        emit_unresolved_aliases: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    options.set_emit_comments(false);
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut reader = Reader::new(fragment, what, sink);
    // The end of the last scalar: what the parser could not read stands somewhere after it.
    let mut read_to = 0;
    while let Some(next) = parser.next_event() {
        match next {
            Ok((Event::StreamEnd, _)) => break,
            Ok((event, span)) => {
                let at = span.byte_range().unwrap_or(0..0);
                if matches!(event, Event::Scalar(..)) {
                    read_to = at.end;
                }
                reader.event(event, at, span.tag_span());
            }
            Err(error) => {
                let diagnostic = syntax_error(&error, fragment, read_to);
                reader.sink.push(diagnostic);
                reader.stack.clear();
                if !matches!(parser.proceed_next_document(), Ok(true)) {
                    break;
                }
            }
        }
    }
    reader.documents
}

/// A list or map that is not finished.
struct Open {
    start: usize,
    end: usize,
    /// The anchor, if it is not 0.
    anchor: usize,
    content: Content,
}

pub(super) enum Content {
    Seq(Vec<Yaml>),
    Map {
        entries: Vec<Entry>,
        key: Option<Yaml>,
        /// The entries by their keys, of a map with many.
        seen: BTreeMap<String, usize>,
    },
}

impl Content {
    /// A map without entries, with room for so many.
    pub(super) fn map(entries: usize) -> Self {
        Self::Map { entries: Vec::with_capacity(entries), key: None, seen: BTreeMap::new() }
    }
}

/// Builds the tree from what a parser finds in the text, in its order.
pub(super) struct Reader<'a> {
    fragment: &'a Fragment,
    what: &'a str,
    sink: &'a mut Sink,
    stack: Vec<Open>,
    documents: Vec<Yaml>,
    anchors: Anchors,
}

impl<'a> Reader<'a> {
    pub(super) fn new(fragment: &'a Fragment, what: &'a str, sink: &'a mut Sink) -> Self {
        let (stack, documents, anchors) = (Vec::new(), Vec::new(), Anchors::default());
        Self { fragment, what, sink, stack, documents, anchors }
    }

    /// The end of the text.
    pub(super) fn end(&self) -> usize {
        self.fragment.text().len()
    }

    /// The document, where there is one alone.
    pub(super) fn only(mut self) -> Option<Yaml> {
        self.documents.pop().filter(|_| self.documents.is_empty())
    }
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, at: Range<usize>, tag: Option<granit_parser::Span>) {
        let text_tag = event.tag().is_some_and(|tag| tag.is_yaml_core_schema_tag("str"));
        if event.tag().is_some() && !text_tag {
            let range = tag.and_then(|span| span.byte_range()).unwrap_or_else(|| at.clone());
            self.refuse("tags", range);
        }
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let style = match style {
                    ScalarStyle::Plain if text_tag => Style::Single,
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted => Style::Single,
                    ScalarStyle::DoubleQuoted => Style::Double,
                    _ => Style::Block,
                };
                let scalar = Scalar { text: text.into_owned(), style };
                let at = self.trimmed(at, style);
                let node = Yaml { kind: Kind::Scalar(scalar), at };
                self.anchors.keep(anchor, &node);
                self.node(node);
            }
            Event::SequenceStart(_, anchor, _) => self.open(at, anchor, Content::Seq(Vec::new())),
            Event::MappingStart(_, anchor, _) => {
                self.open(at, anchor, Content::map(0));
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(&at),
            Event::Alias(anchor) => self.alias(anchor, at),
            Event::UnresolvedAlias(name) => {
                let span = self.fragment.span(at.start, at.end);
                let message = format!("no anchor is called `{name}`");
                let quoted = format!("'*{}'", name.replace('\'', "''"));
                self.sink.push(
                    Diagnostic::error(codes::YAML_NOT_ALLOWED, message)
                        .at(span, "without quotes, `*` begins an alias")
                        .fix(Applicability::Unsafe, "put it in quotes", span, quoted),
                );
                self.node(Yaml { kind: Kind::Refused, at });
            }
            _ => {}
        }
    }

    /// Block scalars reach to the start of the next line; their place ends with their last character.
    pub(super) fn trimmed(&self, at: Range<usize>, style: Style) -> Range<usize> {
        let source = self.fragment.text().get(at.clone()).unwrap_or("");
        if matches!(style, Style::Block | Style::Plain) {
            at.start..at.start + source.trim_end().len()
        } else {
            at
        }
    }

    fn refuse(&mut self, things: &str, at: Range<usize>) {
        let span = self.fragment.span(at.start, at.end);
        let message = format!("{things} are not allowed in {}", self.what);
        self.sink.push(
            Diagnostic::error(codes::YAML_NOT_ALLOWED, message)
                .at(span, "not allowed here")
                .help("write the value out where it is used"),
        );
    }

    /// What an alias stands for, as if it were written out.
    fn alias(&mut self, anchor: usize, at: Range<usize>) {
        let node = match self.anchors.expand(anchor, self.stack.len()) {
            Ok(node) => node,
            Err(problem) => {
                let (code, message) = match problem {
                    Unexpanded::Open => {
                        (codes::YAML_NOT_ALLOWED, "an alias stands inside of what it stands for")
                    }
                    Unexpanded::TooMuch => {
                        (codes::YAML_TOO_LARGE, "the aliases of the file stand for too much or too deep text")
                    }
                };
                let span = self.fragment.span(at.start, at.end);
                self.sink.push(
                    Diagnostic::error(code, message)
                        .at(span, "not read")
                        .help("write the value out where it is used"),
                );
                Yaml { kind: Kind::Refused, at: at.clone() }
            }
        };
        // What stands around it ends with the alias, not with what it stands for.
        if let Some(open) = self.stack.last_mut() {
            open.end = open.end.max(at.end);
        }
        self.node_from(node);
    }

    pub(super) fn open(&mut self, at: Range<usize>, anchor: usize, content: Content) {
        self.stack.push(Open { start: at.start, end: at.end, anchor, content });
    }

    pub(super) fn close(&mut self, at: &Range<usize>) {
        let Some(open) = self.stack.pop() else { return };
        // A block collection ends with its last child; the event stands at the start of what follows.
        let source = self.fragment.text().get(at.clone()).unwrap_or("");
        let end = if source.starts_with([']', '}']) { at.end } else { open.end };
        let kind = match open.content {
            Content::Seq(items) => Kind::Seq(items),
            Content::Map { entries, .. } => Kind::Map(merged(entries)),
        };
        let node = Yaml { kind, at: open.start..end.max(open.start) };
        self.anchors.keep(open.anchor, &node);
        self.node(node);
    }

    pub(super) fn node(&mut self, node: Yaml) {
        if let Some(open) = self.stack.last_mut() {
            open.end = open.end.max(node.at.end);
        }
        self.node_from(node);
    }

    /// Takes a node that may stand elsewhere in the file.
    fn node_from(&mut self, node: Yaml) {
        let depth = self.stack.len();
        let Some(open) = self.stack.last_mut() else {
            self.documents.push(node);
            return;
        };
        match &mut open.content {
            Content::Seq(items) => items.push(node),
            Content::Map { entries, key, seen } => match key.take() {
                None => *key = Some(node),
                Some(first) => match known(entries, seen, &first) {
                    Some(before) => {
                        // Deeper than the keys of a document and of its searches stand fields, which take lists.
                        let diagnostic = duplicate(self.fragment, &first, before, (&node, depth > 2));
                        self.sink.push(diagnostic);
                    }
                    None => entries.push(Entry { key: first, value: node }),
                },
            },
        }
    }
}

/// How many keys of a map are compared one by one.
const FEW_KEYS: usize = 16;

/// The entry that has the key already. The key is noted in `seen` where there are many.
fn known<'e>(entries: &'e [Entry], seen: &mut BTreeMap<String, usize>, key: &Yaml) -> Option<&'e Entry> {
    let name = |key: &'e Yaml| key.as_scalar().map(|key| key.text.as_str());
    let text = key.as_scalar()?.text.as_str();
    if entries.len() < FEW_KEYS {
        return entries.iter().find(|entry| name(&entry.key) == Some(text));
    }
    if seen.is_empty() {
        let named =
            entries.iter().enumerate().filter_map(|(at, entry)| Some((name(&entry.key)?.to_owned(), at)));
        seen.extend(named);
    }
    let before = seen.get(text).and_then(|at| entries.get(*at));
    if before.is_none() {
        seen.insert(text.to_owned(), entries.len());
    }
    before
}

fn duplicate(
    fragment: &Fragment,
    key: &Yaml,
    before: &Entry,
    (value, takes_list): (&Yaml, bool),
) -> Diagnostic {
    let name = key.as_scalar().map_or("", |scalar| scalar.text.as_str());
    let mut diagnostic =
        Diagnostic::error(codes::YAML_DUPLICATE_KEY, format!("the key `{name}` is given twice"))
            .at(fragment.span(key.at.start, key.at.end), "given again here")
            .and_at(fragment.span(before.key.at.start, before.key.at.end), "first given here")
            .note("readers of YAML keep one of the two without a word")
            .help("give several values as a list under one key");
    diagnostic.fixes.extend(one_key(fragment, key, (&before.value, value, takes_list)));
    diagnostic
}

/// One key: with its value where both are the same, else with a list of both where lists are taken. Each key must
/// stand on a line of its own.
fn one_key(
    fragment: &Fragment,
    key: &Yaml,
    (first, second, takes_list): (&Yaml, &Yaml, bool),
) -> Option<Fix> {
    let text = fragment.text();
    let inline = |value: &Yaml| {
        let own = text.get(value.at.clone())?;
        let scalar = value.as_scalar()?;
        (scalar.style != Style::Block && !own.is_empty() && !own.contains('\n')).then_some(own)
    };
    let (one, two) = (inline(first)?, inline(second)?);
    let line = text.get(..key.at.start)?.rfind('\n').map_or(0, |newline| newline + 1);
    let rest = text.get(second.at.end..)?;
    let end = second.at.end + rest.find('\n').map_or(rest.len(), |newline| newline + 1);
    let alone = text.get(line..key.at.start)?.trim().is_empty()
        && text.get(second.at.end..end)?.trim().is_empty()
        && first.at.end <= line;
    let remove = Edit { span: fragment.span(line, end), replacement: String::new() };
    if alone && one == two {
        let title = "remove the second".to_owned();
        return Some(Fix { title, edits: vec![remove], applicability: Applicability::Safe });
    }
    (alone && takes_list).then(|| Fix {
        title: "give both values in one list".to_owned(),
        edits: vec![
            Edit {
                span: fragment.span(first.at.start, first.at.end),
                replacement: format!("[{one}, {two}]"),
            },
            remove,
        ],
        applicability: Applicability::Unsafe,
    })
}

fn syntax_error(error: &ScanError, fragment: &Fragment, read_to: usize) -> Diagnostic {
    let text = fragment.text();
    let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
    let next = text.get(at..).and_then(|rest| rest.chars().next()).filter(|c| !matches!(c, '\n' | '\r'));
    let span = fragment.span(at, at + next.map_or(0, char::len_utf8));
    match error.kind() {
        ErrorKind::UnclosedQuotedScalar
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::DocumentIndicatorInQuotedScalar => {
            let (open, quote) = opening_quote(text, read_to).unwrap_or((at, '\''));
            let line_end =
                text.get(open..).and_then(|rest| rest.find(['\n', '\r'])).map_or(text.len(), |n| open + n);
            let line = text.get(open..line_end).unwrap_or("");
            let close = fragment.span(open + line.trim_end().len(), open + line.trim_end().len());
            Diagnostic::error(codes::YAML_UNCLOSED_QUOTE, "the quoted text is not closed")
                .at(fragment.span(open, open + 1), format!("no `{quote}` closes the text that begins here"))
                .and_at(span, "the text has gone on to here")
                .fix(Applicability::Unsafe, "close the text at the end of its line", close, quote.to_string())
        }
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => tab(fragment, at),
        ErrorKind::RecursionLimitExceeded => {
            let message = format!("lists and maps are nested deeper than {MAX_DEPTH} levels");
            Diagnostic::error(codes::YAML_TOO_LARGE, message).at(span, "one level too many")
        }
        _ if tab_before(text, at).is_some() => tab(fragment, at),
        _ => Diagnostic::error(codes::YAML_SYNTAX, "not valid YAML").at(span, error.info()),
    }
}

/// The first quote after `from` that is not in a comment.
fn opening_quote(text: &str, from: usize) -> Option<(usize, char)> {
    let mut at = from;
    loop {
        let rest = text.get(at..)?;
        let found = at + rest.find(['\'', '"', '#'])?;
        match text.get(found..)?.chars().next()? {
            '#' => at = found + text.get(found..)?.find('\n')?,
            quote => return Some((found, quote)),
        }
    }
}

/// The tabs in the indentation of the line of `at`.
fn tab_before(text: &str, at: usize) -> Option<Range<usize>> {
    let line = text.get(..at)?.rfind('\n').map_or(0, |newline| newline + 1);
    let indent: &str = text.get(line..)?;
    let indent = indent.get(..indent.find(|c| !matches!(c, ' ' | '\t')).unwrap_or(indent.len()))?;
    let first = indent.find('\t')?;
    let last = indent.rfind('\t')?;
    Some(line + first..line + last + 1)
}

fn tab(fragment: &Fragment, at: usize) -> Diagnostic {
    let text = fragment.text();
    let range = tab_before(text, at).unwrap_or(at..at + 1);
    let span = fragment.span(range.start, range.end);
    let line = text.get(..range.start).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
    let before = text.get(..line).unwrap_or("").lines().rev().find(|line| !line.trim().is_empty());
    // What belongs to a key stands one level below it.
    let wanted = before.map_or(0, |before| {
        let indent = before.len() - before.trim_start().len();
        indent + if before.trim_end().ends_with(':') { 4 } else { 0 }
    });
    let spaces = " ".repeat(wanted.saturating_sub(range.start - line));
    Diagnostic::error(codes::YAML_TAB, "a tab in the indentation")
        .at(span, "YAML is indented with spaces")
        .fix(Applicability::Unsafe, "indent with spaces", span, spaces)
}
