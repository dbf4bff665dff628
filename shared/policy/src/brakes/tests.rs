//! Each brake on both sides of its limit.

mod judging;

use judging::{GROUP, Judging, ROLE, THIS, VPC, finding, open, permission};

use super::exemption;
use crate::finding::Severity;
use crate::jiff::SignedDuration;
use crate::ledger::{About, LedgerExemption, LeftAlone, Revert, Says};
use crate::network::Permission;
use crate::plan::{Treatment, Withheld};
use crate::settings::{Mode, RuleName};

#[test]
fn without_a_brake_a_plan_stays_automatic() {
    let (judging, whole) = (Judging::under(""), finding());
    assert_eq!(judging.finding(), whole);
}

#[test]
fn a_principal_that_is_report_only_is_compared_by_its_whole_arn_in_every_mode() {
    let listed = |arn: &str| Judging::under(&format!("principals:\n  report_only: [\"{arn}\"]\n"));
    for mode in [Mode::Notify, Mode::Revert] {
        let judging = Judging { mode, ..listed(ROLE) };
        assert_eq!(judging.reasons(), [Withheld::ReportOnly(ROLE.to_owned())]);
        assert_eq!(judging.finding().severity, Severity::Medium);
        for other in [
            "arn:aws:iam::111122223333:role/Deployer",
            "arn:aws:iam::444455556666:role/Deploy",
        ] {
            assert_eq!(Judging { mode, ..listed(other) }.reasons(), []);
        }
    }
}

#[test]
fn a_change_is_too_old_once_it_is_older_than_only_newer_than() {
    let aged = |seconds| Judging {
        later: SignedDuration::from_secs(seconds),
        ..Judging::under("rules:\n  open-egress: { only_newer_than: 60m }\n")
    };
    assert_eq!(aged(3600).reasons(), []);
    assert!(matches!(aged(3601).reasons()[..], [Withheld::TooOld(_)]));
    let without_a_limit = Judging {
        later: SignedDuration::from_hours(1000),
        ..Judging::under("")
    };
    assert_eq!(without_a_limit.reasons(), []);
}

#[test]
fn the_same_change_for_the_fourth_time_and_over_an_hour_is_a_loop() {
    assert_eq!(
        Judging::under("").with_reverts([3601, 1800]).reasons(),
        [],
        "two before"
    );
    let an_hour = Judging::under("").with_reverts([3600, 1800, 900]);
    assert_eq!(an_hour.reasons(), [], "no longer than an hour");
    let fight = Judging::under("").with_reverts([3601, 1800, 900]);
    assert_eq!(
        fight.reasons(),
        [Withheld::Loop {
            principal: ROLE.to_owned(),
            tool: Some("Terraform".to_owned()),
            reverts: 3,
            since: fight.ago(3601),
        }]
    );
    assert_eq!(fight.finding().severity, Severity::Critical);
    assert_eq!(
        Judging {
            mode: Mode::Notify,
            ..fight
        }
        .reasons(),
        []
    );
}

#[test]
fn what_others_do_and_other_changes_are_no_loop() {
    let other_principal = |judging: &Judging| Revert {
        principal: Some("arn:aws:iam::111122223333:role/Other".to_owned()),
        ..judging.revert(1800)
    };
    let nobody = |judging: &Judging| Revert {
        principal: None,
        ..judging.revert(1800)
    };
    let other_change = |judging: &Judging| Revert {
        closed: vec![permission("8.8.8.0/24")],
        ..judging.revert(1800)
    };
    let others: [&dyn Fn(&Judging) -> Revert; 3] = [&other_principal, &nobody, &other_change];
    for third in others {
        let judging = Judging::under("").with_reverts([3601, 900]);
        let third = third(&judging);
        assert_eq!(judging.noting(Says::Reverted(third)).reasons(), []);
    }
}

#[test]
fn an_event_does_not_count_against_itself_however_often_it_is_judged() {
    let mut judging =
        Judging::under("limits: { reverts_per_principal_per_day: 1, attempts_per_resource_per_hour: 1 }\n");
    let earlier = Revert {
        event: THIS.parse().unwrap(),
        ..judging.revert(30)
    };
    let (until, says) = (judging.ago(-3600), Says::Reverted(earlier));
    judging.note(About::Principal(ROLE.to_owned()), until, says.clone());
    let judging = judging.noting(says);
    assert_eq!((judging.waits(), judging.finding()), (None, finding()));
}

#[test]
fn a_principal_has_a_budget_for_all_resources_together() {
    let after = |reverts: usize, until: i64| {
        let mut judging = Judging::under("limits: { reverts_per_principal_per_day: 2 }\n");
        for number in 0..reverts {
            let revert = Revert {
                closed: vec![permission("8.8.8.0/24")],
                ..judging.revert(60 + i64::try_from(number).unwrap())
            };
            let until = judging.ago(-until);
            judging.note(About::Principal(ROLE.to_owned()), until, Says::Reverted(revert));
        }
        judging
    };
    assert_eq!(after(1, 1).reasons(), []);
    let budget = Withheld::Budget {
        principal: ROLE.to_owned(),
        reverts: 2,
    };
    assert_eq!(after(2, 1).reasons(), [budget]);
    assert_eq!(after(2, 1).finding().severity, Severity::Critical);
    assert_eq!(after(2, 0).reasons(), [], "notes that have ended do not count");
    assert_eq!(
        Judging {
            mode: Mode::Notify,
            ..after(2, 1)
        }
        .reasons(),
        []
    );
}

const TWO_AN_HOUR: &str = "limits: { attempts_per_resource_per_hour: 2 }\n";

#[test]
fn a_burst_makes_each_further_revert_wait_twice_as_long_and_gives_none_up() {
    assert_eq!(Judging::under(TWO_AN_HOUR).with_reverts([30]).waits(), None);
    assert_eq!(Judging::under(TWO_AN_HOUR).with_reverts([40, 30]).waits(), Some(30));
    assert_eq!(Judging::under(TWO_AN_HOUR).with_reverts([50, 40, 30]).waits(), Some(90));
    let many = Judging::under(TWO_AN_HOUR).with_reverts((0..20).map(|number| 30 + number));
    assert_eq!(many.waits(), Some(15 * 60 - 30), "at most a quarter of an hour");
    let old = Judging::under(TWO_AN_HOUR).with_reverts([3600, 30]);
    assert_eq!(old.waits(), None, "those of the last hour count");
    assert_eq!(Judging::under(TWO_AN_HOUR).with_reverts([3599, 30]).waits(), Some(30));
    let told = Judging {
        mode: Mode::Notify,
        ..Judging::under(TWO_AN_HOUR).with_reverts([40, 30])
    };
    assert_eq!(told.waits(), None);
}

#[test]
fn when_the_pause_is_over_the_revert_is_made_and_critical() {
    assert_eq!(Judging::under(TWO_AN_HOUR).with_reverts([70, 59]).waits(), Some(1));
    let over = Judging::under(TWO_AN_HOUR).with_reverts([70, 60]).finding();
    assert!(matches!(over.treatment, Treatment::Automatic(_)));
    assert_eq!(over.severity, Severity::Critical);
    assert_eq!(
        over.context,
        ["a burst: 2 reverts on this resource within the hour before this one"]
    );
}

#[test]
fn at_the_last_delivery_a_burst_withholds_the_plan_and_another_reason_does_so_at_once() {
    let last = Judging {
        last_delivery: true,
        ..Judging::under(TWO_AN_HOUR).with_reverts([40, 30])
    };
    let until = last.ago(-30);
    assert_eq!(last.reasons(), [Withheld::Burst { reverts: 2, until }]);
    let fight = Judging::under(TWO_AN_HOUR).with_reverts([3601, 40, 30]);
    assert!(matches!(fight.reasons()[..], [Withheld::Loop { .. }]));
}

fn left_alone(permission: Permission) -> Says {
    Says::LeftAlone(LeftAlone {
        record: "record-1".to_owned(),
        by: "Ada".to_owned(),
        permissions: vec![permission],
        switched: Vec::new(),
    })
}

#[test]
fn what_somebody_undid_is_left_alone_as_long_as_they_said_and_nothing_else_is() {
    let undone = Judging::under("").noting(left_alone(open()));
    let reason = Withheld::Undone {
        record: "record-1".to_owned(),
        by: "Ada".to_owned(),
        until: undone.ago(-3600),
    };
    assert_eq!(undone.reasons(), [reason]);
    assert_eq!(undone.finding().severity, Severity::Medium, "people know of it");
    let another = Judging::under("").noting(left_alone(permission("8.8.8.0/24")));
    assert_eq!(another.reasons(), []);
    let mut ended = Judging::under("");
    let (about, now) = (super::resource(&ended.case(), GROUP.to_owned()), ended.now());
    ended.note(about, now, left_alone(open()));
    assert_eq!(ended.reasons(), []);
    let mut elsewhere = Judging::under("");
    let about = super::resource(&elsewhere.case(), "sg-0bbbbbbbbbbbbbbbb".to_owned());
    let until = elsewhere.ago(-3600);
    elsewhere.note(about, until, left_alone(open()));
    assert_eq!(elsewhere.reasons(), []);
}

fn exempted(rule: RuleName, owner: &str) -> Says {
    Says::Exempted(LedgerExemption {
        rule,
        owner: owner.to_owned(),
        reason: "at 3 a.m.".to_owned(),
        by: "Ada".to_owned(),
        at: "2026-05-04T09:00:00Z".parse().unwrap(),
    })
}

/// The owner of the exemption that allows the finding, with exemptions of these resources that end so many seconds from now.
fn allowed(exemptions: &[(&str, RuleName, &str, i64)]) -> Option<String> {
    let mut judging = Judging::under("");
    for (resource, rule, owner, seconds) in exemptions {
        let (about, until) = (
            super::resource(&judging.case(), (*resource).to_owned()),
            judging.ago(-seconds),
        );
        judging.note(about, until, exempted(*rule, owner));
    }
    exemption(&judging.case(), &judging.notes, &finding()).map(|(exemption, _)| exemption.owner.clone())
}

#[test]
fn an_exemption_in_the_ledger_holds_for_its_rule_and_resource_until_it_ends() {
    let rule = RuleName::OpenEgress;
    assert_eq!(allowed(&[(GROUP, rule, "a", 1)]).as_deref(), Some("a"));
    assert_eq!(
        allowed(&[(VPC, rule, "a", 1)]).as_deref(),
        Some("a"),
        "for all of the VPC"
    );
    assert_eq!(allowed(&[(GROUP, rule, "a", 0)]), None, "at its end");
    assert_eq!(allowed(&[(GROUP, RuleName::PrivateDns, "a", 1)]), None);
    assert_eq!(allowed(&[("sg-0bbbbbbbbbbbbbbbb", rule, "a", 1)]), None);
    let several = [
        (GROUP, rule, "first", 1),
        (VPC, rule, "last", 9),
        (GROUP, rule, "second", 5),
    ];
    assert_eq!(allowed(&several).as_deref(), Some("last"), "the one that ends last");
}
