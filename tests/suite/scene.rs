//! What the tests do again and again: set the stage, make a call, deliver its event.

use std::time::Duration;

use harness::emulator::Emulator;
use harness::function::{Invocation, Outcome};
use harness::network;
use harness::queue::{Delivery, Queue};
use harness::record::Record;
use harness::stage::{NOTIFY_POLICY, Stage};
use serde_json::json;

/// Longer than AWS may take to show a change: what is missing then is gone.
pub(crate) const SETTLED: Duration = Duration::from_secs(120);

/// A stage on the shared emulator whose policy guards and tells.
pub(crate) fn stage() -> Stage {
    Stage::set(Emulator::shared().unwrap(), NOTIFY_POLICY).unwrap()
}

/// A person opens the application's group to `cidr`, for every protocol.
pub(crate) fn opens(stage: &Stage, cidr: &str) -> Record {
    let opened = network::open_egress(&stage.person().unwrap(), &stage.network.app_group, cidr).unwrap();
    opened.outcome.unwrap();
    opened.record
}

/// A queue in front of the function.
pub(crate) fn queue() -> Queue {
    Queue::immediate("guardrail-security-groups")
}

/// Delivers a record once, whatever the function makes of it.
pub(crate) fn deliver(stage: &mut Stage, record: &Record) -> Delivery {
    let mut queue = queue();
    queue.send(record);
    queue.deliver(&mut stage.function).unwrap().unwrap()
}

/// Delivers a record, which the function must take for done.
pub(crate) fn deliver_done(stage: &mut Stage, record: &Record) -> Invocation {
    let delivery = deliver(stage, record);
    let nothing_failed = Outcome::Response(json!({"batchItemFailures": []}));
    assert_eq!(
        delivery.invocation.outcome, nothing_failed,
        "{:#?}",
        delivery.invocation
    );
    delivery.invocation
}
