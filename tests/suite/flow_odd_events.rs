//! Events that are not what the function waits for: failed calls, strangers, nonsense, poison.

use harness::delivery::envelope;
use harness::function::Outcome;
use harness::record::Record;
use serde_json::json;

use crate::reading::{assert_silence, comes_again, only_notice, only_record, reason, reasons, text_at};
use crate::scene::{deliver_done, opens, queue, stage};

#[test]
fn a_failed_call_changes_nothing_and_costs_no_call() {
    let mut stage = stage();
    let open =
        || harness::network::open_egress(&stage.person().unwrap(), &stage.network.app_group, "0.0.0.0/0").unwrap();
    open().outcome.unwrap();
    // The second time AWS refuses it as a duplicate, and its record has the same parameters as a success.
    let failed = open();
    assert_eq!(failed.outcome.unwrap_err().code, "InvalidPermission.Duplicate");
    stage.calls.take().unwrap();
    let invocation = deliver_done(&mut stage, &failed.record);
    assert_eq!(reasons(&invocation), ["failed_call"]);
    assert_eq!(stage.calls.take().unwrap().actions(), Vec::<String>::new());
    assert_silence(&stage);
}

#[test]
fn a_dry_run_changes_nothing_and_costs_no_call() {
    let mut stage = stage();
    let parameters = json!({
        "GroupId": stage.network.app_group, "IpPermissions": harness::network::everything(), "DryRun": true,
    });
    let person = stage.person().unwrap();
    let dry = person
        .perform("ec2", "authorize_security_group_egress", &parameters)
        .unwrap();
    assert_eq!(dry.record.error_code(), Some("Client.DryRunOperation"));
    stage.calls.take().unwrap();
    let invocation = deliver_done(&mut stage, &dry.record);
    assert_eq!(reasons(&invocation), ["dry_run"]);
    assert_eq!(stage.calls.take().unwrap().actions(), Vec::<String>::new());
    assert_silence(&stage);
}

#[test]
fn an_event_that_is_not_ours_is_done_without_a_call() {
    let mut stage = stage();
    let opened = opens(&stage, "0.0.0.0/0");
    let unknown = opened.clone().with("eventName", json!("CreateSomethingNew"));
    let namesake = opened
        .with("eventSource", json!("aoss.amazonaws.com"))
        .with("eventName", json!("CreateVpc"));
    stage.calls.take().unwrap();
    for record in [unknown, namesake] {
        let invocation = deliver_done(&mut stage, &record);
        assert_eq!(reasons(&invocation), ["not_ours"]);
    }
    assert_eq!(stage.calls.take().unwrap().actions(), Vec::<String>::new());
    assert_silence(&stage);
}

#[test]
fn garbage_ends_among_the_dead_letters_with_a_record_of_each_try() {
    let mut stage = stage();
    for garbage in [
        "",
        "not JSON",
        "{",
        "[]",
        "null",
        "{\"detail\": 7}",
        "\u{0}\u{1f}\u{feff}",
    ] {
        let mut queue = queue();
        queue.send_text(garbage);
        let deliveries = queue.drain(&mut stage.function).unwrap();
        assert_eq!(
            deliveries.len(),
            3,
            "{garbage:?} is received as often as the queue allows"
        );
        for delivery in &deliveries {
            let record = only_record(&delivery.invocation);
            assert_eq!(
                (reason(&record), comes_again(&record)),
                ("unparsable", true),
                "{garbage:?}"
            );
            assert!(!text_at(&record, "/error").is_empty(), "{garbage:?}");
        }
        assert_eq!(queue.dead_letters().len(), 1, "{garbage:?}");
    }
    assert_silence(&stage);
}

#[test]
fn one_poison_message_does_not_hold_up_its_batch() {
    let mut stage = stage();
    let (first, second) = (opens(&stage, "0.0.0.0/1"), opens(&stage, "128.0.0.0/1"));
    let mut queue = queue();
    let good = [queue.send(&first), queue.send(&second)];
    let poison = queue.send_text("poison");
    let deliveries = queue.drain(&mut stage.function).unwrap();
    let mut acknowledged = deliveries[0].acknowledged.clone();
    acknowledged.sort();
    let mut expected = good.to_vec();
    expected.sort();
    assert_eq!(acknowledged, expected);
    assert_eq!(deliveries[0].invocation.records().len(), 3, "one record per message");
    assert_eq!(deliveries[0].returned, std::slice::from_ref(&poison));
    let dead: Vec<_> = queue
        .dead_letters()
        .iter()
        .map(|message| message.id().to_owned())
        .collect();
    assert_eq!(dead, [poison]);
    assert_eq!(
        stage.inbox.messages().unwrap().len(),
        2,
        "nobody is told twice because of somebody else's poison"
    );
}

#[test]
fn an_envelope_that_claims_another_account_or_region_is_refused() {
    let mut stage = stage();
    let record = opens(&stage, "0.0.0.0/0");
    for (field, forged) in [("account", "444455556666"), ("region", "us-east-1")] {
        let mut forgery = envelope(&record);
        forgery[field] = forged.into();
        let mut queue = queue();
        queue.send_text(&forgery.to_string());
        let deliveries = queue.drain(&mut stage.function).unwrap();
        assert_eq!(deliveries.len(), 3, "{field}");
        assert_eq!(reasons(&deliveries[0].invocation), ["unparsable"], "{field}");
        assert_eq!(queue.dead_letters().len(), 1, "{field}");
    }
    assert_silence(&stage);
}

#[test]
fn nonsense_without_a_queue_is_an_error_that_names_itself_and_the_function_goes_on() {
    let mut stage = stage();
    let nonsense = stage.function.invoke(&json!({"surprise": true})).unwrap();
    let Outcome::Error { kind, message } = &nonsense.outcome else {
        panic!("{nonsense:#?}")
    };
    assert!(!kind.is_empty() && !message.is_empty(), "{nonsense:#?}");
    assert_eq!(reasons(&nonsense), ["unparsable"]);
    let not_json = stage.function.invoke_bytes(b"\xff\xfe".to_vec()).unwrap();
    assert!(!matches!(not_json.outcome, Outcome::Response(_)), "{not_json:#?}");

    let record = opens(&stage, "0.0.0.0/0");
    deliver_done(&mut stage, &record);
    only_notice(&stage);
}

#[test]
fn a_replayed_event_from_an_archive_is_told_and_says_so() {
    let mut stage = stage();
    let record = opens(&stage, "0.0.0.0/0");
    let mut replayed = envelope(&record);
    replayed["replay-name"] = "last-week".into();
    let mut queue = queue();
    let id = queue.send_text(&replayed.to_string());
    let delivery = queue.deliver(&mut stage.function).unwrap().unwrap();
    assert_eq!(delivery.acknowledged, [id]);
    let record = only_record(&delivery.invocation);
    assert_eq!(reason(&record), "found");
    assert_eq!(text_at(&record, "/event/replay"), "last-week");
    only_notice(&stage);
}

#[test]
fn a_record_whose_parameters_were_omitted_is_judged_by_what_is_there() {
    let mut stage = stage();
    let mut record = opens(&stage, "0.0.0.0/0").json().clone();
    let group = record["requestParameters"]["groupId"].clone();
    record["requestParameters"] = json!({"groupId": group, "omitted": true});
    record["responseElements"] = json!(null);
    let invocation = deliver_done(&mut stage, &Record::new(record));
    assert_eq!(reasons(&invocation), ["found"]);
    assert_eq!(stage.inbox.messages().unwrap().len(), 1);
}
