//! Events and networks to measure with.

use anyhow::Context as _;
use guardrail_policy::id::{SecurityGroupId, SecurityGroupRuleId};
use guardrail_policy::network::Permission;
use guardrail_testkit::{APP_GROUP, TrailRecord, block, id, private_network, tcp, to};
use guardrail_world::{Rule, World};
use serde_json::{Value, json};

/// How many rules the group holds that is judged.
pub(crate) const RULES: usize = 60;

/// A call that no rule of ours is woken by.
pub(crate) fn not_ours() -> TrailRecord {
    TrailRecord::ec2(
        "CreateVolume",
        json!({ "availabilityZone": "eu-west-1a", "size": "8", "volumeType": "gp3" }),
        json!({ "requestId": "20000000-0000-4000-8000-000000000001", "volumeId": "vol-0a1b2c3d4e5f60001" }),
    )
}

/// The event in which Lambda hands over one message of a queue, with this envelope as its body.
pub(crate) fn batch(envelope: &[u8]) -> anyhow::Result<Value> {
    let body = str::from_utf8(envelope).context("an envelope is text")?;
    Ok(json!({ "Records": [{
        "messageId": "40000000-0000-4000-8000-000000000001",
        "receiptHandle": "40000000-0000-4000-8000-000000000001#1",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1772442907000",
            "SenderId": "AIDAEXAMPLE000000001",
            "ApproximateFirstReceiveTimestamp": "1772442907000",
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:111122223333:guardrail-security-groups",
        "awsRegion": "eu-west-1",
    }]}))
}

/// What the application's group holds, and the call that brought its last egress rule.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) call: TrailRecord,
}

/// All sixty rules are egress rules that lead where they may.
pub(crate) fn clean() -> Scene {
    scene((0..RULES).map(precise).collect(), 0)
}

/// The last rule is open to the world, and a quarter of the rules are ingress rules, so that the precise ones have room.
pub(crate) fn open() -> Scene {
    let ingress = RULES / 4;
    scene(last_open(RULES - ingress), ingress)
}

/// The last rule is open to the world, and there is no room for others beside it.
pub(crate) fn open_and_full() -> Scene {
    scene(last_open(RULES), 0)
}

/// Every rule is an egress rule to an address on the internet.
pub(crate) fn all_open() -> Scene {
    let outside = |number: usize| tcp(443, 443, block(&format!("8.8.8.{number}/32")));
    scene((0..RULES).map(outside).collect(), 0)
}

/// A rule to a part of the VPC, as careful people write them: one port of one subnet. Rules for HTTPS are the most work.
fn precise(number: usize) -> Permission {
    tcp(443, 443, block(&format!("10.0.{number}.0/24")))
}

fn last_open(rules: usize) -> Vec<Permission> {
    let everywhere = to(block("0.0.0.0/0"));
    (1..rules).map(precise).chain([everywhere]).collect()
}

/// The private network, whose application's group holds these egress rules and so many ingress rules.
fn scene(egress: Vec<Permission>, ingress: usize) -> Scene {
    let group: SecurityGroupId = id(APP_GROUP);
    let last = egress
        .last()
        .cloned()
        .map(|permission| (rule_id(egress.len() - 1), permission));
    let call = TrailRecord::authorize_egress(&group, &Vec::from_iter(last));
    let egress = egress.into_iter().map(Rule::egress);
    let rules = egress.chain((0..ingress).map(precise).map(Rule::ingress));
    let mut world = private_network();
    if let Some(group) = world.groups.as_mut().and_then(|groups| groups.get_mut(&group)) {
        group.rules = rules
            .enumerate()
            .map(|(number, rule)| (rule_id(number), rule))
            .collect();
    }
    Scene { world, call }
}

fn rule_id(number: usize) -> SecurityGroupRuleId {
    id(&format!("sgr-0a1b2c3d4e5f6{number:04x}"))
}
