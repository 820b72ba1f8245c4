//! Lines, and what stands on one.

use std::ops::Range;

use memchr::{memchr, memchr2_iter};

use super::super::{Kind, Scalar, Style, Yaml};

/// Keys longer than this are none to YAML.
const MAX_KEY: usize = 1_000;

/// Whether a text has only characters that YAML allows, and neither tabs nor line ends other than the line feed.
pub(super) fn is_plain_text(text: &str) -> bool {
    // In blocks of one size, so that a block is looked at as a whole.
    let is_usual = |byte: &u8| matches!(byte, b' '..=b'~') | (*byte == b'\n');
    let (blocks, rest) = text.as_bytes().as_chunks::<32>();
    let all_usual = |block: &[u8; 32]| block.iter().fold(true, |usual, byte| usual & is_usual(byte));
    if blocks.iter().all(all_usual) && rest.iter().all(is_usual) {
        return true;
    }
    text.chars().all(|c| {
        matches!(c, ' '..='~' | '\n' | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
            && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}')
    })
}

/// The lines of a text that are neither blank nor comments.
pub(super) struct Lines<'a> {
    text: &'a str,
    /// Where the next line begins.
    at: usize,
    /// The next line that says something, where it was looked for, and where the one after it begins.
    ahead: Option<(Line<'a>, usize)>,
}

/// What stands on a line, or behind a dash or colon of one.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    /// Its column.
    pub(super) indent: usize,
    /// Its place in the text.
    pub(super) start: usize,
    /// The rest of the line.
    text: &'a str,
}

/// What a line or the rest of one says.
pub(super) enum Value<'a> {
    /// A scalar and nothing else.
    Scalar(Yaml),
    /// A key, and what stands behind its colon.
    Key(Yaml, Line<'a>),
    /// The header of a text on the next lines, which keeps the end of its last line or does not.
    Block { ends_in_line: bool },
    /// Nothing, or a comment.
    Nothing,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, at: 0, ahead: None }
    }

    /// The next line; outer none: it is not for this reader, inner none: there is no more.
    #[expect(clippy::option_option, reason = "the outer one is passed on by `?`")]
    pub(super) fn next(&mut self) -> Option<Option<Line<'a>>> {
        let Some((line, next)) = self.ahead.take().or_else(|| self.find()) else { return Some(None) };
        self.at = next;
        let text = line.text;
        // Borders of documents and directives.
        let border = text.starts_with("---") || text.starts_with("...") || text.starts_with('%');
        (line.indent > 0 || !border).then_some(Some(line))
    }

    /// The column of the next line; 0 at the end.
    pub(super) fn next_indent(&mut self) -> usize {
        self.ahead = self.find();
        self.ahead.map_or(0, |(line, _)| line.indent)
    }

    /// The next line that says something, and where the one after it begins.
    fn find(&self) -> Option<(Line<'a>, usize)> {
        let mut at = self.at;
        loop {
            let (line, next) = self.line(at)?;
            let indent = line.bytes().take_while(|byte| *byte == b' ').count();
            let text = line.get(indent..)?;
            if !text.is_empty() && !text.starts_with('#') {
                return Some((Line { indent, start: at + indent, text }, next));
            }
            at = next;
        }
    }

    /// The line that begins at a byte, and where the one after it begins.
    fn line(&self, at: usize) -> Option<(&'a str, usize)> {
        let rest = self.text.get(at..).filter(|rest| !rest.is_empty())?;
        let line = memchr(b'\n', rest.as_bytes()).and_then(|end| rest.get(..end)).unwrap_or(rest);
        Some((line, (at + line.len() + 1).min(self.text.len())))
    }

    /// The text under a header in a block of this indentation, and its place. Its first line says how far it is
    /// indented.
    pub(super) fn block(&mut self, outer: usize, ends_in_line: bool) -> Option<(String, Range<usize>)> {
        self.ahead = None;
        let (first, _) = self.line(self.at)?;
        let indent = first.len() - first.trim_start_matches(' ').len();
        if indent <= outer || indent == first.len() {
            return None;
        }
        let start = self.at + indent;
        let mut text = String::new();
        let mut blank = 0;
        while let Some((line, next)) = self.line(self.at) {
            match line.split_at_checked(indent) {
                Some((spaces, content)) if spaces.bytes().all(|byte| byte == b' ') => {
                    // Blanks that stand deeper than the text belong to it.
                    if content.trim_start_matches(' ').is_empty() {
                        (content.is_empty()).then_some(())?;
                        blank += 1;
                    } else {
                        text.extend(std::iter::repeat_n('\n', std::mem::take(&mut blank)));
                        text.push_str(content);
                        text.push('\n');
                    }
                }
                _ if line.trim_start_matches(' ').is_empty() => blank += 1,
                _ => break,
            }
            // The last line of the file must end for the text to end as it says.
            (self.text.get(..next)?.ends_with('\n')).then_some(())?;
            self.at = next;
        }
        if ends_in_line {
            text.pop();
        }
        Some((text, start..self.at))
    }
}

impl<'a> Line<'a> {
    /// Whether it begins an entry of a list.
    pub(super) fn is_item(self) -> bool {
        self.text == "-" || self.text.starts_with("- ")
    }

    /// What stands behind the dash.
    pub(super) fn inner(self) -> Option<Self> {
        let behind = self.text.strip_prefix('-')?;
        let inner = self.behind(behind);
        (!inner.is_blank()).then_some(inner)
    }

    /// The end of this line from `rest` on, without blanks before it.
    fn behind(self, rest: &'a str) -> Self {
        let text = rest.trim_start_matches(' ');
        let skipped = self.text.len() - text.len();
        Self { indent: self.indent + skipped, start: self.start + skipped, text }
    }

    /// Nothing or a comment. Something stands before it on the line, and a blank.
    fn is_blank(self) -> bool {
        self.text.is_empty() || self.text.starts_with('#')
    }

    /// What it says. None: that is not for this reader.
    pub(super) fn value(self) -> Option<Value<'a>> {
        match self.text.bytes().next() {
            None | Some(b'#') => Some(Value::Nothing),
            Some(b'|') => self.header(),
            Some(b'\'') => self.quoted(b'\'', Style::Single),
            Some(b'"') => self.quoted(b'"', Style::Double),
            Some(
                b'?' | b':' | b',' | b'[' | b']' | b'{' | b'}' | b'&' | b'*' | b'!' | b'>' | b'%' | b'@'
                | b'`',
            ) => None,
            Some(b'-') if self.is_item() => None,
            Some(_) => self.plain(),
        }
    }

    fn header(self) -> Option<Value<'a>> {
        match self.text.trim_end_matches(' ') {
            "|" => Some(Value::Block { ends_in_line: false }),
            "|-" => Some(Value::Block { ends_in_line: true }),
            _ => None,
        }
    }

    fn quoted(self, quote: u8, style: Style) -> Option<Value<'a>> {
        let body = self.text.get(1..)?;
        let (mut end, mut doubled) = (0, false);
        loop {
            end += memchr(quote, body.get(end..)?.as_bytes())?;
            if style != Style::Single || body.as_bytes().get(end + 1) != Some(&quote) {
                break;
            }
            doubled = true;
            end += 2;
        }
        let inner = body.get(..end)?;
        let text = match style {
            Style::Single if doubled => inner.replace("''", "'"),
            Style::Double if inner.contains('\\') => return None,
            _ => inner.to_owned(),
        };
        let node = self.scalar(text, style, end + 2);
        let after = body.get(end + 1..)?;
        let rest = self.behind(after);
        match rest.text.strip_prefix(':') {
            Some(value) => self.key(node, value),
            None if rest.text.is_empty() || (rest.is_blank() && after.starts_with(' ')) => {
                Some(Value::Scalar(node))
            }
            None => None,
        }
    }

    fn plain(self) -> Option<Value<'a>> {
        let bytes = self.text.as_bytes();
        let ends = |at: &usize| match bytes.get(*at) {
            Some(b':') => matches!(bytes.get(*at + 1), None | Some(b' ')),
            _ => at.checked_sub(1).and_then(|before| bytes.get(before)) == Some(&b' '),
        };
        let found = memchr2_iter(b':', b'#', bytes).find(ends);
        let end = found.unwrap_or(bytes.len());
        let colon = found.filter(|at| bytes.get(*at) == Some(&b':'));
        let text = self.text.get(..end)?.trim_end_matches(' ');
        // Other blanks than spaces belong to the text, and not to its place.
        let node = self.scalar(text.to_owned(), Style::Plain, text.trim_end().len());
        match colon {
            Some(at) => self.key(node, self.text.get(at + 1..)?),
            None => Some(Value::Scalar(node)),
        }
    }

    /// A key, and the rest of the line behind its colon.
    fn key(self, node: Yaml, rest: &'a str) -> Option<Value<'a>> {
        let fine = (rest.is_empty() || rest.starts_with(' ')) && node.at.len() <= MAX_KEY;
        fine.then(|| Value::Key(node, self.behind(rest)))
    }

    /// A scalar at the start of the line, of so many bytes.
    fn scalar(self, text: String, style: Style, len: usize) -> Yaml {
        Yaml { kind: Kind::Scalar(Scalar { text, style }), at: self.start..self.start + len }
    }
}
