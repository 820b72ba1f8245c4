//! A formatted query back into its file, with every other byte left alone.

use std::ops::Range;

use eqlc_diagnostics::{Fragment, SourceMap};

use crate::{Format, QueryLanguage, RuleDocument};

/// Whether [`with_query`] can put queries back into such a file. `name` is its path, as for [`crate::read()`].
#[must_use]
pub fn is_rewritable(name: &str, text: &str) -> bool {
    matches!(Format::of(name, text), Ok(Format::Eql | Format::Toml))
}

/// The text of a file with the query of `document` exchanged for `query`, which has `\n` between its lines.
///
/// A file that is a query keeps its byte order mark and its line ends. In TOML nothing but the string is touched. It
/// keeps its quotes where these can hold the query, else takes such that can; a string in single quotes that gets
/// several lines gets three. A line break behind the opening and before the closing quotes stays, or stays away.
/// None where the file is neither, or the string is not found in it.
#[must_use]
pub fn with_query(name: &str, text: &str, document: &RuleDocument, query: &str) -> Option<String> {
    let fragment = &document.query.fragment;
    // The first line end speaks for the file.
    let crlf = text.split_once('\n').is_some_and(|(line, _)| line.ends_with('\r'));
    let breaks = if crlf { "\r\n" } else { "\n" };
    let (range, written) = match Format::of(name, text) {
        Ok(Format::Eql) => (fragment.whole().range(), query.replace('\n', breaks)),
        Ok(Format::Toml) => {
            let literal = Literal::around(text, fragment)?;
            let old = fragment.text().replace("\r\n", "\n");
            let Some(written) = literal.rewritten(&old, query.trim_end(), breaks) else {
                return Some(text.to_owned());
            };
            (literal.range, written)
        }
        _ => return None,
    };
    let (before, after) = (text.get(..range.start)?, text.get(range.end..)?);
    let out = [before, &written, after].concat();
    reads_as(name, &out, query).then_some(out)
}

/// Whether a file has this query, but for white space around it.
fn reads_as(name: &str, text: &str, query: &str) -> bool {
    let read = crate::read(name, text.as_bytes(), &mut SourceMap::new());
    let eql = read.tree.documents.iter().filter(|document| document.query.language == QueryLanguage::Eql);
    let texts: Vec<String> =
        eql.map(|document| document.query.fragment.text().replace("\r\n", "\n")).collect();
    matches!(texts.as_slice(), [only] if only.trim() == query.trim())
}

/// A string as TOML writes it.
struct Literal {
    /// Its place with the quotes.
    range: Range<usize>,
    quotes: &'static str,
    /// Whether a line break stands behind the opening quotes.
    broken: bool,
}

const QUOTES: [&str; 4] = ["'''", "\"\"\"", "'", "\""];

impl Literal {
    /// The literal whose text is the fragment.
    fn around(file: &str, fragment: &Fragment) -> Option<Self> {
        let content = fragment.whole().range().start;
        let (before, after) = file.split_at_checked(content)?;
        let closed = |text: &str| QUOTES.into_iter().find(|quotes| text.ends_with(quotes));
        let above = before.strip_suffix("\r\n").or_else(|| before.strip_suffix('\n'));
        let (start, quotes) =
            if let Some((above, quotes)) = above.and_then(|text| Some((text, closed(text)?))) {
                (above.len() - quotes.len(), quotes)
            } else if let Some(quotes) = closed(before) {
                (content - quotes.len(), quotes)
            } else {
                // A fragment that does not know its pieces stands for the literal as a whole.
                (content, QUOTES.into_iter().find(|quotes| after.starts_with(quotes))?)
            };
        let body = start + quotes.len();
        let rest = file.get(body..)?;
        let end = body + length(rest, quotes)? + quotes.len();
        let broken = quotes.len() == 3 && (rest.starts_with('\n') || rest.starts_with("\r\n"));
        Some(Self { range: start..end, quotes, broken })
    }

    /// The literal for another text, or none where the text is the same as before.
    fn rewritten(&self, old: &str, query: &str, breaks: &str) -> Option<String> {
        let several = query.contains('\n');
        if self.quotes.len() == 3 {
            let blanks = old.get(old.trim_end().len()..).unwrap_or_default();
            let end = if blanks.contains('\n') { "\n" } else { "" };
            let text = format!("{query}{end}");
            if text == old {
                return None;
            }
            let quotes = if can_be_literal(&text, self.quotes) { self.quotes } else { "\"\"\"" };
            let start = if self.broken { breaks } else { "" };
            return Some(format!("{quotes}{start}{}{quotes}", body(&text, quotes).replace('\n', breaks)));
        }
        if old == query || (several && old.trim_end() == query) {
            return None;
        }
        if several && can_be_literal(query, "'''") {
            return Some(format!("'''{breaks}{}{breaks}'''", query.replace('\n', breaks)));
        }
        let quotes = if !several && can_be_literal(query, self.quotes) { self.quotes } else { "\"" };
        Some(format!("{quotes}{}{quotes}", body(query, quotes)))
    }
}

/// Bytes up to the closing quotes.
fn length(rest: &str, quotes: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(text) = rest.get(at..) {
        let first = text.chars().next()?;
        if text.starts_with(quotes) {
            // Up to two quotes more belong to the text.
            let more = text.get(quotes.len()..)?.chars().take_while(|c| quotes.starts_with(*c)).count();
            return Some(at + if quotes.len() == 3 { more.min(2) } else { 0 });
        }
        let escaped = first == '\\' && quotes.starts_with('"');
        at += first.len_utf8() + if escaped { text.chars().nth(1)?.len_utf8() } else { 0 };
    }
    None
}

/// Whether a string with these quotes holds the text; in double quotes everything can be escaped.
fn can_be_literal(text: &str, quotes: &str) -> bool {
    let allowed = |c: char| c == '\t' || (c == '\n' && quotes.len() == 3) || !c.is_control();
    quotes.starts_with('"') || (!text.contains(quotes) && !text.ends_with('\'') && text.chars().all(allowed))
}

/// The text between the quotes.
fn body(text: &str, quotes: &str) -> String {
    if quotes.starts_with('\'') {
        return text.to_owned();
    }
    let several = quotes.len() == 3;
    let mut out = String::with_capacity(text.len());
    let mut run = 0;
    for (at, c) in text.char_indices() {
        run = if c == '"' { run + 1 } else { 0 };
        match c {
            '"' if several && run < 3 && at + 1 < text.len() => out.push('"'),
            '"' => {
                out.push_str("\\\"");
                run = 0;
            }
            '\\' => out.push_str("\\\\"),
            '\n' if several => out.push('\n'),
            '\n' => out.push_str("\\n"),
            '\t' => out.push('\t'),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The file with another query.
    fn rewrite(file: &str, query: &str) -> String {
        let read = crate::read("rule.toml", file.as_bytes(), &mut SourceMap::new());
        let document = read.tree.documents.first().expect("a rule");
        with_query("rule.toml", file, document, query).expect("a string that is found")
    }

    fn file(literal: &str, breaks: &str) -> String {
        let lines = [
            "# é \"'''\"",
            "[rule]",
            "type = \"eql\"",
            "language = \"eql\"",
            &format!("query = {literal} # x"),
            "",
        ];
        lines.join(breaks)
    }

    const LONG: &str = "any where\n  a == \"\"\"C:\\\"\"\" and\n  b\n";

    #[test]
    fn only_the_string_changes_and_quotes_stay_where_they_can() {
        let cases = [
            ("'''\nany where a\n'''", "any where b\n", "'''\nany where b\n'''"),
            ("'''any where a'''", "any where b\n", "'''any where b'''"),
            ("'any where a'", "any where b\n", "'any where b'"),
            ("\"any where a\"", "any where \"b\\\\c\"\n", "\"any where \\\"b\\\\\\\\c\\\"\""),
            ("\"\"\"\nany where a\"\"\"", "any where b == \"x\"\n", "\"\"\"\nany where b == \"x\\\"\"\"\""),
            ("\"\"\"any \\\n   where a\n\"\"\"", "any where b\n", "\"\"\"any where b\n\"\"\""),
            ("'any where a'", LONG, "'''\nany where\n  a == \"\"\"C:\\\"\"\" and\n  b\n'''"),
            (
                "\"\"\"\nany where a\n\"\"\"",
                LONG,
                "\"\"\"\nany where\n  a == \"\"\\\"C:\\\\\"\"\\\" and\n  b\n\"\"\"",
            ),
            ("'any where a'", "any where b == \"'\"\n", "\"any where b == \\\"'\\\"\""),
            ("'any where a'", "any where // '''\n  b\n", "\"any where // '''\\n  b\""),
            ("'''\nany where a\n'''", "any where // '''\n  b\n", "\"\"\"\nany where // '''\n  b\n\"\"\""),
        ];
        for (before, query, after) in cases {
            assert_eq!(rewrite(&file(before, "\n"), query), file(after, "\n"));
            let windows = |literal: &str| file(&literal.replace('\n', "\r\n"), "\r\n");
            assert_eq!(rewrite(&windows(before), query), windows(after));
        }
    }

    #[test]
    fn a_query_that_is_there_already_changes_no_byte() {
        for literal in ["\"any where\\u0020a\"", "'''\nany where a\n'''", "\"\"\"any \\\n  where a\"\"\""] {
            assert_eq!(rewrite(&file(literal, "\n"), "any where a\n"), file(literal, "\n"));
        }
    }
}
