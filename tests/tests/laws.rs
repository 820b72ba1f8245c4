//! The laws of [`eqlc_tests::laws`] on random texts: words of the language in any order, valid queries with something
//! changed, and characters of any kind. The targets in `fuzz/` look for more with more time.

use eqlc_tests::generate::Case;
use eqlc_tests::{laws, root, sample_rules};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Every word and sign of the language, and what may stand where they do.
fn vocabulary() -> Vec<String> {
    let file = root().join("fuzz/eql.dict");
    let text = std::fs::read_to_string(file).expect("the dictionary");
    let lines = text.lines().filter(|line| line.starts_with('"'));
    let words = lines.map(|line| serde_json::from_str::<String>(line).expect("a text"));
    words.collect()
}

fn words() -> impl Strategy<Value = String> {
    vec((select(vocabulary()), select(vec!["", " ", " ", " ", "\n", "\n\n"])), 0..40)
        .prop_map(|words| words.into_iter().map(|(word, blank)| word + blank).collect())
}

/// A query without errors.
fn query() -> impl Strategy<Value = String> {
    any::<u64>().prop_map(|seed| Case::new(seed).query)
}

#[derive(Clone, Debug)]
enum Change {
    Remove(Index, Index),
    Insert(Index, String),
    Swap(Index, Index),
    Twice(Index, Index),
}

fn change() -> impl Strategy<Value = Change> {
    let place = any::<Index>;
    let new = prop_oneof![select(vocabulary()), any::<char>().prop_map(String::from)];
    prop_oneof![
        (place(), place()).prop_map(|(from, to)| Change::Remove(from, to)),
        (place(), new).prop_map(|(at, text)| Change::Insert(at, text)),
        (place(), place()).prop_map(|(one, other)| Change::Swap(one, other)),
        (place(), place()).prop_map(|(from, to)| Change::Twice(from, to)),
    ]
}

/// The text with changes at borders of words, so that what comes out is still mostly a query.
fn changed(text: &str, changes: Vec<Change>) -> String {
    let mut words: Vec<String> = Vec::new();
    for c in text.chars() {
        match words.last_mut() {
            Some(last) if c.is_alphanumeric() && last.ends_with(char::is_alphanumeric) => last.push(c),
            _ => words.push(c.to_string()),
        }
    }
    for change in changes {
        // Short stretches: what is far apart seldom belongs together.
        let near = |from: Index, by: Index| {
            let from = from.index(words.len().max(1)).min(words.len());
            from..(from + by.index(6)).min(words.len())
        };
        match change {
            Change::Remove(from, by) => drop(words.drain(near(from, by))),
            Change::Insert(at, text) => {
                let at = at.index(words.len() + 1);
                words.insert(at, text);
            }
            Change::Swap(one, other) if !words.is_empty() => {
                let (one, other) = (one.index(words.len()), other.index(words.len()));
                words.swap(one, other);
            }
            Change::Twice(from, by) => {
                let range = near(from, by);
                let copy = words[range.clone()].to_vec();
                words.splice(range.end..range.end, copy);
            }
            Change::Swap(..) => {}
        }
    }
    words.concat()
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => words(),
        4 => (query(), vec(change(), 0..4)).prop_map(|(text, changes)| changed(&text, changes)),
        1 => ".{0,60}",
        1 => "[\\x00-\\x7f]{0,60}",
        1 => vec(any::<u8>(), 0..60).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
    ]
}

/// A document of the samples with something changed.
fn document(extension: &'static str) -> impl Strategy<Value = String> {
    let texts: Vec<String> =
        sample_rules(extension).iter().map(|path| std::fs::read_to_string(path).expect("a sample")).collect();
    (select(texts), vec(change(), 0..6)).prop_map(|(text, changes)| changed(&text, changes))
}

/// Sigma as this program writes it, with something changed.
fn sigma() -> impl Strategy<Value = String> {
    let text = include_str!("../../fuzz/seeds/sigma.yml");
    let documents: Vec<&str> = text.split_inclusive("---\n").collect();
    let all = [vec![text], documents].concat();
    (select(all), vec(change(), 0..6)).prop_map(|(text, changes)| changed(text, changes))
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn tokens_tile_the_text(text in text()) {
        laws::lexer(&text);
    }

    #[test]
    fn trees_print_as_themselves(text in text()) {
        laws::parser(&text);
    }

    #[test]
    fn formatting_twice_is_formatting_once(text in text()) {
        laws::formatter(&text);
    }

    #[test]
    fn what_a_query_means_goes_through_every_pass(text in text()) {
        laws::lower(&text);
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn documents_are_read_and_repaired(text in document("toml")) {
        laws::documents("rule.toml", text.as_bytes());
    }

    #[test]
    fn queries_in_files_are_read_and_repaired(text in document("eql")) {
        laws::documents("rule.eql", text.as_bytes());
    }

    #[test]
    fn sigma_is_written_as_it_is_read(text in sigma()) {
        laws::sigma(&text);
    }
}
