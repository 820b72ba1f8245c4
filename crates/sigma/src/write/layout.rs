//! Block layout: four spaces a level, lists indented under their key.

use super::scalar;

/// A node ready to print.
pub(super) enum Out {
    /// A scalar on one line, quoted already.
    Line(String),
    /// Text over several lines, for `|`.
    Block(String),
    /// A list.
    Seq(Vec<Out>),
    /// A map; keys are not quoted yet.
    Map(Vec<(String, Out)>),
}

/// The text of a document.
pub(super) fn print(node: &Out) -> String {
    let mut out = String::new();
    match node {
        Out::Map(entries) if !entries.is_empty() => map(entries, 0, &mut out),
        _ => value(node, 0, &mut out),
    }
    out
}

/// The entries of a map; the cursor stands where the first key begins.
fn map(entries: &[(String, Out)], indent: usize, out: &mut String) {
    for (at, (key, node)) in entries.iter().enumerate() {
        if at > 0 {
            pad(indent, out);
        }
        out.push_str(&scalar::key(key));
        out.push(':');
        match node {
            Out::Map(inner) if !inner.is_empty() => {
                out.push('\n');
                pad(indent + 4, out);
                map(inner, indent + 4, out);
            }
            Out::Seq(items) if !items.is_empty() => {
                out.push('\n');
                seq(items, indent + 4, out);
            }
            _ => {
                out.push(' ');
                value(node, indent + 4, out);
            }
        }
    }
}

/// The items of a list, each on a line of its own.
fn seq(items: &[Out], indent: usize, out: &mut String) {
    for item in items {
        pad(indent, out);
        out.push_str("- ");
        match item {
            Out::Map(entries) if !entries.is_empty() => map(entries, indent + 2, out),
            Out::Seq(inner) if !inner.is_empty() => {
                // A list in a list begins on the line of its dash.
                let mut nested = String::new();
                seq(inner, indent + 2, &mut nested);
                out.push_str(nested.trim_start_matches(' '));
            }
            _ => value(item, indent + 2, out),
        }
    }
}

/// A scalar or an empty collection, and the end of its line.
fn value(node: &Out, indent: usize, out: &mut String) {
    match node {
        Out::Line(text) => out.push_str(text),
        Out::Block(text) => return block(text, indent, out),
        Out::Seq(_) => out.push_str("[]"),
        Out::Map(_) => out.push_str("{}"),
    }
    out.push('\n');
}

fn block(text: &str, indent: usize, out: &mut String) {
    let body = text.trim_end_matches('\n');
    // One line end is what `|` keeps by itself; none and several are said.
    out.push_str(match text.len() - body.len() {
        0 => "|-\n",
        1 => "|\n",
        _ => "|+\n",
    });
    for line in body.split('\n') {
        if !line.is_empty() {
            pad(indent, out);
            out.push_str(line);
        }
        out.push('\n');
    }
    for _ in 1..text.len() - body.len() {
        out.push('\n');
    }
}

fn pad(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}
