//! From YAML trees to Sigma documents.

mod checks;
mod collection;
mod correlation;
mod detection;
mod document;
mod meta;
mod regex;
mod sink;
mod suggest;
mod table;

use eqlc_diagnostics::{Fragment, Node, Parsed};

use crate::yaml::Yaml;
use crate::{File, Search, yaml};

pub(crate) use meta::is_uuid;
pub(crate) use sink::Sink;
pub(crate) use suggest::suggest;

/// Reads the documents of a Sigma file. Errors do not stop it: the tree holds what could be understood.
///
/// Tags, nesting deeper than 64 levels, aliases that stand for more than 10,000 nodes and files above 4 MiB are
/// refused.
#[must_use]
pub fn parse(fragment: &Fragment) -> Parsed<File> {
    let mut sink = Sink::default();
    let trees = yaml::read(fragment, "a rule", &mut sink);
    let mut reader = Reader { fragment, sink };
    let trees = reader.collection(trees);
    let documents = trees.iter().filter_map(|tree| reader.document(tree)).collect();
    Parsed { tree: File { documents }, diagnostics: reader.sink.finish() }
}

/// Reads a search by itself, as it stands under a name in `detection`. None where it has errors throughout.
#[must_use]
pub fn parse_search(fragment: &Fragment, name: &Node<String>, tree: &Yaml) -> Parsed<Option<Search>> {
    let mut reader = Reader { fragment, sink: Sink::default() };
    let search = reader.search(name, tree);
    Parsed { tree: search, diagnostics: reader.sink.finish() }
}

/// What every part of the reading needs.
struct Reader<'a> {
    fragment: &'a Fragment,
    sink: Sink,
}
