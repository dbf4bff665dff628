//! What sweeps leave for each other: texts under keys of their own, in the ledger.

use std::future::Future;

use guardrail_policy::message;

use crate::ports::KeepError;

/// The longest text that is kept under one key, in bytes: as long as an item of `DynamoDB` can be, less what else is in it.
pub const LONGEST_TEXT: usize = 300 * 1024;

/// Keeps texts from one sweep to the next.
pub trait Remember {
    /// The text under a key, if there is one.
    ///
    /// # Errors
    /// [`KeepError::Unavailable`].
    fn remembered(&self, key: &str) -> impl Future<Output = Result<Option<String>, KeepError>>;

    /// Puts a text of at most [`LONGEST_TEXT`] bytes under a key, in the place of an earlier one.
    ///
    /// # Errors
    /// [`KeepError::Unavailable`].
    fn remember(&self, key: &str, text: &str) -> impl Future<Output = Result<(), KeepError>>;
}

/// Puts down a text of any length: in pieces, the first of which says how many there are and what they come to.
pub(super) async fn write(keep: &impl Remember, key: &str, text: &str) -> Result<(), KeepError> {
    let pieces = pieces(text);
    for (number, piece) in pieces.iter().enumerate().skip(1) {
        keep.remember(&format!("{key}#{number}"), piece).await?;
    }
    let first = pieces.first().copied().unwrap_or_default();
    keep.remember(
        key,
        &format!("{} {}\n{first}", pieces.len().max(1), message::digest(text)),
    )
    .await
}

/// The text that was put down; none where there is none, or where its pieces are not all of one writing.
pub(super) async fn read(keep: &impl Remember, key: &str) -> Result<Option<String>, KeepError> {
    let Some(first) = keep.remembered(key).await? else {
        return Ok(None);
    };
    let Some((count, digest, first)) = head(&first) else {
        return Ok(None);
    };
    let mut text = first.to_owned();
    for number in 1..count {
        let piece = keep.remembered(&format!("{key}#{number}")).await?;
        text.push_str(&piece.unwrap_or_default());
    }
    Ok((message::digest(&text) == digest).then_some(text))
}

fn head(text: &str) -> Option<(usize, &str, &str)> {
    let (head, first) = text.split_once('\n')?;
    let (count, digest) = head.split_once(' ')?;
    Some((count.parse().ok()?, digest, first))
}

/// Cuts a text, with room for what the first piece says besides.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(LONGEST_TEXT - 64));
        pieces.push(piece);
        rest = after;
    }
    pieces
}
