//! Conjunctions of field tests as maps, in which a key stands once.

use eqlc_sigma::{FieldTest, Modifier};

/// The tests in as few maps as hold them; every map holds, and so do all together. Tests with one key become
/// one test under `all` where each has one value, and go to further maps otherwise.
pub(super) fn pack(tests: Vec<FieldTest>) -> Vec<Vec<FieldTest>> {
    let mut groups: Vec<Vec<FieldTest>> = Vec::new();
    for test in tests {
        match groups.iter_mut().find(|group| group.first().is_some_and(|first| same_key(first, &test))) {
            Some(group) => group.push(test),
            None => groups.push(vec![test]),
        }
    }
    let groups: Vec<Vec<FieldTest>> = groups.into_iter().map(joined).collect();
    let mut maps: Vec<Vec<FieldTest>> = vec![Vec::new()];
    for group in groups {
        // `all` gives a test a key of its own, so that it may stand in the first map beside the others.
        let (all, rest): (Vec<_>, Vec<_>) = group.into_iter().partition(|test| test.has(Modifier::All));
        let placed = all.into_iter().map(|test| (0, test)).chain(rest.into_iter().enumerate());
        for (at, test) in placed {
            match maps.get_mut(at) {
                Some(map) => map.push(test),
                None => maps.push(vec![test]),
            }
        }
    }
    maps.retain(|map| !map.is_empty());
    maps
}

fn same_key(one: &FieldTest, other: &FieldTest) -> bool {
    one.field == other.field && one.modifiers == other.modifiers
}

/// Tests of one key, those of a single value joined.
fn joined(group: Vec<FieldTest>) -> Vec<FieldTest> {
    let joins = |test: &FieldTest| {
        test.values.len() == 1
            // `all` of anything else is told apart by readers as a mistake.
            && test.has(Modifier::Contains)
    };
    if group.iter().filter(|test| joins(test)).count() < 2 {
        return group;
    }
    let (single, rest): (Vec<_>, Vec<_>) = group.into_iter().partition(joins);
    let mut single = single.into_iter();
    let Some(mut all) = single.next() else { return rest };
    all.modifiers.push(eqlc_diagnostics::Node::new(Modifier::All, eqlc_diagnostics::Span::default()));
    all.values.extend(single.flat_map(|test| test.values));
    std::iter::once(all).chain(rest).collect()
}
