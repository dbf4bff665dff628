//! What the tests of reverts share: a careless call, time that passes, and what must hold in the end.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use harness::calls::Calls;
use harness::network;
use harness::picture::{Picture, in_short};
use harness::queue::{Delivery, Queue};
use harness::record::Record;
use harness::stage::{REVERT_POLICY, Stage};
use harness::user::User;
use serde_json::{Value, json};

use crate::reading::{notice_id, only_record, reason, text_at};

/// What takes the place of everything to `0.0.0.0/0` in the application's group, which has its ways to the endpoints.
pub(crate) const NARROWED: [&str; 1] = ["-1 10.0.0.0/8"];

/// A policy that reverts as often as a test likes.
pub(crate) fn tireless() -> String {
    format!("{REVERT_POLICY}limits: {{ reverts_per_principal_per_day: 1000, attempts_per_resource_per_hour: 100 }}\n")
}

/// Somebody opens `group` to `cidr`, for every protocol.
pub(crate) fn opens(person: &User, group: &str, cidr: &str) -> Record {
    let opened = network::open_egress(person, group, cidr).unwrap();
    opened.outcome.unwrap();
    opened.record
}

/// A person undoes a revert by its record, and is told of it like everybody.
pub(crate) fn undoes(stage: &Stage, record: &Value) {
    let id = text_at(record, "/record_id");
    let ran = stage.operator().unwrap().runs(&["undo", id]).unwrap();
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{}", ran.stdout);
}

/// A customer's list of one network.
pub(crate) fn customer_list(stage: &Stage, cidr: &str) -> String {
    let list = json!({
        "PrefixListName": "partners", "MaxEntries": 5, "AddressFamily": "IPv4", "Entries": [{"Cidr": cidr}],
    });
    let list = stage.owner.call("ec2", "create_managed_prefix_list", &list).unwrap();
    text_at(&list, "/PrefixList/PrefixListId").to_owned()
}

/// The whole VPC is as it was in `before`, but for these rules that came to it.
pub(crate) fn assert_only_added(stage: &Stage, before: &Picture, rules: &[&str], place: &str) {
    let difference = before.until(&stage.picture().unwrap());
    let mut added: Vec<_> = difference.added.iter().map(in_short).collect();
    added.sort();
    assert_eq!(added, rules, "{place}");
    assert_eq!((difference.removed, difference.changed), (vec![], vec![]), "{place}");
}

/// Takes away what came to the application's group, and what the ledger and the inbox hold, so that the stage can be used
/// again.
pub(crate) fn clear(stage: &Stage) {
    let network = &stage.network;
    let is_its_own = |rule: &&Value| [&network.s3_list, &network.endpoint_group].contains(&&network::destination(rule));
    let rules = network::egress_rules(&stage.owner, &network.app_group).unwrap();
    let added: Vec<_> = rules.iter().filter(|rule| !is_its_own(rule)).collect();
    let ids: Vec<&Value> = added.iter().map(|rule| &rule["SecurityGroupRuleId"]).collect();
    if !ids.is_empty() {
        let parameters = json!({"GroupId": network.app_group, "SecurityGroupRuleIds": ids});
        let revoked = stage.owner.call("ec2", "revoke_security_group_egress", &parameters);
        revoked.unwrap();
    }
    stage.ledger.iter().for_each(|ledger| ledger.clear().unwrap());
    stage.inbox.messages().unwrap();
}

/// Lets time pass for the queue and for the ledger.
pub(crate) fn let_pass(stage: &Stage, queue: &mut Queue, by: Duration) {
    queue.elapse(by);
    if let Some(ledger) = &stage.ledger {
        ledger.elapse(by).unwrap();
    }
}

/// Delivers, and lets visibility time-outs pass, until nothing waits; gives the records.
pub(crate) fn drain(stage: &mut Stage, queue: &mut Queue) -> Vec<Value> {
    let mut records = Vec::new();
    while !queue.is_empty() {
        match queue.deliver(&mut stage.function).unwrap() {
            Some(delivery) => records.push(only_record(&delivery.invocation)),
            None => {
                let visibility = queue.visibility();
                let_pass(stage, queue, visibility);
            }
        }
    }
    records
}

/// One delivery of what is visible.
pub(crate) fn deliver_now(stage: &mut Stage, queue: &mut Queue) -> Delivery {
    queue
        .deliver(&mut stage.function)
        .unwrap()
        .expect("a message is visible")
}

/// The reasons of several records, in order.
pub(crate) fn reasons_of(records: &[Value]) -> Vec<&str> {
    records.iter().map(reason).collect()
}

/// How many notices came: at least one, and all of one id.
pub(crate) fn notices_of_one_id(stage: &Stage, place: &str) -> usize {
    let notices = stage.inbox.messages().unwrap();
    assert!(!notices.is_empty(), "{place}: nobody was told");
    let ids: Vec<_> = notices.iter().map(notice_id).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{place}: {ids:?}");
    notices.len()
}

/// How often the function wrote to EC2 with success since the last look: rules made, and rules taken away.
pub(crate) fn writes(stage: &mut Stage) -> (usize, usize) {
    writes_among(&stage.calls.take().unwrap())
}

/// The same among these calls.
pub(crate) fn writes_among(calls: &Calls) -> (usize, usize) {
    let done = |action: &str| {
        let done = calls
            .0
            .iter()
            .filter(|call| call.action == action && call.status == 200);
        done.count()
    };
    (done("AuthorizeSecurityGroupEgress"), done("RevokeSecurityGroupEgress"))
}

/// Plays every case, each on whichever of `stages` stages is free: what waits for a time-out does not hold up the others.
pub(crate) fn side_by_side<S, T: Send>(
    stages: usize,
    set: impl Fn() -> S + Sync,
    cases: impl IntoIterator<Item = T>,
    play: impl Fn(&mut S, T) + Sync,
) {
    let cases = Mutex::new(cases.into_iter().collect::<VecDeque<T>>());
    let next = || cases.lock().unwrap().pop_front();
    thread::scope(|scope| {
        for _ in 0..stages {
            scope.spawn(|| {
                let mut stage = None;
                while let Some(case) = next() {
                    play(stage.get_or_insert_with(&set), case);
                }
            });
        }
    });
}
