//! Fields of several indices put together.

use std::collections::BTreeMap;

/// The type of a field and where it has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// The mapping, `[]` behind it where events hold lists.
    pub mapping: String,
    /// The index, or the name of the file where it names none.
    pub index: String,
}

/// The fields of one file or of several, each with every type that some index gives it.
#[derive(Clone, Debug, Default)]
pub struct UserFields {
    /// The files, in the order read.
    pub(crate) names: Vec<String>,
    pub(crate) fields: BTreeMap<String, Vec<Typed>>,
}

impl UserFields {
    pub(crate) fn new(name: &str) -> Self {
        Self { names: vec![name.to_owned()], fields: BTreeMap::new() }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Every field with its types, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[Typed])> {
        self.fields.iter().map(|(path, types)| (path.as_str(), types.as_slice()))
    }

    pub(crate) fn add(&mut self, path: &str, mapping: &str, index: &str) {
        let types = self.fields.entry(path.to_owned()).or_default();
        let typed = Typed { mapping: mapping.to_owned(), index: index.to_owned() };
        if !types.contains(&typed) {
            types.push(typed);
        }
    }

    /// These fields and those of another file.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.names.extend(other.names);
        for (path, types) in other.fields {
            for typed in types {
                self.add(&path, &typed.mapping, &typed.index);
            }
        }
        self
    }

    /// Why a field cannot be tested: its types differ between indices. The words of a message:
    /// "`long` in `a`, `keyword` in `b` and `c`".
    pub(crate) fn conflict(types: &[Typed]) -> Option<String> {
        let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
        for typed in types {
            let family = family(&typed.mapping);
            match groups.iter_mut().find(|(known, _)| *known == family) {
                Some((_, indices)) => indices.push(&typed.index),
                None => groups.push((family, vec![&typed.index])),
            }
        }
        (groups.len() > 1).then(|| {
            let texts = groups.iter().map(|(family, indices)| format!("`{family}` in {}", shown(indices)));
            texts.collect::<Vec<_>>().join(", ")
        })
    }
}

/// Types that Elasticsearch treats as one when it puts indices together.
fn family(mapping: &str) -> &str {
    match mapping.strip_suffix("[]").unwrap_or(mapping) {
        "constant_keyword" | "wildcard" => "keyword",
        "match_only_text" => "text",
        "nested" => "nested",
        other => other,
    }
}

const SHOWN: usize = 4;

fn shown(indices: &[&str]) -> String {
    let names: Vec<String> = indices.iter().take(SHOWN).map(|index| format!("`{index}`")).collect();
    let more = indices.len().saturating_sub(SHOWN);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", names.join(" and "))
}
