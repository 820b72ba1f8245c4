//! The file around a plan of many rules: what it is, who made it, and whether it is whole.
//!
//! ```text
//! offset length
//!      0      8  magic
//!      8      4  version of the format
//!     12      4  CRC-32 of all other bytes
//!     16      8  length of the file
//!     24      4  flags; none are known
//!     28      2  length of the next
//!     30      n  version of the program
//!   30+n         content
//! ```
//!
//! Numbers are little-endian. The content is read by the program that wrote it and by no other: its tables are those of
//! one version of the evaluator.

use std::fmt;

/// First bytes of a plan. No text starts so, and a transfer that changes line ends or bit 8 changes them.
pub const MAGIC: [u8; 8] = *b"\x89EQLCP\r\n";

/// The version of the format that is written and read. It is to be raised with any change of what is written down of a
/// plan; a test tells.
pub const VERSION: u32 = 1;

/// The longest file that is read, in bytes.
pub const MAX_BYTES: u64 = 1 << 30;

const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// Where the version of the program stands.
const FIXED: usize = 30;

/// Why a file is no plan to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileError {
    /// It is something else.
    Foreign,
    /// Its format has this version.
    Format(u32),
    /// It was made by this version of the program.
    Program(String),
    /// It has this length and should have that.
    Length {
        /// Bytes that there are.
        found: u64,
        /// Bytes that it says there are.
        told: u64,
    },
    /// It ends before its header does.
    Short,
    /// It has flags of another version.
    Flags(u32),
    /// Some byte is not what was written.
    Checksum,
}

impl fmt::Display for FileError {
    /// The end of a sentence about the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign => f.write_str("is no plan"),
            Self::Format(found) => {
                write!(f, "is a plan of format {found}, and this version reads format {VERSION}")
            }
            Self::Program(found) => write!(f, "is a plan of eqlc {found}, and this is eqlc {PROGRAM}"),
            Self::Length { found, told } if found < told => {
                write!(f, "is cut off: {found} of {told} bytes are there")
            }
            Self::Length { found, told } => {
                write!(f, "has {found} bytes, and the plan in it has {told}")
            }
            Self::Short => f.write_str("is cut off within the header of a plan"),
            Self::Flags(flags) => write!(f, "is a plan with flags that are not known: {flags:#x}"),
            Self::Checksum => f.write_str("is damaged: its checksum is that of other bytes"),
        }
    }
}

impl std::error::Error for FileError {}

/// The file with this content.
#[must_use]
pub fn seal(content: &[u8]) -> Vec<u8> {
    let mut file = Vec::with_capacity(FIXED + PROGRAM.len() + content.len());
    file.extend(MAGIC);
    file.extend(VERSION.to_le_bytes());
    file.extend([0; 4]);
    let length = FIXED.saturating_add(PROGRAM.len()).saturating_add(content.len());
    file.extend(u64::try_from(length).unwrap_or(u64::MAX).to_le_bytes());
    file.extend(0u32.to_le_bytes());
    file.extend(u16::try_from(PROGRAM.len()).unwrap_or(u16::MAX).to_le_bytes());
    file.extend(PROGRAM.bytes());
    file.extend(content);
    let sum = checksum(&file).to_le_bytes();
    file.iter_mut().skip(12).zip(sum).for_each(|(byte, sum)| *byte = sum);
    file
}

/// The content of a file.
///
/// # Errors
/// It is no plan that this program wrote, or not as it was written.
pub fn open(file: &[u8]) -> Result<&[u8], FileError> {
    if !file.starts_with(&MAGIC) {
        return Err(FileError::Foreign);
    }
    let format = u32::from_le_bytes(bytes_at(file, 8)?);
    if format != VERSION {
        return Err(FileError::Format(format));
    }
    let sum = u32::from_le_bytes(bytes_at(file, 12)?);
    let told = u64::from_le_bytes(bytes_at(file, 16)?);
    let flags = u32::from_le_bytes(bytes_at(file, 24)?);
    let program = usize::from(u16::from_le_bytes(bytes_at(file, 28)?));
    let found = u64::try_from(file.len()).unwrap_or(u64::MAX);
    if told != found {
        return Err(FileError::Length { found, told });
    }
    if checksum(file) != sum {
        return Err(FileError::Checksum);
    }
    if flags != 0 {
        return Err(FileError::Flags(flags));
    }
    let rest = file.get(FIXED..).and_then(|rest| rest.split_at_checked(program));
    let (program, content) = rest.ok_or(FileError::Short)?;
    if program != PROGRAM.as_bytes() {
        return Err(FileError::Program(String::from_utf8_lossy(program).into_owned()));
    }
    Ok(content)
}

fn bytes_at<const N: usize>(file: &[u8], at: usize) -> Result<[u8; N], FileError> {
    file.get(at..).and_then(|rest| rest.first_chunk()).copied().ok_or(FileError::Short)
}

/// Of all bytes but those where it stands itself.
fn checksum(file: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(file.get(..12).unwrap_or_default());
    hasher.update(file.get(16..).unwrap_or_default());
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file with something changed and its checksum made right again.
    fn changed(change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut file = seal(b"content");
        change(&mut file);
        let sum = checksum(&file).to_le_bytes();
        file[12..16].copy_from_slice(&sum);
        file
    }

    #[test]
    fn what_is_sealed_is_opened() {
        assert_eq!(open(&seal(b"content")), Ok(b"content".as_slice()));
        assert_eq!(open(&seal(b"")), Ok(b"".as_slice()));
    }

    #[test]
    fn every_changed_bit_is_found() {
        let file = seal(b"some content of a plan");
        for at in 0..file.len() {
            for bit in 0..8 {
                let mut file = file.clone();
                file[at] ^= 1 << bit;
                assert!(open(&file).is_err(), "bit {bit} of byte {at}");
            }
        }
    }

    #[test]
    fn every_truncation_is_found() {
        let file = seal(b"some content of a plan");
        for length in 0..file.len() {
            let error = open(&file[..length]).unwrap_err();
            let wanted = match length {
                0..8 => FileError::Foreign,
                8..30 => FileError::Short,
                _ => FileError::Length { found: length as u64, told: file.len() as u64 },
            };
            assert_eq!(error, wanted, "{length}");
        }
        let longer = [file.as_slice(), b"x"].concat();
        assert!(matches!(open(&longer), Err(FileError::Length { .. })));
    }

    #[test]
    fn a_file_of_another_version_says_which() {
        assert_eq!(open(&changed(|file| file[8] = 7)), Err(FileError::Format(7)));
        assert_eq!(open(&changed(|file| file[24] = 1)), Err(FileError::Flags(1)));
        let other = changed(|file| file[FIXED] = b'9');
        assert!(matches!(open(&other), Err(FileError::Program(version)) if version.starts_with('9')));
        assert_eq!(open(&changed(|file| file[28] = 0xff)), Err(FileError::Short));
        assert_eq!(open(b"{\"eqlc_plan\": 1}"), Err(FileError::Foreign));
    }
}
