use std::io::Write;

use super::*;

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn zstd(text: &[u8]) -> Vec<u8> {
    let mut encoder = ::zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// The text that could be read, and why it ends.
fn decoded(bytes: &[u8]) -> (String, Option<String>) {
    let mut text = Vec::new();
    let error = match decode(bytes) {
        Ok(mut input) => input.read_to_end(&mut text).err(),
        Err(error) => Some(error),
    };
    (String::from_utf8(text).unwrap(), error.map(|error| error.to_string()))
}

/// Text that does not compress to nothing.
fn lines(count: u64) -> String {
    let line = |n: u64| format!("{{\"n\":{}}}\n", n.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    (0..count).map(line).collect()
}

#[test]
fn plain_text_passes_as_it_is() {
    for text in ["", "{", "{\"a\":1}\n", "Bus", "P"] {
        assert_eq!(decoded(text.as_bytes()), (text.to_owned(), None));
    }
}

#[test]
fn gzip_and_zstd_are_decoded_also_in_parts_and_in_single_bytes() {
    let (one, two) = (lines(3), lines(5000));
    let whole = format!("{one}{two}");
    for encode in [gzip, zstd] {
        let bytes = [encode(one.as_bytes()), encode(two.as_bytes())].concat();
        assert_eq!(decoded(&bytes), (whole.clone(), None));
        let mut text = String::new();
        decode(BufReader::with_capacity(1, bytes.as_slice())).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, whole);
    }
}

#[test]
fn no_more_is_read_than_tells_the_format() {
    for (text, count) in [("{}\n{}\n", 1), ("BZ{}\n{}", 3), ("PARTS", 4)] {
        let mut input = text.as_bytes();
        drop(decode(&mut input).unwrap());
        assert_eq!(text.len() - input.len(), count, "{text}");
    }
}

#[test]
fn a_skippable_frame_may_stand_in_front() {
    let bytes = [b"\x50\x2A\x4D\x18\x02\x00\x00\x00hi".to_vec(), zstd(b"text")].concat();
    assert_eq!(decoded(&bytes), ("text".to_owned(), None));
}

#[test]
fn what_stands_before_the_cut_is_read() {
    let text = lines(50_000);
    for encode in [gzip, zstd] {
        let bytes = encode(text.as_bytes());
        let (head, error) = decoded(&bytes[..bytes.len() / 2]);
        assert!(text.starts_with(&head) && head.len() > text.len() / 4, "{}", head.len());
        assert!(error.is_some());
    }
}

#[test]
fn corruption_is_an_error() {
    for encode in [gzip, zstd] {
        let mut bytes = encode(lines(1000).as_bytes());
        let at = bytes.len() / 2;
        bytes[at] ^= 0x55;
        assert!(decoded(&bytes).1.is_some());
    }
}

#[test]
fn other_formats_are_named() {
    let message = |bytes: &[u8]| decoded(bytes).1.unwrap_or_default();
    assert_eq!(message(b"\xFD7zXZ\0rest"), "the format is xz; plain text, gzip and zstd are read");
    assert_eq!(message(b"BZh9"), "the format is bzip2; plain text, gzip and zstd are read");
}

#[test]
fn a_bomb_is_given_up() {
    for text in ["{}\n", "{\"a\":[0,0,0,0,0,0]}"] {
        for encode in [gzip, zstd] {
            let bytes = encode(text.repeat(1 << 18).as_bytes());
            let mut input = decode(bytes.as_slice()).unwrap();
            input.floor = 1 << 20;
            let error = std::io::copy(&mut input, &mut std::io::sink()).unwrap_err();
            let message = "the input takes more than 1000 times its compressed size in memory";
            assert_eq!(error.to_string(), message);
        }
    }
}

#[test]
fn what_is_not_held_may_come_to_anything() {
    let text = "{}\n".repeat(1 << 18);
    for encode in [gzip, zstd] {
        let bytes = encode(text.as_bytes());
        let mut input = decode(bytes.as_slice()).unwrap();
        input.floor = 0;
        assert_eq!(std::io::copy(&mut input.unheld(), &mut std::io::sink()).unwrap(), 3 << 18);
    }
}

#[test]
fn plain_text_is_never_too_much() {
    let text = "{}".repeat(1 << 18);
    let mut input = decode(text.as_bytes()).unwrap();
    input.floor = 0;
    assert_eq!(std::io::copy(&mut input, &mut std::io::sink()).unwrap(), 1 << 19);
}
