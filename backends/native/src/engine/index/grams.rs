//! Parts of values: for each literal four bytes of it are looked for, and around them the rest.
//!
//! The four bytes of a literal are those that other literals and ordinary texts have least. Going over a value, a
//! bit of a small table says for each four bytes whether any literal has them; few do, and only those are looked up.
//! Against an automaton of all literals this takes a small part of the memory, nearly no time to build, and a few
//! instructions a byte however many literals there are.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{Candidate, sorted};

/// The most bytes at the end of a literal that four are chosen from.
const MAX_CHOSEN_FROM: usize = 32;

/// Candidates by a part of the value.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Grams {
    /// One bit for a hash of four bytes: whether some literal has such bytes.
    filter: Vec<u64>,
    /// How far a hash is shifted to be a bit of the filter.
    shift: u32,
    #[serde(with = "sorted")]
    by_gram: HashMap<u32, Vec<Entry>, foldhash::fast::RandomState>,
    /// Literals of less than four bytes.
    short: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    text: Box<[u8]>,
    /// Where the four bytes stand in it.
    offset: usize,
    candidate: Candidate,
}

impl Grams {
    pub(super) fn new(literals: Vec<(String, Candidate)>) -> Self {
        let mut counts: HashMap<u32, u32, foldhash::fast::RandomState> = HashMap::default();
        for (literal, _) in &literals {
            choices(literal.as_bytes()).for_each(|(_, gram)| *counts.entry(gram).or_default() += 1);
        }
        let bits = (literals.len().saturating_mul(64)).next_power_of_two().clamp(256, 1 << 16);
        let mut built =
            Self { filter: vec![0; bits / 64], shift: 32 - bits.trailing_zeros(), ..Self::default() };
        for (literal, candidate) in literals {
            let text = literal.as_bytes();
            let cost = |gram: u32| {
                let common: u32 = gram.to_le_bytes().into_iter().map(commonness).sum();
                (common, counts.get(&gram).copied().unwrap_or(0))
            };
            match choices(text).min_by_key(|(_, gram)| cost(*gram)) {
                None => built.short.push(Entry { text: text.into(), offset: 0, candidate }),
                Some((offset, gram)) => {
                    let bit = built.bit(gram);
                    if let Some(word) = built.filter.get_mut(bit / 64) {
                        *word |= 1 << (bit % 64);
                    }
                    built.by_gram.entry(gram).or_default().push(Entry {
                        text: text.into(),
                        offset,
                        candidate,
                    });
                }
            }
        }
        built
    }

    /// Whether a hash can be shifted so far.
    pub(super) fn is_sound(&self) -> bool {
        self.shift < u32::BITS
    }

    #[inline]
    fn bit(&self, gram: u32) -> usize {
        (gram.wrapping_mul(0x9e37_79b1) >> self.shift) as usize
    }

    pub(super) fn look_up(&self, text: &[u8], found: &mut Vec<Candidate>) {
        for entry in &self.short {
            if memchr::memmem::find(text, &entry.text).is_some() {
                found.push(entry.candidate);
            }
        }
        if self.by_gram.is_empty() {
            return;
        }
        for (at, gram) in grams(text) {
            let bit = self.bit(gram);
            let set = self.filter.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1);
            if set {
                self.around(text, at, gram, found);
            }
        }
    }

    #[inline(never)]
    fn around(&self, text: &[u8], at: usize, gram: u32, found: &mut Vec<Candidate>) {
        for entry in self.by_gram.get(&gram).into_iter().flatten() {
            let start = at.checked_sub(entry.offset);
            if start.and_then(|start| text.get(start..)).is_some_and(|rest| rest.starts_with(&entry.text)) {
                found.push(entry.candidate);
            }
        }
    }
}

/// Every four bytes of a text, as a number, with their place.
#[inline]
fn grams(text: &[u8]) -> impl Iterator<Item = (usize, u32)> {
    text.windows(4).map(|bytes| bytes.first_chunk().map_or(0, |chunk| u32::from_le_bytes(*chunk))).enumerate()
}

/// The four bytes of a literal that are chosen from: of long ones those near the end, which differ most.
fn choices(literal: &[u8]) -> impl Iterator<Item = (usize, u32)> {
    grams(literal).skip(literal.len().saturating_sub(MAX_CHOSEN_FROM))
}

/// How often a byte stands in the texts of events, roughly.
fn commonness(byte: u8) -> u32 {
    match byte {
        b'e' | b's' | b'i' | b't' | b'o' | b'n' | b'r' | b'a' | b'l' | b'c' | b'm' | b'd' | b'w' | b' ' => 4,
        b'\\' | b'.' | b'x' | b'p' | b'u' | b'y' | b'g' | b'f' | b'h' | b'3' | b'2' | b'0' => 3,
        b'a'..=b'z' | b'0'..=b'9' | b'-' | b'/' | b':' | b'_' | b'"' => 2,
        _ => 1,
    }
}
