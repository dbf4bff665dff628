//! Deliveries that are no events, or no longer.

use proptest::prelude::*;
use serde_json::Value;

use super::scenario::scenarios;

/// Any bytes, and texts that look like JSON.
pub fn stray_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..400),
        "[\\[\\]{}\":,a-z0-9 \\\\]{0,200}".prop_map(String::into_bytes),
        Just(vec![b'['; 20_000]),
        Just(b"{\"detail-type\":\"AWS API Call via CloudTrail\",\"detail\":[]}".to_vec()),
    ]
}

/// Real deliveries in which one value was replaced by another, taken out, or cut off somewhere.
pub fn garbled_records() -> impl Strategy<Value = Vec<u8>> {
    let with = prop_oneof![
        Just(None),
        Just(Some(Value::Null)),
        Just(Some(Value::from(-1))),
        Just(Some(Value::from(""))),
        Just(Some(Value::from("0.0.0.0/0"))),
        Just(Some(serde_json::json!({}))),
        Just(Some(serde_json::json!([[{ "items": 7 }]]))),
        Just(Some(Value::from("\u{0}\u{1b}[2J"))),
    ];
    let garbled = (scenarios(), any::<prop::sample::Index>(), with).prop_map(|(scenario, place, with)| {
        let mut event: Value = serde_json::from_slice(&scenario.event.envelope()).unwrap_or_default();
        let mut places = Vec::new();
        list_places(&event, &mut String::new(), &mut places);
        replace(&mut event, &places[place.index(places.len())], with);
        event.to_string().into_bytes()
    });
    let cut = (scenarios(), any::<prop::sample::Index>()).prop_map(|(scenario, length)| {
        let mut bytes = scenario.event.envelope();
        bytes.truncate(length.index(bytes.len()));
        bytes
    });
    prop_oneof![8 => garbled, 1 => cut]
}

/// The JSON pointers of everything below a value.
fn list_places(value: &Value, path: &mut String, places: &mut Vec<String>) {
    let length = path.len();
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(index, value)| (index.to_string(), value))
            .collect(),
        _ => Vec::new(),
    };
    for (key, child) in children {
        path.push('/');
        path.push_str(&key.replace('~', "~0").replace('/', "~1"));
        places.push(path.clone());
        list_places(child, path, places);
        path.truncate(length);
    }
}

fn replace(event: &mut Value, place: &str, with: Option<Value>) {
    if let Some(value) = with {
        if let Some(found) = event.pointer_mut(place) {
            *found = value;
        }
        return;
    }
    let Some((parent, key)) = place.rsplit_once('/') else {
        return;
    };
    if let Some(Value::Object(map)) = event.pointer_mut(parent) {
        map.remove(key);
    }
}
