//! What follows from a value of an event that was changed, so that the event still is one.

use serde_json::Value;

use crate::diff::{put, remove, value_at};
use crate::project::paths::{extension, file_name};
use crate::project::{ACCOUNTS, HOST_NAMES, SOME_CONTAINER, command_line, is_container};

/// Brings what follows from the field at a path in line with it. Whether there is anything.
pub(super) fn agreed(event: &mut Value, changed: &str) -> bool {
    let Some((thing, part)) = changed.rsplit_once('.') else { return false };
    match (thing, part) {
        ("process" | "process.parent", "args") => command_of(event, thing),
        ("process" | "process.parent", "command_line") => arguments_of(event, thing),
        ("process" | "process.parent", "executable") => names(event, thing, "executable"),
        ("process" | "process.parent", "name") => path_of(event, thing, "executable"),
        ("file" | "dll", "path") => names(event, thing, "path"),
        ("file" | "dll", "name") => path_of(event, thing, "path") && names(event, thing, "path"),
        ("source" | "destination", "ip") => family(event, changed),
        ("registry", "path") => registry_parts(event),
        ("registry", "value") => registry_path(event) && registry_parts(event),
        _ => false,
    }
}

/// The stream with events as sources record them: names are those of paths, arguments those of command lines, accounts
/// have a domain. Where two fields contradict each other, the one or the other is taken.
pub(crate) fn in_line(events: &[Value]) -> Vec<Vec<Value>> {
    let mut found: Vec<Vec<Value>> = Vec::new();
    for longer in [false, true] {
        let mut stream = events.to_vec();
        stream.iter_mut().filter(|event| read(event, "host.os.type").is_some()).for_each(|event| {
            put_in_line(event, longer);
        });
        hosts_in_line(&mut stream);
        if stream != events && !found.contains(&stream) {
            found.push(stream);
        }
    }
    found
}

/// `longer`: a command line keeps what it has, and gets the arguments beside.
fn put_in_line(event: &mut Value, longer: bool) {
    for process in ["process", "process.parent"] {
        as_many_as_counted(event, process);
        arguments_in_line(event, process, longer);
        path_in_line(event, process, "executable");
    }
    if longer && read(event, "file.extension").is_none() {
        without_extension(event);
    }
    for thing in ["file", "dll"] {
        path_in_line(event, thing, "path");
    }
    registry_in_line(event, longer);
    as_agents_write(event);
    account_in_line(event);
    container_in_line(event);
    action_in_line(event);
    let (name, domain) = (text(event, "user.name"), text(event, "user.domain"));
    match (name, domain) {
        (Some(_), None) => write(event, "user.domain", Value::from("EXAMPLE")),
        (None, Some(_)) => write(event, "user.name", Value::from("alice")),
        _ => {}
    }
    one_family(event, if longer { ["source.ip", "destination.ip"] } else { ["destination.ip", "source.ip"] });
}

/// What agents on systems other than Windows say was done, by the category and type of an event.
const ACTIONS: &[(&str, &str, &str)] = &[
    ("process", "start", "exec"),
    ("process", "end", "end"),
    ("network", "start", "connection_attempted"),
    ("file", "creation", "creation"),
    ("file", "deletion", "deletion"),
];

/// Says what was done, where the rule leaves that open.
fn action_in_line(event: &mut Value) {
    if on_windows(event) || read(event, "event.action").is_some() {
        return;
    }
    let (category, kind) = (text(event, "event.category"), text(event, "event.type"));
    let known = ACTIONS
        .iter()
        .find(|(known, of_kind, _)| category.as_deref() == Some(*known) && kind.as_deref() == Some(*of_kind));
    if let Some((.., action)) = known {
        write(event, "event.action", Value::from(*action));
    }
}

/// Gives the accounts that every system has their own names.
fn account_in_line(event: &mut Value) {
    let id = text(event, "user.id");
    if on_windows(event) {
        let known = ACCOUNTS.iter().find(|(known, ..)| id.as_deref() == Some(*known));
        if let Some((_, name, domain)) = known {
            write(event, "user.name", Value::from(*name));
            write(event, "user.domain", Value::from(*domain));
        }
    } else if id.as_deref() == Some("0") && read(event, "user.name").is_some() {
        write(event, "user.name", Value::from("root"));
    }
}

/// Writes folders and integrity levels as agents on Windows do.
fn as_agents_write(event: &mut Value) {
    const LEVEL: &str = "process.Ext.token.integrity_level_name";
    if let Some(level) = text(event, LEVEL) {
        write(event, LEVEL, Value::from(level.to_ascii_lowercase()));
    }
    let folder = text(event, "process.working_directory").filter(|_| on_windows(event));
    if let Some(folder) = folder.filter(|folder| !folder.ends_with('\\')) {
        write(event, "process.working_directory", Value::from(format!("{folder}\\")));
    }
}

/// Gives a container the number that its control group is called after.
fn container_in_line(event: &mut Value) {
    if text(event, "container.id").is_some_and(|id| !is_container(&id)) {
        write(event, "container.id", Value::from(SOME_CONTAINER));
    }
}

/// Makes hosts that have one name different from that of the first event different in all of their names.
fn hosts_in_line(stream: &mut [Value]) {
    let Some((first, behind)) = stream.split_first_mut() else { return };
    for event in behind {
        let names: Vec<(&str, String, bool)> = HOST_NAMES
            .iter()
            .filter_map(|path| {
                let own = text(event, path)?;
                let same = own == text(first, path)?;
                Some((*path, own, same))
            })
            .collect();
        if names.iter().any(|(.., same)| !same) {
            for (path, own, _) in names.iter().filter(|(.., same)| *same) {
                write(event, path, Value::from(format!("{own}-2")));
            }
        }
    }
}

/// Makes the second of two addresses one of the family of the first.
fn one_family(event: &mut Value, [first, second]: [&str; 2]) {
    let address = |event: &Value, path: &str| text(event, path)?.parse::<std::net::IpAddr>().ok();
    let (known, other) = (address(event, first), address(event, second));
    if let (Some(known), Some(other)) = (known, other)
        && known.is_ipv6() != other.is_ipv6()
    {
        write(event, second, Value::from(if known.is_ipv6() { "fd00::7" } else { "10.9.8.7" }));
    }
    for end in [first, second] {
        if read(event, end).is_some() {
            family(event, end);
        }
    }
}

fn arguments_in_line(event: &mut Value, process: &str, longer: bool) {
    let args = read(event, &format!("{process}.args"));
    let path = format!("{process}.command_line");
    match (args, text(event, &path)) {
        (None, None) => {}
        (None, Some(_)) => {
            arguments_of(event, process);
        }
        (Some(_), None) => {
            command_of(event, process);
        }
        (Some(args), Some(line)) => {
            if is_line_of(event, &line, args) {
                let count = args.as_array().map_or(1, Vec::len);
                counted(event, process, count);
                return;
            }
            command_of(event, process);
            if let Some(more) = text(event, &path).filter(|_| longer) {
                write(event, &path, Value::from(format!("{line} {more}")));
                arguments_of(event, process);
            }
        }
    }
}

/// Gives a process as many arguments as are counted, where that is more than it has.
fn as_many_as_counted(event: &mut Value, process: &str) {
    let counted = read(event, &format!("{process}.args_count")).and_then(Value::as_u64);
    let mut words: Vec<Value> = match read(event, &format!("{process}.args")) {
        Some(Value::Array(items)) => items.clone(),
        Some(word @ Value::String(_)) => vec![word.clone()],
        _ => return,
    };
    let Some(wanted) = counted.and_then(|counted| usize::try_from(counted).ok()) else { return };
    if words.len() < wanted && wanted <= MAX_ARGUMENTS {
        words.resize(wanted, Value::from("x"));
        write(event, &format!("{process}.args"), Value::from(words));
        command_of(event, process);
    }
}

/// The most arguments that are made to be counted.
const MAX_ARGUMENTS: usize = 64;

fn path_in_line(event: &mut Value, thing: &str, path: &str) {
    let name = text(event, &format!("{thing}.name"));
    let whole = text(event, &format!("{thing}.{path}"));
    let folder = if on_windows(event) { "C:\\Windows\\System32\\" } else { "/usr/bin/" };
    match (name, whole) {
        (None, None) => {}
        (Some(name), None) => {
            write(event, &format!("{thing}.{path}"), Value::from(format!("{folder}{name}")));
        }
        (_, Some(whole)) if !whole.is_empty() && !whole.contains(['\\', '/']) => {
            write(event, &format!("{thing}.{path}"), Value::from(format!("{folder}{whole}")));
        }
        (Some(name), Some(whole)) if file_name(&whole) != name => {
            path_of(event, thing, path);
        }
        (_, Some(whole)) if !is_whole(&whole) => {
            let root = if on_windows(event) { "C:\\" } else { "/" };
            write(event, &format!("{thing}.{path}"), Value::from(format!("{root}{whole}")));
        }
        (_, Some(_)) => {}
    }
    let extension = text(event, "file.extension").filter(|_| thing == "file");
    if let (Some(extension), Some(whole)) = (extension, text(event, &format!("{thing}.{path}")))
        && !whole.ends_with(&format!(".{extension}"))
    {
        write(event, &format!("{thing}.{path}"), Value::from(format!("{whole}.{extension}")));
    }
    if read(event, &format!("{thing}.{path}")).is_some() {
        names(event, thing, path);
    }
}

/// Whether a path begins where paths begin.
fn is_whole(path: &str) -> bool {
    path.is_empty() || path.starts_with(['\\', '/']) || path.get(1..3) == Some(":\\")
}

/// Takes the extension of a file away.
fn without_extension(event: &mut Value) {
    for path in ["file.path", "file.name"] {
        let whole = text(event, path).unwrap_or_default();
        let name = file_name(&whole);
        let extension =
            name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, extension)| extension);
        let without = extension.and_then(|extension| whole.strip_suffix(extension)?.strip_suffix('.'));
        if let Some(without) = without {
            write(event, path, Value::from(without));
        }
    }
}

/// Gives a value of the registry the path that ends with it, or the path the value that it ends with.
fn registry_in_line(event: &mut Value, by_path: bool) {
    let has = |path: &str| read(event, path).is_some();
    let keeps = has("registry.path") && (by_path || !has("registry.value"));
    if keeps || registry_path(event) {
        registry_parts(event);
    }
}

/// The path that ends with the value of the registry. Whether there is one.
fn registry_path(event: &mut Value) -> bool {
    let Some(value) = text(event, "registry.value").filter(|value| !value.is_empty()) else { return false };
    let path = text(event, "registry.path").unwrap_or_default();
    let key = path.rsplit_once('\\').map_or("HKEY_LOCAL_MACHINE\\Software\\Example", |(key, _)| key);
    let whole = format!("{key}\\{value}");
    write(event, "registry.path", Value::from(whole));
    true
}

/// What follows from a path of the registry, where events tell it.
fn registry_parts(event: &mut Value) -> bool {
    let Some(path) = text(event, "registry.path") else { return false };
    let (key, value) = path.rsplit_once('\\').unwrap_or_default();
    let (hive, key) = key.split_once('\\').unwrap_or_default();
    // Events that make and delete keys name no value.
    if read(event, "registry.value").is_some() || text(event, "event.type").as_deref() == Some("change") {
        write(event, "registry.value", Value::from(value));
    }
    for (name, part) in [("registry.hive", hive), ("registry.key", key)] {
        if read(event, name).is_some() {
            write(event, name, Value::from(part));
        }
    }
    true
}

/// Whether a command line is that of these arguments. Windows takes arguments from lines; elsewhere lines are arguments
/// with blanks between them, and there may be blanks in them too.
fn is_line_of(event: &Value, line: &str, args: &Value) -> bool {
    let words = || args.as_array().map(|items| items.iter().filter_map(Value::as_str).collect::<Vec<_>>());
    match on_windows(event) {
        true => Value::from(command_line::arguments(line).unwrap_or_default()) == *args,
        false => words().is_some_and(|words| words.join(" ") == line),
    }
}

/// Gives the thing that a name or extension is of another path, and what follows from it. Whether it has any.
pub(super) fn moved(event: &mut Value, named: &str, path: &str) -> bool {
    let Some((thing, "name" | "extension")) = named.rsplit_once('.') else { return false };
    let field = match thing {
        "process" | "process.parent" => "executable",
        "file" | "dll" => "path",
        _ => return false,
    };
    write(event, &format!("{thing}.{field}"), Value::from(path));
    names(event, thing, field)
}

/// The keys that lead to a field, as nested objects or dotted names; none where it is an object with members.
fn find(event: &Value, path: &str) -> Option<Vec<String>> {
    let members = event.as_object()?;
    let is_value = |node: &Value| node.as_object().is_none_or(serde_json::Map::is_empty);
    if members.get(path).is_some_and(is_value) {
        return Some(vec![path.to_owned()]);
    }
    path.match_indices('.').find_map(|(dot, _)| {
        let (key, rest) = path.split_at_checked(dot)?;
        let mut below = find(members.get(key)?, rest.strip_prefix('.')?)?;
        below.insert(0, key.to_owned());
        Some(below)
    })
}

/// The value of a field where [`find`] finds it.
fn read<'e>(event: &'e Value, path: &str) -> Option<&'e Value> {
    let members = event.as_object()?;
    let is_value = |node: &&Value| node.as_object().is_none_or(serde_json::Map::is_empty);
    if let Some(value) = members.get(path).filter(is_value) {
        return Some(value);
    }
    path.match_indices('.').find_map(|(dot, _)| {
        let (key, rest) = path.split_at_checked(dot)?;
        read(members.get(key)?, rest.strip_prefix('.')?)
    })
}

fn text(event: &Value, path: &str) -> Option<String> {
    read(event, path)?.as_str().map(str::to_owned)
}

/// Writes a value where the event has the field, else into the objects of its path; null for none.
fn write(event: &mut Value, path: &str, value: Value) {
    let place = find(event, path);
    match (place, value) {
        (Some(place), Value::Null) => {
            remove(event, &place);
        }
        (Some(place), value) => {
            if let Some(slot) = value_at(event, &place) {
                *slot = value;
            }
        }
        (None, Value::Null) => {}
        (None, value) => put(event, &path.split('.').map(str::to_owned).collect::<Vec<_>>(), value),
    }
}

fn on_windows(event: &Value) -> bool {
    text(event, "host.os.type").is_none_or(|system| system == "windows")
}

/// The command line that has just these arguments.
fn command_of(event: &mut Value, process: &str) -> bool {
    let args = read(event, &format!("{process}.args"));
    let words: Vec<&str> = match args {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(word)) => vec![word],
        _ => Vec::new(),
    };
    let windows = on_windows(event);
    let quoted = |word: &&str| match windows && (word.contains([' ', '\t', '"']) || word.is_empty()) {
        true => format!("\"{}\"", word.replace('"', "\\\"")),
        false => (*word).to_owned(),
    };
    let line = words.iter().map(quoted).collect::<Vec<_>>().join(" ");
    let line = if words.is_empty() { Value::Null } else { Value::from(line) };
    let count = words.len();
    write(event, &format!("{process}.command_line"), line);
    counted(event, process, count);
    // What is quoted in another way is other words.
    if windows { arguments_of(event, process) } else { true }
}

fn arguments_of(event: &mut Value, process: &str) -> bool {
    let line = text(event, &format!("{process}.command_line"));
    let path = format!("{process}.args");
    if process != "process" && read(event, &path).is_none() {
        return false;
    }
    let words = match line {
        None => None,
        Some(line) if on_windows(event) => command_line::arguments(&line),
        Some(line) => Some(line.split(' ').map(str::to_owned).collect()),
    };
    let count = words.as_ref().map_or(0, Vec::len);
    write(event, &path, words.map_or(Value::Null, Value::from));
    counted(event, process, count);
    true
}

fn counted(event: &mut Value, process: &str, count: usize) {
    let path = format!("{process}.args_count");
    if read(event, &path).is_some() {
        write(event, &path, if count == 0 { Value::Null } else { Value::from(count) });
    }
}

/// The name, and of a file the extension, that a path has.
fn names(event: &mut Value, thing: &str, path: &str) -> bool {
    let path = text(event, &format!("{thing}.{path}"));
    let name = path.as_deref().map(file_name).filter(|name| !name.is_empty());
    let value = |text: Option<&str>| text.map_or(Value::Null, Value::from);
    write(event, &format!("{thing}.name"), value(name));
    if thing == "file" {
        write(event, "file.extension", value(name.and_then(extension)));
    }
    true
}

/// The path with another name at its end.
fn path_of(event: &mut Value, thing: &str, path: &str) -> bool {
    let path = format!("{thing}.{path}");
    let Some(name) = text(event, &format!("{thing}.name")).filter(|name| !name.is_empty()) else {
        write(event, &path, Value::Null);
        return true;
    };
    let Some(old) = text(event, &path) else { return false };
    let folder = old.strip_suffix(file_name(&old)).unwrap_or_default();
    let whole = format!("{folder}{name}");
    write(event, &path, Value::from(whole));
    true
}

fn family(event: &mut Value, changed: &str) -> bool {
    let address = text(event, changed).and_then(|text| text.parse::<std::net::IpAddr>().ok());
    let kind = address.map(|address| if address.is_ipv6() { "ipv6" } else { "ipv4" });
    write(event, "network.type", kind.map_or(Value::Null, Value::from));
    true
}
