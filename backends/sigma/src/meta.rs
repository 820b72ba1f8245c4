//! What a rule says about itself, in Sigma's keys.

use eqlc_diagnostics::{Node, Span};
use eqlc_ir::Rule;
use eqlc_ir::meta::{Metadata, Severity, Threat};
use eqlc_sigma::{Data, Level, Meta, Related, Status};
use uuid::Uuid;

use crate::time;

/// The namespace of the identifiers that outputs get.
const NAMESPACE: Uuid = Uuid::from_u128(0x8d3f_0b52_6c1e_4f0a_9a77_5e21_c4d9_63b8);

/// The framework whose tactics and techniques Sigma has tags for.
const ATTACK: &str = "MITRE ATT&CK";

/// Lengths that Sigma's schema allows.
const TITLE_LENGTH: usize = 256;
const DESCRIPTION_LENGTH: usize = 65_535;

/// The longest name that a rule gets for others to refer to.
const SLUG_LENGTH: usize = 80;

/// Metadata of the documents of one output.
pub(crate) struct Describer<'a> {
    rule: &'a Rule,
    taxonomy: &'static str,
    title: String,
}

impl<'a> Describer<'a> {
    /// `taxonomy` is the word for it in Sigma.
    pub(crate) fn new(rule: &'a Rule, taxonomy: &'static str) -> Self {
        let title = [rule.meta.name.as_str(), rule.id.as_str()]
            .into_iter()
            .map(one_line)
            .find(|text| !text.is_empty())
            .unwrap_or_else(|| "Rule without a name".to_owned());
        Self { rule, taxonomy, title }
    }

    /// The identifier of a document: the same for the same rule, taxonomy and part, and no other.
    fn id(&self, part: &str) -> String {
        let name = format!("{}\n{}\n{part}", self.rule.id, self.taxonomy);
        Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string()
    }

    /// A name for other documents to refer to.
    pub(crate) fn slug(&self) -> String {
        let mut out = String::new();
        for c in self.title.chars().flat_map(char::to_lowercase) {
            if out.len() >= SLUG_LENGTH {
                break;
            }
            if c.is_ascii_alphanumeric() {
                out.push(c);
            } else if !out.is_empty() && !out.ends_with('_') {
                out.push('_');
            }
        }
        let out = out.trim_end_matches('_');
        if out.is_empty() {
            let id = self.id("");
            return format!("rule_{}", id.split('-').next().unwrap_or_default());
        }
        out.to_owned()
    }

    /// The metadata of the document that raises the alert.
    pub(crate) fn main(&self) -> Meta {
        let from = &self.rule.meta;
        let mut meta = self.shared(cut(&self.title, TITLE_LENGTH), "");
        meta.related = self
            .original()
            .map_or_else(Vec::new, |id| vec![Related { id: bare(id), kind: bare("derived".to_owned()) }]);
        meta.description =
            from.description.as_deref().map(|text| bare(cut(&lines(text), DESCRIPTION_LENGTH)));
        meta.license = from.license.clone().map(bare);
        meta.references = distinct(from.references.iter().cloned());
        meta.tags = distinct(tags(from));
        meta.falsepositives =
            distinct(from.false_positives.iter().map(|text| one_line(text)).filter(|text| text.len() > 1));
        meta.level = from.severity.map(level).map(bare);
        let custom = custom(from);
        if !custom.is_empty() {
            meta.custom.push((bare("custom".to_owned()), Data::Map(custom)));
        }
        meta
    }

    /// The metadata of a rule inside a correlation, `place` says where. It raises no alert of its own.
    pub(crate) fn part(&self, place: &str, name: &str) -> Meta {
        let suffix = format!(" ({place})");
        let room = TITLE_LENGTH.saturating_sub(suffix.len());
        let mut meta = self.shared(format!("{}{suffix}", cut(&self.title, room)), name);
        meta.name = Some(bare(name.to_owned()));
        meta.level = Some(bare(Level::Informational));
        meta
    }

    fn shared(&self, title: String, part: &str) -> Meta {
        let from = &self.rule.meta;
        let mut meta = Meta::new(title);
        meta.id = Some(bare(self.id(part)));
        meta.taxonomy = (self.taxonomy != "sigma").then(|| bare(self.taxonomy.to_owned()));
        meta.status = Some(bare(status(from)));
        let authors: Vec<&str> = from.author.iter().map(String::as_str).collect();
        meta.author = (!authors.is_empty()).then(|| bare(authors.join(", ")));
        meta.date = from.creation_date.as_deref().and_then(time::date).map(bare);
        meta.modified = from.updated_date.as_deref().and_then(time::date).map(bare);
        meta
    }

    /// The rule's own identifier, where Sigma takes it as one.
    fn original(&self) -> Option<String> {
        let id = self.rule.meta.id.as_deref().unwrap_or(&self.rule.id);
        // The hyphenated form is the only one that the schema takes.
        Uuid::try_parse(id).ok().filter(|_| id.len() == 36).map(|_| id.to_owned())
    }
}

fn bare<T>(value: T) -> Node<T> {
    Node::new(value, Span::default())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The lines without blanks behind them, and without empty ones at the ends.
fn lines(text: &str) -> String {
    let mut lines = text.trim().lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    if lines.contains('\n') {
        // A text of several lines ends its last.
        lines.push('\n');
    }
    lines
}

fn cut(text: &str, length: usize) -> String {
    text.chars().take(length).collect()
}

/// The schema wants lists without repeats.
fn distinct(texts: impl IntoIterator<Item = String>) -> Vec<Node<String>> {
    let mut seen: Vec<String> = Vec::new();
    for text in texts {
        if !seen.contains(&text) {
            seen.push(text);
        }
    }
    seen.into_iter().map(bare).collect()
}

fn status(meta: &Metadata) -> Status {
    match meta.maturity.as_deref() {
        Some("development") => Status::Experimental,
        Some(word) => Status::find(word).unwrap_or(Status::Test),
        None => Status::Test,
    }
}

fn level(severity: Severity) -> Level {
    match severity {
        Severity::Informational => Level::Informational,
        Severity::Low => Level::Low,
        Severity::Medium => Level::Medium,
        Severity::High => Level::High,
        Severity::Critical => Level::Critical,
    }
}

/// `attack.` tags, then those of the rule's own that have the form of Sigma's.
fn tags(meta: &Metadata) -> Vec<String> {
    let attack = meta.threat.iter().filter(|threat| threat.framework == ATTACK).flat_map(attack_tags);
    attack.chain(meta.tags.iter().filter(|tag| is_tag(tag)).cloned()).filter(|tag| is_tag(tag)).collect()
}

fn attack_tags(threat: &Threat) -> Vec<String> {
    let tactic = one_line(&threat.tactic.name).to_lowercase().replace(' ', "-");
    let mut tags = vec![format!("attack.{tactic}")];
    for technique in &threat.techniques {
        let own = std::iter::once(&technique.technique);
        for reference in own.chain(&technique.subtechniques) {
            tags.push(format!("attack.{}", reference.id.to_lowercase()));
        }
    }
    tags
}

/// `^[a-z0-9_-]+\.[a-z0-9._-]+$`, from the schema.
fn is_tag(text: &str) -> bool {
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    text.split_once('.').is_some_and(|(namespace, name)| {
        !namespace.is_empty()
            && !name.is_empty()
            && namespace.chars().all(word)
            && name.chars().all(|c| word(c) || c == '.')
    })
}

/// What Sigma has no key for and readers pass on.
fn custom(meta: &Metadata) -> Vec<(String, Data)> {
    let mut out = Vec::new();
    let mut push = |key: &str, value: Option<Data>| out.extend(value.map(|value| (key.to_owned(), value)));
    push("risk_score", meta.risk_score.map(|score| Data::Int(i128::from(score))));
    push("version", meta.version.map(|version| Data::Int(i128::from(version))));
    push("interval", meta.interval.clone().map(Data::Text));
    push("from", meta.from.clone().map(Data::Text));
    push("max_signals", meta.max_signals.map(|count| Data::Int(i128::from(count))));
    push("index", texts(meta.index.iter().cloned()));
    push("tags", texts(meta.tags.iter().filter(|tag| !is_tag(tag)).cloned()));
    push("setup", meta.setup.clone().map(Data::Text));
    push("note", meta.note.clone().map(Data::Text));
    out
}

fn texts(texts: impl Iterator<Item = String>) -> Option<Data> {
    let texts: Vec<Data> = texts.map(Data::Text).collect();
    (!texts.is_empty()).then_some(Data::List(texts))
}
