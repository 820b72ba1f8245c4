use super::{Column, ColumnType, Database, SqlError, SqlValue, Table};

fn table(name: &str, columns: Vec<Column>) -> Table {
    Table { name: name.to_owned(), columns }
}

fn database() -> Database {
    let tables = [
        table(
            "windows_events",
            vec![
                Column::new("time", ColumnType::BigInt),
                Column::new("eventid", ColumnType::Integer),
                Column::new("provider_guid", ColumnType::Text).collated("nocase"),
                Column::new("data", ColumnType::Text),
            ],
        ),
        table("programs", vec![Column::new("version", ColumnType::Text).collated("version")]),
        table(
            "time",
            [
                ("unix_time", ColumnType::Integer),
                ("iso_8601", ColumnType::Text),
                ("weekday", ColumnType::Text),
                ("timestamp", ColumnType::Text),
                ("win_timestamp", ColumnType::BigInt),
            ]
            .map(|(name, kind)| Column::new(name, kind))
            .into(),
        ),
    ];
    Database::new(tables).unwrap()
}

fn value(expression: &str) -> Result<SqlValue, SqlError> {
    let rows = database().query(&format!("SELECT {expression} AS x"))?;
    Ok(rows[0].get("x").unwrap().clone())
}

/// The results of expressions as text, an error by its message.
fn show(expressions: &[&str]) -> String {
    let lines: Vec<String> = expressions
        .iter()
        .map(|expression| match value(expression) {
            Ok(value) => format!("{expression} = {value}"),
            Err(error) => format!("{expression} ! {error}"),
        })
        .collect();
    lines.join("\n")
}

fn row(columns: &[(&str, SqlValue)]) -> Vec<(String, SqlValue)> {
    columns.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

#[test]
fn digests_are_of_the_text_up_to_nul() {
    insta::assert_snapshot!(show(&[
        "md5('')",
        "md5('abc')",
        "md5(12)",
        "sha1('abc')",
        "sha256('abc')",
        "sha256(NULL)",
        "md5('abc' || char(0) || 'def')",
    ]));
}

/// The first id is an example of the specification.
#[test]
fn flows_have_one_id_in_both_directions() {
    insta::assert_snapshot!(show(&[
        "community_id_v1('128.232.110.120', '66.35.250.204', 34855, 80, 6)",
        "community_id_v1('66.35.250.204', '128.232.110.120', 80, 34855, 6)",
        "community_id_v1('128.232.110.120', '66.35.250.204', 34855, 80, 6, 1)",
        "community_id_v1('::1', '::2', 1, 2, 17)",
        "community_id_v1('x', '66.35.250.204', 34855, 80, 6)",
        "community_id_v1(NULL, '66.35.250.204', 34855, 80, 6)",
        "community_id_v1_strict('x', '66.35.250.204', 34855, 80, 6)",
        "community_id_v1_strict('10.0.0.1', '10.0.0.2', 1, 65536, 6)",
        "community_id_v1_strict('10.0.0.1', '10.0.0.2', 1, 2, '6')",
        "community_id_v1_strict('10.0.0.1', '10.0.0.2', 1, 2, 6, 40000)",
    ]));
}

#[test]
fn mathematics_fails_outside_of_its_domain() {
    insta::assert_snapshot!(show(&[
        "sqrt(9)",
        "sqrt(-1)",
        "log(0)",
        "log10('100x')",
        "exp(1000)",
        "power(2, 10)",
        "power(2, NULL)",
        "power(0, -1)",
        "ceil(1.2)",
        "floor(-1.2)",
        "ceil(7)",
        "floor('3.9 km')",
        "pi()",
        "degrees(pi())",
        "radians(180)",
        "sin('x')",
        "acos(2)",
        "round(cot(0.5), 6)",
        "tan(NULL)",
    ]));
}

#[test]
fn what_needs_a_host_answers_as_without_one() {
    insta::assert_snapshot!(show(&[
        "parent_directory('a\\b\\c')",
        "parent_directory('/usr/bin')",
        "parent_directory(1)",
        "carve('/etc/passwd')",
        "find_file_path_in_cmd('/bin/ls -l')",
        "is_path_deterministic('/bin/ls')",
        "sleep(1)",
    ]));
}

#[test]
fn in_cidr_block_leaves_out_network_and_broadcast() {
    insta::assert_snapshot!(show(&[
        "in_cidr_block('10.0.0.0/8', '10.0.0.0')",
        "in_cidr_block('10.0.0.0/8', '10.0.0.1')",
        "in_cidr_block('10.0.0.0/8', '10.255.255.254')",
        "in_cidr_block('10.0.0.0/8', '10.255.255.255')",
        "in_cidr_block('10.9.9.9/8', '10.1.1.1')",
        "in_cidr_block('10.0.0.0/31', '10.0.0.0')",
        "in_cidr_block('10.0.0.0/31', '10.0.0.1')",
        "in_cidr_block('10.0.0.7/32', '10.0.0.7')",
        "in_cidr_block('255.255.255.255/32', '255.255.255.255')",
        "in_cidr_block('::/0', '2001:db8::1')",
        "in_cidr_block('2001:db8::/32', '2001:db8::')",
        "in_cidr_block('2001:db8::/32', '2001:db9::')",
        "in_cidr_block('::1/128', '::1')",
        "in_cidr_block('ff00::/8', 'ff02::1')",
    ]), @"
    in_cidr_block('10.0.0.0/8', '10.0.0.0') = 0
    in_cidr_block('10.0.0.0/8', '10.0.0.1') = 1
    in_cidr_block('10.0.0.0/8', '10.255.255.254') = 1
    in_cidr_block('10.0.0.0/8', '10.255.255.255') = 0
    in_cidr_block('10.9.9.9/8', '10.1.1.1') = 1
    in_cidr_block('10.0.0.0/31', '10.0.0.0') = 0
    in_cidr_block('10.0.0.0/31', '10.0.0.1') = 0
    in_cidr_block('10.0.0.7/32', '10.0.0.7') = 1
    in_cidr_block('255.255.255.255/32', '255.255.255.255') = 0
    in_cidr_block('::/0', '2001:db8::1') = 0
    in_cidr_block('2001:db8::/32', '2001:db8::') = 1
    in_cidr_block('2001:db8::/32', '2001:db9::') = 0
    in_cidr_block('::1/128', '::1') = 1
    in_cidr_block('ff00::/8', 'ff02::1') = 0
    ");
}

#[test]
fn in_cidr_block_fails_the_query_on_what_it_cannot_read() {
    insta::assert_snapshot!(show(&[
        "in_cidr_block('10.0.0.0/8', NULL)",
        "in_cidr_block(NULL, '10.0.0.1')",
        "in_cidr_block('10.0.0.0/8', '')",
        "in_cidr_block('10.0.0.0/8', '-')",
        "in_cidr_block('10.0.0.0/8', 7)",
        "in_cidr_block('10.0.0.0', '10.0.0.1')",
        "in_cidr_block('10.0.0.0/33', '10.0.0.1')",
        "in_cidr_block('10.0.0.0/', '10.0.0.1')",
        "in_cidr_block('10.0.0.0/8', '::1')",
        "in_cidr_block('::1/128', '10.0.0.1')",
    ]), @"
    in_cidr_block('10.0.0.0/8', NULL) ! the query failed: IP addresss must be a string
    in_cidr_block(NULL, '10.0.0.1') ! the query failed: CIDR must be a string
    in_cidr_block('10.0.0.0/8', '') ! the query failed: IP address cannot be parsed
    in_cidr_block('10.0.0.0/8', '-') ! the query failed: IP address cannot be parsed
    in_cidr_block('10.0.0.0/8', 7) ! the query failed: IP addresss must be a string
    in_cidr_block('10.0.0.0', '10.0.0.1') ! the query failed: CIDR for IP address v4 cannot be parsed
    in_cidr_block('10.0.0.0/33', '10.0.0.1') ! the query failed: CIDR for IP address v4 cannot be parsed
    in_cidr_block('10.0.0.0/', '10.0.0.1') ! the query failed: CIDR for IP address v4 cannot be parsed
    in_cidr_block('10.0.0.0/8', '::1') ! the query failed: CIDR for IP address v6 cannot be parsed
    in_cidr_block('::1/128', '10.0.0.1') ! the query failed: CIDR for IP address v4 cannot be parsed
    ");
}

#[test]
fn inet_aton_reads_version_four_only_and_never_fails() {
    insta::assert_snapshot!(show(&[
        "inet_aton('10.0.0.1')",
        "inet_aton('255.255.255.255')",
        "inet_aton('::1')",
        "inet_aton('010.0.0.1')",
        "inet_aton('')",
        "inet_aton('-')",
        "inet_aton(NULL)",
    ]), @"
    inet_aton('10.0.0.1') = 167772161
    inet_aton('255.255.255.255') = 4294967295
    inet_aton('::1') = NULL
    inet_aton('010.0.0.1') = NULL
    inet_aton('') = NULL
    inet_aton('-') = NULL
    inet_aton(NULL) = NULL
    ");
}

#[test]
fn regex_match_searches_and_minds_letter_case() {
    insta::assert_snapshot!(show(&[
        r"regex_match('C:\Windows\cmd.exe', '[^\\]+$', 0)",
        r"regex_match('C:\Windows\cmd.exe', 'windows', 0)",
        r"regex_match('a=1;b=2', '(\w)=(\d)', 2)",
        r"regex_match('a=1;b=2', '(\w)=(\d)', 3)",
        r"regex_match('a=1;b=2', '(\w)=(\d)', -1)",
        r"regex_match('b', '(a)?b', 1)",
        r"regex_match('b', 'a', 0)",
        r"regex_match(NULL, 'a', 0)",
        r"regex_match('a', 'a', NULL)",
        r"regex_match(7, '\d', 0)",
        "regex_match('a' || char(13) || 'b', 'a.b', 0)",
        "regex_match('a' || char(0) || 'b', 'b', 0)",
        "regex_match('é', '^..$', 0)",
    ]), @r#"
    regex_match('C:\Windows\cmd.exe', '[^\\]+$', 0) = 'cmd.exe'
    regex_match('C:\Windows\cmd.exe', 'windows', 0) = NULL
    regex_match('a=1;b=2', '(\w)=(\d)', 2) = '1'
    regex_match('a=1;b=2', '(\w)=(\d)', 3) = NULL
    regex_match('a=1;b=2', '(\w)=(\d)', -1) = NULL
    regex_match('b', '(a)?b', 1) = ''
    regex_match('b', 'a', 0) = NULL
    regex_match(NULL, 'a', 0) = NULL
    regex_match('a', 'a', NULL) = NULL
    regex_match(7, '\d', 0) = '7'
    regex_match('a' || char(13) || 'b', 'a.b', 0) = NULL
    regex_match('a' || char(0) || 'b', 'b', 0) = NULL
    regex_match('é', '^..$', 0) = 'é'
    "#);
}

#[test]
fn regex_match_refuses_what_the_grammar_of_osquery_lacks() {
    insta::assert_snapshot!(show(&[
        "regex_match('A', '(?i)a', 0)",
        r"regex_match('a', '\p{L}', 0)",
        "regex_match('a', '(?<=b)a', 0)",
        "regex_match('a', '(?<n>a)', 0)",
        r"regex_match('a', '\Aa', 0)",
        "regex_match('a', '(a', 0)",
        "regex_match('a', 'a{,2}', 0)",
        r"regex_match('aa', '(a)\1', 0)",
        "regex_match('ab', 'a(?=b)', 0)",
    ]), @r#"
    regex_match('A', '(?i)a', 0) ! the query failed: Invalid regex
    regex_match('a', '\p{L}', 0) ! the query failed: Invalid regex
    regex_match('a', '(?<=b)a', 0) ! the query failed: Invalid regex
    regex_match('a', '(?<n>a)', 0) ! the query failed: Invalid regex
    regex_match('a', '\Aa', 0) ! the query failed: Invalid regex
    regex_match('a', '(a', 0) ! the query failed: Invalid regex
    regex_match('a', 'a{,2}', 0) ! the query failed: Invalid regex
    regex_match('aa', '(a)\1', 0) ! the query failed: a back reference in a regex is valid in osquery but cannot be run here
    regex_match('ab', 'a(?=b)', 0) ! the query failed: a look-ahead in a regex is valid in osquery but cannot be run here
    "#);
}

#[test]
fn regex_reads_signs_that_other_grammars_give_a_meaning() {
    insta::assert_snapshot!(show(&[
        "regex_match('x[y', '[[]', 0)",
        "regex_match('a&&b', '[&&]+', 0)",
        "regex_match('a~~b', '[~~]+', 0)",
        "regex_match('a b#c', 'a b#', 0)",
        r"regex_match('<a>', '\<a\>', 0)",
        "regex_match('a-b', '[a-]+', 0)",
        "regex_match('q1', '[[:alpha:]][[:digit:]]', 0)",
        r"regex_match('A', '\x41\u0041?', 0)",
        "regex_match('aaa', 'a{2}', 0)",
        "regex_match('aaa', 'a+?', 0)",
    ]), @r#"
    regex_match('x[y', '[[]', 0) = '['
    regex_match('a&&b', '[&&]+', 0) = '&&'
    regex_match('a~~b', '[~~]+', 0) = '~~'
    regex_match('a b#c', 'a b#', 0) = 'a b#'
    regex_match('<a>', '\<a\>', 0) = '<a>'
    regex_match('a-b', '[a-]+', 0) = 'a-'
    regex_match('q1', '[[:alpha:]][[:digit:]]', 0) = 'q1'
    regex_match('A', '\x41\u0041?', 0) = 'A'
    regex_match('aaa', 'a{2}', 0) = 'aa'
    regex_match('aaa', 'a+?', 0) = 'a'
    "#);
}

#[test]
fn regex_pattern_may_have_256_bytes_and_no_more() {
    let longest = "a".repeat(256);
    assert_eq!(value(&format!("regex_match('{longest}', '{longest}', 0)")), Ok(SqlValue::Text(longest)));
    let too_long = "a".repeat(257);
    assert_eq!(
        value(&format!("regex_match('a', '{too_long}', 0)")),
        Err(SqlError::Failed("Invalid regex: too big, max size is 256 bytes".to_owned()))
    );
    assert_eq!(
        value(&format!("regex_split('a', '{too_long}', 0)")),
        Err(SqlError::Failed("Invalid regex".to_owned()))
    );
}

#[test]
fn split_drops_empty_pieces_and_trims() {
    insta::assert_snapshot!(show(&[
        r"split('CONTOSO\ana', '\', 0)",
        r"split('CONTOSO\ana', '\', 1)",
        r"split('CONTOSO\ana', '\', 2)",
        r"split('CONTOSO\ana', '\', -1)",
        r"split('\\server\share', '\', 0)",
        "split('192.168.0.1', '.0', 1)",
        "split(' a , b ', ',', 1)",
        "split('a', '', 0)",
        "split(NULL, ',', 0)",
        "split('a,b', ',', '1')",
    ]), @r#"
    split('CONTOSO\ana', '\', 0) = 'CONTOSO'
    split('CONTOSO\ana', '\', 1) = 'ana'
    split('CONTOSO\ana', '\', 2) = NULL
    split('CONTOSO\ana', '\', -1) = NULL
    split('\\server\share', '\', 0) = 'server'
    split('192.168.0.1', '.0', 1) = '168'
    split(' a , b ', ',', 1) = 'b'
    split('a', '', 0) ! the query failed: Invalid input to split function
    split(NULL, ',', 0) = NULL
    split('a,b', ',', '1') = 'b'
    "#);
}

#[test]
fn regex_split_keeps_empty_pieces_but_the_last() {
    insta::assert_snapshot!(show(&[
        r"regex_split('192.168.0.1', '\.0', 0)",
        "regex_split('a,,b', ',', 1)",
        "regex_split('a,b,', ',', 2)",
        "regex_split('a', '', 0)",
        "regex_split('a', '(', 0)",
    ]), @r#"
    regex_split('192.168.0.1', '\.0', 0) = '192.168'
    regex_split('a,,b', ',', 1) = ''
    regex_split('a,b,', ',', 2) = NULL
    regex_split('a', '', 0) ! the query failed: Invalid input to split function
    regex_split('a', '(', 0) ! the query failed: Invalid regex
    "#);
}

#[test]
fn concat_leaves_out_null() {
    insta::assert_snapshot!(show(&[
        "concat('a', NULL, 1)",
        "concat(NULL, NULL)",
        "concat()",
        "concat_ws(',', 'a', 'b')",
        "concat_ws(',', NULL, 'a')",
        "concat_ws(',', 'a', NULL)",
        "concat_ws(',')",
        "concat_ws(NULL, 'a', 'b')",
        "concat_ws()",
    ]), @"
    concat('a', NULL, 1) = 'a1'
    concat(NULL, NULL) = ''
    concat() = NULL
    concat_ws(',', 'a', 'b') = 'a,b'
    concat_ws(',', NULL, 'a') = 'a'
    concat_ws(',', 'a', NULL) = 'a,'
    concat_ws(',') = NULL
    concat_ws(NULL, 'a', 'b') = 'ab'
    concat_ws() ! the query failed: Missing separator to concat_ws
    ");
}

#[test]
fn base64_goes_both_ways() {
    insta::assert_snapshot!(show(&[
        "to_base64('')",
        "to_base64('a')",
        "to_base64('ab')",
        "to_base64('abc')",
        "from_base64('YQ==')",
        "from_base64('YWI')",
        "from_base64('YWJj' || char(10) || 'YWJj')",
        "from_base64('*')",
        "to_base64(NULL)",
        "conditional_to_base64('plain')",
        "conditional_to_base64('é')",
    ]), @"
    to_base64('') = ''
    to_base64('a') = 'YQ=='
    to_base64('ab') = 'YWI='
    to_base64('abc') = 'YWJj'
    from_base64('YQ==') = 'a'
    from_base64('YWI') = 'ab'
    from_base64('YWJj' || char(10) || 'YWJj') = 'abcabc'
    from_base64('*') = ''
    to_base64(NULL) = NULL
    conditional_to_base64('plain') = 'plain'
    conditional_to_base64('é') = 'w6k='
    ");
}

#[test]
fn versions_compare_by_segment() {
    insta::assert_snapshot!(show(&[
        "version_compare('1.2', '1.10')",
        "version_compare('1.2.3', '1.2')",
        "version_compare('1.2', '1.2')",
        "version_compare('', '1')",
        "version_compare('1:1.0', '2.0', 'dpkg')",
        "version_compare('1.0~rc', '1.0', 'RHEL')",
        "version_compare('1.0', '1.0^git', 'ARCH')",
        "version_compare('1', 2)",
        "version_compare('1', '2', 'mine')",
        "version_compare('1')",
    ]), @"
    version_compare('1.2', '1.10') = -1
    version_compare('1.2.3', '1.2') = 1
    version_compare('1.2', '1.2') = 0
    version_compare('', '1') = -1
    version_compare('1:1.0', '2.0', 'dpkg') = 1
    version_compare('1.0~rc', '1.0', 'RHEL') = -1
    version_compare('1.0', '1.0^git', 'ARCH') = -1
    version_compare('1', 2) ! the query failed: Must provide two version strings to compare.
    version_compare('1', '2', 'mine') ! the query failed: The optional third parameter does not match one of: (ARCH, DPKG, RHEL).
    version_compare('1') ! the query failed: Must provide two version strings to compare.
    ");
}

#[test]
fn version_columns_order_by_their_collation() {
    let mut database = database();
    for version in ["1.2", "10.0", "1.10", "2.0"] {
        database.insert("programs", &row(&[("version", SqlValue::from(version))])).unwrap();
    }
    let rows = database.query("SELECT version FROM programs ORDER BY version").unwrap();
    let versions: Vec<_> = rows.iter().filter_map(|row| row.get("version")?.as_text()).collect();
    assert_eq!(versions, ["1.2", "1.10", "2.0", "10.0"]);
}

#[test]
fn columns_not_given_are_empty_text_or_null() {
    let mut database = database();
    database.insert("windows_events", &row(&[("eventid", SqlValue::Int(1))])).unwrap();
    let rows = database.query("SELECT * FROM windows_events").unwrap();
    let columns: Vec<String> = rows[0].columns().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(columns, ["time=NULL", "eventid=1", "provider_guid=''", "data=''"]);
}

#[test]
fn numbers_are_cut_to_their_column_and_text_that_is_none_becomes_null() {
    assert_eq!(ColumnType::Integer.store(SqlValue::Int(1 << 32 | 5)), SqlValue::Int(5));
    assert_eq!(ColumnType::Integer.store(SqlValue::Int(0x8000_0000)), SqlValue::Int(-2_147_483_648));
    assert_eq!(ColumnType::BigInt.store(SqlValue::Int(1 << 32)), SqlValue::Int(1 << 32));
    assert_eq!(ColumnType::BigInt.store(SqlValue::from("0x10")), SqlValue::Int(16));
    assert_eq!(ColumnType::BigInt.store(SqlValue::from("-")), SqlValue::Null);
    assert_eq!(ColumnType::Text.store(SqlValue::Int(7)), SqlValue::from("7"));
    assert_eq!(ColumnType::Double.store(SqlValue::from("1.5")), SqlValue::Real(1.5));
}

#[test]
fn rows_go_to_declared_tables_and_columns_only() {
    let mut database = database();
    assert_eq!(database.insert("nope", &[]), Err(SqlError::UnknownTable("nope".to_owned())));
    assert_eq!(
        database.insert("programs", &row(&[("name", SqlValue::from("x"))])),
        Err(SqlError::UnknownColumn { table: "programs".to_owned(), column: "name".to_owned() })
    );
}

#[test]
fn the_clock_is_one_row() {
    let mut database = database();
    database.set_time(0).unwrap();
    database.set_time(1_767_607_200).unwrap();
    let rows = database.query("SELECT * FROM time").unwrap();
    assert_eq!(rows.len(), 1);
    let columns: Vec<String> = rows[0].columns().map(|(name, value)| format!("{name}={value}")).collect();
    insta::assert_snapshot!(columns.join("\n"), @"
    unix_time=1767607200
    iso_8601='2026-01-05T10:00:00Z'
    weekday='Monday'
    timestamp='Mon Jan  5 10:00:00 2026 UTC'
    win_timestamp=134120808000000000
    ");
}

#[test]
fn clear_takes_out_every_row() {
    let mut database = database();
    database.insert("programs", &row(&[("version", SqlValue::from("1"))])).unwrap();
    database.clear().unwrap();
    assert_eq!(database.query("SELECT * FROM programs"), Ok(Vec::new()));
}

#[test]
fn operators_are_those_of_osquery() {
    insta::assert_snapshot!(show(&[
        "'CMD' LIKE 'c_d'",
        "'É' LIKE 'é'",
        "'CMD' GLOB 'c*'",
        "'a' = 'A'",
        "('a' LIKE NULL) IS NOT TRUE",
        "NOT (NULL LIKE 'x')",
        r#"json_extract('{"EventData":{"Image":"a"}}', '$.EventData.Image')"#,
        "'a' REGEXP 'a'",
    ]), @r#"
    'CMD' LIKE 'c_d' = 1
    'É' LIKE 'é' = 0
    'CMD' GLOB 'c*' = 0
    'a' = 'A' = 0
    ('a' LIKE NULL) IS NOT TRUE = 1
    NOT (NULL LIKE 'x') = NULL
    json_extract('{"EventData":{"Image":"a"}}', '$.EventData.Image') = 'a'
    'a' REGEXP 'a' ! the query failed: no such function: REGEXP
    "#);
}

#[test]
fn a_column_declared_nocase_ignores_letter_case() {
    let mut database = database();
    database.insert("windows_events", &row(&[("provider_guid", SqlValue::from("{AB}"))])).unwrap();
    let found = |sql: &str| database.query(sql).unwrap().len();
    assert_eq!(found("SELECT 1 FROM windows_events WHERE provider_guid = '{ab}'"), 1);
    assert_eq!(found("SELECT 1 FROM windows_events WHERE provider_guid IN ('{ab}')"), 1);
}

#[test]
fn a_query_may_only_read() {
    let database = database();
    for sql in [
        "ATTACH ':memory:' AS other",
        "PRAGMA case_sensitive_like = 1",
        "CREATE TABLE t (x)",
        "DELETE FROM programs",
        "INSERT INTO programs VALUES ('1')",
        "SELECT octet_length('a')",
        "SELECT load_extension('x')",
    ] {
        assert!(matches!(database.query(sql), Err(SqlError::Denied(_))), "{sql}: {:?}", database.query(sql));
    }
}

#[test]
fn malformed_queries_fail_with_a_message() {
    let database = database();
    for sql in [
        "",
        "SELECT",
        "SELECT 1; SELECT 2",
        "SELECT nope FROM programs",
        "SELECT \"nope\"",
        "SELECT * FROM nope",
        "SELECT sha512('a')",
        "SELECT split('a')",
        "SELECT ?",
    ] {
        let outcome = database.query(sql);
        assert!(matches!(outcome, Err(SqlError::Failed(_))), "{sql}: {outcome:?}");
    }
}

#[test]
fn an_endless_query_is_stopped_and_the_next_one_runs() {
    let database = database();
    let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n";
    assert!(matches!(database.query(endless), Err(SqlError::OutOfSteps(_))));
    assert_eq!(database.query("SELECT 1").map(|rows| rows.len()), Ok(1));
}

#[test]
fn too_many_rows_are_an_error() {
    let database = database();
    let many = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n";
    assert_eq!(database.query(many), Err(SqlError::TooManyRows(100_000)));
}
