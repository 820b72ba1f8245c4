//! Value modifiers: what stands after `|` in the name of a field.

use std::fmt;
use std::str::FromStr;

macro_rules! modifiers {
    ($($(#[$doc:meta])* $name:ident = $text:literal $(| $alias:literal)*;)*) => {
        /// A value modifier (Sigma specification 2.1, appendix "Modifiers").
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Modifier {
            $($(#[$doc])* $name,)*
        }

        impl Modifier {
            /// Every modifier, in the order of the declaration.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name that rules use.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }

        impl FromStr for Modifier {
            type Err = UnknownModifier;

            /// By its exact name.
            ///
            /// # Errors
            ///
            /// If no modifier has that name; letter case counts.
            fn from_str(text: &str) -> Result<Self, UnknownModifier> {
                match text {
                    $($text $(| $alias)* => Ok(Self::$name),)*
                    _ => Err(UnknownModifier),
                }
            }
        }
    };
}

/// No modifier has the name that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownModifier;

impl fmt::Display for UnknownModifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no modifier has this name")
    }
}

impl std::error::Error for UnknownModifier {}

modifiers! {
    /// The value stands anywhere in the field.
    Contains = "contains";
    /// The field begins with the value.
    StartsWith = "startswith";
    /// The field ends with the value.
    EndsWith = "endswith";
    /// All values must match, not one of them.
    All = "all";
    /// Letter case counts.
    Cased = "cased";
    /// The value is a regular expression, searched for anywhere in the field.
    Re = "re";
    /// Regular expression: letter case does not count.
    ReIgnoreCase = "i" | "ignorecase";
    /// Regular expression: `^` and `$` match at line ends.
    ReMultiLine = "m" | "multiline";
    /// Regular expression: `.` matches line ends.
    ReDotAll = "s" | "dotall";
    /// The value is a network in CIDR notation.
    Cidr = "cidr";
    /// The value says whether the field is there at all.
    Exists = "exists";
    /// No value may match.
    Neq = "neq";
    /// Greater than.
    Gt = "gt";
    /// Greater than or equal.
    Gte = "gte";
    /// Less than.
    Lt = "lt";
    /// Less than or equal.
    Lte = "lte";
    /// The value is the name of another field of the event.
    FieldRef = "fieldref";
    /// Every kind of dash that Windows programs accept for an option.
    WinDash = "windash";
    /// The value in Base64.
    Base64 = "base64";
    /// The value in Base64 at each of the three offsets.
    Base64Offset = "base64offset";
    /// The value in UTF-16, little endian; the older name.
    Wide = "wide";
    /// The value in UTF-16, little endian.
    Utf16Le = "utf16le";
    /// The value in UTF-16, big endian.
    Utf16Be = "utf16be";
    /// The value in UTF-16 with a byte order mark.
    Utf16 = "utf16";
    /// `%name%` in the value stands for a list kept elsewhere.
    Expand = "expand";
    /// The minute of a time.
    Minute = "minute";
    /// The hour of a time.
    Hour = "hour";
    /// The day of the month of a time.
    Day = "day";
    /// The week of the year of a time.
    Week = "week";
    /// The month of a time.
    Month = "month";
    /// The year of a time.
    Year = "year";
}

/// How a test matches; a test has at most one of these beside the plain comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// `contains`, `startswith`, `endswith`.
    Shape,
    /// `re`.
    Regex,
    /// `i`, `m`, `s`.
    RegexFlag,
    /// `cidr`.
    Cidr,
    /// `exists`.
    Exists,
    /// `gt`, `gte`, `lt`, `lte`.
    Order,
    /// A part of a time.
    Time,
    /// `cased`.
    Case,
    /// Changes text before it is compared.
    Text,
    /// `fieldref`.
    FieldRef,
    /// `all`, `neq`, `expand`: go with anything but `exists`.
    Free,
}

impl Modifier {
    /// Whether values under this modifier are not read for wildcards and escapes.
    #[must_use]
    pub const fn takes_raw_text(self) -> bool {
        matches!(self, Self::Re | Self::Cidr | Self::FieldRef)
    }

    pub(crate) const fn role(self) -> Role {
        match self {
            Self::Contains | Self::StartsWith | Self::EndsWith => Role::Shape,
            Self::Re => Role::Regex,
            Self::ReIgnoreCase | Self::ReMultiLine | Self::ReDotAll => Role::RegexFlag,
            Self::Cidr => Role::Cidr,
            Self::Exists => Role::Exists,
            Self::Gt | Self::Gte | Self::Lt | Self::Lte => Role::Order,
            Self::Minute | Self::Hour | Self::Day | Self::Week | Self::Month | Self::Year => Role::Time,
            Self::Cased => Role::Case,
            Self::WinDash | Self::Base64 | Self::Base64Offset => Role::Text,
            Self::Wide | Self::Utf16Le | Self::Utf16Be | Self::Utf16 => Role::Text,
            Self::FieldRef => Role::FieldRef,
            Self::All | Self::Neq | Self::Expand => Role::Free,
        }
    }

    /// Whether two modifiers cannot stand on one field.
    pub(crate) fn conflicts(self, other: Self) -> bool {
        self == other || excludes(self.role(), other.role()) || excludes(other.role(), self.role())
    }
}

fn excludes(one: Role, other: Role) -> bool {
    use Role::{Case, Cidr, Exists, FieldRef, Order, Regex, RegexFlag, Shape, Text, Time};
    match one {
        Exists => true,
        Shape => matches!(other, Shape | Regex | RegexFlag | Cidr | Order | Time),
        Regex => matches!(other, Cidr | Order | Time | Text | Case | FieldRef),
        Cidr => matches!(other, RegexFlag | Order | Time | Text | Case | FieldRef),
        Order => matches!(other, Order | RegexFlag | Text | Case | FieldRef),
        Time => matches!(other, Time | RegexFlag | Text | Case | FieldRef),
        FieldRef => matches!(other, Text | RegexFlag),
        _ => false,
    }
}

impl fmt::Display for Modifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
