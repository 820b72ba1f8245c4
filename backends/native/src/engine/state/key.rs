//! Join keys as bytes: equal bytes are equal keys (`eql-semantics.md` §10.3).

use std::collections::HashMap;
use std::sync::Arc;

use eqlc_events::Timestamp;
use eqlc_ir::{FieldType, Literal};
use foldhash::fast::RandomState;

use crate::reference::keys::{JoinKey, KeyPart, Number};

const NULL: u8 = 0;
const BOOL: u8 = 1;
const INT: u8 = 2;
const FLOAT: u8 = 3;
const DATE: u8 = 4;
const TEXT: u8 = 5;

/// Appends the part that a value of a field of this type makes.
pub(super) fn encode(value: Literal, ty: FieldType, bytes: &mut Vec<u8>) {
    // What `KeyPart::new` leaves as it is, which is nearly everything.
    if let Literal::Str(text) = &value
        && matches!(
            ty,
            FieldType::Keyword
                | FieldType::Text
                | FieldType::Unknown
                | FieldType::Version
                | FieldType::Object
        )
    {
        return put_text(text, bytes);
    }
    encode_part(&KeyPart::new(value, ty), bytes);
}

/// Appends a part.
pub(super) fn encode_part(part: &KeyPart, bytes: &mut Vec<u8>) {
    match part {
        KeyPart::Null => bytes.push(NULL),
        KeyPart::Bool(value) => bytes.extend([BOOL, u8::from(*value)]),
        KeyPart::Number(Number(Literal::Float(value))) => {
            bytes.push(FLOAT);
            bytes.extend(value.to_bits().to_le_bytes());
        }
        KeyPart::Number(Number(number)) => {
            // A number of a key is an integer or a float.
            let value = if let Literal::Int(value) = number { *value } else { 0 };
            bytes.push(INT);
            bytes.extend(value.to_le_bytes());
        }
        KeyPart::Date(at) => {
            bytes.push(DATE);
            bytes.extend(at.nanos().to_le_bytes());
        }
        KeyPart::Text(text) => put_text(text, bytes),
    }
}

fn put_text(text: &str, bytes: &mut Vec<u8>) {
    bytes.push(TEXT);
    let mut length = text.len();
    while length >= 0x80 {
        bytes.push(u8::try_from(length & 0x7f).unwrap_or(0) | 0x80);
        length >>= 7;
    }
    bytes.push(u8::try_from(length).unwrap_or(0));
    bytes.extend(text.as_bytes());
}

/// The key of bytes that [`encode`] wrote.
pub(super) fn decode(mut bytes: &[u8]) -> JoinKey {
    let mut key = JoinKey::new();
    while let Some((kind, rest)) = bytes.split_first() {
        let Some((part, rest)) = part(*kind, rest) else { break };
        key.push(part);
        bytes = rest;
    }
    key
}

fn part(kind: u8, bytes: &[u8]) -> Option<(KeyPart, &[u8])> {
    match kind {
        NULL => Some((KeyPart::Null, bytes)),
        BOOL => bytes.split_first().map(|(value, rest)| (KeyPart::Bool(*value == 1), rest)),
        INT => {
            let (value, rest) = bytes.split_first_chunk()?;
            Some((KeyPart::Number(Number(Literal::Int(i128::from_le_bytes(*value)))), rest))
        }
        FLOAT => {
            let (value, rest) = bytes.split_first_chunk()?;
            let value = f64::from_bits(u64::from_le_bytes(*value));
            Some((KeyPart::Number(Number(Literal::Float(value))), rest))
        }
        DATE => {
            let (value, rest) = bytes.split_first_chunk()?;
            Some((KeyPart::Date(Timestamp::from_nanos(i128::from_le_bytes(*value))), rest))
        }
        TEXT => {
            let (length, rest) = length(bytes)?;
            let (text, rest) = rest.split_at_checked(length)?;
            Some((KeyPart::Text(String::from_utf8_lossy(text).into_owned()), rest))
        }
        _ => None,
    }
}

fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (mut length, mut rest) = (0, bytes);
    for shift in (0..usize::BITS).step_by(7) {
        let (byte, after) = rest.split_first()?;
        length |= usize::from(byte & 0x7f) << shift;
        rest = after;
        if byte & 0x80 == 0 {
            return Some((length, rest));
        }
    }
    None
}

/// A key that is remembered somewhere.
pub(super) type KeyId = u32;

/// The keys that are remembered anywhere, each once for all rules.
#[derive(Default)]
pub(super) struct Keys {
    index: HashMap<Arc<[u8]>, KeyId, RandomState>,
    known: Vec<Option<Known>>,
    free: Vec<KeyId>,
}

struct Known {
    bytes: Arc<[u8]>,
    /// How often it is remembered.
    count: u32,
}

impl Keys {
    /// A key that is remembered.
    pub(super) fn find(&self, bytes: &[u8]) -> Option<KeyId> {
        self.index.get(bytes).copied()
    }

    /// Remembers a key once more.
    pub(super) fn remember(&mut self, bytes: &[u8]) -> KeyId {
        if let Some(id) = self.find(bytes)
            && let Some(Some(known)) = self.known.get_mut(id as usize)
        {
            known.count = known.count.saturating_add(1);
            return id;
        }
        let bytes: Arc<[u8]> = bytes.into();
        let known = Some(Known { bytes: Arc::clone(&bytes), count: 1 });
        let id = match self.free.pop() {
            Some(id) => {
                self.known.get_mut(id as usize).into_iter().for_each(|slot| *slot = None);
                id
            }
            None => {
                self.known.push(None);
                // Rules remember four thousand million keys at most: their number is limited.
                KeyId::try_from(self.known.len().saturating_sub(1)).unwrap_or(KeyId::MAX)
            }
        };
        if let Some(slot) = self.known.get_mut(id as usize) {
            *slot = known;
        }
        self.index.insert(bytes, id);
        id
    }

    /// Forgets a key once.
    pub(super) fn forget(&mut self, id: KeyId) {
        let Some(slot) = self.known.get_mut(id as usize) else { return };
        let Some(known) = slot else { return };
        known.count = known.count.saturating_sub(1);
        if known.count == 0 {
            self.index.remove(&known.bytes);
            *slot = None;
            self.free.push(id);
        }
    }

    /// The bytes of a key.
    pub(super) fn bytes(&self, id: KeyId) -> Arc<[u8]> {
        let known = self.known.get(id as usize).and_then(Option::as_ref);
        known.map_or_else(|| Arc::from([]), |known| Arc::clone(&known.bytes))
    }
}
