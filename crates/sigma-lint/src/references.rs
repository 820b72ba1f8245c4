//! References, and items of metadata that are given twice.

use std::collections::BTreeMap;

use eqlc_diagnostics::codes::sigma_lints as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Fix, Node, Span};
use eqlc_sigma::Meta;

use crate::edits;
use crate::raw::Source;
use crate::sink::Sink;

/// What SigmaHQ writes where there is no public source.
const INTERNAL: &str = "Internal Research";

pub(crate) fn check(meta: &Meta, source: &Source<'_>, sink: &mut Sink<'_>) {
    for reference in &meta.references {
        one(reference, sink);
    }
    let lists = [
        ("reference", &meta.references),
        ("tag", &meta.tags),
        ("field", &meta.fields),
        ("false positive", &meta.falsepositives),
        ("scope", &meta.scope),
    ];
    for (what, list) in lists {
        repeated(what, list, source, sink);
    }
}

fn one(reference: &Node<String>, sink: &mut Sink<'_>) {
    let text = reference.value.as_str();
    if !is_link(text) {
        let internal = text.get(..INTERNAL.len()).is_some_and(|start| start.eq_ignore_ascii_case(INTERNAL));
        if !internal {
            sink.push(codes::REFERENCE_FORM, || {
                let message = format!("the reference `{text}` is not a link");
                Diagnostic::warning(codes::REFERENCE_FORM, message)
                    .at(reference.span, "nobody can open it")
                    .help(format!("`{INTERNAL}` stands for a source that is not public"))
            });
        }
    } else if text.contains("://attack.mitre.org/") {
        sink.push(codes::REFERENCE_ATTACK, || {
            let finding = Diagnostic::warning(codes::REFERENCE_ATTACK, "ATT&CK stands under `tags`")
                .at(reference.span, "a link to ATT&CK");
            match technique(text) {
                Some(tag) => finding.help(format!("the tag is `{tag}`")),
                None => finding,
            }
        });
    } else if let Some(branch) = branch(text) {
        sink.push(codes::REFERENCE_BRANCH, || {
            Diagnostic::warning(codes::REFERENCE_BRANCH, format!("a link to the branch `{branch}`"))
                .at(reference.span, "what stands there changes")
                .help("link to a commit: `/blob/` and its 40 digits")
        });
    }
}

/// Whether a text begins with a scheme and names a host behind it.
pub(crate) fn is_link(text: &str) -> bool {
    let rest = ["https://", "http://", "ftp://"].into_iter().find_map(|scheme| text.strip_prefix(scheme));
    rest.is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_alphanumeric()) && !text.contains(char::is_whitespace)
    })
}

/// The tag of the technique that a link shows.
fn technique(link: &str) -> Option<String> {
    let rest = link.split_once("/techniques/")?.1;
    let mut parts = rest.split(['/', '?', '#']).filter(|part| !part.is_empty());
    let main = parts.next().filter(|part| part.starts_with(['T', 't']))?.to_ascii_lowercase();
    let sub = parts.next().filter(|part| part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit()));
    Some(sub.map_or(format!("attack.{main}"), |sub| format!("attack.{main}.{sub}")))
}

/// The main branch that a link to a file on GitHub or GitLab names.
fn branch(link: &str) -> Option<&str> {
    let rest = link.split_once("://")?.1;
    let (host, path) = rest.split_once('/')?;
    if !matches!(host, "github.com" | "gitlab.com" | "raw.githubusercontent.com") {
        return None;
    }
    let parts: Vec<&str> = path.split('/').collect();
    let parts = match parts.as_slice() {
        [_, _, "refs", "heads", rest @ ..] | [_, _, "-" | "raw", "blob" | "tree", rest @ ..] => rest,
        [_, _, "blob" | "tree" | "raw", rest @ ..] => rest,
        [_, _, rest @ ..] if host == "raw.githubusercontent.com" => rest,
        _ => return None,
    };
    // A branch by itself is a link to the project as it is today, which may be meant.
    match parts {
        [branch @ ("master" | "main"), _, ..] => Some(branch),
        _ => None,
    }
}

/// Items that an earlier one equals.
fn repeated(what: &str, list: &[Node<String>], source: &Source<'_>, sink: &mut Sink<'_>) {
    if list.len() < 2 {
        return;
    }
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for item in list {
        let Some(first) = seen.get(item.value.as_str()).copied() else {
            seen.insert(&item.value, item.span);
            continue;
        };
        sink.push(codes::REPEATED_ITEM, || {
            let message = format!("the {what} `{}` is given twice", item.value);
            let mut finding = Diagnostic::warning(codes::REPEATED_ITEM, message)
                .at(item.span, "changes nothing")
                .and_at(first, "given here already");
            if let Some(edit) = edits::removal(source, item.span) {
                let title = format!("remove the {what}");
                finding.fixes.push(Fix { title, edits: vec![edit], applicability: Applicability::Safe });
            }
            finding
        });
    }
}
