//! Which policy file was in force: the digest that every record and message carries.

use std::fmt;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::id::IdError;

text_type! {
    /// The SHA-256 of the policy file's bytes, as 64 lower-case hexadecimal digits.
    ///
    /// [`fmt::Display`] writes all of them, as records do; messages show [`Digest::short`].
    Digest, "a SHA-256 digest", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    |text| text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

impl Digest {
    /// The digest of these bytes, as they are: comments and line ends count.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let digits: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Self(digits.into())
    }

    /// The first twelve digits, for people.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_the_sha_256_of_the_bytes() {
        // The example of FIPS 180-2, appendix B.1.
        let digest = Digest::of(b"abc");
        assert_eq!(
            digest.as_str(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(digest.short(), "ba7816bf8f01");
        assert_eq!(digest.to_string().parse(), Ok(digest));
    }
}
