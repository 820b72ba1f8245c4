//! Values of fields: what each is made from.

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::{EXTENSION, Os, Scene};

/// How a value is made. Names of fields are those that it is made from, if they have values.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(&'static str),
    Number(i64),
    Os,
    HostName,
    /// An id that is the same for everything of the host.
    HostId(&'static str),
    UserName,
    UserId,
    /// `DOMAIN\name`.
    Account,
    /// The path of a program whose name stands in a field; else the usual program of that kind.
    Program(&'static str, Kind),
    /// The path of a file whose name stands in a field.
    File(&'static str, Kind),
    NameOf(&'static str),
    ExtensionOf(&'static str),
    FolderOf(&'static str),
    /// The path of what the registry has in a hive, under a key, by a name; else the usual.
    RegistryPath,
    /// The hive of a path.
    HiveOf(&'static str),
    /// What stands between the hive and the last part of a path.
    KeyOf(&'static str),
    /// What starts the program at a path, with the arguments in a field.
    CommandOf(&'static str, &'static str),
    ArgumentsOf(&'static str),
    CountOf(&'static str),
    /// An id of the process whose executable stands in a field.
    EntityOf(&'static str),
    GuidOf(&'static str),
    /// The number of the process whose id stands in a field.
    PidOf(&'static str),
    /// Hexadecimal digits, as many.
    Digits(usize),
    /// When the stream starts, as Sysmon writes it.
    Utc,
    /// A category with the name that the rule asks for.
    Given(String),
}

/// What a path leads to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Process,
    Parent,
    Document,
    Library,
    Driver,
}

use Kind::{Document, Driver, Library, Parent, Process};
use Value as V;

/// Fields by themselves, with what is usual for each.
const FIELDS: &[(&str, Value)] = &[
    ("host.id", V::HostId("host")),
    ("host.name", V::HostName),
    ("host.hostname", V::HostName),
    ("host.os.type", V::Os),
    ("agent.id", V::HostId("agent")),
    ("agent.type", V::Text("endpoint")),
    ("event.kind", V::Text("event")),
    ("event.category", V::Text("host")),
    ("container.id", V::Text("3f8e2c1d9b7a4056e1c2d3f4a5b69788796a5b4c3d2e1f00a1b2c3d4e5f60718")),
    ("user.name", V::UserName),
    ("user.id", V::UserId),
    ("user.domain", V::Text("EXAMPLE")),
    ("process.executable", V::Program("process.name", Process)),
    ("process.name", V::NameOf("process.executable")),
    ("process.command_line", V::CommandOf("process.executable", "process.args")),
    ("process.args", V::ArgumentsOf("process.command_line")),
    ("process.args_count", V::CountOf("process.args")),
    ("process.entity_id", V::EntityOf("process.executable")),
    ("process.pid", V::PidOf("process.entity_id")),
    ("process.parent.executable", V::Program("process.parent.name", Parent)),
    ("process.parent.name", V::NameOf("process.parent.executable")),
    ("process.parent.command_line", V::CommandOf("process.parent.executable", "process.parent.args")),
    ("process.parent.args", V::ArgumentsOf("process.parent.command_line")),
    ("process.parent.entity_id", V::EntityOf("process.parent.executable")),
    ("process.parent.pid", V::PidOf("process.parent.entity_id")),
    ("process.working_directory", V::FolderOf("process.executable")),
    ("file.path", V::File("file.name", Document)),
    ("file.name", V::NameOf("file.path")),
    ("file.extension", V::ExtensionOf("file.path")),
    ("file.directory", V::FolderOf("file.path")),
    ("dll.path", V::File("dll.name", Library)),
    ("dll.name", V::NameOf("dll.path")),
    ("registry.path", V::RegistryPath),
    ("registry.hive", V::HiveOf("registry.path")),
    ("registry.key", V::KeyOf("registry.path")),
    ("registry.value", V::NameOf("registry.path")),
    ("dns.question.name", V::Text("www.example.org")),
    ("dns.question.type", V::Text("A")),
    ("destination.domain", V::Text("www.example.org")),
    ("source.ip", V::Text("10.1.2.3")),
    ("source.address", V::Text("10.1.2.3")),
    ("source.port", V::Number(51_515)),
    ("destination.ip", V::Text("203.0.113.10")),
    ("destination.address", V::Text("203.0.113.10")),
    ("destination.port", V::Number(443)),
    ("network.transport", V::Text("tcp")),
    ("network.type", V::Text("ipv4")),
    ("network.direction", V::Text("egress")),
    ("url.full", V::Text("https://www.example.org/index.html")),
    ("url.domain", V::Text("www.example.org")),
    // Names of Sigma, most of them those of Sysmon.
    ("Computer", V::HostName),
    ("ComputerName", V::HostName),
    ("User", V::Account),
    ("ParentUser", V::Account),
    ("UtcTime", V::Utc),
    ("Image", V::Program("", Process)),
    ("OriginalFileName", V::NameOf("Image")),
    ("CommandLine", V::CommandOf("Image", "")),
    ("CurrentDirectory", V::FolderOf("Image")),
    ("ProcessGuid", V::GuidOf("Image")),
    ("ProcessId", V::PidOf("ProcessGuid")),
    ("ParentImage", V::Program("", Parent)),
    ("ParentCommandLine", V::CommandOf("ParentImage", "")),
    ("ParentProcessGuid", V::GuidOf("ParentImage")),
    ("ParentProcessId", V::PidOf("ParentProcessGuid")),
    ("IntegrityLevel", V::Text("Medium")),
    ("LogonId", V::Text("0x4f2b1")),
    ("LogonGuid", V::GuidOf("User")),
    ("TerminalSessionId", V::Number(1)),
    ("Hashes", V::Digits(64)),
    ("TargetFilename", V::File("", Document)),
    ("ImageLoaded", V::File("", Library)),
    ("Signed", V::Text("true")),
    ("Signature", V::Text("Example Software")),
    ("SignatureStatus", V::Text("Valid")),
    ("TargetObject", V::Text("HKLM\\Software\\Example\\Value")),
    ("Details", V::Text("DWORD (0x00000001)")),
    ("QueryName", V::Text("www.example.org")),
    ("QueryStatus", V::Text("0")),
    ("QueryResults", V::Text("203.0.113.10")),
    ("SourceIp", V::Text("10.1.2.3")),
    ("SourcePort", V::Number(51_515)),
    ("DestinationIp", V::Text("203.0.113.10")),
    ("DestinationPort", V::Number(443)),
    ("DestinationHostname", V::Text("www.example.org")),
    ("Protocol", V::Text("tcp")),
    ("Initiated", V::Text("true")),
    ("SourceImage", V::Program("", Process)),
    ("SourceProcessGUID", V::GuidOf("SourceImage")),
    ("SourceProcessId", V::PidOf("SourceProcessGUID")),
    ("TargetImage", V::Program("", Parent)),
    ("TargetProcessGUID", V::GuidOf("TargetImage")),
    ("TargetProcessId", V::PidOf("TargetProcessGUID")),
    ("GrantedAccess", V::Text("0x1000")),
    (
        "CallTrace",
        V::Text("C:\\Windows\\SYSTEM32\\ntdll.dll+9d234|C:\\Windows\\System32\\KERNELBASE.dll+2c0fe"),
    ),
    ("StartAddress", V::Text("0x00007FF8A1C20000")),
    ("PipeName", V::Text("\\example")),
    ("EventType", V::Text("Info")),
    ("SubjectUserName", V::UserName),
    ("SubjectUserSid", V::UserId),
    ("SubjectDomainName", V::Text("EXAMPLE")),
    ("TargetUserName", V::UserName),
    ("TargetUserSid", V::UserId),
    ("TargetDomainName", V::Text("EXAMPLE")),
    ("IpAddress", V::Text("10.1.2.3")),
    ("WorkstationName", V::HostName),
    ("LogonType", V::Number(2)),
    ("ScriptBlockText", V::Text("Get-Date")),
    ("c-ip", V::Text("10.1.2.3")),
    ("c-uri", V::Text("https://www.example.org/index.html")),
    ("c-uri-query", V::Text("id=1")),
    ("cs-uri-stem", V::Text("/index.html")),
    ("cs-uri-query", V::Text("id=1")),
    ("cs-host", V::Text("www.example.org")),
    ("cs-method", V::Text("GET")),
    ("cs-user-agent", V::Text("Mozilla/5.0")),
    ("c-useragent", V::Text("Mozilla/5.0")),
    ("sc-status", V::Number(200)),
    ("src_ip", V::Text("10.1.2.3")),
    ("dst_ip", V::Text("203.0.113.10")),
    ("src_port", V::Number(51_515)),
    ("dst_port", V::Number(443)),
];

/// How the value of a field is made.
pub(super) fn find(path: &str) -> Option<&'static Value> {
    FIELDS.iter().find(|(name, _)| *name == path).map(|(_, value)| value)
}

impl Scene {
    /// Makes a value from those that are known.
    pub(super) fn make(&self, value: &Value, known: &IndexMap<String, Json>, os: Os) -> Json {
        let texts = Texts { scene: self, known, os };
        match value {
            V::Text(text) => Json::from(*text),
            V::Given(text) => Json::from(text.as_str()),
            V::Number(number) => Json::from(*number),
            V::Os => Json::from(os.name()),
            V::HostName => Json::from(format!("ws-{:04}", self.mix("host") % 10_000)),
            V::HostId(what) => Json::from(self.uuid(what)),
            V::UserName => Json::from(self.user()),
            V::UserId => Json::from(match os {
                Os::Windows => format!("S-1-5-21-1004336348-1177238915-682003330-{}", 1_001 + self.seed % 8),
                Os::Linux | Os::Macos => (1_000 + self.seed % 8).to_string(),
            }),
            V::Account if os == Os::Windows => Json::from(format!("EXAMPLE\\{}", self.user())),
            V::Account => Json::from(self.user()),
            V::ArgumentsOf(field) => Json::from(words(&texts.of(field).unwrap_or_default())),
            V::CountOf(field) => Json::from(match known.get(*field) {
                Some(Json::Array(list)) => list.len(),
                _ => 1,
            }),
            V::PidOf(field) => {
                Json::from(1_000 + self.mix(&texts.of(field).unwrap_or_default()) % 15_000 * 4)
            }
            V::Utc => {
                let start = jiff::Timestamp::from_millisecond(self.start_ms).unwrap_or_default();
                let text = format!("{start:.3}");
                Json::from(text.replace('T', " ").trim_end_matches('Z'))
            }
            V::Digits(count) => {
                let digits: String =
                    (0..4).map(|at| format!("{:016X}", self.mix(&format!("digits{at}")))).collect();
                Json::from(format!("SHA256={}", digits.chars().take(*count).collect::<String>()))
            }
            other => Json::from(texts.path(other).unwrap_or_default()),
        }
    }

    fn uuid(&self, what: &str) -> String {
        let (high, low) = (self.mix(what), self.mix(&format!("{what} again")));
        format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            high >> 32,
            high >> 16 & 0xFFFF,
            high & 0xFFF,
            low >> 48 & 0xFFF,
            low & 0xFFFF_FFFF_FFFF
        )
    }
}

/// Values that are texts made from texts.
struct Texts<'a> {
    scene: &'a Scene,
    known: &'a IndexMap<String, Json>,
    os: Os,
}

impl Texts<'_> {
    /// The text of a field: the known one, else the usual.
    fn of(&self, field: &str) -> Option<String> {
        self.given(field).or_else(|| match find(field)? {
            // What is made from a field that is made from this one ends here.
            V::NameOf(of) | V::CommandOf(of, _) => {
                let whole = self.given(of).or_else(|| self.path(find(of)?))?;
                Some(last(&whole).to_owned())
            }
            value => self.path(value),
        })
    }

    /// The text of a field that is known; the first of several.
    fn given(&self, field: &str) -> Option<String> {
        match self.known.get(field)? {
            Json::Array(list) => list.first().and_then(Json::as_str).map(str::to_owned),
            Json::String(text) => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    fn path(&self, value: &Value) -> Option<String> {
        Some(match value {
            V::Text(text) => (*text).to_owned(),
            V::Account => format!("EXAMPLE\\{}", self.scene.user()),
            V::Program(name, kind) | V::File(name, kind) => match self.given(name) {
                Some(name) => format!("{}{name}", self.folder(*kind)),
                None => format!("{}{}", self.folder(*kind), self.usual_name(*kind)),
            },
            V::RegistryPath => {
                let part = |field: &str, usual: &str| self.given(field).unwrap_or_else(|| usual.to_owned());
                let (hive, key) =
                    (part("registry.hive", "HKEY_LOCAL_MACHINE"), part("registry.key", "Software\\Example"));
                format!("{hive}\\{key}\\{}", part("registry.value", "Value"))
            }
            V::HiveOf(field) => self.of(field)?.split_once('\\')?.0.to_owned(),
            V::KeyOf(field) => {
                let path = self.of(field)?;
                let (key, _) = path.rsplit_once('\\')?;
                key.split_once('\\')?.1.to_owned()
            }
            V::NameOf(field) => last(&self.of(field)?).to_owned(),
            V::ExtensionOf(field) => {
                let path = self.of(field)?;
                let name = last(&path);
                name.rsplit_once('.').map_or("", |(_, extension)| extension).to_owned()
            }
            V::FolderOf(field) => {
                let path = self.of(field)?;
                let name = last(&path).len();
                path.get(..path.len().saturating_sub(name)).unwrap_or_default().to_owned()
            }
            V::CommandOf(program, arguments) => match self.known.get(*arguments) {
                Some(Json::Array(list)) => {
                    let words: Vec<&str> = list.iter().filter_map(Json::as_str).collect();
                    words.join(" ")
                }
                Some(Json::String(word)) => word.clone(),
                _ => {
                    let program = self.of(program)?;
                    if program.contains(' ') { format!("\"{program}\"") } else { program }
                }
            },
            V::EntityOf(field) => format!("{:016x}", self.scene.mix(&self.process(field)?)),
            V::GuidOf(field) => format!("{{{}}}", self.scene.uuid(&self.process(field)?).to_uppercase()),
            _ => return None,
        })
    }

    /// What tells a process from others: its program, so that it is the same in all events. That a parent runs the program
    /// of its child does not make them one.
    fn process(&self, program: &str) -> Option<String> {
        let own = self.of(program)?;
        let child = match program {
            "process.parent.executable" => "process.executable",
            "ParentImage" => "Image",
            _ => return Some(own),
        };
        Some(if self.of(child).as_ref() == Some(&own) { format!("parent {own}") } else { own })
    }

    /// Where things of a kind stand.
    fn folder(&self, kind: Kind) -> String {
        let user = self.scene.user();
        match (kind, self.os) {
            (Process, Os::Windows) => "C:\\Program Files\\Example\\".to_owned(),
            (Parent, Os::Windows) => "C:\\Windows\\".to_owned(),
            (Document, Os::Windows) => format!("C:\\Users\\{user}\\Documents\\"),
            (Library, Os::Windows) => "C:\\Program Files\\Example\\".to_owned(),
            (Driver, Os::Windows) => "C:\\Windows\\System32\\drivers\\".to_owned(),
            (Process | Parent, Os::Linux) => "/usr/bin/".to_owned(),
            (Document, Os::Linux) => format!("/home/{user}/"),
            (Library | Driver, Os::Linux) => "/usr/lib/".to_owned(),
            (Process, Os::Macos) => "/Applications/Example.app/Contents/MacOS/".to_owned(),
            (Parent, Os::Macos) => "/bin/".to_owned(),
            (Document, Os::Macos) => format!("/Users/{user}/Documents/"),
            (Library | Driver, Os::Macos) => "/usr/local/lib/".to_owned(),
        }
    }

    /// The usual name, with the extension that a file is to have.
    fn usual_name(&self, kind: Kind) -> String {
        let usual = self.name(kind);
        let stem = usual.rsplit_once('.').map_or(usual, |(stem, _)| stem);
        match (kind, self.known.get(EXTENSION)) {
            (Document, Some(Json::Null)) => stem.to_owned(),
            (Document, Some(Json::String(extension))) => format!("{stem}.{extension}"),
            _ => usual.to_owned(),
        }
    }

    fn name(&self, kind: Kind) -> &'static str {
        match (kind, self.os) {
            (Process, Os::Windows) => "example.exe",
            (Parent, Os::Windows) => "explorer.exe",
            (Document, Os::Windows) => "report.docx",
            (Library, Os::Windows) => "example.dll",
            (Driver, Os::Windows) => "example.sys",
            (Process, Os::Linux | Os::Macos) => "example",
            (Parent, Os::Linux) => "bash",
            (Parent, Os::Macos) => "zsh",
            (Document, Os::Linux | Os::Macos) => "report.txt",
            (Library | Driver, Os::Linux) => "libexample.so",
            (Library | Driver, Os::Macos) => "libexample.dylib",
        }
    }
}

/// The arguments of a command line; in quotes white space does not separate.
fn words(line: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let (mut quoted, mut inside) = (false, false);
    for sign in line.chars() {
        match sign {
            '"' => quoted = !quoted,
            blank if blank.is_whitespace() && !quoted => {
                inside = false;
                continue;
            }
            _ => {}
        }
        if !std::mem::replace(&mut inside, true) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| sign != '"') {
            word.push(sign);
        }
    }
    words
}

/// What stands behind the last separator of a path.
pub(crate) fn last(path: &str) -> &str {
    path.rsplit(['\\', '/']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_program_is_one_argument() {
        assert_eq!(
            words(r#""C:\Program Files\a.exe" -x "b c"d  """#),
            [r"C:\Program Files\a.exe", "-x", "b cd", ""]
        );
        assert_eq!(words("  /usr/bin/curl\t-s "), ["/usr/bin/curl", "-s"]);
        assert!(words(" ").is_empty());
    }
}
