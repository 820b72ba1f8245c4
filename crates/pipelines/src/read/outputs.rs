//! Postprocessing and finalizers: what pipelines do with the text of queries.
//!
//! The text is that of another backend. What only gives it a form loses nothing when it is left aside, with a warning;
//! what puts something into a query is an error.

use eqlc_diagnostics::Diagnostic;
use eqlc_diagnostics::codes::sigma as codes;
use eqlc_sigma::yaml::Yaml;

use super::Reader;
use super::conditions::Word;
use super::item::{RULE, take_ignored};
use super::keys::Keys;

const POSTPROCESSING: &[&str] = &["embed", "simple_template", "template", "json", "replace", "nest"];
const FINALIZERS: &[&str] = &["concat", "json", "yaml", "template", "nested"];

/// The keys of Jinja templates.
const TEMPLATE: [&str; 4] = ["template", "path", "autoescape", "vars"];

impl Reader<'_> {
    pub(super) fn postprocessing(&mut self, node: &Yaml) {
        for item in self.list("`postprocessing`", node).unwrap_or_default() {
            self.postprocessing_item(item);
        }
    }

    fn postprocessing_item(&mut self, node: &Yaml) -> Option<()> {
        let mut keys = self.keys("an item of `postprocessing`", node)?;
        self.optional_text(&mut keys, "id");
        self.conditions(&mut keys, &RULE, Self::rule_condition);
        take_ignored(&mut keys);
        let text = self.required_text(&mut keys, "type")?;
        let kind = Word { span: text.span, text: text.value };
        keys.what = format!("`{}`", kind.text);
        match kind.text.as_str() {
            "embed" => {
                let parts = ["prefix", "suffix"].map(|name| self.optional_text(&mut keys, name));
                if parts.iter().flatten().any(|part| !part.value.trim().is_empty()) {
                    self.changed(&kind, "puts text around the query");
                } else {
                    self.aside(&kind, "puts nothing around the query");
                }
            }
            "json" => {
                self.required_text(&mut keys, "json_template");
                self.aside(&kind, "puts the query into JSON");
            }
            "simple_template" => {
                self.required_text(&mut keys, "template");
                self.changed(&kind, "makes the query a part of a text");
            }
            "template" => {
                self.template(&mut keys);
                self.changed(&kind, "makes the query a part of a text");
            }
            "replace" => {
                self.required_text(&mut keys, "pattern");
                // An empty replacement is text, too.
                self.required(&mut keys, "replacement");
                self.changed(&kind, "replaces parts of the query");
            }
            "nest" => {
                let entry = self.required(&mut keys, "items")?;
                self.postprocessing(&entry.value);
            }
            _ => return self.unknown_kind("a postprocessing", &kind, POSTPROCESSING),
        }
        self.finish(keys);
        Some(())
    }

    pub(super) fn finalizers(&mut self, node: &Yaml) {
        for item in self.list("`finalizers`", node).unwrap_or_default() {
            self.finalizer(item);
        }
    }

    fn finalizer(&mut self, node: &Yaml) -> Option<()> {
        let (mut keys, kind) = self.kind("a finalizer", node)?;
        take_ignored(&mut keys);
        match kind.text.as_str() {
            "concat" => {
                for name in ["separator", "prefix", "suffix"] {
                    keys.take(name);
                }
                self.aside(&kind, "joins queries");
            }
            "json" | "yaml" => {
                self.integer(&mut keys, "indent");
                self.aside(&kind, "gives the queries a format");
            }
            "template" => {
                self.template(&mut keys);
                self.aside(&kind, "makes one text of the queries");
            }
            "nested" => {
                let entry = self.required(&mut keys, "finalizers")?;
                self.finalizers(&entry.value);
            }
            _ => return self.unknown_kind("a finalizer", &kind, FINALIZERS),
        }
        self.finish(keys);
        Some(())
    }

    fn template(&mut self, keys: &mut Keys<'_>) {
        self.required_text(keys, "template");
        for name in TEMPLATE {
            keys.take(name);
        }
    }

    fn changed(&mut self, kind: &Word, label: &str) {
        let message = format!("the postprocessing `{}` would change the query", kind.text);
        self.push(
            Diagnostic::error(codes::PIPELINE_QUERY_CHANGED, message)
                .at(kind.span, label)
                .note("the text is in the language of another target"),
        );
    }

    fn aside(&mut self, kind: &Word, label: &str) {
        let message = format!("`{}` is left aside", kind.text);
        self.push(
            Diagnostic::warning(codes::PIPELINE_OUTPUT_ASIDE, message)
                .at(kind.span, label)
                .help("forms of output are chosen with `--output-format`"),
        );
    }
}
