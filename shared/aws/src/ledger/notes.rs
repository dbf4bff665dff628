//! Notes: one item for what they are about, one attribute for each of them by its name.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use aws_sdk_dynamodb::types::AttributeValue;
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::ledger::{NOTES_KEPT, Note};
use guardrail_policy::ordered;

use super::change::Change;
use super::item::{EXPIRES, Foreign, Item, KEY, expiry, json, text};

/// How many notes that do not matter any more are taken out of an item with one write: an expression is at most 4 KB long
/// (developer guide, "Quotas").
const TIDIED_AT_ONCE: usize = 20;
/// Of how many items such notes are remembered.
const ITEMS_REMEMBERED: usize = 500;

/// Notes that were seen and do not matter any more, by item and name, as they were read. They go with the next write to
/// their item, so that no item grows for ever.
#[derive(Debug, Default)]
pub(super) struct Stale(Mutex<BTreeMap<String, BTreeMap<String, String>>>);

impl Stale {
    fn remember(&self, key: &str, stale: BTreeMap<String, String>) {
        let mut items = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        items.remove(key);
        if !stale.is_empty() && items.len() < ITEMS_REMEMBERED {
            items.insert(key.to_owned(), stale);
        }
    }

    fn take(&self, key: &str) -> BTreeMap<String, String> {
        let mut items = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        items.remove(key).unwrap_or_default()
    }
}

/// The notes in an item that matter; the others are remembered as stale.
pub(super) fn read(item: &Item, now: Timestamp, stale: &Stale) -> Result<Vec<Note>, Foreign> {
    let mut past = BTreeMap::new();
    let mut notes = Vec::new();
    for name in item.keys().filter(|name| ![KEY, EXPIRES].contains(&name.as_str())) {
        let note: Note = json(item, name)?;
        if note.until > now {
            notes.push(note);
        } else if past.len() < TIDIED_AT_ONCE {
            past.insert(name.clone(), text(item, name)?.to_owned());
        }
    }
    stale.remember(text(item, KEY)?, past);
    Ok(notes)
}

/// The changes that write notes: one for each item, since a transaction may not name an item twice.
pub(super) fn changes(notes: &[Note]) -> Result<Vec<Change>, serde_json::Error> {
    tidying(notes, None)
}

/// The same, and takes stale notes out of those items, each only if it is still what was read: another process may have
/// written a new one under its name since, and then no part of the change is made.
pub(super) fn tidying(notes: &[Note], stale: Option<&Stale>) -> Result<Vec<Change>, serde_json::Error> {
    let mut by_item: BTreeMap<String, BTreeMap<&str, &Note>> = BTreeMap::new();
    for note in notes {
        let item = by_item.entry(note.about.to_string()).or_default();
        item.insert(&note.name, note);
    }
    let changes = by_item.into_iter().map(|(key, notes)| {
        let mut change = Change::of(&key).set(EXPIRES, expiry(NOTES_KEPT));
        for (name, note) in &notes {
            change = change.set(name, AttributeValue::S(serde_json::to_string(note)?));
        }
        let written = ordered::set(notes.into_keys());
        let past = stale.map(|stale| stale.take(&key)).unwrap_or_default();
        for (name, read) in past.into_iter().filter(|(name, _)| !written.contains(name.as_str())) {
            change = change
                .remove(&name)
                .where_equal_or_absent(&name, AttributeValue::S(read));
        }
        Ok(change)
    });
    changes.collect()
}
