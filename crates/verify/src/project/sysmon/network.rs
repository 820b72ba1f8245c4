//! Connections and name lookups.

use std::net::IpAddr;

use super::{Data, UNKNOWN, is_ipv6};
use crate::project::{NotRecordable, absent, inexpressible};

/// Names of ports as `%SystemRoot%\System32\drivers\etc\services` gives them; the usual ones.
const PORT_NAMES: &[(i64, &str)] = &[
    (20, "ftp-data"),
    (21, "ftp"),
    (22, "ssh"),
    (23, "telnet"),
    (25, "smtp"),
    (53, "domain"),
    (67, "bootps"),
    (68, "bootpc"),
    (69, "tftp"),
    (80, "http"),
    (88, "kerberos"),
    (110, "pop3"),
    (123, "ntp"),
    (135, "epmap"),
    (137, "netbios-ns"),
    (138, "netbios-dgm"),
    (139, "netbios-ssn"),
    (143, "imap"),
    (161, "snmp"),
    (162, "snmptrap"),
    (389, "ldap"),
    (443, "https"),
    (445, "microsoft-ds"),
    (636, "ldaps"),
    (993, "imaps"),
    (995, "pop3s"),
    (1433, "ms-sql-s"),
    (3389, "ms-wbt-server"),
    (5355, "llmnr"),
    (5985, "wsman"),
];

/// Event 3.
pub(super) fn connection(data: &mut Data<'_>) -> Result<(), NotRecordable> {
    data.process()?;
    match data.facts.one("network.transport")? {
        None => {}
        Some(protocol @ ("tcp" | "udp")) => data.put("Protocol", protocol),
        Some(other) => return Err(absent(format!("Sysmon logs tcp and udp, not {other}"))),
    }
    let initiated = initiated(data)?;
    data.put_if("Initiated", initiated);
    for (end, path) in [("Source", "source"), ("Destination", "destination")] {
        let is_v6 = is_ipv6(data.facts)?;
        data.put_if(&format!("{end}IsIpv6"), is_v6);
        data.field(&format!("{end}Ip"), &format!("{path}.ip"))?;
        data.part_or_unknown(&format!("{end}Hostname"), path, "domain")?;
        let port = data.facts.number(&format!("{path}.port"))?;
        if let Some(port) = port {
            data.put(&format!("{end}Port"), &port.to_string());
        }
        let name = PORT_NAMES.iter().find(|(known, _)| Some(*known) == port);
        data.put(&format!("{end}PortName"), name.map_or(UNKNOWN, |(_, name)| name));
    }
    Ok(())
}

/// Whether the host itself began the connection.
fn initiated(data: &Data<'_>) -> Result<Option<&'static str>, NotRecordable> {
    let Some(direction) = data.facts.one("network.direction")? else { return Ok(None) };
    match direction.to_ascii_lowercase().as_str() {
        "egress" | "outgoing" | "outbound" => Ok(Some("true")),
        "ingress" | "incoming" | "inbound" => Ok(Some("false")),
        _ => Err(inexpressible("`network.direction` does not tell which side began")),
    }
}

/// Event 22.
pub(super) fn name_query(data: &mut Data<'_>) -> Result<(), NotRecordable> {
    data.process()?;
    data.field("QueryName", "dns.question.name")?;
    let status = data.facts.one("dns.response_code")?.map(status).transpose()?;
    data.put_if("QueryStatus", status);
    let mut results = String::new();
    for address in data.facts.fields.all("dns.resolved_ip") {
        // The resolver gives IPv4 addresses in their IPv6 form.
        match address.parse() {
            Ok(IpAddr::V4(address)) => results.push_str(&format!("::ffff:{address};")),
            Ok(IpAddr::V6(address)) => results.push_str(&format!("{address};")),
            Err(_) => return Err(inexpressible("`dns.resolved_ip` is no address")),
        }
    }
    data.put("QueryResults", if results.is_empty() { UNKNOWN } else { &results });
    Ok(())
}

/// Windows' number for a response code.
fn status(code: &str) -> Result<&'static str, NotRecordable> {
    match code.to_ascii_uppercase().as_str() {
        "NOERROR" => Ok("0"),
        "FORMERR" => Ok("9001"),
        "SERVFAIL" => Ok("9002"),
        "NXDOMAIN" => Ok("9003"),
        "NOTIMP" => Ok("9004"),
        "REFUSED" => Ok("9005"),
        _ => Err(inexpressible("`dns.response_code` has no number in Windows that is known here")),
    }
}
