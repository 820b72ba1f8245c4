//! The layout of what is written.

use eqlc_diagnostics::{Node, Span};

use super::read;
use crate::{
    Condition, Correlation, CorrelationRule, CorrelationType, Detection, Document, FieldTest, File, Item,
    Level, LogSource, Meta, Modifier, NamedSearch, Part, Quantifier, Rule, Search, SigmaString, Status,
    Target, Timespan, Value, write,
};

fn node<T>(value: T) -> Node<T> {
    Node::new(value, Span::default())
}

fn texts(values: &[&str]) -> Vec<Node<String>> {
    values.iter().map(|value| node((*value).to_owned())).collect()
}

/// A rule made by code, as a backend makes it.
pub(super) fn built() -> File {
    let path = SigmaString::from_parts([Part::Lit(r"C:\Temp\".to_owned()), Part::AnyRun]);
    let searches = [
        NamedSearch::new(
            "selection_img",
            Search::List(vec![
                Item::Map(vec![FieldTest::new(
                    "Image",
                    [Modifier::EndsWith],
                    [Value::literal(r"\a.exe"), Value::literal(r"\b.exe")],
                )]),
                Item::Map(vec![FieldTest::new("OriginalFileName", [], [Value::literal("it's*")])]),
            ]),
        ),
        NamedSearch::new(
            "selection_cli",
            Search::Map(vec![
                FieldTest::new("CommandLine", [Modifier::Re], [Value::Raw(r"a\*\\b".to_owned())]),
                FieldTest::new("CurrentDirectory", [], [Value::Str(path)]),
                FieldTest::new("ProcessId", [Modifier::Gte], [Value::Int(5)]),
                FieldTest::new("Score", [], [Value::Float(2.0), Value::Bool(true)]),
                FieldTest::new("Gone", [], [Value::Null]),
            ]),
        ),
        NamedSearch::new("keywords", Search::List(vec![Item::Keyword(node(Value::literal("a\tb")))])),
        NamedSearch::new("filter", Search::Map(vec![FieldTest::new("User", [], [Value::literal("")])])),
    ];
    let condition = Condition::or([
        Condition::and([
            Condition::quantified(Quantifier::All, Target::Pattern("selection_*".to_owned())),
            Condition::ident("filter").negate(),
        ]),
        Condition::ident("keywords"),
    ]);
    let mut meta = Meta::new("Yes: a rule");
    meta.id = Some(node("929a690e-bef0-4204-a928-ef5e620d6fcc".to_owned()));
    meta.name = Some(node("a_rule".to_owned()));
    meta.taxonomy = Some(node("ecs".to_owned()));
    meta.status = Some(node(Status::Test));
    meta.description = Some(node("One line.\n\n  Another.\n".to_owned()));
    meta.references = texts(&["https://example.com/#a"]);
    meta.author = Some(node("no".to_owned()));
    meta.date = Some(node("2024-01-31".to_owned()));
    meta.tags = texts(&["attack.t1059"]);
    meta.falsepositives = texts(&["Unknown"]);
    meta.level = Some(node(Level::High));
    let rule = Rule {
        meta,
        logsource: LogSource::new("process_creation", "windows", ""),
        detection: Detection::new(searches, condition),
        span: Span::default(),
    };
    let timespan = Timespan::parse("5m").unwrap();
    let names = ["a_rule".to_owned(), "b_rule".to_owned()];
    let mut correlation = Correlation::new(CorrelationType::TemporalOrdered, names, timespan);
    correlation.group_by = texts(&["host.id"]);
    let correlation = CorrelationRule { meta: Meta::new("Both"), correlation, span: Span::default() };
    File { documents: vec![Document::Rule(rule), Document::Correlation(correlation)] }
}

#[test]
fn documents_are_laid_out_as_sigmahq_lays_them_out() {
    insta::assert_snapshot!(write(&built()));
}

#[test]
fn what_code_built_reads_back_equal() {
    let file = built();
    let written = write(&file);
    let back = read(&written);
    assert_eq!(back.report(), "");
    assert_eq!(back.parsed.tree, file);
    assert_eq!(write(&back.parsed.tree), written);
}

#[test]
fn any_text_survives_in_any_place() {
    let pieces = [
        "",
        " ",
        "\n",
        "\t",
        "'",
        "\"",
        "\\",
        ":",
        "#",
        "-",
        "a",
        "é",
        "\r",
        "\u{85}",
        "\u{1F600}",
        "0",
        "|",
    ];
    for one in pieces {
        for two in pieces {
            for three in ["", "a", "\n", " ", "\\", "*"] {
                let text = format!("{one}{two}{three}");
                let mut file = built();
                let Document::Rule(rule) = &mut file.documents[0] else { panic!("no rule") };
                rule.meta.title.value = format!("t{text}");
                rule.meta.description = Some(node(text.clone()));
                rule.detection.searches[3].search = Search::Map(vec![FieldTest::new(
                    "User",
                    [],
                    [Value::literal(text.as_str()), Value::pattern(&text)],
                )]);
                let written = write(&file);
                let back = read(&written);
                assert!(back.fine(), "{text:?}\n{}\n{written}", back.report());
                assert_eq!(back.parsed.tree, file, "{text:?}\n{written}");
                assert_eq!(write(&back.parsed.tree), written);
            }
        }
    }
}

#[test]
fn field_names_of_any_kind_survive() {
    for field in
        ["user-agent", "my field", "1st", "a: b", "@timestamp", "yes", "a#b", "*x", "", "123", "é", "a'b"]
    {
        let mut file = built();
        let Document::Rule(rule) = &mut file.documents[0] else { panic!("no rule") };
        let mut test = FieldTest::new(field, [Modifier::All], [Value::literal("x"), Value::literal("y")]);
        if field.is_empty() {
            test.field = None;
        }
        rule.detection.searches[3].search = Search::Map(vec![test]);
        let back = read(&write(&file));
        assert_eq!(back.report(), "", "{field}");
        assert_eq!(back.parsed.tree, file, "{field}");
    }
}
