//! Laws 4 and 8 where one event wakes several rules: as long as one of them does not know, nothing is done and nothing is told
//! by halves; and at the last delivery, what the others found is done and told.

use guardrail_policy::jiff::SignedDuration;
use guardrail_policy::settings::RuleName;
use guardrail_runner::Memory;
use guardrail_testkit::{
    APP_GROUP, Changing, Desk, ECR_API_ENDPOINT, Queue, Saboteur, TrailRecord, block, id, private_network, settings,
    tcp,
};
use guardrail_world::{Unknown, World};

const EDITED: &str = "sgr-0a1b2c3d4e5f60002";

/// The app's way to the endpoints was edited into one to everywhere: `open-egress` narrows it, and `private-path` looks at the
/// declared path, of which it cannot read whether the VPC resolves names.
fn queue() -> Queue {
    let everywhere = tcp(443, 443, block("0.0.0.0/0"));
    let mut world: World = private_network();
    world.edit_rule(&id(APP_GROUP), &id(EDITED), &everywhere).unwrap();
    let app = world.groups.as_mut().and_then(|groups| groups.get_mut(&id(APP_GROUP)));
    app.unwrap().tags.insert("tier".to_owned(), "app".to_owned());
    world.unknown.insert(Unknown::VpcDns);
    let policy = "\
version: 1
scope: { private_vpcs: [{ tags: { connectivity: private } }] }
allowed_destinations: [10.0.0.0/8]
client_pairs: [{ client: { tags: { tier: app } }, services: [ecr.api] }]
mode: revert
";
    let event = TrailRecord::modify_rules(&id(APP_GROUP), &[(id(EDITED), everywhere)]);
    let later = event.time().checked_add(SignedDuration::from_secs(120)).unwrap();
    let desk = Desk::new(settings(policy), later).with(&[RuleName::OpenEgress, RuleName::PrivatePath]);
    assert!(world.endpoints.as_ref().unwrap().contains_key(&id(ECR_API_ENDPOINT)));
    Queue::of(desk, event.envelope(), Changing::of(world), Some(Memory::default()))
}

/// How often the network was changed, and which rules people have heard of.
fn came_of(queue: &Queue) -> (usize, Vec<RuleName>) {
    let told = queue.topic.notices().into_iter().map(|notice| notice.rule);
    (queue.network.history().len(), told.collect())
}

#[test]
fn nothing_is_done_or_told_by_halves_until_all_rules_know() {
    let mut queue = queue();
    let record = queue.deliver(&Saboteur::idle()).unwrap();
    assert!(record.deliver_again, "{record:#?}");
    assert_eq!(came_of(&queue), (0, vec![]));
    queue.network.change(|world| world.unknown.remove(&Unknown::VpcDns));
    let before = queue.network.history().len();
    assert!(queue.drain(), "{:#?}", queue.records.last());
    let (changes, told) = came_of(&queue);
    assert!(changes > before, "the egress is narrowed");
    assert_eq!(told, [RuleName::OpenEgress], "and the path still works");
}

#[test]
fn what_is_known_is_done_and_told_before_the_queue_gives_the_event_up() {
    let mut queue = queue();
    queue.drain();
    assert_eq!(queue.received(), 5, "it waits as long as it may");
    let (changes, told) = came_of(&queue);
    assert!(changes > 0, "the egress is narrowed at the last delivery");
    assert_eq!(
        told,
        [RuleName::OpenEgress, RuleName::PrivatePath],
        "the path as far as it is known"
    );
}
