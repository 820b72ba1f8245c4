//! All formats together, and places that no reader should give and some bug will.

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Applicability, Diagnostic, Edit, Fix, Severity, SourceId, SourceMap, Span};
use insta::assert_snapshot;

use crate::{Format, Summary, render_to_string};

fn plain(format: Format, sources: &SourceMap, diagnostic: Diagnostic) -> String {
    render_to_string(format, sources, &[diagnostic], false)
}

fn rich(sources: &SourceMap, diagnostic: Diagnostic) -> String {
    plain(Format::Rich, sources, diagnostic)
}

/// The span of the first `word` in the source.
fn find(sources: &SourceMap, id: SourceId, word: &str) -> Span {
    let at = sources.text(id).find(word).unwrap();
    Span::new(id, at..at + word.len())
}

fn everything() -> (SourceMap, Diagnostic) {
    let mut sources = SourceMap::new();
    let id = sources.add("rules/näive.eql", "process where\n  naïve.größe = \"x\" and host.name = 3\n");
    let other = sources.add("fields.yml", "# Größen\nhost.name: keyword\n");
    let first = find(&sources, id, "=");
    let second = Span::new(id, first.start as usize + 22..first.start as usize + 23);
    let mut diagnostic = Diagnostic::error(files::TOML_SYNTAX, "expected `==`, found `=`")
        .at(first, "an assignment in most languages")
        .and_at(find(&sources, other, "keyword"), "the type of `host.name`")
        .and_at(find(&sources, id, "process"), "in this query")
        .note("EQL has no assignment")
        .note("two lines\nof a note")
        .help("compare with `==` or `:`")
        .fix(Applicability::Safe, "replace `=` with `==`", first, "==");
    diagnostic.fixes.push(Fix {
        title: "ignore letter case".to_owned(),
        edits: vec![
            Edit { span: second, replacement: ":".to_owned() },
            Edit { span: first, replacement: ":".to_owned() },
        ],
        applicability: Applicability::Unsafe,
    });
    (sources, diagnostic)
}

#[test]
fn rich_shows_every_label_note_help_and_fix() {
    let (sources, diagnostic) = everything();
    assert_snapshot!(rich(&sources, diagnostic));
}

#[test]
fn short_is_a_line_that_editors_understand() {
    let (sources, diagnostic) = everything();
    let text = plain(Format::Short, &sources, diagnostic);
    assert_snapshot!(text, @r#"rules/näive.eql:2:15: error[E3005]: expected `==`, found `=`"#);
}

#[test]
fn json_is_one_line_with_everything() {
    let (sources, diagnostic) = everything();
    let text = plain(Format::Json, &sources, diagnostic);
    assert_eq!(text.lines().count(), 1);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_snapshot!(serde_json::to_string_pretty(&value).unwrap());
}

#[test]
fn colour_only_adds_escapes() {
    let (sources, diagnostic) = everything();
    for format in Format::ALL {
        let coloured = render_to_string(format, &sources, std::slice::from_ref(&diagnostic), true);
        let plain = plain(format, &sources, diagnostic.clone());
        assert_eq!(coloured.contains('\x1b'), format != Format::Json, "{format}");
        assert!(!plain.contains('\x1b'), "{format}");
        let (start, escapes) = coloured.split_once('\x1b').unwrap_or((&coloured, "m"));
        let mut stripped = start.to_owned();
        for part in escapes.split('\x1b') {
            stripped.push_str(part.split_once('m').unwrap().1);
        }
        let lines = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
        assert_eq!(lines(&stripped), lines(&plain), "{format}");
    }
}

#[test]
fn columns_count_characters_and_arrows_stand_under_them() {
    let mut sources = SourceMap::new();
    let id = sources.add("u.eql", "日本 \u{1f600} naïve here\n");
    let diagnostic = Diagnostic::warning(files::BAD_TIME, "message").at(find(&sources, id, "here"), "here");
    assert_snapshot!(rich(&sources, diagnostic.clone()), @r#"
    warning[E3011]: message
       ╭─[ u.eql:1:12 ]
       │
     1 │ 日本 😀 naïve here
       │               ──┬─
       │                 ╰─── here
    ───╯
    "#);
    assert_snapshot!(plain(Format::Short, &sources, diagnostic), @r#"u.eql:1:12: warning[E3011]: message"#);
}

#[test]
fn a_finding_without_a_place_renders() {
    let sources = SourceMap::new();
    let diagnostic = Diagnostic::error(files::EMPTY_FILE, "no input").help("name a file");
    assert_snapshot!(rich(&sources, diagnostic.clone()), @r#"
    error[E3003]: no input
       = help: name a file
    "#);
    assert_snapshot!(plain(Format::Short, &sources, diagnostic.clone()), @r#"error[E3003]: no input"#);
    assert_snapshot!(plain(Format::Json, &sources, diagnostic), @r#"{"code":"E3003","severity":"error","message":"no input","related":[],"notes":[],"help":["name a file"],"fixes":[]}"#);
}

#[test]
fn an_empty_file_is_named() {
    let mut sources = SourceMap::new();
    let id = sources.add("empty.eql", "");
    let diagnostic = Diagnostic::error(files::EMPTY_FILE, "the file is empty").at(sources.whole(id), "");
    assert_snapshot!(rich(&sources, diagnostic), @r#"
    error[E3003]: the file is empty
       ╭─[ empty.eql:1:1 ]
    ───╯
    "#);
}

#[test]
fn the_end_of_input_is_shown() {
    let mut sources = SourceMap::new();
    let open = sources.add("open.eql", "process where");
    let closed = sources.add("closed.eql", "process where\n");
    let crlf = sources.add("crlf.eql", "process where\r\n");
    let at = |id, byte| Diagnostic::error(files::TOML_SYNTAX, "message").at(Span::new(id, byte..byte), "end");
    assert_snapshot!(rich(&sources, at(open, 13)), @r#"
    error[E3005]: message
       ╭─[ open.eql:1:14 ]
       │
     1 │ process where
       │              ┬
       │              ╰── end
    ───╯
    "#);
    assert_snapshot!(rich(&sources, at(closed, 14)), @r#"
    error[E3005]: message
       ╭─[ closed.eql:2:1 ]
       │
     2 │
       │ ┬
       │ ╰── end
    ───╯
    "#);
    assert_snapshot!(rich(&sources, at(crlf, 13)), @r#"
    error[E3005]: message
       ╭─[ crlf.eql:1:14 ]
       │
     1 │ process where
       │              ┬
       │              ╰── end
    ───╯
    "#);
}

#[test]
fn labels_over_lines_and_labels_without_words_are_drawn() {
    let mut sources = SourceMap::new();
    let id = sources
        .add("m.eql", "sequence\n  [process where true]\n  [file where true]\n\nuntil [any where true]\n");
    let end = find(&sources, id, "[file where true]").end as usize;
    let diagnostic = Diagnostic::error(files::TOML_SYNTAX, "message")
        .at(Span::new(id, 0..end), "")
        .and_at(find(&sources, id, "until"), "")
        .and_at(find(&sources, id, "any"), "category");
    assert_snapshot!(rich(&sources, diagnostic));
}

#[test]
fn long_lines_are_cut_around_their_labels() {
    let mut sources = SourceMap::new();
    let long = format!("{}<one>{}<two>{}", "ä".repeat(400_000), "b ".repeat(1000), "c".repeat(400_000));
    let id = sources.add("long.eql", format!("any where\n{long}\n"));
    let here = find(&sources, id, "<one>");
    let diagnostic = Diagnostic::error(files::TOML_SYNTAX, "message")
        .at(here, "one")
        .and_at(find(&sources, id, "<two>"), "two")
        .fix(Applicability::Safe, "say it", here, "HERE");
    let text = rich(&sources, diagnostic);
    assert!(text.len() < 4000, "{} bytes", text.len());
    assert_snapshot!(text);
}

#[test]
fn places_far_down_are_named_and_not_drawn() {
    let mut sources = SourceMap::new();
    let id = sources.add("deep.eql", format!("{}here", "\n".repeat(200_000)));
    let diagnostic = Diagnostic::error(files::TOML_SYNTAX, "message").at(find(&sources, id, "here"), "");
    assert_snapshot!(rich(&sources, diagnostic), @r#"
    error[E3005]: message
       ╭─[ deep.eql:200001:1 ]
    ───╯
    "#);
}

#[test]
fn rules_cannot_steer_the_terminal() {
    let mut sources = SourceMap::new();
    let id = sources.add("a\x1b[31m.eql\n", "any\u{b} where\u{2028} \x1b[2J \u{202e}here\r x\n");
    let diagnostic = Diagnostic::error(files::TOML_SYNTAX, "bad `\x1b[2J`\nx")
        .at(find(&sources, id, "here"), "\x07 label")
        .note("note \x1b[0m");
    for format in Format::ALL {
        let text = plain(format, &sources, diagnostic.clone());
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{format}: {text:?}");
    }
    assert_snapshot!(rich(&sources, diagnostic), @r#"
    error[E3005]: bad `␛[2J` x
       ╭─[ a␛[31m.eql:1:7 ]
       │
     1 │ any␋ where� ␛[2J �here␍ x
       │       ──┬─
       │         ╰─── ␇ label
    ───╯
       = note: note ␛[0m
    "#);
}

#[test]
fn no_line_ends_in_white_space() {
    let (sources, diagnostic) = everything();
    let text = render_to_string(Format::Rich, &sources, &[diagnostic.clone(), diagnostic], false);
    for line in text.lines() {
        assert_eq!(line, line.trim_end());
    }
}

#[test]
fn fixes_that_make_no_sense_show_their_title_alone() {
    let mut sources = SourceMap::new();
    let id = sources.add("a.eql", "any where true");
    let edit = |range| Edit { span: Span::new(id, range), replacement: "x".to_owned() };
    let mut diagnostic = Diagnostic::error(files::TOML_SYNTAX, "message");
    for edits in [vec![], vec![edit(0..5), edit(3..6)]] {
        diagnostic.fixes.push(Fix { title: "do it".to_owned(), edits, applicability: Applicability::Safe });
    }
    assert_snapshot!(rich(&sources, diagnostic), @r#"
    error[E3005]: message
       = help: do it
       = help: do it
    "#);
}

#[test]
fn fixes_insert_and_delete_lines() {
    let mut sources = SourceMap::new();
    let id = sources.add("a.eql", "sequence\n  [any where true]\n  [any where true]\n");
    let diagnostic = Diagnostic::error(files::TOML_SYNTAX, "message")
        .fix(Applicability::Safe, "insert", Span::new(id, 27..27), "\n  [file where true]")
        .fix(Applicability::Safe, "delete", Span::new(id, 8..27), "");
    assert_snapshot!(rich(&sources, diagnostic), @r#"
    error[E3005]: message
       = help: insert
         2 │   [any where true]
         3 │   [file where true]
       = help: delete
         1 │ sequence
    "#);
}

/// Every pair of offsets, in and out of order, in and past the text, in and between characters, in two
/// files at once, and a source that does not exist.
#[test]
fn no_span_makes_a_renderer_fail() {
    let mut sources = SourceMap::new();
    let mut foreign = SourceMap::new();
    let texts = ["", "\n", "\r\n", "aé\r\n\n日\t\u{2028}x\r\ry\n\n", "é", "a\nb"];
    let ids: Vec<SourceId> = texts.iter().map(|text| sources.add("t.eql", *text)).collect();
    for text in texts {
        foreign.add("f", text);
    }
    let unknown = foreign.add("f", "");
    assert_eq!(sources.name(unknown), "");
    for (at, text) in texts.iter().enumerate() {
        let limit = u32::try_from(text.len()).unwrap() + 2;
        let ends: Vec<u32> = (0..limit).chain([u32::MAX]).collect();
        for start in &ends {
            for end in &ends {
                let span = Span { source: ids[at], start: *start, end: *end };
                let inverse = Span { source: ids[(at + 1) % ids.len()], start: *end, end: *start };
                let diagnostic = Diagnostic::error(files::TOML_SYNTAX, "message")
                    .at(span, "x")
                    .and_at(Span { source: unknown, ..span }, "unknown")
                    .and_at(inverse, "y")
                    .and_at(Span { start: *end, end: *start, ..span }, "")
                    .fix(Applicability::Safe, "fix", span, "é\n");
                for format in Format::ALL {
                    let text = plain(format, &sources, diagnostic.clone());
                    assert!(text.contains("E3005") && text.contains("t.eql"), "{format} {span:?}: {text}");
                }
            }
        }
    }
    let nowhere =
        Diagnostic::error(files::TOML_SYNTAX, "message").at(Span { source: unknown, ..Span::default() }, "");
    assert_snapshot!(plain(Format::Short, &sources, nowhere.clone()), @r#"error[E3005]: message"#);
    assert_snapshot!(rich(&sources, nowhere), @r#"error[E3005]: message"#);
}

#[test]
fn many_labels_are_held_to_a_number() {
    let mut sources = SourceMap::new();
    let id = sources.add("a.eql", "x ".repeat(500));
    let mut diagnostic = Diagnostic::error(files::TOML_SYNTAX, "message").at(Span::new(id, 0..1), "");
    for at in 1..400 {
        diagnostic = diagnostic.and_at(Span::new(id, at * 2..at * 2 + 1), format!("label {at}"));
    }
    let text = rich(&sources, diagnostic);
    assert!(text.contains("label 40") && !text.contains("label 41"), "{text}");
    assert!(text.ends_with("   = note: 359 more places are not shown\n"), "{text}");
}

#[test]
fn summaries_count_by_severity() {
    let of = |severities: &[Severity]| {
        let all: Vec<_> =
            severities.iter().map(|severity| Diagnostic::new(*severity, files::BAD_TIME, "m")).collect();
        Summary::of(&all).to_string()
    };
    assert_eq!(of(&[]), "no findings");
    assert_eq!(of(&[Severity::Error, Severity::Note, Severity::Error]), "2 errors, 1 note");
    assert_eq!(of(&[Severity::Warning]), "1 warning");
}

#[test]
fn formats_have_names() {
    for format in Format::ALL {
        assert_eq!(format.as_str().parse(), Ok(format));
    }
    assert_snapshot!("xml".parse::<Format>().unwrap_err(), @r#"unknown format, expected one of rich, short, json"#);
}
