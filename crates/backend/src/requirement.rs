//! What a target's outputs need of the system that runs them.

use serde::Serialize;

/// One thing that must be set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Requirement {
    /// The operating system, in the words of the target.
    pub platform: String,
    /// The setting with its value.
    pub flag: String,
    /// What it is good for; lower case, no full stop.
    pub why: String,
}

impl Requirement {
    /// Requirements of several outputs or tables, each setting once. One that is asked for with several values has all of
    /// them, as a list.
    #[must_use]
    pub fn merged(needs: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for need in needs {
            let known = found.iter_mut().find(|known| known.platform == need.platform && known.is_of(&need));
            match known {
                Some(known) => known.add(need),
                None => found.push(need),
            }
        }
        found
    }

    fn is_of(&self, other: &Self) -> bool {
        self.flag.split_once('=').map(|(name, _)| name) == other.flag.split_once('=').map(|(name, _)| name)
    }

    fn add(&mut self, other: Self) {
        let values = |flag: &str| {
            let values = flag.split_once('=').map_or("", |(_, values)| values);
            values.split(',').map(str::to_owned).collect::<Vec<_>>()
        };
        let own = values(&self.flag);
        for value in values(&other.flag).into_iter().filter(|value| !own.contains(value)) {
            self.flag.push(',');
            self.flag.push_str(&value);
            if !self.why.split(", ").any(|why| why == other.why) {
                self.why.push_str(", ");
                self.why.push_str(&other.why);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_stands_once_with_all_its_values() {
        let need = |platform: &str, flag: &str, why: &str| Requirement {
            platform: platform.to_owned(),
            flag: flag.to_owned(),
            why: why.to_owned(),
        };
        let merged = Requirement::merged([
            need("windows", "--channels=A", "a is read"),
            need("linux", "--channels=B", "b is read"),
            need("windows", "--channels=B", "b is read"),
            need("windows", "--channels=A,B", "both are read"),
            need("windows", "--on=true", "it is on"),
            need("windows", "--on=true", "it is on"),
        ]);
        let wanted = [
            need("windows", "--channels=A,B", "a is read, b is read"),
            need("linux", "--channels=B", "b is read"),
            need("windows", "--on=true", "it is on"),
        ];
        assert_eq!(merged, wanted);
    }
}
