//! The made-up records, and short ways to ask about them.

use guardrail_policy::event::{Event, parse};
use serde_json::{Value, json};

/// The text of one record.
#[expect(clippy::disallowed_methods, reason = "tests read their fixtures")]
pub(crate) fn text(name: &str) -> String {
    std::fs::read_to_string(format!("{}/tests/events/{name}.json", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// One record as JSON, to be changed.
pub(crate) fn record(name: &str) -> Value {
    serde_json::from_str(&text(name)).unwrap()
}

/// The names of all records.
pub(crate) fn names() -> Vec<String> {
    let folder = std::fs::read_dir(format!("{}/tests/events", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let files = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = files
        .filter_map(|file| Some(file.strip_suffix(".json")?.to_owned()))
        .collect();
    names.sort();
    assert!(names.len() > 30, "the fixtures are there: {names:?}");
    names
}

/// The event in one record.
pub(crate) fn event(name: &str) -> Event {
    parse(text(name).as_bytes())
        .unwrap_or_else(|error| panic!("{name}: {error}"))
        .1
}

/// The event in a record that was changed.
pub(crate) fn changed(name: &str, change: impl FnOnce(&mut Value)) -> Result<Event, String> {
    let mut record = record(name);
    change(&mut record);
    parse(record.to_string().as_bytes())
        .map(|(_, event)| event)
        .map_err(|error| error.to_string())
}

/// The call of one record, as records of the guardrail carry it.
pub(crate) fn call(name: &str) -> Value {
    json!(event(name).call)
}
