//! What agents must be started with.

use eqlc_backend::Requirement;

use crate::profile::{CHANNELS, Profile};

/// The flags of a profile, each once: a list of channels has those of all its files.
pub(crate) fn of(profile: &Profile) -> Vec<Requirement> {
    let mut found: Vec<Requirement> = Vec::new();
    for (platform, flag) in &profile.flags {
        let (name, value) = flag.parts();
        let own = format!("--{name}=");
        let known = found.iter_mut().find(|one| one.platform == **platform && one.flag.starts_with(&own));
        match known {
            Some(known) if name == CHANNELS => {
                known.flag.push(',');
                known.flag.push_str(value);
                known.why.push_str(", ");
                known.why.push_str(&flag.why);
            }
            Some(_) => {}
            None => found.push(Requirement {
                platform: platform.to_string(),
                flag: flag.flag.clone(),
                why: flag.why.clone(),
            }),
        }
    }
    found
}
