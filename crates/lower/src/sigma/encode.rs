//! Modifiers that encode text, as pySigma and the specification's appendix define them.

use eqlc_sigma::Modifier;

/// A piece of a value: encodings work on bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// These bytes.
    Lit(Vec<u8>),
    /// `*`
    AnyRun,
    /// `?`
    AnyOne,
}

/// What Windows programs accept before an option: hyphen, slash, en dash, em dash, horizontal bar.
const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// The value with every dash that begins an option in each of its forms; none if there are more than `most`
/// variants. A dash begins an option if a word stands right behind it and none right before.
pub(super) fn windash(pieces: &[Piece], most: usize) -> Option<Vec<Vec<Piece>>> {
    let mut variants: Vec<Vec<Piece>> = vec![Vec::with_capacity(pieces.len())];
    for piece in pieces {
        let texts = match piece {
            Piece::Lit(bytes) => dashed(std::str::from_utf8(bytes).ok()?, most)?,
            other => {
                variants.iter_mut().for_each(|variant| variant.push(other.clone()));
                continue;
            }
        };
        if variants.len() * texts.len() > most {
            return None;
        }
        variants = variants
            .iter()
            .flat_map(|variant| {
                texts.iter().map(move |text| {
                    let mut longer = variant.clone();
                    longer.push(Piece::Lit(text.clone().into_bytes()));
                    longer
                })
            })
            .collect();
    }
    Some(variants)
}

fn dashed(text: &str, most: usize) -> Option<Vec<String>> {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let chars: Vec<char> = text.chars().collect();
    let mut variants = vec![String::new()];
    let mut before = None;
    for (at, c) in chars.iter().enumerate() {
        let begins = DASHES.contains(c) && !is_word(before) && is_word(chars.get(at + 1).copied());
        if begins {
            if variants.len() * DASHES.len() > most {
                return None;
            }
            variants = variants
                .iter()
                .flat_map(|variant| DASHES.iter().map(move |dash| format!("{variant}{dash}")))
                .collect();
        } else {
            variants.iter_mut().for_each(|variant| variant.push(*c));
        }
        before = Some(*c);
    }
    Some(variants)
}

/// The literal pieces in UTF-16; none if one is no text.
pub(super) fn utf16(pieces: &[Piece], modifier: Modifier) -> Option<Vec<Piece>> {
    let mut mark = modifier == Modifier::Utf16;
    pieces
        .iter()
        .map(|piece| {
            let Piece::Lit(bytes) = piece else { return Some(piece.clone()) };
            let text = std::str::from_utf8(bytes).ok()?;
            let mut out = if std::mem::take(&mut mark) { vec![0xFF, 0xFE] } else { Vec::new() };
            for unit in text.encode_utf16() {
                out.extend(if modifier == Modifier::Utf16Be {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                });
            }
            Some(Piece::Lit(out))
        })
        .collect()
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Standard Base64 with padding (RFC 4648 §4).
pub(super) fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for place in 0..4_usize {
            let index = (group >> (18 - 6 * place)) & 0x3F;
            let digit = usize::try_from(index).ok().and_then(|index| ALPHABET.get(index));
            let used = place <= chunk.len();
            out.push(digit.filter(|_| used).map_or('=', |digit| char::from(*digit)));
        }
    }
    out
}

/// What stands in Base64 whatever stands before and behind the bytes, for each of the three offsets.
pub(super) fn base64_offsets(bytes: &[u8]) -> [String; 3] {
    let at = |offset: usize, skip: usize| {
        let mut shifted = vec![b' '; offset];
        shifted.extend_from_slice(bytes);
        let text = base64(&shifted);
        // Digits at the end that bits of the bytes behind take part in, and the padding.
        let drop = match shifted.len() % 3 {
            0 => 0,
            1 => 3,
            _ => 2,
        };
        text.get(skip..text.len().saturating_sub(drop)).unwrap_or("").to_owned()
    };
    [at(0, 0), at(1, 2), at(2, 3)]
}
