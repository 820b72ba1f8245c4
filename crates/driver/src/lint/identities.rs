//! What the Sigma rules of a run are called.

use eqlc_sigma_lint::Identities;

use crate::batch::Bytes;
use crate::input::Input;
use crate::sigma::{is_yaml, text_of};

/// Those of the Sigma files among files that were read.
pub(crate) fn identities(files: &[(&Input, Bytes)]) -> Identities {
    let yaml = files.iter().filter(|(input, _)| is_yaml(input));
    Identities::read(yaml.filter_map(|(input, bytes)| Some((input.name(), text_of(bytes)?))))
}
