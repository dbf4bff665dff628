//! How the tests read what the function wrote: its records and its notices. All that they assume about
//! the shape of either stands here.

use harness::function::Invocation;
use harness::inbox::Notice;
use harness::stage::Stage;
use serde_json::Value;

/// The record of an invocation that must have written exactly one.
pub(crate) fn only_record(invocation: &Invocation) -> Value {
    let mut records = invocation.records();
    assert_eq!(records.len(), 1, "exactly one record: {invocation:#?}");
    records.remove(0)
}

/// What came of it, in one word.
pub(crate) fn reason(record: &Value) -> &str {
    text_at(record, "/reason")
}

/// The words of several records, in order.
pub(crate) fn reasons(invocation: &Invocation) -> Vec<String> {
    invocation
        .records()
        .iter()
        .map(|record| reason(record).to_owned())
        .collect()
}

/// Whether the record says that the event must come again.
pub(crate) fn comes_again(record: &Value) -> bool {
    record["deliver_again"] == Value::Bool(true)
}

/// What `open-egress` found.
pub(crate) fn findings(record: &Value) -> &[Value] {
    findings_of("open-egress", record)
}

/// What a rule found that must have been woken.
pub(crate) fn findings_of<'r>(rule: &str, record: &'r Value) -> &'r [Value] {
    known_to(rule, record)["findings"].as_array().map_or(&[], Vec::as_slice)
}

/// The one thing that a rule found.
pub(crate) fn only_finding_of<'r>(rule: &str, record: &'r Value) -> &'r Value {
    let [finding] = findings_of(rule, record) else {
        panic!("not one finding: {record:#}")
    };
    finding
}

/// The text of the one notice about a rule's findings, whatever other rules told.
pub(crate) fn text_about(stage: &Stage, rule: &str) -> String {
    let notices = stage.inbox.messages().unwrap();
    let texts = notices.iter().map(|notice| text_at(&notice.json(), "/text").to_owned());
    let own: Vec<String> = texts.filter(|text| text.contains(rule)).collect();
    assert_eq!(own.len(), 1, "{notices:#?}");
    own.concat()
}

/// Why a rule let the only thing pass that it looked at.
pub(crate) fn passed_by<'r>(rule: &str, record: &'r Value) -> &'r str {
    text_at(known_to(rule, record), "/passed/0/why")
}

fn known_to<'r>(rule: &str, record: &'r Value) -> &'r Value {
    let verdicts = record["decision"]["verdicts"].as_array().expect("verdicts");
    let verdict = verdicts.iter().find(|verdict| verdict["rule"] == rule);
    let verdict = verdict.unwrap_or_else(|| panic!("`{rule}` was not woken: {record:#}"));
    &verdict["outcome"]["known"]
}

/// The steps of the plan that a finding carries where nothing speaks against carrying it out.
pub(crate) fn automatic_steps(finding: &Value) -> &[Value] {
    let steps = finding["treatment"]["automatic"]["steps"].as_array();
    steps.unwrap_or_else(|| panic!("no automatic plan in {finding:#}"))
}

/// What became of each notice: its id and, where it was not sent, why.
pub(crate) fn told(record: &Value) -> Vec<(String, Option<String>)> {
    let told = record["told"].as_array().map_or(&[][..], Vec::as_slice);
    let error = |told: &Value| told["error"].as_str().map(str::to_owned);
    told.iter()
        .map(|told| (text_at(told, "/notice_id").to_owned(), error(told)))
        .collect()
}

/// The message that the inbox must hold, and no other.
pub(crate) fn only_notice(stage: &Stage) -> Notice {
    let mut notices = stage.inbox.messages().unwrap();
    assert_eq!(notices.len(), 1, "exactly one notice: {notices:#?}");
    notices.remove(0)
}

/// Nobody was told anything.
pub(crate) fn assert_silence(stage: &Stage) {
    assert_eq!(stage.inbox.messages().unwrap(), []);
}

/// The id by which subscribers drop duplicates.
pub(crate) fn notice_id(notice: &Notice) -> String {
    text_at(&notice.json(), "/notice_id").to_owned()
}

/// The text at `pointer`, which must be there.
pub(crate) fn text_at<'a>(json: &'a Value, pointer: &str) -> &'a str {
    let text = json.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_else(|| panic!("no text at `{pointer}` in {json:#}"))
}
