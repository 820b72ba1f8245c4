//! The shapes that logs of Windows give to texts.

use super::values::last;
use super::{Os, Scene};

/// What a text of a field looks like.
#[derive(Clone, Copy)]
enum Shape {
    /// `DOMAIN\name`.
    Account,
    /// A path with a separator at its end.
    Folder,
    /// A digest behind the name of its algorithm, as in `MD5=…`.
    Digest,
}

/// Fields by Sigma's names, which are those of Sysmon.
const SHAPES: &[(&str, Shape)] = &[
    ("User", Shape::Account),
    ("ParentUser", Shape::Account),
    ("SourceUser", Shape::Account),
    ("TargetUser", Shape::Account),
    ("CurrentDirectory", Shape::Folder),
    ("Hashes", Shape::Digest),
];

/// Algorithms by the number of digits of their digests.
const ALGORITHMS: &[(usize, &str)] = &[(32, "MD5"), (40, "SHA1"), (64, "SHA256")];

impl Scene {
    /// Texts in the shape that the log gives to a field and with this text in them; none where it has the shape, or where
    /// the field has none.
    pub(crate) fn shaped(&self, path: &str, text: &str) -> Vec<String> {
        let shape = SHAPES.iter().find(|(name, _)| *name == path).map(|(_, shape)| *shape);
        let Some(shape) = shape.filter(|_| self.os == Os::Windows && !text.is_empty()) else {
            return Vec::new();
        };
        match shape {
            Shape::Account => self.account(text),
            Shape::Folder if !text.ends_with('\\') => vec![format!("{text}\\")],
            Shape::Digest if text.bytes().all(|digit| digit.is_ascii_hexdigit()) => {
                let of_length = ALGORITHMS.iter().filter(|(digits, _)| *digits == text.len());
                of_length.map(|(_, name)| format!("{name}={text}")).collect()
            }
            Shape::Folder | Shape::Digest => Vec::new(),
        }
    }

    fn account(&self, text: &str) -> Vec<String> {
        let user = self.user();
        match text.split_once('\\') {
            None => vec![format!("EXAMPLE\\{text}"), format!("{text}\\{user}")],
            Some((domain, "")) => vec![format!("{domain}\\{user}")],
            // What only looks like a path.
            Some((domain, name)) if domain.is_empty() || name.contains('\\') => {
                vec![format!("EXAMPLE\\{}", last(name))]
            }
            Some(_) => Vec::new(),
        }
    }
}
