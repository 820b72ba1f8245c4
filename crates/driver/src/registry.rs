//! The backends, one line each.

use eqlc_backend::Backend;
use eqlc_backend_elasticsearch::Elasticsearch;
use eqlc_backend_native::Native;
use eqlc_backend_osquery::Osquery;
use eqlc_backend_sigma::Sigma;

type Make = fn() -> Result<Box<dyn Backend>, String>;

/// The id of every target and what makes its backend, in the order they are listed to users.
const BACKENDS: [(&str, Make); 4] = [
    ("elasticsearch", || Ok(Box::new(Elasticsearch::new()?))),
    ("sigma", || Ok(Box::new(Sigma::new()?))),
    ("osquery", || Ok(Box::new(Osquery::new()?))),
    ("native", || Ok(Box::new(Native::new()?))),
];

/// The backends of a run, in the order they are listed to users.
pub struct Registry {
    backends: Vec<Box<dyn Backend>>,
}

impl Registry {
    /// All backends.
    ///
    /// # Errors
    /// The data compiled into a backend does not parse; its own tests hold it to that.
    pub fn new() -> Result<Self, String> {
        Self::of::<&str>(&[])
    }

    /// The backends of these targets alone, whose data need not be read for the others; all where none is named. A name
    /// that no target has adds nothing.
    ///
    /// # Errors
    /// As [`Registry::new`].
    pub fn of<Id: AsRef<str>>(ids: &[Id]) -> Result<Self, String> {
        let wanted = |id: &str| ids.is_empty() || ids.iter().any(|wanted| wanted.as_ref() == id);
        let backends = BACKENDS.iter().filter(|(id, _)| wanted(id)).map(|(_, make)| make());
        Ok(Self { backends: backends.collect::<Result<_, _>>()? })
    }

    /// The backend of a target.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&dyn Backend> {
        self.iter().find(|backend| backend.target().id == id)
    }

    /// Every backend, in order.
    pub fn iter(&self) -> impl Iterator<Item = &dyn Backend> {
        self.backends.iter().map(AsRef::as_ref)
    }

    /// The ids of all targets there are, in order.
    #[must_use]
    pub fn ids() -> Vec<&'static str> {
        BACKENDS.iter().map(|(id, _)| *id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_have_the_ids_that_they_are_registered_under() {
        let all = Registry::new().unwrap();
        let ids: Vec<&str> = all.iter().map(|backend| backend.target().id.as_str()).collect();
        assert_eq!(ids, Registry::ids());
    }

    #[test]
    fn backends_that_are_not_asked_for_are_not_made() {
        let some = Registry::of(&["sigma", "nothing"]).unwrap();
        assert!(some.find("sigma").is_some());
        assert_eq!(some.iter().count(), 1);
    }
}
