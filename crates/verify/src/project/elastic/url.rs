//! URLs of logs that have them in parts.

use serde_json::{Map, Value};

use super::table::UrlInParts;
use super::{Document, unwritten};

impl Document<'_> {
    /// Puts the whole URL where the log has parts of one.
    ///
    /// # Errors
    /// The log writes no such parts: a path with a query in it, or parts of another URL than the one it names.
    pub(super) fn put_url(&mut self, url: &UrlInParts, fields: &Map<String, Value>) -> Result<(), String> {
        let (path, query) = (self.part(&url.path, fields), self.part(&url.query, fields));
        if let Some((name, path)) = path
            && path.contains('?')
        {
            return Err(unwritten(name));
        }
        match self.fields.get(&url.whole).and_then(Value::as_str) {
            Some(whole) => {
                let (own_path, own_query) = parts(whole);
                let differs = |part: Option<(&str, &str)>, own: Option<&str>| {
                    part.filter(|(_, text)| own != Some(*text)).map(|(name, _)| unwritten(name))
                };
                differs(path, Some(own_path)).or(differs(query, own_query)).map_or(Ok(()), Err)
            }
            None if path.is_none() && query.is_none() => Ok(()),
            None => {
                let path = path.map_or("/", |(_, path)| path);
                let query = query.map(|(_, query)| format!("?{query}")).unwrap_or_default();
                self.fields.insert(url.whole.clone(), Value::from(format!("{path}{query}")));
                Ok(())
            }
        }
    }

    /// The first of some fields with a text that says something.
    fn part<'f>(&self, names: &'f [String], fields: &'f Map<String, Value>) -> Option<(&'f str, &'f str)> {
        names.iter().find_map(|name| {
            let text = fields.get(name).filter(|value| !self.store.leaves_out(value))?.as_str()?;
            Some((name.as_str(), text))
        })
    }
}

/// Path and query of a URL, which may have a scheme and a host before them.
fn parts(url: &str) -> (&str, Option<&str>) {
    let (place, query) = url.split_once('?').map_or((url, None), |(place, query)| (place, Some(query)));
    let path = match place.split_once("://") {
        Some((scheme, rest)) if !scheme.contains('/') => {
            rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default()
        }
        _ => place,
    };
    (path, query)
}
