//! What a user asks of a target.

use std::collections::BTreeMap;

use crate::Target;

/// Choices for one compilation, checked against the target's declaration by [`Settings::check`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Output format; none: the target's first.
    pub format: Option<String>,
    /// Options of the target by name (`profile`, `taxonomy`).
    pub options: BTreeMap<String, String>,
    /// Drop alternatives that name unmapped fields, with a *narrower* loss, instead of refusing.
    pub allow_narrower: bool,
    /// Leave the names of fields as they are and log sources aside, where the target maps rules of log sources.
    pub no_mapping: bool,
    /// Beside [`Settings::no_mapping`]: pipelines have named the fields, so that a target which has no names of its own
    /// beyond those it maps takes them for names that it knows.
    pub pipelines: bool,
}

impl Settings {
    /// The value of an option, or the target's default for it; empty for an option the target lacks.
    #[must_use]
    pub fn option<'a>(&'a self, target: &'a Target, name: &str) -> &'a str {
        self.options
            .get(name)
            .map(String::as_str)
            .or_else(|| {
                target.options.iter().find(|option| option.name == name).map(|option| option.default.as_str())
            })
            .unwrap_or("")
    }

    /// The output format, or the target's first.
    #[must_use]
    pub fn format<'a>(&'a self, target: &'a Target) -> &'a str {
        self.format
            .as_deref()
            .or_else(|| target.formats.first().map(|format| format.id.as_str()))
            .unwrap_or("")
    }

    /// Whether the target knows the format and every option and value; else what it does not know and what
    /// it does, as one line.
    ///
    /// # Errors
    /// The line.
    pub fn check(&self, target: &Target) -> Result<(), String> {
        if let Some(format) = &self.format
            && !target.formats.iter().any(|known| known.id == *format)
        {
            let known: Vec<&str> = target.formats.iter().map(|format| format.id.as_str()).collect();
            return Err(format!(
                "target `{}` has no format `{format}`; it has {}",
                target.id,
                known.join(", ")
            ));
        }
        for (name, value) in &self.options {
            let Some(option) = target.options.iter().find(|option| option.name == *name) else {
                return Err(format!("target `{}` has no option `{name}`", target.id));
            };
            if !option.values.contains(value) {
                let known = option.values.join(", ");
                return Err(format!(
                    "option `{name}` of target `{}` is one of {known}, not `{value}`",
                    target.id
                ));
            }
        }
        Ok(())
    }
}
