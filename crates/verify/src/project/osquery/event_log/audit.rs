//! Events of the audit log: what they are called, and which of their data are which fields of ECS.

/// An event of the audit log.
pub(super) struct Audited {
    /// Its number.
    pub(super) code: i64,
    /// `event.action`.
    pub(super) action: &'static str,
}

/// How a record writes what a field of ECS says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is.
    Same,
    /// A number in decimal digits.
    Decimal,
    /// A number in hexadecimal digits.
    Hexadecimal,
    /// An address.
    Address,
    /// An address, IPv4 as one of IPv6.
    Mapped,
    /// The number of the kind of a logon.
    Logon,
}

macro_rules! events {
    ($($code:literal $action:literal)*) => { &[$(Audited { code: $code, action: $action }),*] };
}

/// Events by number. Of several with one action, the first is taken for a document that names no number.
pub(super) const EVENTS: &[Audited] = events! {
    1102 "audit-log-cleared" 4616 "system-time-changed" 4624 "logged-in" 4625 "logon-failed" 4634 "logged-out"
    4647 "logged-out" 4648 "logged-in-explicit" 4657 "registry-value-modified" 4662 "object-operation-performed"
    4670 "permissions-changed" 4672 "logged-in-special" 4673 "privileged-service-called" 4674 "privileged-operation"
    4688 "created-process" 4689 "exited-process" 4697 "service-installed" 4698 "scheduled-task-created"
    4699 "scheduled-task-deleted" 4700 "scheduled-task-enabled" 4701 "scheduled-task-disabled"
    4702 "scheduled-task-updated" 4703 "Token Right Adjusted Events" 4706 "domain-trust-added"
    4707 "domain-trust-removed" 4713 "kerberos-policy-changed" 4717 "system-security-access-granted"
    4718 "system-security-access-removed" 4719 "changed-audit-config" 4720 "added-user-account"
    4722 "enabled-user-account" 4723 "changed-password" 4724 "reset-password" 4725 "disabled-user-account"
    4726 "deleted-user-account" 4727 "added-group-account" 4728 "added-member-to-group" 4729 "removed-member-from-group"
    4730 "deleted-group-account" 4731 "added-group-account" 4732 "added-member-to-group"
    4733 "removed-member-from-group" 4734 "deleted-group-account" 4735 "modified-group-account"
    4737 "modified-group-account" 4738 "modified-user-account" 4739 "domain-policy-changed"
    4740 "locked-out-user-account" 4741 "added-computer-account" 4742 "changed-computer-account"
    4743 "deleted-computer-account" 4754 "added-group-account" 4755 "modified-group-account"
    4756 "added-member-to-group" 4757 "removed-member-from-group" 4758 "deleted-group-account"
    4764 "type-changed-group-account" 4767 "unlocked-user-account" 4768 "kerberos-authentication-ticket-requested"
    4769 "kerberos-service-ticket-requested" 4770 "kerberos-service-ticket-renewed" 4771 "kerberos-preauth-failed"
    4776 "credential-validated" 4778 "session-reconnected" 4779 "session-disconnected" 4781 "renamed-user-account"
    4798 "group-membership-enumerated" 4799 "user-member-enumerated" 4964 "logged-in-special"
    5136 "directory-service-object-modified" 5137 "directory-service-object-created"
    5140 "network-share-object-accessed" 5141 "directory-service-object-deleted"
    5145 "network-share-object-access-checked" 5152 "windows-firewall-packet-drop" 5156 "windows-firewall-connection"
    5157 "windows-firewall-packet-block" 5382 "vault-credentials-were-read"
};

/// `event.category` of an event.
pub(super) fn categories(code: i64) -> &'static [&'static str] {
    match code {
        4624 | 4625 | 4634 | 4647 | 4648 | 4768..=4771 | 4776 | 4778 | 4779 => &["authentication", "session"],
        4672 | 4964 => &["authentication", "iam", "session"],
        4657 => &["registry", "configuration"],
        4688 | 4689 => &["process"],
        4720..=4767 | 4781 | 4798 | 4799 => &["iam"],
        5140 | 5145 => &["network", "file"],
        5152 | 5156 | 5157 => &["network"],
        _ => &["configuration", "iam"],
    }
}

/// Kinds of logons.
pub(super) const LOGONS: &[(u8, &str)] = &[
    (2, "Interactive"),
    (3, "Network"),
    (4, "Batch"),
    (5, "Service"),
    (7, "Unlock"),
    (8, "NetworkCleartext"),
    (9, "NewCredentials"),
    (10, "RemoteInteractive"),
    (11, "CachedInteractive"),
    (12, "CachedRemoteInteractive"),
];

/// The flags of an account by their bits, the lowest first.
pub(super) const FLAGS: &[&str] = &[
    "USER_ACCOUNT_DISABLED",
    "USER_HOME_DIRECTORY_REQUIRED",
    "USER_PASSWORD_NOT_REQUIRED",
    "USER_TEMP_DUPLICATE_ACCOUNT",
    "USER_NORMAL_ACCOUNT",
    "USER_MNS_LOGON_ACCOUNT",
    "USER_INTERDOMAIN_TRUST_ACCOUNT",
    "USER_WORKSTATION_TRUST_ACCOUNT",
    "USER_SERVER_TRUST_ACCOUNT",
    "USER_DONT_EXPIRE_PASSWORD",
    "USER_ACCOUNT_AUTO_LOCKED",
    "USER_ENCRYPTED_TEXT_PASSWORD_ALLOWED",
    "USER_SMARTCARD_REQUIRED",
    "USER_TRUSTED_FOR_DELEGATION",
    "USER_NOT_DELEGATED",
    "USER_USE_DES_KEY_ONLY",
    "USER_DONT_REQUIRE_PREAUTH",
    "USER_PASSWORD_EXPIRED",
    "USER_TRUSTED_TO_AUTHENTICATE_FOR_DELEGATION",
    "USER_NO_AUTH_DATA_REQUIRED",
];

/// A field of ECS, the datum that it is, and how that is written.
type Datum = (&'static str, &'static str, Form);

const SUBJECT: &[Datum] = &[
    ("user.name", "SubjectUserName", Form::Same),
    ("user.domain", "SubjectDomainName", Form::Same),
    ("user.id", "SubjectUserSid", Form::Same),
    ("winlog.logon.id", "SubjectLogonId", Form::Same),
];

/// Whom a logon is of.
const TARGET: &[Datum] = &[
    ("user.name", "TargetUserName", Form::Same),
    ("user.domain", "TargetDomainName", Form::Same),
    ("user.id", "TargetUserSid", Form::Same),
    ("winlog.logon.id", "TargetLogonId", Form::Same),
];

const SESSION: &[Datum] = &[
    ("user.name", "AccountName", Form::Same),
    ("user.domain", "AccountDomain", Form::Same),
    ("winlog.logon.id", "LogonID", Form::Same),
    ("source.ip", "ClientAddress", Form::Address),
    ("source.domain", "ClientName", Form::Same),
];

const LOGON: &[Datum] = &[
    ("winlog.logon.type", "LogonType", Form::Logon),
    ("source.ip", "IpAddress", Form::Address),
    ("source.port", "IpPort", Form::Decimal),
    ("source.domain", "WorkstationName", Form::Same),
    ("process.executable", "ProcessName", Form::Same),
    ("process.pid", "ProcessId", Form::Hexadecimal),
];

const TICKET: &[Datum] =
    &[("source.ip", "IpAddress", Form::Mapped), ("source.port", "IpPort", Form::Decimal)];

const WORKSTATION: &[Datum] = &[("source.domain", "Workstation", Form::Same)];

const USED: &[Datum] =
    &[("process.executable", "ProcessName", Form::Same), ("process.pid", "ProcessId", Form::Hexadecimal)];

const STARTED: &[Datum] = &[
    ("process.executable", "NewProcessName", Form::Same),
    ("process.pid", "NewProcessId", Form::Hexadecimal),
    ("process.command_line", "CommandLine", Form::Same),
    ("process.parent.executable", "ParentProcessName", Form::Same),
    ("process.parent.pid", "ProcessId", Form::Hexadecimal),
];

const ACCOUNT: &[Datum] = &[("user.target.name", "TargetUserName", Form::Same)];

const GROUP: &[Datum] = &[
    ("group.name", "TargetUserName", Form::Same),
    ("group.domain", "TargetDomainName", Form::Same),
    ("group.id", "TargetSid", Form::Same),
];

const SHARE: &[Datum] = &[
    ("source.ip", "IpAddress", Form::Address),
    ("source.port", "IpPort", Form::Decimal),
    // The top of a share is where pipes are.
    ("file.name", "RelativeTargetName", Form::Same),
];

const FILTERED: &[Datum] = &[
    ("process.executable", "Application", Form::Same),
    ("process.pid", "ProcessID", Form::Decimal),
    ("source.ip", "SourceAddress", Form::Address),
    ("source.port", "SourcePort", Form::Decimal),
    ("destination.ip", "DestAddress", Form::Address),
    ("destination.port", "DestPort", Form::Decimal),
];

/// Which data of an event are which fields.
pub(super) fn data(code: i64) -> impl Iterator<Item = Datum> {
    let who = match code {
        4624 | 4625 | 4634 | 4647 | 4648 | 4768..=4771 | 4776 => TARGET,
        4778 | 4779 => SESSION,
        5152 | 5156 | 5157 => FILTERED,
        _ => SUBJECT,
    };
    let what = match code {
        4624 | 4625 | 4648 => LOGON,
        4768..=4771 => TICKET,
        4776 => WORKSTATION,
        4657 | 4670 | 4673 | 4674 | 4689 | 4703 => USED,
        4688 => STARTED,
        4720..=4726 | 4738 | 4740..=4743 | 4767 | 4781 | 4798 => ACCOUNT,
        4727..=4737 | 4754..=4758 | 4764 | 4799 => GROUP,
        5140 | 5145 => SHARE,
        _ => &[],
    };
    who.iter().chain(what).copied()
}
