//! Operating systems.

use eqlc_ir::{Category, Literal, Op, Part, Rule, Scalar, Test};
use indexmap::IndexMap;
use serde_json::Value as Json;

/// The system of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Os {
    Windows,
    Linux,
    Macos,
}

/// The most tests that are looked at for a hint.
const MAX_TESTS: usize = 40;

impl Os {
    /// The system that a rule is for, as far as it says.
    pub(super) fn of(rule: &Rule) -> Self {
        let queries = rule.queries();
        let sources = queries.iter().filter_map(|query| match &query.category {
            Category::LogSource(source) => source.product.as_deref(),
            _ => None,
        });
        if let Some(os) = sources.chain(rule.meta.os_list.iter().map(String::as_str)).find_map(Self::named) {
            return os;
        }
        let tests: Vec<&Test> =
            queries.iter().flat_map(|query| query.filter.tests()).take(MAX_TESTS).collect();
        let says =
            |test: &&Test| test.subject.as_field().is_some_and(|field| field.path.starts_with("host.os."));
        if let Some(os) = tests
            .iter()
            .filter(|test| says(test))
            .find_map(|test| texts(test).into_iter().find_map(Self::named))
        {
            return os;
        }
        tests.iter().flat_map(|test| texts(test)).find_map(Self::of_path).unwrap_or(Self::Windows)
    }

    /// The system whose log source a query asks.
    pub(super) fn of_source(category: &Category) -> Option<Self> {
        match category {
            Category::LogSource(source) => source.product.as_deref().and_then(Self::named),
            Category::Any | Category::OneOf(_) => None,
        }
    }

    /// The system of an event with these values, as far as they say.
    pub(super) fn of_values(known: &IndexMap<String, Json>) -> Option<Self> {
        let named = known.get("host.os.type").and_then(Json::as_str).and_then(Self::named);
        named.or_else(|| {
            let paths = known.iter().filter(|(path, _)| !path.starts_with("url") && !path.contains("uri"));
            paths.filter_map(|(_, value)| value.as_str()).find_map(Self::of_path)
        })
    }

    fn named(name: &str) -> Option<Self> {
        match name {
            "windows" => Some(Self::Windows),
            "linux" => Some(Self::Linux),
            "macos" | "darwin" => Some(Self::Macos),
            _ => None,
        }
    }

    /// The system on which something stands at a path.
    fn of_path(text: &str) -> Option<Self> {
        if text.contains('\\') {
            return Some(Self::Windows);
        }
        let of_macos = ["/Users/", "/Applications/", "/Library/", "/Volumes/", "/private/"];
        if of_macos.iter().any(|start| text.starts_with(start)) {
            return Some(Self::Macos);
        }
        let rest = text.strip_prefix('/')?;
        rest.starts_with(|c: char| c.is_ascii_lowercase()).then_some(Self::Linux)
    }

    /// As `host.os.type` has it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Windows => "windows",
            Self::Linux => "linux",
            Self::Macos => "macos",
        }
    }
}

/// Texts that a test compares with.
fn texts(test: &Test) -> Vec<&str> {
    match &test.op {
        Op::OneOf(items, _) => items.iter().take(3).filter_map(str_of).collect(),
        Op::Compare(_, Scalar::Literal(literal)) => str_of(literal).into_iter().collect(),
        Op::Text(patterns, _) => patterns
            .iter()
            .take(3)
            .flat_map(|pattern| pattern.parts())
            .filter_map(|part| match part {
                Part::Lit(text) => Some(text.as_str()),
                Part::AnyRun | Part::AnyOne => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn str_of(literal: &Literal) -> Option<&str> {
    match literal {
        Literal::Str(text) => Some(text),
        _ => None,
    }
}
