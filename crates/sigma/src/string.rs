//! Text with wildcards, and how Sigma escapes them.

/// One piece of a [`SigmaString`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Characters that stand for themselves.
    Lit(String),
    /// `*`: any number of any characters, none included.
    AnyRun,
    /// `?`: exactly one character.
    AnyOne,
}

/// Text of a detection value: literal runs and wildcards in turn.
///
/// Literal parts are never empty and never adjacent, so that equal texts have equal parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SigmaString {
    parts: Vec<Part>,
}

impl SigmaString {
    /// Reads a value as written in a rule (Sigma specification 2.1, "Escaping"): `*` and `?` are wildcards,
    /// `\*` and `\?` the characters, `\\` one backslash, and a backslash before any other character itself.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        // The run of literal characters that is being read.
        let mut literal = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((run, special, behind)) = next_special(rest) {
            literal.push_str(run);
            let escaped = behind.bytes().next().filter(|next| matches!(next, b'*' | b'?' | b'\\'));
            rest = behind;
            match (special, escaped) {
                (b'\\', None) => literal.push('\\'),
                (b'\\', Some(next)) => {
                    literal.push(char::from(next));
                    rest = behind.get(1..).unwrap_or("");
                }
                (wildcard, _) => {
                    if !literal.is_empty() {
                        parts.push(Part::Lit(std::mem::take(&mut literal)));
                    }
                    parts.push(if wildcard == b'*' { Part::AnyRun } else { Part::AnyOne });
                }
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Lit(literal));
        }
        Self { parts }
    }

    /// Text without wildcards: every character stands for itself.
    pub fn literal(text: impl Into<String>) -> Self {
        Self::from_parts([Part::Lit(text.into())])
    }

    /// From parts in order; joins adjacent literals and leaves out empty ones.
    pub fn from_parts(parts: impl IntoIterator<Item = Part>) -> Self {
        let mut out = Self::default();
        for part in parts {
            out.push(part);
        }
        out
    }

    /// The parts, in order.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether there is no part at all: the empty text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The text if it has no wildcard.
    #[must_use]
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Lit(text)] => Some(text),
            _ => None,
        }
    }

    /// The form to write in a rule, the inverse of [`SigmaString::parse`].
    ///
    /// A lone backslash stays single unless a wildcard character follows; a run of them is doubled. Both are
    /// the forms that the specification recommends.
    #[must_use]
    pub fn to_source(&self) -> String {
        let mut out = String::new();
        let mut rest = self.parts.iter().peekable();
        while let Some(part) = rest.next() {
            match part {
                Part::AnyRun => out.push('*'),
                Part::AnyOne => out.push('?'),
                Part::Lit(text) => {
                    let wildcard_next = matches!(rest.peek(), Some(Part::AnyRun | Part::AnyOne));
                    escape(text, wildcard_next, &mut out);
                }
            }
        }
        out
    }

    fn push(&mut self, part: Part) {
        match (self.parts.last_mut(), part) {
            (_, Part::Lit(text)) if text.is_empty() => {}
            (Some(Part::Lit(before)), Part::Lit(text)) => before.push_str(&text),
            (_, part) => self.parts.push(part),
        }
    }
}

/// The text before the first wildcard or backslash, that character, and the text behind it.
fn next_special(text: &str) -> Option<(&str, u8, &str)> {
    let at = memchr::memchr3(b'*', b'?', b'\\', text.as_bytes())?;
    Some((text.get(..at)?, *text.as_bytes().get(at)?, text.get(at + 1..)?))
}

fn escape(text: &str, wildcard_next: bool, out: &mut String) {
    let mut backslashes = 0_usize;
    let flush = |count: usize, before_wildcard: bool, out: &mut String| {
        let doubled = count > 1 || before_wildcard;
        out.extend(std::iter::repeat_n('\\', if doubled { count * 2 } else { count }));
    };
    for c in text.chars() {
        if c == '\\' {
            backslashes += 1;
            continue;
        }
        let wildcard = matches!(c, '*' | '?');
        flush(backslashes, wildcard, out);
        backslashes = 0;
        if wildcard {
            out.push('\\');
        }
        out.push(c);
    }
    flush(backslashes, wildcard_next, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lit(text: &str) -> Part {
        Part::Lit(text.into())
    }

    #[test]
    fn escaping_follows_the_five_cases_of_the_specification() {
        // Plain backslash, single or double.
        assert_eq!(SigmaString::parse(r"C:\x").parts(), [lit(r"C:\x")]);
        assert_eq!(SigmaString::parse(r"C:\\x").parts(), [lit(r"C:\x")]);
        // Escaped wildcard.
        assert_eq!(SigmaString::parse(r"a\*b\?").parts(), [lit("a*b?")]);
        // Backslash, then a wildcard.
        assert_eq!(SigmaString::parse(r"a\\*").parts(), [lit(r"a\"), Part::AnyRun]);
        // Backslash, then an escaped wildcard.
        assert_eq!(SigmaString::parse(r"a\\\*").parts(), [lit(r"a\*")]);
        // Three or four backslashes are two.
        assert_eq!(SigmaString::parse(r"\\\x").parts(), [lit(r"\\x")]);
        assert_eq!(SigmaString::parse(r"\\\\x").parts(), [lit(r"\\x")]);
        assert_eq!(SigmaString::parse(r"x\").parts(), [lit(r"x\")]);
    }

    #[test]
    fn wildcards_are_parts() {
        assert_eq!(SigmaString::parse("*a?").parts(), [Part::AnyRun, lit("a"), Part::AnyOne]);
        assert!(SigmaString::parse("").is_empty());
        assert_eq!(SigmaString::parse("plain").as_literal(), Some("plain"));
        assert_eq!(SigmaString::parse("pl*n").as_literal(), None);
    }

    #[test]
    fn the_written_form_is_the_one_of_sigmahq() {
        for source in [r"\cmd.exe", r"\\\\server\share", r"C:\Users\\*\x", r"a\*b", r"\Desktop\", r"\\\*"] {
            assert_eq!(SigmaString::parse(source).to_source(), source);
        }
    }

    #[test]
    fn every_short_text_survives_writing_and_reading() {
        let alphabet = ['\\', '*', '?', 'a'];
        let mut texts = vec![String::new()];
        for _ in 0..6 {
            let longer: Vec<String> =
                texts.iter().flat_map(|text| alphabet.iter().map(move |c| format!("{text}{c}"))).collect();
            for text in &longer {
                let parsed = SigmaString::parse(text);
                let written = parsed.to_source();
                assert_eq!(SigmaString::parse(&written), parsed, "{text} -> {written}");
                let literal = SigmaString::literal(text.as_str());
                assert_eq!(SigmaString::parse(&literal.to_source()), literal, "{text}");
            }
            texts = longer;
        }
    }
}
