//! Renderers of diagnostics: rich, short, json.
