//! Literals that every match of a regular expression holds.

use eqlc_ir::regex::{ClassItem, Regex, RegexNode};
use eqlc_ir::{Case, fold_text};

/// The most alternatives that are told apart.
const MAX_ALTERNATIVES: usize = 32;

/// Literals, folded, one of which is in every text that the expression matches; none if some match holds none.
pub(in super::super) fn of_regex(regex: &Regex) -> Option<Vec<String>> {
    let found = of_node(&regex.root, regex.case)?;
    found.iter().all(|literal| !literal.is_empty()).then_some(found)
}

fn of_node(node: &RegexNode, case: Case) -> Option<Vec<String>> {
    match node {
        RegexNode::Literal(text) => Some(vec![fold_text(text)]),
        RegexNode::Concat(list) => of_concat(list, case),
        RegexNode::Alternatives(list) => {
            let mut all = Vec::new();
            for node in list {
                all.extend(of_node(node, case)?);
                if all.len() > MAX_ALTERNATIVES {
                    return None;
                }
            }
            Some(all)
        }
        RegexNode::Repeat { node, min, .. } if *min > 0 => of_node(node, case),
        RegexNode::Intersection(list) => list.iter().find_map(|node| of_node(node, case)),
        RegexNode::Nothing => Some(Vec::new()),
        RegexNode::Class { negated: false, items } => match items.as_slice() {
            [ClassItem::Char(c)] => Some(vec![fold_text(c.encode_utf8(&mut [0; 4]))]),
            _ => None,
        },
        RegexNode::Empty
        | RegexNode::Any
        | RegexNode::Class { .. }
        | RegexNode::Repeat { .. }
        | RegexNode::Complement(_)
        | RegexNode::Interval { .. } => None,
    }
}

/// The best of the parts: that whose shortest literal is the longest. Literals side by side are one.
fn of_concat(list: &[RegexNode], case: Case) -> Option<Vec<String>> {
    let mut best: Option<Vec<String>> = None;
    let mut keep = |found: Vec<String>| {
        if best.as_ref().is_none_or(|best| worth(best) < worth(&found)) {
            best = Some(found);
        }
    };
    let mut run = String::new();
    for node in list {
        match of_node(node, case) {
            Some(mut found) if found.len() == 1 && is_literal(node) => {
                run.push_str(&found.pop().unwrap_or_default());
                continue;
            }
            Some(found) => keep(found),
            None => {}
        }
        if !run.is_empty() {
            keep(vec![std::mem::take(&mut run)]);
        }
    }
    if !run.is_empty() {
        keep(vec![run]);
    }
    best
}

fn is_literal(node: &RegexNode) -> bool {
    matches!(node, RegexNode::Literal(_) | RegexNode::Class { .. })
}

/// Longer is better; from the length of a gram on, fewer are.
fn worth(literals: &[String]) -> (usize, std::cmp::Reverse<usize>, usize) {
    let shortest = literals.iter().map(String::len).min().unwrap_or(usize::MAX);
    (shortest.min(4), std::cmp::Reverse(literals.len()), shortest)
}
