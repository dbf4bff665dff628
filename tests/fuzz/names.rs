//! Networks with hostile names, descriptions and tags: what the messages quote of them deceives nobody.

use guardrail_testkit::Changing;
use guardrail_world::World;
use serde_json::Value;

use crate::campaign::run;
use crate::dice::Dice;
use crate::events::delivered;
use crate::{cases, mutation};

#[test]
fn hostile_names_in_the_network_reach_no_message_unescaped() {
    let cases = cases();
    let worlds: Vec<Value> = cases
        .iter()
        .map(|case| serde_json::to_value(&case.networks[0]).unwrap())
        .collect();
    let make = |dice: &mut Dice| {
        let at = dice.below(cases.len());
        let world = mutation::of_names(&worlds[at], dice).to_string();
        // The number of the case comes with it: its event is delivered to its own network.
        serde_json::json!({ "case": at, "world": world })
            .to_string()
            .into_bytes()
    };
    run("network", 10, make, |_, bytes| {
        let input: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let case = input["case"].as_u64().and_then(|at| cases.get(at as usize));
        let case = case.ok_or("no such case")?;
        match World::read(input["world"].as_str().ok_or("no network")?.as_bytes()) {
            Ok(world) => delivered(case, &case.event, &Changing::of(world)).map(|_| true),
            Err(_) => Ok(false),
        }
    });
}
