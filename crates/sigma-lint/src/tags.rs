//! Tags (Sigma specification 2.1, appendix "Tags").

use eqlc_diagnostics::codes::sigma_lints as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Node, did_you_mean, nearest};

use crate::raw::Source;
use crate::sink::Sink;

const NAMESPACES: [&str; 7] = ["attack", "car", "cve", "d3fend", "detection", "stp", "tlp"];

/// The tactics of ATT&CK: of enterprises up to version 19, of industry and of mobile devices.
const TACTICS: [&str; 21] = [
    "collection",
    "command-and-control",
    "credential-access",
    "defense-evasion",
    "defense-impairment",
    "discovery",
    "evasion",
    "execution",
    "exfiltration",
    "impact",
    "impair-process-control",
    "inhibit-response-function",
    "initial-access",
    "lateral-movement",
    "network-effects",
    "persistence",
    "privilege-escalation",
    "reconnaissance",
    "remote-service-effects",
    "resource-development",
    "stealth",
];

/// Version 1 of the traffic light protocol had `white`.
const TLP: [&str; 6] = ["amber", "amber-strict", "clear", "green", "red", "white"];
const DETECTION: [&str; 3] = ["dfir", "emerging-threats", "threat-hunting"];

pub(crate) fn check(tags: &[Node<String>], source: &Source<'_>, sink: &mut Sink<'_>) {
    for tag in tags {
        let text = tag.value.as_str();
        match text.split_once('.') {
            Some((namespace, name)) if is_formed(namespace, name) => {
                known(tag, namespace, name, source, sink);
            }
            _ => form(tag, sink),
        }
    }
}

/// `^[a-z0-9_-]+\.[a-z0-9._-]+$`, the pattern of the specification. Artefacts of D3FEND have capitals.
fn is_formed(namespace: &str, name: &str) -> bool {
    let fine = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-');
    let capitals = namespace == "d3fend";
    let in_name = |c: char| fine(c) || c == '.' || (capitals && c.is_ascii_uppercase());
    !namespace.is_empty() && !name.is_empty() && namespace.chars().all(fine) && name.chars().all(in_name)
}

fn form(tag: &Node<String>, sink: &mut Sink<'_>) {
    sink.push(codes::TAG_FORM, || {
        let finding =
            Diagnostic::warning(codes::TAG_FORM, format!("the tag `{}` is not well formed", tag.value))
                .at(tag.span, "expected a namespace, a point and a name in lower case");
        let lower = tag.value.trim().to_lowercase().replace(' ', "-");
        match lower.split_once('.') {
            Some((namespace, name)) if is_formed(namespace, name) => {
                finding.fix(Applicability::Safe, format!("write `{lower}`"), tag.span, lower.clone())
            }
            _ => finding,
        }
    });
}

fn known(tag: &Node<String>, namespace: &str, name: &str, source: &Source<'_>, sink: &mut Sink<'_>) {
    if !NAMESPACES.contains(&namespace) {
        sink.push(codes::TAG_NAMESPACE, || {
            let message = format!("Sigma has no tags of `{namespace}`");
            let finding =
                Diagnostic::warning(codes::TAG_NAMESPACE, message).at(tag.span, "an unknown namespace");
            suggested(finding, tag, &nearest(namespace, NAMESPACES), |best| format!("{best}.{name}"))
        });
        return;
    }
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let dashed: Vec<&str> = name.split('-').collect();
    match namespace {
        "attack" if !TACTICS.contains(&name) && !is_numbered(name) => attack(tag, name, source, sink),
        "tlp" if !TLP.contains(&name) => other(tag, &nearest(name, TLP), "a colour of the protocol", sink),
        "detection" if !DETECTION.contains(&name) => {
            other(tag, &nearest(name, DETECTION), "a kind of rules of SigmaHQ", sink);
        }
        "stp" if !is_pyramid(name) => other(tag, &[], "1 to 5, and perhaps `a`, `u` or `k`", sink),
        "cve" if !matches!(dashed.as_slice(), [year, number] if digits(year) && digits(number)) => {
            other(tag, &[], "a year and a number, as `cve.2021-44228`", sink);
        }
        "car" if !matches!(dashed.as_slice(), [year, month, number] if digits(year) && digits(month) && digits(number)) =>
        {
            other(tag, &[], "as in `car.2016-04-005`", sink);
        }
        _ => {}
    }
}

fn is_pyramid(name: &str) -> bool {
    let rest = name.strip_prefix(['1', '2', '3', '4', '5']);
    matches!(rest, Some("" | "a" | "u" | "k"))
}

/// A technique, a group, software, a data source, a mitigation, an asset or a campaign.
fn is_numbered(name: &str) -> bool {
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    if let Some(number) = name.strip_prefix("ta").or_else(|| name.strip_prefix("ds")) {
        return digits(number, 4);
    }
    let Some(number) = name.strip_prefix(['t', 'g', 's', 'm', 'a', 'c']) else { return false };
    match number.split_once('.') {
        Some((main, sub)) => name.starts_with('t') && digits(main, 4) && digits(sub, 3),
        None => digits(number, 4),
    }
}

fn attack(tag: &Node<String>, name: &str, source: &Source<'_>, sink: &mut Sink<'_>) {
    let dashed = name.replace('_', "-");
    if TACTICS.contains(&dashed.as_str()) {
        sink.push(codes::TAG_NAME, || {
            let message = format!("the tactic `{name}` is written with dashes");
            let finding = Diagnostic::warning(codes::TAG_NAME, message)
                .at(tag.span, "since version 2 of the specification");
            let Some(start) = source.verbatim(tag) else { return finding };
            let span = source.span(start + tag.value.len() - name.len()..start + tag.value.len());
            finding.fix(Applicability::Safe, format!("write `{dashed}`"), span, dashed.clone())
        });
        return;
    }
    sink.push(codes::TAG_NAME, || {
        let looks_numbered = name.starts_with('t') && name.bytes().any(|b| b.is_ascii_digit());
        let label = if looks_numbered {
            "a technique is `t` and four digits, and perhaps a point and three"
        } else {
            "neither a tactic nor a number of ATT&CK"
        };
        let message = format!("ATT&CK has no `{name}`");
        let finding = Diagnostic::warning(codes::TAG_NAME, message).at(tag.span, label);
        suggested(finding, tag, &nearest(&dashed, TACTICS), |best| format!("attack.{best}"))
    });
}

fn other(tag: &Node<String>, near: &[&str], expected: &str, sink: &mut Sink<'_>) {
    sink.push(codes::TAG_NAME, || {
        let (namespace, name) = tag.value.split_once('.').unwrap_or_default();
        let finding = Diagnostic::warning(codes::TAG_NAME, format!("`{namespace}` has no `{name}`"))
            .at(tag.span, format!("expected {expected}"));
        suggested(finding, tag, near, |best| format!("{namespace}.{best}"))
    });
}

fn suggested(
    finding: Diagnostic,
    tag: &Node<String>,
    near: &[&str],
    whole: impl Fn(&str) -> String,
) -> Diagnostic {
    match (did_you_mean(near), near.first()) {
        (Some(question), Some(best)) => {
            let text = whole(best);
            finding.help(question).fix(
                Applicability::Unsafe,
                format!("replace it with `{text}`"),
                tag.span,
                text,
            )
        }
        _ => finding,
    }
}
