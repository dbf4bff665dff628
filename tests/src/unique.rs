//! Identifiers that no two tests share, so that they can share one emulator.

use std::fmt::Write as _;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use md5::{Digest as _, Md5};

/// The MD5 of `text` in lower-case hexadecimal: what SQS gives as `md5OfBody`.
pub(crate) fn md5_hex(text: &str) -> String {
    Md5::digest(text.as_bytes())
        .iter()
        .fold(String::new(), |mut hex, byte| {
            let _infallible = write!(hex, "{byte:02x}");
            hex
        })
}

/// An identifier in the form of a UUID.
pub(crate) fn uuid() -> String {
    let hex = fresh_hex();
    let (a, rest) = hex.split_at(8);
    let (b, rest) = rest.split_at(4);
    let (c, rest) = rest.split_at(4);
    let (d, e) = rest.split_at(4);
    format!("{a}-{b}-{c}-{d}-{e}")
}

/// An access key id of twenty characters; `ASIA` for sessions and functions, `AKIA` for users.
pub(crate) fn access_key(prefix: &str) -> String {
    let hex = fresh_hex().to_uppercase();
    format!("{prefix}{}", hex.split_at(16).0)
}

/// A short suffix for the names of queues and topics.
pub(crate) fn suffix() -> String {
    fresh_hex().split_at(10).0.to_owned()
}

fn fresh_hex() -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    md5_hex(&format!("{}/{}/{count}", process::id(), now.as_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn md5_is_the_one_that_sqs_gives() {
        // The example of RFC 1321.
        assert_eq!(md5_hex("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
    }

    #[test]
    fn identifiers_have_the_form_of_aws_and_differ() {
        assert_eq!(uuid().len(), 36);
        assert_ne!(uuid(), uuid());
        assert_eq!(access_key("AKIA").len(), 20);
        assert_ne!(access_key("AKIA"), access_key("AKIA"));
    }
}
