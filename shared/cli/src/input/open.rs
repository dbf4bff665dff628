//! Opening what was given: a file or standard input, packed by gzip or not.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

use anyhow::{Result, anyhow, bail};
use flate2::bufread::MultiGzDecoder;

use super::unreadable;

/// How many bytes are read at once.
const STRETCH: usize = 256 * 1024;
/// How gzip data begin (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Opens one input and unpacks it if it is packed, going by its first bytes. `watch` sees the bytes as they are read.
///
/// # Errors
/// When it cannot be opened or read, or is neither text nor packed by gzip: as a sentence about it.
pub(super) fn open(path: &Path, watch: impl FnOnce(Box<dyn Read>) -> Box<dyn Read>) -> Result<Box<dyn BufRead>> {
    let failed = |error: io::Error| anyhow!(unreadable(path, &error));
    let bytes = watch(bytes_of(path).map_err(failed)?);
    let packed = Begun::read(bytes).map_err(failed)?;
    if !packed.head.starts_with(&GZIP) {
        return packed.text();
    }
    let unpacked = MultiGzDecoder::new(BufReader::with_capacity(STRETCH, packed.whole()));
    Begun::read(Box::new(unpacked))
        .map_err(|error| anyhow!(reading_failed(&error)))?
        .text()
}

fn bytes_of(path: &Path) -> io::Result<Box<dyn Read>> {
    if path == Path::new("-") {
        Ok(Box::new(io::stdin()))
    } else {
        Ok(Box::new(File::open(path)?))
    }
}

/// An input whose first bytes have been looked at.
struct Begun {
    head: Vec<u8>,
    rest: Box<dyn Read>,
}

impl Begun {
    fn read(mut bytes: Box<dyn Read>) -> io::Result<Self> {
        let mut head = Vec::new();
        bytes.by_ref().take(16).read_to_end(&mut head)?;
        Ok(Self { head, rest: bytes })
    }

    fn whole(self) -> impl Read {
        Cursor::new(self.head).chain(self.rest)
    }

    /// The input as text, without a byte order mark.
    fn text(mut self) -> Result<Box<dyn BufRead>> {
        if let Some(what) = other_form(&self.head) {
            bail!("is {what}");
        }
        if self.head.starts_with(&[0xef, 0xbb, 0xbf]) {
            self.head.drain(..3);
        }
        Ok(Box::new(BufReader::with_capacity(STRETCH, self.whole())))
    }
}

/// What an input is that is no text, and the remedy.
fn other_form(head: &[u8]) -> Option<&'static str> {
    match head {
        _ if head.starts_with(&GZIP) => Some("packed by gzip twice: unpack it once with `gzip -d`"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16 text: save it as UTF-8"),
        [b'P', b'K', 3, 4, ..] => Some("a zip archive: unpack it and give the files in it"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("packed by zstd: unpack it with `zstd -d`"),
        [b'P', b'A', b'R', b'1', ..] => Some("a Parquet file: export the events as JSON"),
        _ if head.contains(&0) => Some("no text: give JSON, or JSON packed by gzip"),
        _ => None,
    }
}

/// What reading on came to when the input is damaged, and the remedy.
pub(super) fn reading_failed(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "is cut off in the middle of its gzip data: get it again, whole".to_owned(),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            format!("has damaged gzip data ({error}): get it again")
        }
        _ => format!("cannot be read on ({error}): check the file and its disk"),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// What opening a file with these bytes comes to: its text, or the error.
    fn opened(bytes: &[u8]) -> String {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let mut text = String::new();
        match open(file.path(), |bytes| bytes) {
            Ok(mut reader) => match reader.read_to_string(&mut text) {
                Ok(_) => text,
                Err(error) => reading_failed(&error),
            },
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn gzip_is_known_by_its_content_also_when_members_follow_each_other() {
        assert_eq!(opened(b"{}"), "{}");
        assert_eq!(opened(&packed(b"{}")), "{}");
        assert_eq!(opened(&[packed(b"{}\n"), packed(b"[]")].concat()), "{}\n[]");
        assert_eq!(opened(b"\xef\xbb\xbf{}"), "{}");
        assert_eq!(opened(b""), "");
    }

    #[test]
    fn what_cannot_be_text_is_named_with_its_remedy() {
        let whole = packed(&[b'x'; 5000]);
        assert_eq!(
            opened(&whole[..20]),
            "is cut off in the middle of its gzip data: get it again, whole"
        );
        assert_eq!(
            opened(&packed(&packed(b"{}"))),
            "is packed by gzip twice: unpack it once with `gzip -d`"
        );
        assert_eq!(opened(b"\xff\xfe{\0"), "is UTF-16 text: save it as UTF-8");
        assert_eq!(
            opened(b"PK\x03\x04"),
            "is a zip archive: unpack it and give the files in it"
        );
        assert_eq!(opened(b"\x7fELF\0\0"), "is no text: give JSON, or JSON packed by gzip");
    }
}
