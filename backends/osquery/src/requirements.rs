//! What agents must be started with.

use eqlc_backend::Requirement;

use crate::profile::{CHANNELS, Flag, Profile, Table};

/// The flags of a profile, each once: a list of channels has those of all its files.
pub(crate) fn of(profile: &Profile) -> Vec<Requirement> {
    Requirement::merged(profile.flags.iter().map(|(platform, flag)| of_flag(platform, flag)))
}

/// The flags that a query over these tables needs; `named` are all tables that its text names.
pub(crate) fn of_tables(tables: &[&Table], named: &[String]) -> Vec<Requirement> {
    let needs = tables.iter().flat_map(|table| {
        let flags = table.flags.iter().filter(|flag| flag.parts().0 != CHANNELS && flag.serves(named));
        let flags: Vec<Requirement> = flags.map(|flag| of_flag(&table.platform, flag)).collect();
        flags.into_iter().chain(table.channels().into_iter().map(|channel| of_channel(table, &channel)))
    });
    Requirement::merged(needs)
}

fn of_flag(platform: &str, flag: &Flag) -> Requirement {
    Requirement { platform: platform.to_owned(), flag: flag.flag.clone(), why: flag.why.clone() }
}

fn of_channel(table: &Table, channel: &str) -> Requirement {
    let known = table.flags.iter().find(|flag| flag.parts() == (CHANNELS, channel));
    known.map_or_else(
        || Requirement {
            platform: table.platform.to_string(),
            flag: format!("--{CHANNELS}={channel}"),
            why: format!("the channel `{channel}` is read"),
        },
        |flag| of_flag(&table.platform, flag),
    )
}
