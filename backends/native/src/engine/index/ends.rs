//! Starts of values, and ends read backwards.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{Candidate, sorted};

/// Literals by their first eight bytes, else by their first four, else one by one.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Ends {
    #[serde(with = "sorted")]
    by_eight: HashMap<[u8; 8], Vec<Entry>, foldhash::fast::RandomState>,
    #[serde(with = "sorted")]
    by_four: HashMap<[u8; 4], Vec<Entry>, foldhash::fast::RandomState>,
    short: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    text: Box<[u8]>,
    candidate: Candidate,
}

impl Ends {
    pub(super) fn add(&mut self, text: &str, candidate: Candidate) {
        self.add_bytes(text.as_bytes(), candidate);
    }

    pub(super) fn add_reversed(&mut self, text: &str, candidate: Candidate) {
        let backwards: Vec<u8> = text.bytes().rev().collect();
        self.add_bytes(&backwards, candidate);
    }

    fn add_bytes(&mut self, text: &[u8], candidate: Candidate) {
        let entry = Entry { text: text.into(), candidate };
        if let Some(eight) = text.first_chunk() {
            self.by_eight.entry(*eight).or_default().push(entry);
        } else if let Some(four) = text.first_chunk() {
            self.by_four.entry(*four).or_default().push(entry);
        } else {
            self.short.push(entry);
        }
    }

    pub(super) fn look_up(&self, text: &[u8], found: &mut Vec<Candidate>) {
        let eight = text.first_chunk().copied();
        let four = text.first_chunk().copied();
        self.collect(eight, four, |literal| text.starts_with(literal), found);
    }

    pub(super) fn look_up_reversed(&self, text: &[u8], found: &mut Vec<Candidate>) {
        let eight = text.last_chunk().map(|chunk: &[u8; 8]| backwards(*chunk));
        let four = text.last_chunk().map(|chunk: &[u8; 4]| backwards(*chunk));
        let ends = |literal: &[u8]| {
            literal.len() <= text.len() && literal.iter().zip(text.iter().rev()).all(|(a, b)| a == b)
        };
        self.collect(eight, four, ends, found);
    }

    fn collect(
        &self,
        eight: Option<[u8; 8]>,
        four: Option<[u8; 4]>,
        fits: impl Fn(&[u8]) -> bool,
        found: &mut Vec<Candidate>,
    ) {
        let by_eight = eight.and_then(|key| lookup(&self.by_eight, &key)).unwrap_or_default();
        let by_four = four.and_then(|key| lookup(&self.by_four, &key)).unwrap_or_default();
        let entries = by_eight.iter().chain(by_four).chain(&self.short);
        found.extend(entries.filter(|entry| fits(&entry.text)).map(|entry| entry.candidate));
    }
}

/// What a table holds for a key; empty tables are not asked.
fn lookup<'a, const N: usize>(
    table: &'a HashMap<[u8; N], Vec<Entry>, foldhash::fast::RandomState>,
    key: &[u8; N],
) -> Option<&'a [Entry]> {
    if table.is_empty() { None } else { table.get(key).map(Vec::as_slice) }
}

fn backwards<const N: usize>(mut chunk: [u8; N]) -> [u8; N] {
    chunk.reverse();
    chunk
}
