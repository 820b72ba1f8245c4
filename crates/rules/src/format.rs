//! Which format a file is in.

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Diagnostic, SourceId, Span};

/// A format of rule documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// One EQL query.
    Eql,
    /// A rule document of Elastic's repositories: detection rules and endpoint behaviour rules.
    Toml,
    /// Sigma: rules, correlations, filters.
    Sigma,
    /// Kibana's export of detection rules: a rule a line, or JSON that is a rule or an array of rules.
    Kibana,
}

const EXTENSIONS: [(&str, Format); 6] = [
    ("eql", Format::Eql),
    ("toml", Format::Toml),
    ("yml", Format::Sigma),
    ("yaml", Format::Sigma),
    ("json", Format::Kibana),
    ("ndjson", Format::Kibana),
];

/// Extensions of other formats. Guessing from the content would take them for EQL and give a syntax error at
/// the first byte.
const REFUSED: [&str; 4] = ["jsonl", "xml", "evtx", "csv"];

/// Keys that stand at the start of a line in Sigma documents and nowhere else.
const SIGMA_KEYS: [&str; 6] = ["title:", "logsource:", "detection:", "correlation:", "filter:", "action:"];

/// An extension that is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnknownExtension(String);

impl UnknownExtension {
    pub(crate) fn diagnostic(&self, source: SourceId) -> Diagnostic {
        Diagnostic::error(files::UNKNOWN_FORMAT, format!("rules in `.{}` files cannot be read", self.0))
            .at(Span::new(source, 0..0), "")
            .help(
                "rule files are `.eql`, `.toml`, `.yml`, `.yaml`, and Kibana's exports `.ndjson` and `.json`",
            )
    }
}

impl Format {
    /// The format by the extension of the name, else by the text.
    pub(crate) fn of(name: &str, text: &str) -> Result<Self, UnknownExtension> {
        let extension = extension(name).to_ascii_lowercase();
        if let Some((_, format)) = EXTENSIONS.iter().find(|(known, _)| *known == extension) {
            return Ok(*format);
        }
        if REFUSED.contains(&extension.as_str()) {
            return Err(UnknownExtension(extension));
        }
        Ok(Self::of_text(text))
    }

    /// JSON starts with a brace, or a bracket before one. Else a line that is a TOML table header, or a Sigma
    /// key, whichever comes first; otherwise EQL, which has neither. `[process where …]`, a line of a sequence, is no header.
    fn of_text(text: &str) -> Self {
        let text = text.trim_start_matches('\u{feff}');
        let array =
            text.trim_start().strip_prefix('[').is_some_and(|rest| rest.trim_start().starts_with('{'));
        if array || text.trim_start().starts_with('{') {
            return Self::Kibana;
        }
        text.lines()
            .find_map(|line| {
                let sigma = SIGMA_KEYS.iter().any(|key| line.starts_with(key)) || line.trim_end() == "---";
                if sigma { Some(Self::Sigma) } else { is_header(line).then_some(Self::Toml) }
            })
            .unwrap_or(Self::Eql)
    }
}

/// `[a.b]` or `[[a.b]]` with bare keys, alone on its line but for a comment.
fn is_header(line: &str) -> bool {
    let line = line.trim();
    let line = line.split_once('#').map_or(line, |(header, _)| header.trim_end());
    let inner = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')).unwrap_or("");
    let inner = inner.strip_prefix('[').and_then(|line| line.strip_suffix(']')).unwrap_or(inner);
    !inner.is_empty() && inner.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

fn file_name(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

fn extension(name: &str) -> &str {
    file_name(name).rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// The name of the file without folders and extension.
pub(crate) fn stem(name: &str) -> &str {
    let file = file_name(name);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}
