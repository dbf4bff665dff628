//! What the rest of the guardrail asks of the settings.

use insta::assert_snapshot;
use jiff::Timestamp;

use super::good;
use crate::id::{AccountId, VpcId};
use crate::settings::{Mode, Remedy, RuleName, Selection};

fn account(text: &str) -> AccountId {
    text.parse().unwrap()
}

fn vpc(text: &str) -> VpcId {
    text.parse().unwrap()
}

#[test]
fn the_account_s_word_on_a_rule_decides_and_else_the_lower_of_the_account_s_mode_and_the_rule_s() {
    // (the file's mode, its rule's, the account's, the account's rule's) and the mode in force
    let cases = [
        (["revert", "", "", ""], Mode::Revert),
        (["notify", "revert", "", ""], Mode::Revert),
        (["revert", "observe", "", ""], Mode::Observe),
        (["notify", "revert", "observe", ""], Mode::Observe),
        (["observe", "notify", "revert", ""], Mode::Notify),
        (["observe", "", "revert", ""], Mode::Revert),
        (["observe", "observe", "observe", "revert"], Mode::Revert),
        (["revert", "revert", "revert", "observe"], Mode::Observe),
        (["", "", "", ""], Mode::Notify),
    ];
    for ([file, rule, own, own_rule], expected) in cases {
        let mode = |mode: &str| {
            if mode.is_empty() {
                "{}".to_owned()
            } else {
                format!("{{ mode: {mode} }}")
            }
        };
        let of_account = if own.is_empty() {
            String::new()
        } else {
            format!("mode: {own}, ")
        };
        let of_file = if file.is_empty() {
            String::new()
        } else {
            format!("mode: {file}\n")
        };
        let text = format!(
            "version: 1\n{of_file}rules: {{ open-egress: {} }}\naccounts:\n  \"111122223333\": {{ {of_account}rules: {{ open-egress: {} }} }}\n",
            mode(rule),
            mode(own_rule)
        );
        assert_eq!(
            good(&text).mode_for(RuleName::OpenEgress, &account("111122223333")),
            expected,
            "{text}"
        );
    }
}

#[test]
fn other_accounts_and_rules_are_not_touched_by_an_account_s_settings() {
    let settings = good("version: 1\naccounts: { \"111122223333\": { rules: { open-egress: { mode: revert } } } }\n");
    assert_eq!(
        settings.mode_for(RuleName::OpenEgress, &account("444455556666")),
        Mode::Notify
    );
    assert_eq!(
        settings.mode_for(RuleName::PrivateDns, &account("111122223333")),
        Mode::Notify
    );
}

#[test]
fn an_account_s_options_go_over_the_rule_s_one_by_one() {
    let text = "
version: 1
rules: { open-egress: { mode: revert, remedy: narrow, only_newer_than: 60m } }
accounts: { \"111122223333\": { rules: { open-egress: { remedy: revoke, require_private_path: false } } } }
";
    let here = good(text).rule(RuleName::OpenEgress, &account("111122223333"));
    assert_eq!(
        (here.mode, here.remedy, here.require_private_path),
        (Some(Mode::Revert), Some(Remedy::Revoke), Some(false))
    );
    assert_eq!(here.only_newer_than.unwrap().to_string(), "1h");
    let elsewhere = good(text).rule(RuleName::OpenEgress, &account("444455556666"));
    assert_eq!(
        (elsewhere.remedy, elsewhere.require_private_path),
        (Some(Remedy::Narrow), None)
    );
}

const SCOPE: &str = "
version: 1
scope:
  private_vpcs:
    - tags: { connectivity: private, stage: prod }
    - id: vpc-0a1b2c3d4e5f67890
    - { account: \"111122223333\", all_except: [vpc-0123456789abcdef0] }
";

#[test]
fn a_vpc_is_selected_by_id_by_account_or_by_all_tags_of_an_entry() {
    let settings = good(SCOPE);
    let tags = |pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    };
    let selects =
        |in_account, id, pairs: &[(&str, &str)]| settings.selects_vpc(&account(in_account), &vpc(id), &tags(pairs));
    let both = [("connectivity", "private"), ("stage", "prod"), ("name", "x")];
    assert!(selects("444455556666", "vpc-0a1b2c3d4e5f67890", &[]));
    assert!(selects("111122223333", "vpc-00000000", &[]));
    assert!(!selects("111122223333", "vpc-0123456789abcdef0", &[]));
    assert!(
        selects("111122223333", "vpc-0123456789abcdef0", &both),
        "an exception from one entry is none from another"
    );
    assert!(selects("444455556666", "vpc-00000000", &both));
    assert!(!selects("444455556666", "vpc-00000000", &[("connectivity", "private")]));
    assert!(!selects(
        "444455556666",
        "vpc-00000000",
        &[("connectivity", "Private"), ("stage", "prod")]
    ));
}

#[test]
fn tags_are_only_asked_for_where_they_can_decide() {
    let selection = |text, in_account, id| good(text).scope.selection(&account(in_account), &vpc(id));
    assert_eq!(
        selection(SCOPE, "444455556666", "vpc-0a1b2c3d4e5f67890"),
        Selection::Selected
    );
    assert_eq!(
        selection(SCOPE, "111122223333", "vpc-0123456789abcdef0"),
        Selection::ByTags
    );
    let by_id = "version: 1\nscope: { private_vpcs: [{ id: vpc-0a1b2c3d4e5f67890 }] }\n";
    assert_eq!(selection(by_id, "444455556666", "vpc-00000000"), Selection::NotSelected);
}

const EXEMPTIONS: &str = "
version: 1
limits: { max_exemption_days: 60 }
exemptions:
  - { rule: open-egress, resource: sg-0123456789abcdef0, owner: a, reason: first, until: 2027-01-31 }
  - { rule: open-egress, resource: sg-0123456789abcdef0, owner: b, reason: second, until: 2027-02-28 }
  - { rule: open-egress, resource: sg-00000000, owner: c, reason: third, until: 2027-06-30 }
";

#[test]
fn an_exemption_holds_to_the_end_of_its_last_day_in_utc() {
    let settings = good(EXEMPTIONS);
    let reason = |at: &str, resources: &[&str]| {
        let at: Timestamp = at.parse().unwrap();
        settings
            .exemption_for(RuleName::OpenEgress, resources, at)
            .map(|exemption| exemption.reason.as_str())
    };
    let group = ["sgr-00000000", "sg-0123456789abcdef0"];
    assert_eq!(
        reason("2027-01-01T00:00:00Z", &group),
        Some("second"),
        "of several, the one that ends last"
    );
    assert_eq!(reason("2027-02-28T23:59:59Z", &group), Some("second"));
    assert_eq!(reason("2027-03-01T00:00:00Z", &group), None);
    assert_eq!(
        reason("2027-02-28T23:59:59-01:00", &group),
        None,
        "an hour later in UTC it is March"
    );
    assert_eq!(reason("2027-01-01T00:00:00Z", &["sg-11111111"]), None);
    let at = "2027-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(settings.exemption_for(RuleName::PrivatePath, &group, at), None);
}

#[test]
fn a_review_names_dead_ending_and_over_long_exemptions() {
    let review = |today: &str| -> String {
        let notes = good(EXEMPTIONS).review(today.parse().unwrap());
        notes
            .iter()
            .map(|note| format!("{} {}\n", note.at, note.text))
            .collect()
    };
    assert_snapshot!(review("2027-02-14"), @r"
    5:5 the exemption of `sg-0123456789abcdef0` from `open-egress` ended with 2027-01-31: remove it, or agree on a new end with a
    6:5 the exemption of `sg-0123456789abcdef0` from `open-egress` ends with 2027-02-28, in 14 days: close it or agree on a new end with b
    7:5 the exemption of `sg-00000000` from `open-egress` ends with 2027-06-30, in 136 days, and `max_exemption_days` is 60: end it by 2027-04-15
    ");
    assert_eq!(
        review("2027-01-31").lines().count(),
        2,
        "the last day itself is not over"
    );
    assert!(review("2027-01-31").contains("ends with 2027-01-31, today"));
}
