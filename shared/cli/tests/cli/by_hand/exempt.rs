//! `guardrail exempt`.

use super::*;

#[test]
fn an_exemption_is_written_and_told() {
    let (cloud, folder, record) = taken_back();
    let exempt =
        "exempt open-egress sg-0a1b2c3d4e5f600a1 --owner payments@example.com --reason vendor_cut-over,_CHG-1234";
    insta::assert_snapshot!(cloud.run(&folder, &format!("{exempt} --dry-run")).transcript(), @r"
    exemption of sg-0a1b2c3d4e5f600a1 from open-egress, account 111122223333, eu-west-1
      for 4h; payments@example.com answers for it: vendor cut-over, CHG-1234
      arn:aws:sns:eu-west-1:111122223333:guardrail would be told
    nothing was changed: this is a dry run
    --- exit status 0
    ");
    assert!(cloud.with(|state| state.written.is_empty()));
    let run = cloud.run(&folder, &format!("{exempt} --for 12h"));
    insta::assert_snapshot!(run.steady(&record), @r"
    exemption of sg-0a1b2c3d4e5f600a1 from open-egress, account 111122223333, eu-west-1
      for 12h; payments@example.com answers for it: vendor cut-over, CHG-1234
    exempt (record-NEW)
      told to arn:aws:sns:eu-west-1:111122223333:guardrail
      holds until TIME
    --- exit status 0
    ");
    cloud.with(|state| {
        insta::assert_snapshot!(state.published.join("\n"), @"[medium] open-egress: exempt by hand: sg-0a1b2c3d4e5f600a1 in 111122223333 eu-west-1");
        let intent = state.written[1].to_string();
        assert!(
            intent.contains("exempt open-egress") && intent.contains("CHG-1234"),
            "{intent}"
        );
    });
}

#[test]
fn an_exemption_is_ended_before_its_time() {
    let (cloud, folder, record) = taken_back();
    let end = "exempt open-egress sg-0a1b2c3d4e5f600a1 --end";
    insta::assert_snapshot!(cloud.run(&folder, end).transcript(), @r"
    end of exemption of sg-0a1b2c3d4e5f600a1 from open-egress, account 111122223333, eu-west-1
    --- standard error
    there is no exemption by hand to end; one of the policy file is ended there
    --- exit status 0
    ");
    let key = "resource#111122223333#eu-west-1#sg-0a1b2c3d4e5f600a1";
    let note = serde_json::json!({
        "about": { "resource": { "account": "111122223333", "region": "eu-west-1", "id": "sg-0a1b2c3d4e5f600a1" } },
        "name": "exempt open-egress",
        "until": "2099-01-31T00:00:00Z",
        "says": { "exempted": { "rule": "open-egress", "owner": "payments@example.com", "reason": "x", "by": "ada", "at": "2026-11-02T09:00:00Z" } },
    });
    cloud.with(|state| {
        let item = serde_json::json!({ "key": {"S": key}, "exempt open-egress": {"S": note.to_string()} });
        state.items.insert(key.to_owned(), item)
    });
    let run = cloud.run(&folder, end);
    insta::assert_snapshot!(run.steady(&record), @r"
    end of exemption of sg-0a1b2c3d4e5f600a1 from open-egress, account 111122223333, eu-west-1
      it ends the one of payments@example.com until 2099-01-31 00:00:00 UTC
    ended (record-NEW)
      told to arn:aws:sns:eu-west-1:111122223333:guardrail
    --- exit status 0
    ");
}

#[test]
fn an_exemption_without_an_owner_or_for_too_long_is_refused() {
    let (cloud, folder, _) = taken_back();
    let group = "sg-0a1b2c3d4e5f600a1";
    let all = [
        format!("exempt open-egress {group} --reason x"),
        format!("exempt open-egress {group} --owner ada --reason _"),
        format!("exempt open-egress {group} --owner ada --reason x --for 25h"),
        format!("exempt open-egres {group} --owner ada --reason x"),
        "exempt open-egress sg-1 --owner ada --reason x".to_owned(),
    ];
    let said = all.iter().map(|arguments| {
        let run = cloud.run(&folder, arguments);
        assert_eq!(run.status, 2, "{arguments}");
        run.stderr
    });
    insta::assert_snapshot!(said.collect::<Vec<_>>().join("---\n"), @r"
    error: the following required arguments were not provided:
      --owner <OWNER>

    Usage: guardrail exempt --reason <REASON> --owner <OWNER> <RULE> <RESOURCE>

    For more information, try '--help'.
    ---
    error: invalid value ' ' for '--reason <REASON>': it is empty: write who or why

    For more information, try '--help'.
    ---
    error: invalid value '25h' for '--for <DURATION>': an exemption by hand lasts from 1 minute to 24 hours: write a longer one into the policy file

    For more information, try '--help'.
    ---
    error: invalid value 'open-egres' for '<RULE>'
      [possible values: open-egress, private-path, endpoint-security-group, private-dns, vpc-dns-attributes, required-endpoints, endpoint-policy, endpoint-service, gateway-route, internet-path, public-address, block-public-access, new-network-path, public-api, public-graphql-api, guardrail-tampered]

      tip: a similar value exists: 'open-egress'

    For more information, try '--help'.
    ---
    error: invalid value 'sg-1' for '<RESOURCE>': `sg-1` is not the id or ARN of a resource: write it like `sg-0123456789abcdef0`

    For more information, try '--help'.
    ");
}
