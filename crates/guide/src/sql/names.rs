//! Tables and columns of a query.

use std::collections::BTreeSet;

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Applicability, Diagnostic, Diagnostics, Fragment, did_you_mean, nearest};
use sqlparser::keywords::ALL_KEYWORDS;

use super::lexer::{Class, Token};
use crate::Tables;

/// Columns that every table of SQLite has.
const ROWID: [&str; 3] = ["rowid", "oid", "_rowid_"];

/// Tables of SQLite itself.
const SQLITE: [&str; 4] = ["sqlite_master", "sqlite_temp_master", "sqlite_schema", "sqlite_temp_schema"];

/// What a query names and what there is. All scopes of a query are one: a name that any of its tables has is
/// known, so that a finding is certain.
pub(super) struct Names<'a> {
    tables: &'a dyn Tables,
    tokens: &'a [Token<'a>],
    /// Tables named, by the place of the token.
    named: Vec<usize>,
    /// Their columns, in lower case.
    columns: BTreeSet<String>,
    /// Names that the query itself gives, in lower case.
    aliases: BTreeSet<String>,
    /// Whether something is selected from whose columns are not known.
    open: bool,
}

impl<'a> Names<'a> {
    pub(super) fn of(sql: &str, tokens: &'a [Token<'a>], tables: &'a dyn Tables) -> Self {
        let mut names = Self {
            tables,
            tokens,
            named: Vec::new(),
            columns: ROWID.iter().map(|name| (*name).to_owned()).collect(),
            aliases: BTreeSet::new(),
            open: sql.contains("@@"),
        };
        names.give_aliases();
        names.find_tables();
        names
    }

    fn token(&self, at: usize) -> Option<&'a Token<'a>> {
        self.tokens.get(at)
    }

    fn is(&self, at: usize, word: &str) -> bool {
        self.token(at).is_some_and(|token| token.is(word))
    }

    /// Names after `AS`, before `AS (`, and names right after a name or a closing parenthesis.
    fn give_aliases(&mut self) {
        for (at, token) in self.tokens.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| self.token(at));
            let operand = |before: &Token<'_>| before.text == ")" || is_name(before);
            let common = self.is(at + 1, "as") && self.is(at + 2, "(");
            if common {
                self.open = true;
            }
            if is_name(token) && (common || before.is_some_and(operand))
                || token.class != Class::Symbol && before.is_some_and(|before| before.is("as"))
            {
                self.aliases.insert(plain(token));
            }
        }
    }

    /// The tables after `FROM` and `JOIN`, and after the commas that follow.
    fn find_tables(&mut self) {
        let mut at = 0;
        while at < self.tokens.len() {
            let starts = self.is(at, "from") || self.is(at, "join");
            at += 1;
            if !starts {
                continue;
            }
            loop {
                at = self.table(at);
                // An alias, with or without `AS`.
                if self.is(at, "as") {
                    at += 1;
                }
                if let Some(token) = self.token(at).filter(|token| is_name(token)) {
                    self.aliases.insert(plain(token));
                    at += 1;
                }
                if !self.is(at, ",") {
                    break;
                }
                at += 1;
            }
        }
    }

    /// One table; the token after it.
    fn table(&mut self, at: usize) -> usize {
        let Some(token) = self.token(at) else { return at };
        if !matches!(token.class, Class::Word | Class::Name) || self.is(at, "select") {
            return at;
        }
        let name = plain(token);
        self.aliases.insert(name.clone());
        match self.tables.columns(&name) {
            Some(columns) => self.columns.extend(columns.into_iter().map(str::to_lowercase)),
            None => self.open = true,
        }
        let function = self.is(at + 1, "(");
        if !function && !SQLITE.contains(&name.as_str()) {
            self.named.push(at);
        }
        at + 1
    }

    /// The tables that are named and that there are: their tokens and names.
    pub(super) fn known(&self) -> Vec<(&'a Token<'a>, String)> {
        let named = self.named.iter().filter_map(|at| self.token(*at)).map(|token| (token, plain(token)));
        named.filter(|(_, name)| self.tables.columns(name).is_some()).collect()
    }

    /// The words of the query that follow its first condition, in lower case, with their tokens.
    pub(super) fn conditions(&self) -> Vec<(&'a Token<'a>, String)> {
        let starts = |token: &&Token<'_>| ["where", "on", "using"].iter().any(|word| token.is(word));
        let words = self.tokens.iter().skip_while(|token| !starts(token));
        words
            .filter(|token| matches!(token.class, Class::Word | Class::Name))
            .map(|token| (token, plain(token)))
            .collect()
    }

    /// Every word of the query, in lower case, with its token.
    pub(super) fn words(&self) -> Vec<(&'a Token<'a>, String)> {
        let words = self.tokens.iter().filter(|token| matches!(token.class, Class::Word | Class::Name));
        words.map(|token| (token, plain(token))).collect()
    }

    /// Whether a name may stand in the query.
    pub(super) fn knows(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.open || self.columns.contains(&name) || self.aliases.contains(&name)
    }

    /// Whether a name is that of a table, an alias or a column, without the benefit of the doubt.
    pub(super) fn has(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.columns.contains(&name) || self.aliases.contains(&name)
    }

    /// Reports tables and columns that are not there; not those for which `skip` holds of their place.
    pub(super) fn unknown(
        &self,
        query: &Fragment,
        skip: impl Fn(usize) -> bool,
        diagnostics: &mut Diagnostics,
    ) {
        let common: Vec<&Token<'_>> = (self.tokens.iter().enumerate())
            .filter(|(at, _)| self.is(at + 1, "as") && self.is(at + 2, "("))
            .map(|(_, token)| token)
            .collect();
        for token in self.named.iter().filter_map(|at| self.token(*at)) {
            let name = plain(token);
            let own = common.iter().any(|common| common.is(&name));
            if own || skip(token.start) || self.tables.columns(&name).is_some() {
                continue;
            }
            let message = format!("osquery has no table `{name}`");
            let diagnostic = Diagnostic::warning(files::GUIDE_TABLE, message);
            diagnostics.push(with_nearest(diagnostic, query, token, self.tables.names()));
        }
        if self.open {
            return;
        }
        for (at, token) in self.tokens.iter().enumerate() {
            let call = self.is(at + 1, "(");
            if !is_name(token) || call || skip(token.start) || self.knows(token.text) {
                continue;
            }
            let message = format!("no table of the query has a column `{}`", token.text);
            let diagnostic = Diagnostic::warning(files::GUIDE_COLUMN, message);
            let columns = self.columns.iter().map(String::as_str).collect();
            diagnostics.push(with_nearest(diagnostic, query, token, columns));
        }
    }
}

fn with_nearest(
    diagnostic: Diagnostic,
    query: &Fragment,
    token: &Token<'_>,
    candidates: Vec<&str>,
) -> Diagnostic {
    let span = query.span(token.start, token.end());
    let diagnostic = diagnostic.at(span, "");
    let near = nearest(&plain(token), candidates);
    match (near.as_slice(), did_you_mean(&near)) {
        ([only], Some(help)) => {
            diagnostic.help(help).fix(Applicability::Unsafe, format!("write `{only}`"), span, *only)
        }
        (_, Some(help)) => diagnostic.help(help),
        _ => diagnostic,
    }
}

/// A word that is no keyword of any SQL. Names that are keywords too (`name`, `path`) are taken as keywords.
fn is_name(token: &Token<'_>) -> bool {
    let keyword = || ALL_KEYWORDS.binary_search(&token.text.to_ascii_uppercase().as_str()).is_ok();
    token.class == Class::Word && !keyword()
}

/// The name without quotes, in lower case.
fn plain(token: &Token<'_>) -> String {
    token.text.trim_matches(['"', '`', '\'']).to_lowercase()
}
