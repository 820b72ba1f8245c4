//! Event categories: names for "did you mean", never a limit.

/// Values of `event.category` that rules use: those ECS allows, then those integrations and Elastic's own
/// endpoint add. Integrations invent further ones (`eql-semantics.md` §12 takes any text).
pub const EVENT_CATEGORIES: &[&str] = &[
    "api",
    "authentication",
    "configuration",
    "database",
    "driver",
    "email",
    "file",
    "host",
    "iam",
    "intrusion_detection",
    "library",
    "malware",
    "network",
    "package",
    "process",
    "registry",
    "session",
    "threat",
    "vulnerability",
    "web",
    "credential_access",
    "dns",
    "info",
    "persistence",
];

/// Known categories that `name` is probably a slip of, best first; none for a known category and for a
/// name that is far from all of them.
#[must_use]
pub fn nearest_category(name: &str) -> Vec<&'static str> {
    if name == "any" || EVENT_CATEGORIES.contains(&name) {
        return Vec::new();
    }
    eqlc_diagnostics::nearest(name, EVENT_CATEGORIES.iter().copied().chain(["any"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_a_category_is_near_and_a_foreign_name_is_not() {
        assert_eq!(nearest_category("proces"), ["process"]);
        assert_eq!(nearest_category("Process"), ["process"]);
        assert!(nearest_category("process").is_empty());
        assert!(nearest_category("my-category").is_empty());
    }
}
