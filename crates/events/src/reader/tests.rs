use super::*;

/// A line each: `line: field a` or `line bytes: message`.
fn shown(input: &[u8]) -> String {
    let mut out = String::new();
    for item in read(input) {
        match item {
            Ok(event) => {
                let values: Vec<String> = event.values("a").iter().map(ToString::to_string).collect();
                out.push_str(&format!("{}#{}: {}\n", event.line(), event.ordinal(), values.join(" ")));
            }
            Err(error) => out.push_str(&format!("{} {:?}: {}\n", error.line, error.bytes, error.message)),
        }
    }
    out
}

#[test]
fn lines_are_events_and_blank_lines_do_not_count() {
    assert_eq!(shown(b"{\"a\":1}\n\n  \r\n{\"a\":2}\r\n{\"a\":3}"), "1#0: 1\n4#1: 2\n5#2: 3\n");
    assert_eq!(shown(b""), "");
    assert_eq!(shown(b"\n\n"), "");
    assert_eq!(shown(b"\xEF\xBB\xBF{\"a\":1}\n"), "1#0: 1\n");
}

#[test]
fn a_malformed_line_concerns_that_line_only() {
    insta::assert_snapshot!(shown(b"{\"a\":1}\n{\"a\":\n[1]\n12\nnot json\n{\"a\":\"\xFF\"}\n{\"a\":1e999}\n{\"a\":2} x\n{\"a\":3}\n"), @r"
    1#0: 1
    2 8..14: malformed JSON: EOF while parsing a value at column 5
    3 14..18: an event is an object, not an array
    4 18..21: an event is an object, not a number
    5 21..30: malformed JSON: expected ident at column 2
    6 30..40: not UTF-8 after 6 bytes
    7 40..52: malformed JSON: number out of range at column 10
    8 52..62: malformed JSON: trailing characters at column 9
    9#1: 3
    ");
}

#[test]
fn a_first_line_that_was_cut_off_does_not_take_the_next_with_it() {
    insta::assert_snapshot!(shown(b"{\"a\":\"tru\n{\"a\":2}\n"), @r"
    1 0..10: malformed JSON: EOF while parsing a string at column 9
    2#0: 2
    ");
}

#[test]
fn an_array_gives_its_elements() {
    assert_eq!(shown(b" [ {\"a\":1},\n\n{\"a\":[2,\n\"]}\"]} ] \n"), "1#0: 1\n3#1: 2 ]}\n");
    assert_eq!(shown(b"[]"), "");
    insta::assert_snapshot!(shown(b"[{\"a\":1}, 7, {\"a\":}, {\"a\":\"\\\\\\\"}\"}, null, }, {\"a\":3}] tail"), @r#"
    1#0: 1
    1 10..11: an event is an object, not a number
    1 13..19: malformed JSON: expected value at column 6
    1#1: \"}
    1 36..40: an event is an object, not null
    1 42..43: malformed JSON: expected value at column 1
    1#2: 3
    1 54..58: text after the end of the array
    "#);
    insta::assert_snapshot!(shown(b"[{\"a\":1},\n{\"a\":2}\n"), @r"
    1#0: 1
    2#1: 2
    3 18..18: the array is not closed
    ");
}

#[test]
fn objects_may_run_over_lines() {
    assert_eq!(shown(b"{\n \"a\": 1\n}\n{\n \"a\": 2 }\n{\"a\":3}"), "1#0: 1\n4#1: 2\n6#2: 3\n");
    assert_eq!(shown(b"{\"b\": 0,\n \"a\": 1\n}"), "1#0: 1\n");
    assert_eq!(shown(b"{\"a\": 1}"), "1#0: 1\n");
}

#[test]
fn the_last_of_duplicate_keys_wins() {
    assert_eq!(shown(b"{\"a\":1,\"a\":2}\n"), "1#0: 2\n");
}

#[test]
fn a_depth_bomb_is_an_error_of_its_line() {
    let mut input = b"{\"a\":".to_vec();
    input.extend(vec![b'['; 1_000_000]);
    input.extend(b"\n{\"a\":1}\n");
    let items: Vec<_> = read(input.as_slice()).collect();
    assert_eq!(items.len(), 2);
    assert!(items[0].as_ref().is_err_and(|error| error.message.contains("recursion limit")), "{items:?}");
    assert!(items[1].is_ok());
}

/// So many bytes without holding them, then the tail.
fn long(count: usize, tail: &'static [u8]) -> impl Read {
    use std::io::{BufReader, repeat};
    BufReader::new(b"{\"a\":\"".chain(repeat(b'x').take(count as u64)).chain(tail))
}

#[test]
fn what_is_too_long_is_refused_and_skipped() {
    for tail in [b"\"}\n{\"a\":1}\n".as_slice(), b"\"}\n[{\"a\":1}]\n"] {
        let items: Vec<_> = read(long(MAX_EVENT_BYTES, tail)).collect();
        assert_eq!(items.len(), 2);
        let error = items[0].as_ref().unwrap_err();
        assert_eq!((error.message.as_str(), error.line), ("longer than 64 MiB", 1));
        assert_eq!(error.bytes, 0..MAX_EVENT_BYTES as u64 + 9);
    }
}

#[test]
fn small_buffers_change_nothing() {
    let text = b"[{\"a\":1},\n 7, {\"a\":\"\\\"}\"}]\n";
    let lines = b"{\"a\":1}\n\n{\"a\"\n{\"a\":2}";
    for input in [text.as_slice(), lines] {
        let whole: Vec<_> = read(input).collect();
        let single: Vec<_> = read(Single(input)).collect();
        assert_eq!(whole, single);
    }
}

/// Gives a byte at a time.
struct Single<'a>(&'a [u8]);

impl Read for Single<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.len().min(1).min(buffer.len());
        self.0.read(&mut buffer[..count])
    }
}

/// The texts of the events and the messages between them, a batch on a line.
fn batches(input: impl Read, bytes: usize) -> String {
    let (mut raw, mut batch, mut out) = (read_raw(input), Batch::new(), String::new());
    while raw.next_batch(&mut batch, bytes) {
        let shown = batch.items().map(|item| match item {
            Ok(event) => format!("{}:{}", event.line(), String::from_utf8_lossy(event.bytes())),
            Err(error) => format!("{}!{}", error.line, error.message),
        });
        out.push_str(&shown.collect::<Vec<_>>().join(" "));
        out.push('\n');
    }
    out
}

#[test]
fn raw_events_are_not_looked_into() {
    assert_eq!(batches(b"{\"a\"\r\n\n[1]\nx".as_slice(), 1000), "1:{\"a\" 3:[1] 4:x\n");
    assert_eq!(
        batches(b"[{\"a\": [\"]\"]}, 7 }".as_slice(), 1000),
        "1:{\"a\": [\"]\"]} 1:7 1:} 1!the array is not closed\n"
    );
    assert_eq!(batches(b"{\n\"a\":1}{\"a\":2}".as_slice(), 1000), "1:{\n\"a\":1} 2:{\"a\":2}\n");
}

#[test]
fn an_event_is_handed_on_as_soon_as_its_end_is_read() {
    let lines = b"{\"a\":1}\n{\"a\":2}\n{}";
    assert_eq!(batches(Single(lines), 0), "1:{\"a\":1}\n2:{\"a\":2}\n3:{}\n");
    assert_eq!(batches(Single(lines), 1000), "1:{\"a\":1} 2:{\"a\":2} 3:{}\n");
    assert_eq!(
        batches(Single(b"[{},\n{\"a\\\"b\":1}] x"), 0),
        "1:{}\n2:{\"a\\\"b\":1}\n2!text after the end of the array\n"
    );
}

#[test]
fn forms_are_told_from_single_bytes_too() {
    for text in ["\u{feff} [{}]", "Elf", "ElfFilm", "{\n}", "{,\n{}", "\u{feff}", "", " \n "] {
        assert_eq!(batches(text.as_bytes(), 1000), batches(Single(text.as_bytes()), 1000), "{text}");
    }
}

#[test]
fn an_error_of_the_input_is_the_last_item() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("gone"))
        }
    }
    let input = std::io::BufReader::new(b"{\"a\":1}\n".as_slice().chain(Broken));
    let items: Vec<_> = read(input).collect();
    assert_eq!(items.len(), 2);
    assert_eq!(items[1].as_ref().unwrap_err().to_string(), "line 2: cannot read on: gone");
}
