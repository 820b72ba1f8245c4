//! Lints that are chosen, silenced and repaired; fields that users bring.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failing step fails the test")]

mod short;

use std::fs;

use short::{eqlc, folder, said};

#[test]
fn conditions_are_held_against_each_other() {
    let lint =
        |query: &str| said(&[("a.eql", query)], &["check", "--select", "W0008,W0013,W0014,W0015", "a.eql"]);
    insta::assert_snapshot!(
        [
            "process where process.name == \"a\" and process.pid == 1 and process.name == \"a\"",
            "process where process.name == \"a\" and not (process.pid == 1 or process.name == \"a\")",
            "process where process.name == null and process.name : \"a*\"",
            "process where process.name == \"a\" or not process.name == \"a\"",
            "process where process.name : (\"cmd.exe\", \"cmd*\", \"powershell.exe\", \"CMD?\")",
            "process where process.name == \"a\" and true",
            "process where process.name == \"a\" and false",
        ]
        .map(lint)
        .concat()
    );
}

/// A field can hold several values, so none of these is a contradiction.
#[test]
fn what_several_values_can_satisfy_is_no_finding() {
    for query in [
        "process where process.args == \"a\" and process.args == \"b\"",
        "process where process.pid < 1 and process.pid > 2",
        "process where process.name : \"a*\" and process.name != \"ab\"",
        "process where process.name == null or process.name : \"a*\"",
        "process where process.name : (\"a?\", \"a\", \"?a\")",
        "process where process.name like (\"a*\", \"A*\")",
        "process where process.executable : (\"?:\\\\a\\\\*\", \"\\\\Device\\\\*\\\\a\\\\*\")",
    ] {
        let said = said(&[("a.eql", query)], &["check", "a.eql"]);
        assert!(said.starts_with("exit 0\nchecked 1 rule: no findings"), "{query}\n{said}");
    }
}

const RULE: &str =
    "process where process.nme == \"a\" and process.name like \"b\" and not process.args : \"c\"";

#[test]
fn lints_are_selected_and_ignored_by_code() {
    let codes = |options: &[&str]| {
        let args = [&["check", "a.eql"][..], options].concat();
        let said = said(&[("a.eql", RULE)], &args);
        let codes: Vec<&str> = said.split('[').skip(1).map(|rest| rest.split(']').next().unwrap()).collect();
        codes.join(" ")
    };
    assert_eq!(codes(&[]), "W0001 W0003");
    assert_eq!(codes(&["--select", "W"]), "W0001 W0003 W0017");
    assert_eq!(codes(&["--select", "default,W0017"]), "W0001 W0003 W0017");
    assert_eq!(codes(&["--select", "w0003"]), "W0003");
    assert_eq!(codes(&["--ignore", "W0001,W0003"]), "");
    assert_eq!(codes(&["--select", "W", "--ignore", "W000"]), "W0017");
}

#[test]
fn warnings_are_denied_on_request() {
    let exit = |rule: &str, options: &[&str]| {
        let args = [&["lint", "a.eql"][..], options].concat();
        eqlc(folder(&[("a.eql", rule)]).path(), &args).0
    };
    assert_eq!(exit(RULE, &[]), 0);
    assert_eq!(exit(RULE, &["--deny", "warnings"]), 1);
    assert_eq!(exit(RULE, &["--deny", "warnings", "--ignore", "W"]), 0);
    assert_eq!(exit("process where", &["--deny", "warnings"]), 2);
    assert_eq!(exit(RULE, &["--select", "W99"]), 3);
    assert_eq!(exit(RULE, &["--unsafe-fixes"]), 3);
}

#[test]
fn comments_silence_findings_at_their_place() {
    let silenced = "// eqlc: ignore[W0003]\n// why\nprocess where process.name like \"b\" and\n  \
                    process.nme == \"a\" // eqlc: ignore[W00]\n  and process.pid == 1";
    let used = said(&[("a.eql", silenced)], &["check", "a.eql"]);
    assert_eq!(used, "exit 0\nchecked 1 rule: no findings\n");
    let file =
        "process where process.name like \"b\"\n  and process.nme == 1 // eqlc: ignore-file[W0003,W0001]";
    assert_eq!(said(&[("a.eql", file)], &["check", "a.eql"]), "exit 0\nchecked 1 rule: no findings\n");
    let toml = "[rule]\nname = \"a\"\ntype = \"eql\"\nlanguage = \"eql\"\nquery = '''\n// eqlc: ignore[W0003]\n\
                process where process.name like \"b\"\n'''\n";
    assert_eq!(said(&[("a.toml", toml)], &["check", "a.toml"]), "exit 0\nchecked 1 rule: no findings\n");
}

#[test]
fn comments_that_silence_nothing_are_reported_and_errors_stay() {
    let rule = "// eqlc: ignore[W0003]\nprocess where process.pid == \"x\" // eqlc: ignore[E1010]\n\
                // eqlc: ignore[X1]\n// eqlc: ignore\n// eqlc: forget\n// of eqlc: ignore[W1]";
    insta::assert_snapshot!(said(&[("a.eql", rule)], &["check", "a.eql"]));
}

#[test]
fn fixes_are_written_into_queries_of_every_kind_of_string() {
    let query = "process where process.name like 'cmd.exe' && process.args == \"C:\\Windows\"";
    let basic = query.replace('\\', "\\\\").replace('"', "\\\"");
    let head = "[rule]\nname = \"a\"\ntype = \"eql\"\nlanguage = \"eql\"\n";
    let files = [
        ("a.eql", query.to_owned()),
        ("b.toml", format!("{head}query = \"{basic}\"\nnote = \"kept\" # and this\n")),
        ("c.toml", format!("{head}query = '''\n{query}\n'''\n")),
        ("d.toml", format!("{head}query = \"\"\"\n{}\n\"\"\"\n", query.replace('\\', "\\\\"))),
        ("e.yml", "title: a\n".to_owned()),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let folder = folder(&files);
    let (_, first) = eqlc(folder.path(), &["lint", "--fix", "a.eql", "b.toml", "c.toml", "d.toml"]);
    assert_eq!(first, "fixed 16 findings in 4 files; checked 4 rules: no findings\n");
    let fixed = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let wanted = "process where process.name == \"cmd.exe\" and process.args == \"\"\"C:\\Windows\"\"\"";
    assert_eq!(fixed("a.eql"), wanted);
    let text = |name: &str| fixed(name).replace(head, "");
    insta::assert_snapshot!([text("b.toml"), text("c.toml"), text("d.toml")].join("---\n"));
    for name in ["b.toml", "c.toml", "d.toml"] {
        let (code, printed) = eqlc(folder.path(), &["compile", "-q", "-t", "elasticsearch", name]);
        let meant = "process where process.name == \"cmd.exe\" and process.args == \"C:\\\\Windows\"";
        assert_eq!((code, printed.trim_end()), (0, meant), "{name}");
    }
    let before = fixed("a.eql");
    let (_, second) = eqlc(folder.path(), &["lint", "--fix", "a.eql"]);
    assert_eq!(
        (second.as_str(), fixed("a.eql")),
        ("fixed 0 findings in 0 files; checked 1 rule: no findings\n", before)
    );
}

#[test]
fn guesses_are_taken_only_on_request() {
    let rule = "process where process.nme == \"a\" and process.name : (\"x.exe\", \"x*\", \"xy\")";
    let folder = folder(&[("a.eql", rule)]);
    let (_, said) = eqlc(folder.path(), &["lint", "--fix", "a.eql"]);
    assert!(said.ends_with("fixed 0 findings in 0 files; checked 1 rule: 2 warnings\n"), "{said}");
    let (_, said) = eqlc(folder.path(), &["lint", "--fix", "--unsafe-fixes", "a.eql"]);
    assert_eq!(said, "fixed 2 findings in 1 file; checked 1 rule: no findings\n");
    let fixed = fs::read_to_string(folder.path().join("a.eql")).unwrap();
    assert_eq!(fixed, "process where process.name == \"a\" and process.name : (\"x*\")");
}

#[test]
fn fields_of_users_are_known_to_every_command() {
    let schema = "shop.order: long\nshop.name: keyword\n";
    let rule = "process where shop.order == 5 and shop.name : \"x*\" and process.name == \"a\"";
    let folder = folder(&[("s.yml", schema), ("a.eql", rule), ("e.ndjson", "")]);
    let said = |args: &[&str]| eqlc(folder.path(), args);
    assert_eq!(said(&["check", "a.eql"]).1.matches("W0001").count(), 2);
    let strict = ["check", "--strict-fields", "--schema", "s.yml", "a.eql"];
    assert_eq!(said(&strict), (0, "checked 1 rule: no findings\n".to_owned()));
    for args in [
        &["compile", "-q", "-t", "elasticsearch", "--strict-fields", "--schema", "s.yml", "a.eql"][..],
        &["verify", "-q", "-t", "elasticsearch", "--strict-fields", "--schema", "s.yml", "a.eql"],
        &["run", "-q", "--strict-fields", "--schema", "s.yml", "-r", "a.eql", "e.ndjson"],
        &["lint", "-q", "--strict-fields", "--schema", "s.yml", "a.eql"],
    ] {
        let (code, said) = said(args);
        assert_eq!(code, 0, "{args:?}\n{said}");
    }
}

#[test]
fn a_schema_that_cannot_be_read_ends_the_run() {
    let folder = folder(&[
        ("bad.json", "{\"mappings\": {\n  \"properties\": }"),
        ("slip.yml", "shop.order: lnog\n"),
        ("a.eql", "process where shop.order == 5"),
    ]);
    let said = |schema: &str| {
        let (code, said) = eqlc(folder.path(), &["check", "--schema", schema, "a.eql"]);
        format!("exit {code}\n{said}")
    };
    insta::assert_snapshot!(
        [said("bad.json"), said("none.json").replace("(os error 2)", ""), said("slip.yml")].concat()
    );
}
