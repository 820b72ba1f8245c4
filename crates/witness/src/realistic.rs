//! Values that events have where a rule leaves freedom.

use std::net::IpAddr;

use eqlc_ir::{Function, Literal, Op, Scalar, Test};
use serde_json::Value as Json;

/// A value by the name of its field, ECS and Sigma.
const TEXTS: &[(&str, &str)] = &[
    ("host.name", "workstation-1"),
    ("host.hostname", "workstation-1"),
    ("host.id", "2f6b0a6e-5d0c-4a55-9c1e-7b6f0b1d2c3a"),
    ("agent.id", "8a4f500d-0000-4000-8000-3b1d0f1b1a01"),
    ("user.name", "alice"),
    ("user.id", "S-1-5-21-1004336348-1177238915-682003330-1001"),
    ("user.domain", "EXAMPLE"),
    ("process.name", "example.exe"),
    ("process.executable", "C:\\Program Files\\Example\\example.exe"),
    ("process.command_line", "example.exe --run"),
    ("process.entity_id", "process-1"),
    ("process.parent.name", "launcher.exe"),
    ("process.parent.executable", "C:\\Program Files\\Example\\launcher.exe"),
    ("process.parent.command_line", "launcher.exe"),
    ("process.parent.entity_id", "process-0"),
    ("file.name", "report.docx"),
    ("file.path", "C:\\Users\\alice\\Documents\\report.docx"),
    ("file.extension", "docx"),
    ("registry.path", "HKEY_LOCAL_MACHINE\\Software\\Example\\Value"),
    ("dns.question.name", "www.example.org"),
    ("destination.domain", "www.example.org"),
    ("Image", "C:\\Program Files\\Example\\example.exe"),
    ("ParentImage", "C:\\Program Files\\Example\\launcher.exe"),
    ("CommandLine", "example.exe --run"),
    ("ParentCommandLine", "launcher.exe"),
    ("User", "EXAMPLE\\alice"),
    ("TargetFilename", "C:\\Users\\alice\\Documents\\report.docx"),
];

/// Numbers by the name of their field.
const NUMBERS: &[(&str, i64)] = &[
    ("process.pid", 4_242),
    ("process.parent.pid", 1_234),
    ("source.port", 51_515),
    ("destination.port", 443),
    ("process.args_count", 2),
];

/// The value of a field that events usually have.
pub(crate) fn value(path: &str) -> Option<Json> {
    let text = TEXTS.iter().find(|(name, _)| *name == path).map(|(_, text)| Json::from(*text));
    text.or_else(|| NUMBERS.iter().find(|(name, _)| *name == path).map(|(_, number)| Json::from(*number)))
}

/// Addresses in and beside the networks that tests name, and some of both sorts.
pub(crate) fn addresses(tests: &[&Test]) -> Vec<Json> {
    let mut found: Vec<IpAddr> = Vec::new();
    for test in tests {
        if let Op::InNet(nets) = &test.op {
            for net in nets {
                found.extend(net.hosts().nth(1));
                found.extend([net.addr(), net.network(), net.broadcast()]);
                found.extend([before(net.network()), after(net.broadcast())].into_iter().flatten());
            }
        }
        if let Scalar::Call { function: Function::CidrMatch, args, .. } = &test.subject {
            let texts = args.iter().filter_map(|arg| match arg {
                Scalar::Literal(Literal::Str(text)) => Some(text),
                _ => None,
            });
            found.extend(texts.filter_map(|text| text.split('/').next()?.parse::<IpAddr>().ok()));
        }
    }
    let usual = ["203.0.113.10", "10.1.2.3", "192.168.1.10", "2001:db8::10", "127.0.0.1", "::1"];
    let usual = usual.into_iter().map(str::to_owned);
    found.into_iter().map(|address| address.to_string()).chain(usual).map(Json::String).collect()
}

fn before(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(v4) => u32::from(v4).checked_sub(1).map(|bits| IpAddr::V4(bits.into())),
        IpAddr::V6(v6) => u128::from(v6).checked_sub(1).map(|bits| IpAddr::V6(bits.into())),
    }
}

fn after(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(v4) => u32::from(v4).checked_add(1).map(|bits| IpAddr::V4(bits.into())),
        IpAddr::V6(v6) => u128::from(v6).checked_add(1).map(|bits| IpAddr::V6(bits.into())),
    }
}

/// Times at, before and after the constants, and a usual one.
pub(crate) fn dates(constants: &[&Literal]) -> Vec<Json> {
    let mut found = Vec::new();
    for literal in constants {
        let Literal::Str(text) = literal else { continue };
        found.push(Json::from(text.as_str()));
        let full = text.parse::<jiff::Timestamp>().or_else(|_| format!("{text}T00:00:00Z").parse());
        let Ok(time) = full else { continue };
        for hours in [-48_i64, -1, 1, 48] {
            if let Ok(near) = time.checked_add(jiff::SignedDuration::from_hours(hours)) {
                found.push(Json::from(near.to_string()));
            }
        }
    }
    found.push(Json::from("2025-01-15T10:00:00.000Z"));
    found
}
