//! Titles.

use eqlc_diagnostics::codes::sigma_lints as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Edit, Fix, Node};

use crate::raw::Source;
use crate::sink::Sink;

/// What the specification allows, and what SigmaHQ does.
const MOST: usize = 256;
const USUAL: usize = 120;

/// Words that stay in lower case.
const SMALL: [&str; 27] = [
    "a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "into", "is", "new", "nor", "of", "off",
    "on", "or", "over", "per", "the", "through", "to", "via", "vs", "with", "without",
];

pub(crate) fn check(title: &Node<String>, source: &Source<'_>, sink: &mut Sink<'_>) {
    length(title, sink);
    form(title, source, sink);
    case(title, source, sink);
}

fn length(title: &Node<String>, sink: &mut Sink<'_>) {
    let count = title.value.chars().count();
    if count > USUAL {
        sink.push(codes::TITLE_LENGTH, || {
            let (who, most) = if count > MOST { ("Sigma", MOST) } else { ("SigmaHQ", USUAL) };
            Diagnostic::warning(codes::TITLE_LENGTH, format!("the title has {count} characters"))
                .at(title.span, format!("{who} allows {most}"))
                .help("say the rest in `description`")
        });
    }
}

fn form(title: &Node<String>, source: &Source<'_>, sink: &mut Sink<'_>) {
    let start = source.verbatim(title);
    let text = title.value.as_str();
    let rest = ["Detects ", "Detect "].into_iter().find_map(|start| text.strip_prefix(start));
    if let Some(rest) = rest {
        sink.push(codes::TITLE_FORM, || {
            let finding = Diagnostic::warning(codes::TITLE_FORM, "the title says that something is detected")
                .at(title.span, "name what is found");
            match start.filter(|_| rest.starts_with(char::is_uppercase)) {
                Some(start) => {
                    let span = source.span(start..start + (text.len() - rest.len()));
                    finding.fix(Applicability::Unsafe, "remove the word", span, "")
                }
                None => finding,
            }
        });
    }
    if text.ends_with('.') && !text.ends_with("..") {
        sink.push(codes::TITLE_FORM, || {
            let finding = Diagnostic::warning(codes::TITLE_FORM, "the title ends with a full stop")
                .at(title.span, "a title is no sentence");
            match start {
                Some(start) => {
                    let end = start + text.len();
                    finding.fix(Applicability::Safe, "remove the full stop", source.span(end - 1..end), "")
                }
                None => finding,
            }
        });
    }
}

fn case(title: &Node<String>, source: &Source<'_>, sink: &mut Sink<'_>) {
    let words: Vec<(usize, &str)> = words(&title.value).filter(|(_, word)| is_lower(word)).collect();
    let Some((_, first)) = words.first() else { return };
    sink.push(codes::TITLE_CASE, || {
        let message = format!("the word `{first}` of the title is in lower case");
        let start = source.verbatim(title);
        let place =
            |at: usize, word: &str| start.map(|start| source.span(start + at..start + at + word.len()));
        let at = words.first().and_then(|(at, word)| place(*at, word)).unwrap_or(title.span);
        let mut finding = Diagnostic::warning(codes::TITLE_CASE, message).at(at, "begin it with a capital");
        if words.len() > 1 {
            finding = finding.note(format!("{} more in the title", words.len() - 1));
        }
        let edit =
            |(at, word): &(usize, &str)| Some(Edit { span: place(*at, word)?, replacement: capital(word) });
        if let Some(edits) = words.iter().map(edit).collect::<Option<Vec<Edit>>>() {
            let title = "begin the words with capitals".to_owned();
            finding.fixes.push(Fix { title, edits, applicability: Applicability::Unsafe });
        }
        finding
    });
}

/// The words with their places.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let place = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    text.split(' ').filter(|word| !word.is_empty()).map(move |word| (place(word), word))
}

/// A word of lower-case letters that is neither small nor the name of a file, a path or a command.
fn is_lower(word: &str) -> bool {
    let letters = word.chars().any(char::is_lowercase) && !word.chars().any(char::is_uppercase);
    letters
        && word.starts_with(char::is_alphabetic)
        && !word.contains(['.', '/', '_', '\\', '%', '$', '='])
        && !SMALL.contains(&word)
}

/// The text with its first letter as a capital.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
