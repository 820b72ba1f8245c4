//! Compressed input, told by its first bytes and decoded as it is read.

mod counted;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

use flate2::bufread::MultiGzDecoder;
use zstd::stream::read::Decoder as ZstdDecoder;

use counted::Counted;

/// How many times its compressed size the events of an input may take in memory before it is taken for a bomb,
/// beyond [`MEMORY_FLOOR`]. Logs that repeat themselves a lot come to a few hundred.
pub const MAX_EXPANSION: u64 = 1000;

/// Bytes of memory that are never too many, however small the compressed input.
pub const MEMORY_FLOOR: u64 = 1024 * 1024 * 1024;

/// About what an object takes beside its text.
const OBJECT_BYTES: u64 = 256;

/// About what any other value takes beside its text.
const VALUE_BYTES: u64 = 64;

/// The compressed bytes, those that were looked at first.
type Source<R> = Counted<Chain<Cursor<Vec<u8>>, R>>;

/// An input as it was before it was compressed; see [`decode`].
pub struct Decoded<R: BufRead> {
    form: Form<R>,
    /// About what the events read so far take in memory.
    memory: u64,
    floor: u64,
}

enum Form<R: BufRead> {
    Plain(Source<R>),
    Gzip(Box<BufReader<MultiGzDecoder<Source<R>>>>),
    Zstd(Box<BufReader<ZstdDecoder<'static, Source<R>>>>),
}

impl<R: BufRead> fmt::Debug for Decoded<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = match &self.form {
            Form::Plain(_) => "plain",
            Form::Gzip(_) => "gzip",
            Form::Zstd(_) => "zstd",
        };
        f.debug_struct("Decoded").field("form", &form).field("memory", &self.memory).finish()
    }
}

/// Formats that are recognised by their first bytes.
const MAGICS: [(&[u8], Magic); 8] = [
    (b"\x1F\x8B", Magic::Gzip),
    (b"\x28\xB5\x2F\xFD", Magic::Zstd),
    (b"\xFD7zXZ\0", Magic::Unread("xz")),
    (b"BZh", Magic::Unread("bzip2")),
    (b"\x04\x22\x4D\x18", Magic::Unread("lz4")),
    (b"PK\x03\x04", Magic::Unread("zip")),
    (b"7z\xBC\xAF\x27\x1C", Magic::Unread("7-Zip")),
    (b"PAR1", Magic::Unread("Parquet")),
];

/// The longest of [`MAGICS`].
const MAGIC_BYTES: usize = 6;

/// The bits that a skippable frame of zstd starts with, and what they are: 0x184D2A50 to 0x184D2A5F, little-endian;
/// parallel compressors start with one.
const SKIPPABLE: [(u8, u8); 4] = [(0xF0, 0x50), (0xFF, 0x2A), (0xFF, 0x4D), (0xFF, 0x18)];

#[derive(Clone, Copy)]
enum Magic {
    Gzip,
    Zstd,
    /// A format that is known and not decoded.
    Unread(&'static str),
}

/// Looks at the first bytes of an input and decodes gzip (several members too) and zstd (several and skippable
/// frames too); anything else is passed on as it is. Nothing is held but the buffers of the decoder: at most
/// 128 MiB, the largest window of zstd.
///
/// Reading fails where the compressed data is cut off or corrupt, and where its events come to more than
/// [`MAX_EXPANSION`] times its size.
///
/// # Errors
/// The input cannot be read, or is in another compressed format.
pub fn decode<R: BufRead>(mut input: R) -> io::Result<Decoded<R>> {
    let head = head(&mut input)?;
    let magic = magic(&head);
    let source = Counted::new(Cursor::new(head).chain(input));
    let form = match magic {
        None => Form::Plain(source),
        Some(Magic::Gzip) => Form::Gzip(Box::new(BufReader::new(MultiGzDecoder::new(source)))),
        Some(Magic::Zstd) => Form::Zstd(Box::new(BufReader::new(ZstdDecoder::with_buffer(source)?))),
        Some(Magic::Unread(name)) => {
            let message = format!("the format is {name}; plain text, gzip and zstd are read");
            return Err(io::Error::new(io::ErrorKind::Unsupported, message));
        }
    };
    Ok(Decoded { form, memory: 0, floor: MEMORY_FLOOR })
}

/// The first bytes, no more than it takes to tell the format: whoever sends a short event waits for its answer.
fn head(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(MAGIC_BYTES);
    let may_be_longer = |head: &[u8]| {
        let skippable = head.iter().zip(SKIPPABLE).all(|(byte, (mask, value))| byte & mask == value);
        skippable || MAGICS.iter().any(|(bytes, _)| bytes.starts_with(head))
    };
    while head.len() < MAGIC_BYTES && may_be_longer(&head) {
        let mut byte = [0];
        match input.read(&mut byte) {
            Ok(0) => break,
            Ok(_) => head.extend(byte),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(head)
}

fn magic(head: &[u8]) -> Option<Magic> {
    let skippable = head.iter().zip(SKIPPABLE).all(|(byte, (mask, value))| byte & mask == value);
    if skippable && head.len() >= SKIPPABLE.len() {
        return Some(Magic::Zstd);
    }
    MAGICS.iter().find(|(bytes, _)| head.starts_with(bytes)).map(|(_, magic)| *magic)
}

impl<R: BufRead> Decoded<R> {
    /// The same where nothing is held of what is read: it may come to as much as it likes.
    #[must_use]
    pub fn unheld(self) -> Self {
        Self { floor: u64::MAX, ..self }
    }

    /// Whether the input is compressed.
    #[must_use]
    pub fn is_compressed(&self) -> bool {
        !matches!(self.form, Form::Plain(_))
    }

    /// How many bytes, compressed as they are, were taken from the input.
    #[must_use]
    pub fn taken(&self) -> u64 {
        match &self.form {
            Form::Plain(source) => source.count(),
            Form::Gzip(reader) => reader.get_ref().get_ref().count(),
            Form::Zstd(reader) => reader.get_ref().get_ref().count(),
        }
    }

    /// Refuses to go on where the input has grown out of all proportion.
    fn check_expansion(&self) -> io::Result<()> {
        let allowed = self.floor.max(self.taken().saturating_mul(MAX_EXPANSION));
        if self.is_compressed() && self.memory > allowed {
            return Err(io::Error::other(format!(
                "the input takes more than {MAX_EXPANSION} times its compressed size in memory"
            )));
        }
        Ok(())
    }
}

impl<R: BufRead> BufRead for Decoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.check_expansion()?;
        match &mut self.form {
            Form::Plain(source) => source.fill_buf(),
            Form::Gzip(reader) => reader.fill_buf(),
            Form::Zstd(reader) => reader.fill_buf(),
        }
    }

    fn consume(&mut self, amount: usize) {
        match &mut self.form {
            Form::Plain(source) => source.consume(amount),
            Form::Gzip(reader) => {
                self.memory = self.memory.saturating_add(memory(reader.buffer(), amount));
                reader.consume(amount);
            }
            Form::Zstd(reader) => {
                self.memory = self.memory.saturating_add(memory(reader.buffer(), amount));
                reader.consume(amount);
            }
        }
    }
}

impl<R: BufRead> Read for Decoded<R> {
    /// Decodes into the buffer, without a copy in between where that is large.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.check_expansion()?;
        let count = match &mut self.form {
            Form::Plain(source) => return source.read(buffer),
            Form::Gzip(reader) => reader.read(buffer)?,
            Form::Zstd(reader) => reader.read(buffer)?,
        };
        if self.floor < u64::MAX {
            self.memory = self.memory.saturating_add(memory(buffer, count));
        }
        Ok(count)
    }
}

/// About what the first bytes of a buffer take in memory as parts of events. Tiny values are what makes events
/// larger than their text: `{}` on a line of its own is a whole event.
fn memory(buffer: &[u8], amount: usize) -> u64 {
    let seen = buffer.get(..amount).unwrap_or(buffer);
    let count = |wanted: &[u8]| seen.iter().filter(|byte| wanted.contains(byte)).count() as u64;
    seen.len() as u64 + OBJECT_BYTES * count(b"{") + VALUE_BYTES * count(b",[")
}
