//! From bytes to text.

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Diagnostic, SourceId, SourceMap, Span};

/// The largest rule file that is read, in bytes.
pub const MAX_BYTES: usize = 8 << 20;

const BOM: &str = "\u{feff}";

/// A file that is no text of a rule.
pub(crate) struct Refused {
    /// What stands in the source map for it.
    pub(crate) source: SourceId,
    /// Why.
    pub(crate) diagnostic: Box<Diagnostic>,
}

/// Adds the text to the sources; the id and the byte after a byte order mark.
pub(crate) fn add(name: &str, bytes: &[u8], sources: &mut SourceMap) -> Result<(SourceId, usize), Refused> {
    if bytes.len() > MAX_BYTES {
        let source = sources.add(name, "");
        let message = format!("the file has {} bytes, more than the {MAX_BYTES} of a rule file", bytes.len());
        let diagnostic = Diagnostic::error(files::TOO_LARGE, message)
            .at(sources.whole(source), "")
            .help("files of events are given to `run` and `verify`");
        return Err(Refused { source, diagnostic: Box::new(diagnostic) });
    }
    let text = match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return Err(not_utf8(name, bytes, error.valid_up_to(), sources)),
    };
    let source = sources.add(name, text);
    if text.trim_start_matches(BOM).trim().is_empty() {
        let diagnostic = Diagnostic::error(files::EMPTY_FILE, "there is nothing in the file")
            .at(Span::new(source, text.len()..text.len()), "");
        return Err(Refused { source, diagnostic: Box::new(diagnostic) });
    }
    Ok((source, if text.starts_with(BOM) { BOM.len() } else { 0 }))
}

fn not_utf8(name: &str, bytes: &[u8], at: usize, sources: &mut SourceMap) -> Refused {
    // Up to the first bad byte the lossy text is the file, so the offset holds in both.
    let source = sources.add(name, String::from_utf8_lossy(bytes));
    let span = Span::new(source, at..at + char::REPLACEMENT_CHARACTER.len_utf8());
    let diagnostic = Diagnostic::error(files::NOT_UTF8, format!("invalid UTF-8 at byte {at}"))
        .at(span, "no character starts here");
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let diagnostic = diagnostic.help(if utf16 {
        "the file is UTF-16; save it as UTF-8"
    } else {
        "save the file as UTF-8"
    });
    Refused { source, diagnostic: Box::new(diagnostic) }
}
