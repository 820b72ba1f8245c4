//! What the Sigma rules of a run are called.

use eqlc_sigma_lint::Identities;
use rayon::prelude::*;

use crate::input::Input;
use crate::sigma::is_yaml;

/// Reads the Sigma files among inputs.
pub(crate) fn identities(inputs: &[Input]) -> Identities {
    let yaml: Vec<&Input> = inputs.iter().filter(|input| is_yaml(input)).collect();
    if yaml.len() < 2 {
        return Identities::default();
    }
    let texts: Vec<(String, String)> = yaml
        .par_iter()
        .filter_map(|input| Some((input.name(), String::from_utf8(input.read().ok()?).ok()?)))
        .collect();
    Identities::read(texts.iter().map(|(name, text)| (name.clone(), text.as_str())))
}
