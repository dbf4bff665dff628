//! What leaves the guardrail can be read, and says nothing that a caller wrote.

use guardrail_policy::finding::Finding;
use guardrail_policy::message::Notice;
use guardrail_policy::record::Record;
use serde_json::Value;

/// Whether a text has characters that move a terminal's cursor, hide, or turn the direction of reading.
fn deceives(text: &str) -> Option<char> {
    let hides = |letter: char| {
        matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(letter, '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars()
        .find(|letter| *letter != '\n' && (letter.is_control() || hides(*letter)))
}

/// A text for people, each of whose lines is ours.
pub(crate) fn text(what: &str, text: &str) -> Result<(), String> {
    if let Some(letter) = deceives(text) {
        return Err(format!("{what} holds {letter:?}: {text:?}"));
    }
    match text.lines().find(|line| line.trim_start().starts_with("FORGED")) {
        Some(line) => Err(format!("{what} has a line that a caller wrote, {line:?}: {text}")),
        None => Ok(()),
    }
}

/// A record is one line of JSON that reads back as it was.
pub(crate) fn record(record: &Record) -> Result<(), String> {
    let line = serde_json::to_string(record).map_err(|error| format!("the record cannot be written: {error}"))?;
    if line.contains(|letter| letter < ' ') {
        return Err(format!("the record's line holds control characters: {line:?}"));
    }
    match serde_json::from_str::<Record>(&line) {
        Ok(again) if again == *record => Ok(()),
        Ok(_) => Err(format!("the record reads back as another: {line}")),
        Err(error) => Err(format!("the record cannot be read back: {error}: {line}")),
    }
}

/// A finding: each of its texts is one line that deceives nobody, wherever it is shown.
pub(crate) fn finding(finding: &Finding) -> Result<(), String> {
    let evidence = finding
        .evidence
        .iter()
        .flat_map(|evidence| [&evidence.part, &evidence.says]);
    let texts = evidence.chain(&finding.context).chain([&finding.summary]).cloned();
    for line in texts.chain([finding.resource.to_string()]) {
        text("the finding", &line)?;
        if line.contains('\n') {
            return Err(format!("a text of the finding has several lines: {line:?}"));
        }
    }
    Ok(())
}

/// A notice: its subject as SNS takes it, its text for people, its JSON for machines.
pub(crate) fn notice(notice: &Notice) -> Result<(), String> {
    let subject = &notice.subject;
    if subject.len() >= 100 || subject.contains(|letter: char| !(' '..='~').contains(&letter)) {
        return Err(format!("SNS would refuse the subject {subject:?}"));
    }
    text("the notice", &notice.text)?;
    let body: Value = serde_json::from_str(&notice.json).map_err(|error| format!("the notice's JSON: {error}"))?;
    match body.get("text").and_then(Value::as_str) == Some(notice.text.as_str()) {
        true => Ok(()),
        false => Err(format!("the notice's JSON has another text: {body}")),
    }
}
