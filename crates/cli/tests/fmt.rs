//! `eqlc fmt` as users run it: files, streams, exit codes.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failing step fails the test")]

mod output;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use output::{code, stderr, stdout};

const UGLY: &str = "process where  process.name : \"a\"   and // why\n\n\nuser.id != null";
const NEAT: &str = "process where\n  process.name : \"a\" and // why\n\n  user.id != null\n";

fn eqlc(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eqlc")).args(args).current_dir(folder).output().unwrap()
}

fn eqlc_with_input(args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_eqlc"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn toml(query: &str) -> String {
    format!(
        "# head\n[rule]\nname = \"é\"   # odd  spacing\ntype = \"eql\"\nlanguage = \"eql\"\nquery = '''\n{query}\n'''\n\n\n[other]\nx=1"
    )
}

/// A folder with files of every kind.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    put("a.eql", UGLY);
    put("b.toml", &toml(UGLY));
    put("broken.eql", "process where  a ==");
    put("kql.toml", "[rule]\ntype = \"query\"\nlanguage = \"kuery\"\nquery = 'a :  b'\n");
    put("neat.eql", NEAT);
    put("sigma.yml", "title:   x\nlogsource: {category:  test}\ndetection: {s: {a:   1}, condition:  s}\n");
    folder
}

fn read(folder: &tempfile::TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).unwrap()
}

#[test]
fn files_are_formatted_in_place_and_broken_ones_left_alone() {
    let folder = folder();
    let (kql, sigma) = (read(&folder, "kql.toml"), read(&folder, "sigma.yml"));
    let output = eqlc(folder.path(), &["fmt", "."]);
    assert_eq!(code(&output), 2, "{}", stderr(&output));
    assert_eq!(stdout(&output), "reformatted ./a.eql\nreformatted ./b.toml\n");
    assert!(stderr(&output).contains("broken.eql:1:"), "{}", stderr(&output));
    assert!(stderr(&output).contains("2 of 6 files formatted: 1 error"), "{}", stderr(&output));
    assert_eq!(read(&folder, "a.eql"), NEAT);
    assert_eq!(read(&folder, "neat.eql"), NEAT);
    assert_eq!(read(&folder, "b.toml"), toml(NEAT.trim_end()));
    assert_eq!(read(&folder, "broken.eql"), "process where  a ==");
    assert_eq!((read(&folder, "kql.toml"), read(&folder, "sigma.yml")), (kql, sigma));
    fs::remove_file(folder.path().join("broken.eql")).unwrap();
    let again = eqlc(folder.path(), &["fmt", "."]);
    assert_eq!((code(&again), stdout(&again)), (0, String::new()), "{}", stderr(&again));
}

#[test]
fn check_lists_what_would_change_and_writes_nothing() {
    let folder = folder();
    let output = eqlc(folder.path(), &["fmt", "--check", "a.eql", "b.toml", "neat.eql"]);
    assert_eq!(code(&output), 1);
    assert_eq!(stdout(&output), "would reformat a.eql\nwould reformat b.toml\n");
    assert_eq!((read(&folder, "a.eql"), read(&folder, "b.toml")), (UGLY.to_owned(), toml(UGLY)));
    assert_eq!(code(&eqlc(folder.path(), &["fmt", "--check", "neat.eql", "kql.toml", "sigma.yml"])), 0);
    assert_eq!(code(&eqlc(folder.path(), &["fmt", "--check", "a.eql", "broken.eql"])), 2);
    assert_eq!(code(&eqlc(folder.path(), &["fmt", "--check", "a.eql", "gone.eql"])), 3);
}

#[test]
fn diff_shows_what_would_change() {
    let folder = folder();
    let output = eqlc(folder.path(), &["fmt", "--diff", "b.toml", "neat.eql"]);
    assert_eq!(code(&output), 1);
    insta::assert_snapshot!(stdout(&output), @r#"
    --- b.toml
    +++ b.toml
    @@ -4,10 +4,10 @@
     type = "eql"
     language = "eql"
     query = '''
    -process where  process.name : "a"   and // why
    +process where
    +  process.name : "a" and // why
     
    -
    -user.id != null
    +  user.id != null
     '''
     
     
    "#);
    assert_eq!(read(&folder, "b.toml"), toml(UGLY));
}

#[test]
fn standard_input_goes_to_standard_output() {
    let output = eqlc_with_input(&["fmt", "-"], UGLY);
    assert_eq!((code(&output), stdout(&output)), (0, NEAT.to_owned()));
    let output = eqlc_with_input(&["fmt", "-"], &toml(UGLY));
    assert_eq!((code(&output), stdout(&output)), (0, toml(NEAT.trim_end())));
    let output = eqlc_with_input(&["fmt", "-"], "process where (");
    assert_eq!((code(&output), stdout(&output)), (2, String::new()));
    assert_eq!(code(&eqlc_with_input(&["fmt", "--check", "-"], UGLY)), 1);
}

#[test]
fn line_ends_and_byte_order_marks_stay() {
    let folder = tempfile::tempdir().unwrap();
    let windows = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    fs::write(folder.path().join("a.eql"), windows(UGLY)).unwrap();
    fs::write(folder.path().join("b.toml"), windows(&toml(UGLY))).unwrap();
    assert_eq!(code(&eqlc(folder.path(), &["fmt", "."])), 0);
    assert_eq!(read(&folder, "a.eql"), windows(NEAT));
    assert_eq!(read(&folder, "b.toml"), windows(&toml(NEAT.trim_end())));
    assert_eq!(stdout(&eqlc(folder.path(), &["fmt", "."])), "");
}

#[test]
fn behaviour_rules_are_read_in_their_dialect() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[rule]\nname = \"x\"\nos_list = [\"windows\"]\nquery = '''\nprocess where  descendant of [process where  process.name : \"a\"]\n'''\n";
    fs::write(folder.path().join("a.toml"), text).unwrap();
    let output = eqlc(folder.path(), &["fmt", "."]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(read(&folder, "a.toml"), text.replace("where  ", "where "));
}

#[cfg(unix)]
#[test]
fn links_stay_links_and_permissions_stay() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real.eql"), folder.path().join("link.eql"));
    fs::write(&real, UGLY).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("real.eql", &link).unwrap();
    assert_eq!(code(&eqlc(folder.path(), &["fmt", "link.eql"])), 0);
    assert!(fs::symlink_metadata(&link).unwrap().file_type().is_symlink());
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(read(&folder, "real.eql"), NEAT);
}

/// Every document of the corpora, where they lie beside the project: nothing but the query changes, and once.
#[test]
fn documents_of_others_change_in_their_query_alone() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    for name in ["elastic-rules", "endpoint-rules"] {
        let corpus = shared.join(name);
        if !corpus.exists() {
            println!("skipped: {name} is not beside the project");
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let files = copy_documents(&corpus, folder.path());
        let first = eqlc(folder.path(), &["fmt", "."]);
        let formatted = stdout(&first).lines().count();
        println!("{name}: {} documents, {formatted} formatted, exit {}", files.len(), code(&first));
        assert!(formatted > 100, "{}", stderr(&first));
        for (file, before) in &files {
            let after = fs::read_to_string(folder.path().join(file)).unwrap();
            assert_eq!(without_query(&after), without_query(before), "{file}");
        }
        let again = eqlc(folder.path(), &["-q", "fmt", "--check", "."]);
        assert_eq!(stdout(&again), "");
    }
}

/// Copies the TOML documents below a folder into another, numbered; their names and texts.
fn copy_documents(from: &Path, to: &Path) -> Vec<(String, String)> {
    let mut folders = vec![from.to_path_buf()];
    let mut copied = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml") {
                let text = fs::read_to_string(&path).unwrap();
                let name = format!("{}.toml", copied.len());
                fs::write(to.join(&name), &text).unwrap();
                copied.push((name, text));
            }
        }
    }
    copied
}

/// What stands before and after the first `query = …` in triple quotes.
fn without_query(text: &str) -> (String, String) {
    for quotes in ["'''", "\"\"\""] {
        let Some((before, rest)) = text.split_once(&format!("\nquery = {quotes}")) else { continue };
        // A formatted string may itself hold escaped quotes, never three in a row.
        let (_, after) = rest.split_once(quotes).unwrap_or((rest, ""));
        return (before.to_owned(), after.to_owned());
    }
    (text.to_owned(), String::new())
}
