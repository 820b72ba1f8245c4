//! What rules are called: identifiers, titles and names are for one rule each.

use std::collections::BTreeMap;

use eqlc_diagnostics::codes::sigma_lints as codes;
use eqlc_diagnostics::{Code, Diagnostic, Node};
use eqlc_sigma::{File, Meta};

use crate::Context;
use crate::sink::Sink;

/// What the rules of the files of a run are called.
#[derive(Debug, Default)]
pub struct Identities {
    /// The files of each identifier, title and name, in the order they were given.
    files: BTreeMap<(Kind, String), Vec<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Id,
    Title,
    Name,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Id, Self::Title, Self::Name];

    fn key(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Title => "title",
            Self::Name => "name",
        }
    }

    fn code(self) -> Code {
        match self {
            Self::Id => codes::ID_TWICE,
            Self::Title => codes::TITLE_TWICE,
            Self::Name => codes::NAME_TWICE,
        }
    }

    fn of(self, meta: &Meta) -> Option<&Node<String>> {
        match self {
            Self::Id => meta.id.as_ref(),
            Self::Title => Some(&meta.title).filter(|title| !title.value.is_empty()),
            Self::Name => meta.name.as_ref(),
        }
    }
}

impl Identities {
    /// Reads files by their lines, which is enough for keys at the start of one: the names of the files and their texts.
    pub fn read<'t>(files: impl IntoIterator<Item = (String, &'t str)>) -> Self {
        let mut all = Self::default();
        for (file, text) in files {
            for line in text.lines() {
                if !line.starts_with(['i', 't', 'n']) {
                    continue;
                }
                for kind in Kind::ALL {
                    let value = line.strip_prefix(kind.key()).and_then(|rest| rest.strip_prefix(':'));
                    if let Some(value) = value.map(plain).filter(|value| !value.is_empty()) {
                        all.files.entry((kind, value)).or_default().push(file.clone());
                    }
                }
            }
        }
        all.files.retain(|_, files| files.len() > 1);
        all
    }

    /// The first other file with a rule that is called so.
    fn elsewhere(&self, kind: Kind, value: &str, own: &str) -> Option<&str> {
        let files = self.files.get(&(kind, value.to_owned()))?;
        files.iter().map(String::as_str).find(|file| *file != own)
    }
}

/// The value of a key on its line, without quotes and comments.
fn plain(value: &str) -> String {
    let value = value.trim();
    for quote in ['\'', '"'] {
        if let Some(inner) = value.strip_prefix(quote).and_then(|rest| rest.rsplit_once(quote)) {
            return inner.0.replace("''", "'");
        }
    }
    value.split(" #").next().unwrap_or(value).trim_end().to_owned()
}

pub(crate) fn check(file: &File, context: &Context<'_>, sink: &mut Sink<'_>) {
    for document in &file.documents {
        if let Some(id) = document.meta().id.as_ref().filter(|id| is_uuid(&id.value) && !is_random(&id.value))
        {
            sink.push(codes::ID_VERSION, || {
                Diagnostic::warning(codes::ID_VERSION, format!("`{}` is not a random UUID", id.value))
                    .at(id.span, "not of version 4")
            });
        }
    }
    for kind in Kind::ALL {
        twice(kind, file, context, sink);
    }
}

fn twice(kind: Kind, file: &File, context: &Context<'_>, sink: &mut Sink<'_>) {
    let mut seen: BTreeMap<&str, &Node<String>> = BTreeMap::new();
    for document in &file.documents {
        let Some(name) = kind.of(document.meta()) else { continue };
        let message = || format!("another rule has the {} `{}`", kind.key(), name.value);
        if let Some(first) = seen.get(name.value.as_str()).copied() {
            // Documents of a collection share keys on purpose.
            if first.span != name.span {
                sink.push(kind.code(), || {
                    Diagnostic::warning(kind.code(), message())
                        .at(name.span, "the second one")
                        .and_at(first.span, "the first one")
                });
            }
            continue;
        }
        seen.insert(&name.value, name);
        let elsewhere = context.identities.and_then(|all| all.elsewhere(kind, &name.value, context.path));
        if let Some(other) = elsewhere {
            sink.push(kind.code(), || {
                Diagnostic::warning(kind.code(), message())
                    .at(name.span, "also in another file")
                    .note(format!("the other one stands in `{other}`"))
            });
        }
    }
}

/// Hexadecimal digits in groups of 8, 4, 4, 4 and 12.
pub(crate) fn is_uuid(text: &str) -> bool {
    let groups = text.split('-');
    groups.clone().map(str::len).eq([8, 4, 4, 4, 12])
        && groups.into_iter().all(|group| group.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Whether a UUID is of version 4 and of the usual variant.
fn is_random(uuid: &str) -> bool {
    let bytes = uuid.as_bytes();
    bytes.get(14) == Some(&b'4') && matches!(bytes.get(19), Some(b'8' | b'9' | b'a' | b'b' | b'A' | b'B'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_files_of_the_run_are_known_by_their_lines() {
        let files = [
            "title: A\nid: 'x' # first\n",
            "title: B\nid: x\nname: n\n",
            "title: \"A\"\ndescription: |\n    title: C\n",
        ];
        let named = files.iter().enumerate().map(|(at, text)| (format!("{at}.yml"), *text));
        let all = Identities::read(named);
        assert_eq!(all.elsewhere(Kind::Id, "x", "0.yml"), Some("1.yml"));
        assert_eq!(all.elsewhere(Kind::Id, "x", "1.yml"), Some("0.yml"));
        assert_eq!(all.elsewhere(Kind::Title, "A", "0.yml"), Some("2.yml"));
        assert_eq!(all.elsewhere(Kind::Title, "C", "0.yml"), None);
        assert_eq!(all.elsewhere(Kind::Title, "B", "1.yml"), None);
        assert_eq!(all.elsewhere(Kind::Name, "n", "1.yml"), None);
    }
}
