//! The backends, one line each.

use eqlc_backend::Backend;
use eqlc_backend_elasticsearch::Elasticsearch;
use eqlc_backend_native::Native;
use eqlc_backend_osquery::Osquery;
use eqlc_backend_sigma::Sigma;

/// Every backend, in the order they are listed to users.
pub struct Registry {
    backends: Vec<Box<dyn Backend>>,
}

impl Registry {
    /// All backends.
    ///
    /// # Errors
    /// The data compiled into a backend does not parse; its own tests hold it to that.
    pub fn new() -> Result<Self, String> {
        Ok(Self {
            backends: vec![
                Box::new(Elasticsearch::new()?),
                Box::new(Sigma::new()?),
                Box::new(Osquery::new()?),
                Box::new(Native::new()?),
            ],
        })
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

    /// The ids of all targets, in order.
    #[must_use]
    pub fn ids(&self) -> Vec<&str> {
        self.iter().map(|backend| backend.target().id.as_str()).collect()
    }
}
