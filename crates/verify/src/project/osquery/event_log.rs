//! Documents of ECS about records of Windows' event log other than Sysmon's, as rows of `windows_events`.
//!
//! Names of data are those of the events' manifests. Which of them becomes which field of ECS, and what the action of an
//! event is called, is what the integration `system` of Elastic documents.

use serde_json::{Map, Value};

use super::{Row, eid};
use crate::project::facts::{host, instant};
use crate::project::fields::Fields;
use crate::project::{Faith, NotRecordable, inexpressible, sysmon};
use crate::sqlite::SqlValue;

mod audit;

use audit::{Audited, Form};

const SECURITY: &str = "Security";

/// Who writes to the audit log; of its own fate the log itself does.
const AUDITORS: &[&str] = &["Microsoft-Windows-Security-Auditing", "Microsoft-Windows-Eventlog"];

/// The log that a provider writes to, where it writes to one.
const LOGS: &[(&str, &str)] = &[
    ("Service Control Manager", "System"),
    ("Microsoft-Windows-PowerShell", "Microsoft-Windows-PowerShell/Operational"),
    ("Microsoft-Windows-TaskScheduler", "Microsoft-Windows-TaskScheduler/Operational"),
    ("Microsoft-Windows-Windows Defender", "Microsoft-Windows-Windows Defender/Operational"),
];

/// A field whose datum documents keep, which is missed only by rules that ask for it.
const LOGON_ID: &str = "winlog.logon.id";

/// What events of a record say of it.
const OUTCOMES: &[(&str, &str)] = &[("success", "0x8020000000000000"), ("failure", "0x8010000000000000")];

/// A record in the making.
struct Record<'f> {
    fields: &'f Fields,
    code: i64,
    data: Vec<(String, String)>,
    faith: Faith,
}

/// The row of a document, and the host it is of; none for a document that tells of no such record.
///
/// # Errors
/// No single record says what the document says.
pub(super) fn row(
    fields: &Fields,
    place: usize,
    faith: Faith,
) -> Result<Option<(Row, String)>, NotRecordable> {
    if fields.one("host.os.type")? != Some("windows") {
        return Ok(None);
    }
    let Some((code, channel)) = told(fields)? else { return Ok(None) };
    let host = host(fields)?;
    let mut record = Record { fields, code, data: Vec::new(), faith };
    record.data()?;
    if channel == SECURITY {
        record.audited()?;
    }
    let data: Map<String, Value> =
        record.data.into_iter().map(|(name, text)| (name, Value::String(text))).collect();
    let time = fields.one("@timestamp")?.and_then(instant);
    let time = time.ok_or_else(|| inexpressible("`@timestamp` is neither a date nor milliseconds"))?;
    let zoned = time.to_zoned(jiff::tz::TimeZone::UTC);
    let computer = fields.one("winlog.computer_name")?.or(fields.one("host.name")?).unwrap_or(&host);
    let mut columns = vec![
        ("time", SqlValue::Int(time.as_second())),
        ("datetime", SqlValue::Text(zoned.strftime("%Y-%m-%dT%H:%M:%S%.7fZ").to_string())),
        ("source", SqlValue::from(channel.as_str())),
        ("computer_name", SqlValue::from(computer)),
        ("eventid", SqlValue::Int(code)),
        // osquery's JSON writer escapes slashes.
        ("data", SqlValue::Text(serde_json::json!({ "EventData": data }).to_string().replace('/', "\\/"))),
        ("eid", eid(place)),
    ];
    if let Some(provider) = fields.one("event.provider")?.or(fields.one("winlog.provider_name")?) {
        columns.push(("provider_name", SqlValue::from(provider)));
    }
    if let Some(outcome) = fields.one("event.outcome")? {
        let bits = OUTCOMES.iter().find(|(name, _)| *name == outcome).map(|(_, bits)| *bits);
        let bits = bits.ok_or_else(|| inexpressible(format!("no record has the outcome `{outcome}`")))?;
        columns.push(("keywords", SqlValue::from(bits)));
    }
    Ok(Some((Row::event("windows_events", place, columns), host)))
}

/// The number and the log of the record that a document tells of.
fn told(fields: &Fields) -> Result<Option<(i64, String)>, NotRecordable> {
    let code = fields.one("event.code")?.map(str::parse::<i64>).transpose();
    let Ok(code) = code else { return Ok(None) };
    let provider = fields.one("event.provider")?.or(fields.one("winlog.provider_name")?);
    let channel = fields.one("winlog.channel")?;
    if provider == Some(sysmon::PROVIDER) || channel == Some(sysmon::CHANNEL) {
        return Ok(None);
    }
    let may_audit = channel.is_none_or(|channel| channel == SECURITY)
        && provider.is_none_or(|provider| AUDITORS.contains(&provider));
    let action = fields.one("event.action")?;
    let named = |of: &&Audited| code.is_none_or(|code| of.code == code);
    let called = |of: &&Audited| action.is_none_or(|action| of.action == action);
    let audited = audit::EVENTS.iter().find(|of| named(of) && called(of));
    match (code, audited) {
        (None, Some(audited)) if may_audit && action.is_some() => {
            Ok(Some((audited.code, SECURITY.to_owned())))
        }
        (Some(code), Some(_)) if may_audit => Ok(Some((code, SECURITY.to_owned()))),
        (Some(code), None) if may_audit && audit::EVENTS.iter().any(|of| of.code == code) => {
            Err(inexpressible("`event.action` is not what events of `event.code` are called"))
        }
        (Some(code), _) => {
            let of_provider = LOGS.iter().find(|(name, _)| Some(*name) == provider).map(|(_, log)| *log);
            Ok(channel.or(of_provider).map(|log| (code, log.to_owned())))
        }
        (None, _) => Ok(None),
    }
}

impl Record<'_> {
    /// The data that the document has under their own names.
    fn data(&mut self) -> Result<(), NotRecordable> {
        for (name, values) in self.fields.below("winlog.event_data") {
            // What the integration makes of other data.
            if name == "NewUACList" {
                continue;
            }
            let [value] = values.as_slice() else {
                return Err(inexpressible(format!("the datum `{name}` has several values")));
            };
            if name.contains('.') {
                return Err(inexpressible(format!("the name of the datum `{name}` has a dot")));
            }
            self.data.push((name.to_owned(), (*value).to_owned()));
        }
        Ok(())
    }

    fn datum(&self, name: &str) -> Option<&str> {
        self.data.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str())
    }

    /// A datum that another field tells; under its own name the document may have it too.
    fn put(&mut self, path: &str, name: &str, text: String) -> Result<(), NotRecordable> {
        match self.datum(name) {
            Some(known) if known != text => {
                Err(inexpressible(format!("`{path}` is not that of `winlog.event_data.{name}`")))
            }
            Some(_) => Ok(()),
            None => {
                self.data.push((name.to_owned(), text));
                Ok(())
            }
        }
    }

    /// What the fields of ECS say of an event of the audit log.
    fn audited(&mut self) -> Result<(), NotRecordable> {
        self.category()?;
        for (path, name, form) in audit::data(self.code) {
            match (self.fields.one(path)?, self.datum(name)) {
                (Some(value), _) => {
                    let text = form
                        .written(value)
                        .ok_or_else(|| inexpressible(format!("no record writes `{value}` for `{path}`")))?;
                    self.put(path, name, text)?;
                }
                // The integration would have moved or copied it; a document without it is of no record.
                (None, Some(known))
                    if self.faith == Faith::Whole && path != LOGON_ID && form.reads(known) =>
                {
                    return Err(inexpressible(format!(
                        "`{path}` is missing though `winlog.event_data.{name}` tells it"
                    )));
                }
                (None, _) => {}
            }
        }
        self.derived("process.executable", "process.name")?;
        self.derived("process.parent.executable", "process.parent.name")?;
        self.flags()
    }

    fn category(&self) -> Result<(), NotRecordable> {
        let known = audit::categories(self.code);
        let others = |category: &&str| !known.contains(category);
        match self.fields.all("event.category").into_iter().find(others) {
            Some(other) if self.faith == Faith::Whole => {
                Err(inexpressible(format!("event {} of the audit log is not of `{other}`", self.code)))
            }
            _ => Ok(()),
        }
    }

    /// A name that is the last part of a path.
    fn derived(&self, path: &str, name: &str) -> Result<(), NotRecordable> {
        let of_path = self.fields.one(path)?.map(crate::project::paths::file_name);
        if self.faith == Faith::Whole && self.fields.one(name)? != of_path {
            return Err(inexpressible(format!("`{name}` is not that of `{path}`")));
        }
        Ok(())
    }

    /// The names of the flags of an account are those of the bits of a number.
    fn flags(&mut self) -> Result<(), NotRecordable> {
        let path = "winlog.event_data.NewUACList";
        let names = self.fields.all(path);
        if names.is_empty() {
            let bits = self.datum("NewUacValue").is_some();
            return match self.faith == Faith::Whole && bits {
                true => Err(inexpressible(format!("`{path}` is missing though `NewUacValue` tells it"))),
                false => Ok(()),
            };
        }
        let bit = |name: &str| audit::FLAGS.iter().position(|flag| *flag == name);
        let mut bits = 0_u64;
        for name in names {
            let bit = bit(name).ok_or_else(|| inexpressible(format!("`{name}` is no flag of an account")))?;
            bits |= 1 << bit;
        }
        self.put(path, "NewUacValue", format!("0x{bits:x}"))
    }
}

impl Form {
    /// A value of ECS as the record writes it; none for what it never writes.
    fn written(self, value: &str) -> Option<String> {
        match self {
            Self::Same => Some(value.to_owned()),
            Self::Decimal => value.parse::<u32>().ok().map(|number| number.to_string()),
            Self::Hexadecimal => value.parse::<u32>().ok().map(|number| format!("0x{number:x}")),
            Self::Address => value.parse::<std::net::IpAddr>().ok().map(|address| address.to_string()),
            Self::Mapped => match value.parse::<std::net::IpAddr>().ok()? {
                std::net::IpAddr::V4(address) => Some(format!("::ffff:{address}")),
                std::net::IpAddr::V6(address) => Some(address.to_string()),
            },
            Self::Logon => {
                audit::LOGONS.iter().find(|(_, name)| *name == value).map(|(number, _)| number.to_string())
            }
        }
    }

    /// Whether what a record writes is a value of ECS.
    fn reads(self, text: &str) -> bool {
        let address = matches!(self, Self::Address | Self::Mapped);
        !(matches!(text, "" | "-") || address && text == "LOCAL")
    }
}
