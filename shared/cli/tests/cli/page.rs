//! The page for users, `docs/cli.md`: what it shows is what happens.

use std::fs;
use std::path::Path;

use crate::by_hand::{self, folder};
use crate::cloud::{Cloud, TABLE, TOPIC};
use crate::folder::{AT, Folder};

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli.md")).unwrap()
}

/// What stands between a line and the end of its block.
fn block(page: &str, first: &str) -> String {
    let (_, rest) = page
        .split_once(first)
        .unwrap_or_else(|| panic!("the page has no `{first}`"));
    rest.split("```").next().unwrap().trim_start_matches('\n').to_owned()
}

#[test]
fn the_replay_on_the_page_is_what_is_printed() {
    let folder = Folder::new();
    folder.write("event.json", folder.read("opened.json"));
    let run = folder.run(&format!(
        "replay event.json --policy policy.yaml --world world.json {AT}"
    ));
    let shown = block(
        &page(),
        "$ guardrail replay event.json --policy policy.yaml --world network.json\n",
    );
    assert_eq!(run.stdout, shown);
}

#[test]
fn the_scan_on_the_page_is_what_is_printed() {
    let folder = Folder::new();
    let run = folder.run(&format!(
        "scan --policy policy.yaml --world world.json --rule open-egress {AT}"
    ));
    let shown = block(
        &page(),
        "$ guardrail scan --policy policy.yaml --world network.json --rule open-egress\n",
    );
    assert_eq!(run.stdout, shown);
}

#[test]
fn the_check_on_the_page_is_what_is_printed() {
    let run = Folder::new().run("check policy.yaml --at 2027-01-20");
    let shown = block(&page(), "$ guardrail check policy.yaml --at 2027-01-20\n");
    assert!(run.stdout.starts_with(&shown), "{}", run.stdout);
}

#[test]
fn the_snapshot_on_the_page_can_be_used() {
    let folder = Folder::new();
    folder.write("world.yaml", block(&page(), "```yaml"));
    let run = folder.run(&format!(
        "replay opened.json --policy policy.yaml --world world.yaml {AT}"
    ));
    assert_eq!(
        run.summary(),
        "1 event: 0 clean, 1 with findings, 0 not ours, 0 could not be judged"
    );
}

#[test]
fn the_undo_on_the_page_is_what_is_printed() {
    let (cloud, folder, record) = by_hand::taken_back();
    let undo = format!("undo {} --dry-run", record.record_id);
    let shown = block(&page(), &format!("$ guardrail {undo}\n"));
    assert_eq!(cloud.run(&folder, &undo).stdout, shown);
}

#[test]
fn the_apply_on_the_page_is_what_is_printed() {
    let (cloud, folder, record) = by_hand::withheld();
    let apply = format!("apply {} --dry-run", record.record_id);
    let shown = block(&page(), &format!("$ guardrail {apply}\n"));
    assert_eq!(cloud.run(&folder, &apply).stdout, shown);
}

#[test]
fn the_exemption_on_the_page_is_what_is_printed() {
    let exempt = "exempt open-egress sg-0a1b2c3d4e5f600a1 --owner payments --reason CHG-1234 --dry-run";
    let shown = block(&page(), &format!("$ guardrail {exempt}\n"));
    assert_eq!(Cloud::start().run(&folder(), exempt).stdout, shown);
}

#[test]
fn the_doctor_on_the_page_is_what_is_printed() {
    let cloud = Cloud::start();
    cloud.with(|state| {
        state.parameter = Some("notify");
        state.denied = ["RevokeSecurityGroupEgress"].into();
    });
    let variables = [
        ("GUARDRAIL_TOPIC_ARN", TOPIC),
        ("GUARDRAIL_LEDGER_TABLE", TABLE),
        ("GUARDRAIL_POLICY", "file:guard.yaml"),
        ("GUARDRAIL_KILL_SWITCH", "/guardrail/max-mode"),
    ];
    let shown = block(&page(), "$ guardrail doctor\n");
    assert_eq!(cloud.run_with(&folder(), "doctor", &variables).stdout, shown);
}
