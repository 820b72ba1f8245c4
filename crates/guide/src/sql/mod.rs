//! The SQL of a block `osquery`.

mod lexer;
mod names;
mod needs;
mod null;
mod quotes;

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Applicability, Diagnostic, Diagnostics, Edit, Fix, Fragment, Span};
use sqlparser::dialect::SQLiteDialect;
use sqlparser::parser::{Parser, ParserError};

use crate::Context;

/// Checks one query: does it parse, as it is or with its quotes put back, and does osquery have its names.
pub(crate) fn check(query: &Fragment, context: Context<'_>, diagnostics: &mut Diagnostics) {
    if query.text().trim().is_empty() {
        let message = "the SQL of a guide is empty";
        diagnostics.push(Diagnostic::warning(files::GUIDE_SQL, message).at(query.whole(), ""));
        return;
    }
    let sql = lexer::mask(query.text());
    let tokens = lexer::tokens(&sql);
    let names = names::Names::of(&sql, &tokens, context.tables);
    let lost = quotes::lost(&sql, &tokens, &names);
    let repaired = quotes::repaired(&sql, &lost);
    let lost = match (parse(&sql), lost.is_empty() || parse(&repaired).is_err()) {
        (Err(error), true) => {
            diagnostics.push(syntax(query, &sql, &error));
            return;
        }
        (Ok(()), true) => Vec::new(),
        (_, false) => lost,
    };
    if let Some(diagnostic) = quotes_lost(query, &lost) {
        diagnostics.push(diagnostic);
    }
    let inside = |at: usize| lost.iter().any(|range| range.contains(&at));
    names.unknown(query, inside, diagnostics);
    needs::check(query, &names, context, diagnostics);
    null::compared(query, &sql, &tokens, diagnostics);
}

/// The tables that a query names and that there are, in lower case.
pub(crate) fn tables(text: &str, context: Context<'_>) -> Vec<String> {
    let sql = lexer::mask(text);
    let tokens = lexer::tokens(&sql);
    let names = names::Names::of(&sql, &tokens, context.tables);
    names.known().into_iter().map(|(_, name)| name).collect()
}

/// The fields in double braces that a query takes from an alert.
pub(crate) fn fields(text: &str) -> Vec<&str> {
    lexer::fields(text)
}

/// Whether a text is one statement that can run.
pub(crate) fn is_one_query(text: &str) -> bool {
    matches!(Parser::parse_sql(&SQLiteDialect {}, text).as_deref(), Ok([sqlparser::ast::Statement::Query(_)]))
}

/// Whether the text is one or more statements of SQLite's SQL.
fn parse(sql: &str) -> Result<(), ParserError> {
    Parser::parse_sql(&SQLiteDialect {}, sql).map(drop)
}

fn quotes_lost(query: &Fragment, lost: &[lexer::Range]) -> Option<Diagnostic> {
    let spans: Vec<Span> = lost.iter().map(|range| query.span(range.start, range.end)).collect();
    let (first, others) = spans.split_first()?;
    let text = lost.first().and_then(|range| query.text().get(range.clone())).unwrap_or("");
    let message = format!("`{text}` has lost its quotes, so the query fails");
    let mut diagnostic = Diagnostic::warning(files::GUIDE_QUOTES, message).at(*first, "text without quotes");
    for span in others {
        diagnostic = diagnostic.and_at(*span, "and here");
    }
    let quote = |at: u32, span: &Span| Edit {
        span: Span { start: at, end: at, ..*span },
        replacement: "'".to_owned(),
    };
    let edits = spans.iter().flat_map(|span| [quote(span.start, span), quote(span.end, span)]).collect();
    let title = if others.is_empty() { "put the text in quotes" } else { "put the texts in quotes" };
    diagnostic.fixes.push(Fix { title: title.to_owned(), edits, applicability: Applicability::Unsafe });
    Some(diagnostic)
}

fn syntax(query: &Fragment, sql: &str, error: &ParserError) -> Diagnostic {
    let text = match error {
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => text.as_str(),
        ParserError::RecursionLimitExceeded => "it is nested too deep",
    };
    // The library ends its messages with the place in characters.
    let (what, place) = text.split_once(" at Line: ").unwrap_or((text, ""));
    let place = place
        .split_once(", Column: ")
        .and_then(|(line, column)| Some(lexer::offset(sql, line.parse().ok()?, column.parse().ok()?)));
    let start = place.unwrap_or(sql.len());
    let length = sql.get(start..).map_or(0, lexer::word_length);
    let span = query.span(start, start + length);
    let span = if length == 0 { Span { start: span.end, ..span } } else { span };
    let message = format!("the SQL of a guide cannot be parsed: {}", lower_first(what));
    match what.strip_prefix("Expected: ").and_then(|rest| rest.split_once(", found: ")) {
        Some((expected, found)) => {
            let found = if found == "EOF" { "the end".to_owned() } else { format!("`{found}`") };
            let message = format!("the SQL of a guide cannot be parsed: {found} is not expected here");
            Diagnostic::warning(files::GUIDE_SQL, message).at(span, format!("expected {expected}"))
        }
        None => Diagnostic::warning(files::GUIDE_SQL, message).at(span, ""),
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
