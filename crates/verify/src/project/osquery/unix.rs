//! Rows of the event tables of osquery on Linux (the audit system, inotify, the system log) and macOS (Endpoint
//! Security), from what Sigma and ECS say of an event, by Sigma's names.

use std::net::IpAddr;

use serde_json::{Map, Value};

use super::ecs_unix::ENVIRONMENT;
use super::{Row, eid};
use crate::project::facts::instant;
use crate::project::{NotRecordable, absent, inexpressible};
use crate::sqlite::SqlValue;

/// When an event without time happened, in seconds.
const SOME_TIME: i64 = 1_767_225_600;

/// Numbers where an event gives none.
const SOME_PID: i64 = 4_242;
const SOME_PARENT: i64 = 1_234;

/// What an event says.
struct Told<'a> {
    fields: &'a Map<String, Value>,
    place: usize,
    time: i64,
}

/// The rows of an event of Linux.
pub(super) fn linux(
    fields: &Map<String, Value>,
    category: Option<&str>,
    place: usize,
) -> Result<Vec<Row>, NotRecordable> {
    let told = Told::of(fields, place)?;
    match category {
        Some("process_creation") => told.audited_start(),
        Some("network_connection") => told.connection(),
        Some("file_event") => told.changed_file("CREATED", told.one_of(["open+truncate", "write"])),
        Some("file_delete") => told.changed_file("DELETED", "unlink"),
        None => told.line(),
        Some(_) => Err(absent("osquery has no event table for it on linux")),
    }
}

/// The rows of an event of macOS.
pub(super) fn macos(
    fields: &Map<String, Value>,
    category: Option<&str>,
    place: usize,
) -> Result<Vec<Row>, NotRecordable> {
    let told = Told::of(fields, place)?;
    match category {
        Some("process_creation") => told.secured_process("exec"),
        Some("process_termination") => told.secured_process("exit"),
        Some("file_event") => told.secured_file("create"),
        _ => Err(absent("osquery has no event table for it on macos")),
    }
}

impl<'a> Told<'a> {
    fn of(fields: &'a Map<String, Value>, place: usize) -> Result<Self, NotRecordable> {
        let time = match fields.get("@timestamp") {
            Some(time) => {
                let text = time.as_str().map_or_else(|| time.to_string(), str::to_owned);
                let instant = instant(&text).ok_or_else(|| inexpressible("`@timestamp` is no date"))?;
                instant.as_second()
            }
            None => SOME_TIME,
        };
        Ok(Self { fields, place, time })
    }

    /// The text of a field; none where the event does not have it or has it empty.
    fn text(&self, name: &str) -> Result<Option<String>, NotRecordable> {
        match self.fields.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => {
                Err(inexpressible(format!("the tables of osquery do not tell an empty `{name}` from none")))
            }
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(Value::Bool(value)) => Ok(Some(value.to_string())),
            Some(_) => Err(inexpressible(format!("`{name}` is no text"))),
        }
    }

    fn number(&self, name: &str) -> Result<Option<i64>, NotRecordable> {
        let text = self.text(name)?;
        let number = text.map(|text| text.parse()).transpose();
        number.map_err(|_| inexpressible(format!("`{name}` is no number")))
    }

    /// One of two ways in which the same can happen: nothing in an event tells which, and events of a stream differ.
    fn one_of<T: Copy>(&self, ways: [T; 2]) -> T {
        let [even, odd] = ways;
        if self.place.is_multiple_of(2) { even } else { odd }
    }

    fn columns(&self) -> Vec<(&'static str, SqlValue)> {
        vec![("time", SqlValue::Int(self.time)), ("eid", eid(self.place))]
    }

    /// Columns that have the text of a field.
    fn add(
        &self,
        columns: &mut Vec<(&'static str, SqlValue)>,
        pairs: &[(&'static str, &str)],
    ) -> Result<(), NotRecordable> {
        for (column, name) in pairs {
            columns.extend(self.text(name)?.map(|text| (*column, SqlValue::Text(text))));
        }
        Ok(())
    }

    /// The numbers of the process and of its parent, and the parent as it still runs.
    fn numbers(&self, columns: &mut Vec<(&'static str, SqlValue)>) -> Result<Option<Row>, NotRecordable> {
        let pid = self.number("ProcessId")?.unwrap_or(SOME_PID);
        let parent = self.number("ParentProcessId")?.unwrap_or(SOME_PARENT);
        columns.extend([("pid", SqlValue::Int(pid)), ("parent", SqlValue::Int(parent))]);
        let mut running = vec![("pid", SqlValue::Int(parent))];
        self.add(&mut running, &[("path", "ParentImage"), ("cmdline", "ParentCommandLine")])?;
        if running.len() > 1 && pid == parent {
            return Err(inexpressible("a process is its own parent"));
        }
        Ok((running.len() > 1).then(|| Row::computed("processes", &["pid"], self.place, running)))
    }

    /// The folder without its last separator.
    fn folder(&self, columns: &mut Vec<(&'static str, SqlValue)>) -> Result<(), NotRecordable> {
        let folder = self.text("CurrentDirectory")?;
        let folder = folder.map(|folder| match folder.strip_suffix('/').filter(|bare| !bare.is_empty()) {
            Some(bare) => bare.to_owned(),
            None => folder,
        });
        columns.extend(folder.map(|folder| ("cwd", SqlValue::Text(folder))));
        Ok(())
    }

    /// The account with the number that the row has.
    fn account(&self, uid: i64) -> Result<Option<Row>, NotRecordable> {
        let name = self.text("User")?;
        let columns = |name| vec![("uid", SqlValue::Int(uid)), ("username", SqlValue::Text(name))];
        Ok(name.map(|name| Row::computed("users", &["uid"], self.place, columns(name))))
    }

    fn digests(&self) -> Result<Option<Row>, NotRecordable> {
        let Some(path) = self.text("Image")? else { return Ok(None) };
        let mut columns = vec![("path", SqlValue::Text(path))];
        self.add(&mut columns, &[("md5", "md5"), ("sha1", "sha1"), ("sha256", "sha256")])?;
        Ok((columns.len() > 1).then(|| Row::computed("hash", &["path"], self.place, columns)))
    }

    /// The process as it still runs in a container, whose control group is called after it.
    fn contained(&self, pid: i64) -> Result<Option<Row>, NotRecordable> {
        let Some(container) = self.text("ContainerId")? else { return Ok(None) };
        let group = SqlValue::Text(format!("/system.slice/docker-{container}.scope"));
        let mut running = vec![("pid", SqlValue::Int(pid)), ("cgroup_path", group)];
        self.add(&mut running, &[("path", "Image"), ("cmdline", "CommandLine")])?;
        Ok(Some(Row::computed("processes", &["pid"], self.place, running)))
    }

    /// The variables of the process as it still runs, each as `name=value`.
    fn environment(&self, pid: i64) -> Result<Vec<Row>, NotRecordable> {
        let row = |variable: &Value| {
            let Some((name, value)) = variable.as_str().and_then(|text| text.split_once('=')) else {
                return Err(inexpressible("a variable of the environment is no name with a value"));
            };
            let columns = vec![
                ("pid", SqlValue::Int(pid)),
                ("key", SqlValue::from(name)),
                ("value", SqlValue::from(value)),
            ];
            Ok(Row::computed("process_envs", &["pid", "key"], self.place, columns))
        };
        let variables = self.fields.get(ENVIRONMENT).and_then(Value::as_array);
        variables.into_iter().flatten().map(row).collect()
    }

    fn audited_start(&self) -> Result<Vec<Row>, NotRecordable> {
        // Where it is not told, one number for each event, so that accounts do not mix.
        let uid = self.number("euid")?.unwrap_or(i64::try_from(self.place).unwrap_or(0) + 1_000);
        let mut columns = self.columns();
        columns.extend([
            ("syscall", SqlValue::from(self.one_of(["execve", "execveat"]))),
            ("euid", SqlValue::Int(uid)),
        ]);
        self.add(&mut columns, &[("path", "Image"), ("cmdline", "CommandLine"), ("auid", "LogonId")])?;
        self.add(&mut columns, &[("uid", "uid"), ("egid", "egid"), ("gid", "gid")])?;
        self.folder(&mut columns)?;
        let parent = self.numbers(&mut columns)?;
        let mut rows = vec![Row::event("process_events", self.place, columns)];
        rows.extend(parent);
        let pid = self.number("ProcessId")?.unwrap_or(SOME_PID);
        rows.extend(self.contained(pid)?);
        rows.extend(self.environment(pid)?);
        rows.extend(self.account(uid)?);
        rows.extend(self.digests()?);
        Ok(rows)
    }

    fn connection(&self) -> Result<Vec<Row>, NotRecordable> {
        if self.text("Initiated")?.is_some_and(|initiated| !initiated.eq_ignore_ascii_case("true")) {
            return Err(absent("what others open is another event"));
        }
        let mut columns = self.columns();
        let address = self.text("DestinationIp")?;
        let six = match address.as_deref().map(str::parse::<IpAddr>) {
            None => false,
            Some(Ok(address)) => address.is_ipv6(),
            Some(Err(_)) => return Err(inexpressible("`DestinationIp` is no address")),
        };
        columns.push(("action", SqlValue::from("connect")));
        columns.push(("family", SqlValue::Int(if six { 10 } else { 2 })));
        self.add(
            &mut columns,
            &[
                ("path", "Image"),
                ("pid", "ProcessId"),
                ("remote_address", "DestinationIp"),
                ("remote_port", "DestinationPort"),
            ],
        )?;
        Ok(vec![Row::event("socket_events", self.place, columns)])
    }

    /// A file is told by inotify, and by the audit system with the process.
    fn changed_file(&self, action: &str, operation: &str) -> Result<Vec<Row>, NotRecordable> {
        let mut watched = self.columns();
        watched.push(("action", SqlValue::from(action)));
        self.add(&mut watched, &[("target_path", "TargetFilename")])?;
        let mut audited = self.columns();
        audited.push(("operation", SqlValue::from(operation)));
        let uid = self.number("euid")?.unwrap_or(i64::try_from(self.place).unwrap_or(0) + 1_000);
        audited.push(("euid", SqlValue::Text(uid.to_string())));
        self.add(&mut audited, &[("path", "TargetFilename"), ("executable", "Image"), ("pid", "ProcessId")])?;
        let mut rows = vec![
            Row::event("file_events", self.place, watched),
            Row::event("process_file_events", self.place, audited),
        ];
        rows.extend(self.account(uid)?);
        Ok(rows)
    }

    /// A line of a log is one text.
    fn line(&self) -> Result<Vec<Row>, NotRecordable> {
        let outside = ["@timestamp", "logsource", "Computer", "hostname"];
        let mut texts = Vec::new();
        for name in self.fields.keys().filter(|name| !outside.contains(&name.as_str())) {
            texts.extend(self.text(name)?);
        }
        let [message] = texts.as_slice() else {
            return Err(inexpressible("a line of the system log is one text"));
        };
        let mut columns = self.columns();
        columns.push(("message", SqlValue::from(message.as_str())));
        Ok(vec![Row::event("syslog_events", self.place, columns)])
    }

    fn secured_process(&self, kind: &str) -> Result<Vec<Row>, NotRecordable> {
        let mut columns = self.columns();
        columns.push(("event_type", SqlValue::from(kind)));
        if let Some(line) = self.text("CommandLine")? {
            // osquery quotes arguments again and puts a blank behind each.
            if line.ends_with(' ') || line.contains(['"', '\'']) {
                return Err(inexpressible("osquery writes the quotes of a command line in its own way"));
            }
            columns.push(("cmdline", SqlValue::Text(format!("{line} "))));
        }
        self.add(
            &mut columns,
            &[("path", "Image"), ("username", "User"), ("uid", "euid"), ("egid", "egid")],
        )?;
        self.folder(&mut columns)?;
        let parent = self.numbers(&mut columns)?;
        let mut rows = vec![Row::event("es_process_events", self.place, columns)];
        rows.extend(parent);
        rows.extend(self.digests()?);
        Ok(rows)
    }

    fn secured_file(&self, kind: &str) -> Result<Vec<Row>, NotRecordable> {
        let mut columns = self.columns();
        columns.push(("event_type", SqlValue::from(kind)));
        self.add(&mut columns, &[("filename", "TargetFilename"), ("path", "Image")])?;
        let parent = self.numbers(&mut columns)?;
        let mut rows = vec![Row::event("es_process_file_events", self.place, columns)];
        rows.extend(parent);
        Ok(rows)
    }
}
