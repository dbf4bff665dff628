//! The help of the commands: what acts, and what is for those who run it.

use crate::folder::Folder;

#[test]
fn undo_says_what_it_takes_and_how_it_ends() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.run("undo --help").transcript(), @r"
    Undoes a revert, from its record in the ledger, and has it left alone for a while

    What the revert closed is opened again, and what it opened in its place is closed, as far as that is
    not so already. Until --for is over, the functions tell of the same and do not take it back. A
    record of the undo is put down in the ledger, and the topic is told. An undo can itself be undone,
    by its own record.

    The network is changed with your credentials: they need ec2:AuthorizeSecurityGroupEgress and
    ec2:RevokeSecurityGroupEgress besides what reading needs, the ledger's table and the topic.

    Usage: guardrail undo [OPTIONS] <RECORD-ID>

    Arguments:
      <RECORD-ID>
              The record: its id stands at the end of the message

    Options:
          --dry-run
              Shows what would be done, and does nothing

          --for <DURATION>
              For how long the same is left alone: `90m`, `4h`; at most, and without this, 24 hours
              
              [default: 24h]

          --by <NAME>
              Who you are, for the record and the message; CloudTrail has the proof [default: your login
              name]

          --table <NAME>
              The ledger's DynamoDB table [default: GUARDRAIL_LEDGER_TABLE]

          --topic <ARN>
              The SNS topic that is told [default: GUARDRAIL_TOPIC_ARN]

          --region <REGION>
              The Region [default: as the environment and your AWS profile say]

          --format <FORMAT>
              How results are written: text for people, or one JSON object (the record of the undo)

              Possible values:
              - text: For people
              - json: One JSON object
              
              [default: text]

      -h, --help
              Print help (see a summary with '-h')

    Exit status: 0 it is done, or there was nothing to do; 1 it is done, and could not be told or put
    down; 2 it is not done.

    Examples:
      guardrail undo record-10f764af0794bfb66265ce95 --dry-run
      guardrail undo record-10f764af0794bfb66265ce95 --for 4h --by ada@example.com
    --- exit status 0
    ");
}

#[test]
fn apply_says_what_it_takes_and_how_it_ends() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.run("apply --help").transcript(), @r"
    Judges the event of a record again, and carries out its plan

    The plan may have been withheld, proposed or only shown. The verdict is made anew, by the network as
    it is now and the policy file in force. The mode and what withholds a plan do not count: you decide.
    What keeps working and what stops is shown first. The plan is carried out as the functions do it,
    its record is put down in the ledger so that it can be undone, and the topic is told.

    The network is changed with your credentials: they need what the rule reads and changes with
    (`guardrail explain RULE`), the ledger's table and the topic.

    Usage: guardrail apply [OPTIONS] <RECORD-ID>

    Arguments:
      <RECORD-ID>
              The record: its id stands at the end of the message

    Options:
          --dry-run
              Shows what would be done, and does nothing

          --resource <ID>
              Applies only the plan about this resource

          --policy <FILE>
              The policy file, a path or `ssm:/NAME` [default: GUARDRAIL_POLICY]

          --by <NAME>
              Who you are, for the record and the message; CloudTrail has the proof [default: your login
              name]

          --table <NAME>
              The ledger's DynamoDB table [default: GUARDRAIL_LEDGER_TABLE]

          --topic <ARN>
              The SNS topic that is told [default: GUARDRAIL_TOPIC_ARN]

          --region <REGION>
              The Region [default: as the environment and your AWS profile say]

          --format <FORMAT>
              How results are written: text for people, or one JSON object (the record of what was done)

              Possible values:
              - text: For people
              - json: One JSON object
              
              [default: text]

      -h, --help
              Print help (see a summary with '-h')

    Exit status: 0 it is done, or there was nothing to do; 1 it is done, and could not be told or put
    down; 2 it is not done.

    Examples:
      guardrail apply record-10f764af0794bfb66265ce95 --dry-run --policy policy.yaml
      guardrail apply record-10f764af0794bfb66265ce95 --by ada@example.com
    --- exit status 0
    ");
}

#[test]
fn exempt_says_what_it_takes_and_how_it_ends() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.run("exempt --help").transcript(), @r#"
    Exempts a resource from a rule for some hours, at most 24

    It is written to the ledger, which the functions ask before they act or tell; the policy file stays
    as it is, and is the place for whatever must last longer. A record of it is put down, and the topic
    is told. One that is written while another holds takes its place.

    Usage: guardrail exempt [OPTIONS] <RULE> <RESOURCE>

    Arguments:
      <RULE>
              The rule
              
              [possible values: open-egress, private-path, endpoint-security-group, private-dns,
              vpc-dns-attributes, required-endpoints, endpoint-policy, endpoint-service, gateway-route,
              internet-path, public-address, block-public-access, new-network-path, public-api,
              public-graphql-api, guardrail-tampered]

      <RESOURCE>
              The resource that is left alone, by id or ARN; a VPC stands for all that is in it

    Options:
          --owner <OWNER>
              Who answers for it: a team or its address

          --reason <REASON>
              Why, with the number of the change or ticket

          --for <DURATION>
              For how long: `30m`, `4h`; at most 24 hours
              
              [default: 4h]

          --end
              Ends the exemption that was written by hand before its time

          --dry-run
              Shows what would be written, and writes nothing

          --account <ACCOUNT>
              The resource's account [default: the one that your credentials read]

          --by <NAME>
              Who you are, for the record and the message; CloudTrail has the proof [default: your login
              name]

          --table <NAME>
              The ledger's DynamoDB table [default: GUARDRAIL_LEDGER_TABLE]

          --topic <ARN>
              The SNS topic that is told [default: GUARDRAIL_TOPIC_ARN]

          --region <REGION>
              The Region [default: as the environment and your AWS profile say]

          --format <FORMAT>
              How results are written: text for people, or one JSON object (the record of it)

              Possible values:
              - text: For people
              - json: One JSON object
              
              [default: text]

      -h, --help
              Print help (see a summary with '-h')

    Exit status: 0 it is done, or there was nothing to do; 1 it is done, and could not be told or put
    down; 2 it is not done.

    Examples:
      guardrail exempt open-egress sg-0123456789abcdef0 --owner payments --reason CHG-1234
      guardrail exempt open-egress sg-0123456789abcdef0 --owner payments --reason "cut-over" --for 12h
      guardrail exempt open-egress sg-0123456789abcdef0 --end
    --- exit status 0
    "#);
}

#[test]
fn doctor_says_what_it_takes_and_how_it_ends() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.run("doctor --help").transcript(), @r"
    Checks what the functions need: configuration, policy file, ledger, permissions, …

    It reads the functions' own variables (GUARDRAIL_POLICY, GUARDRAIL_TOPIC_ARN, …), as they stand in
    your environment or in the options, and tries what the functions do without doing it: EC2's calls as
    dry runs, the ledger's writes on a condition that never holds. Nothing is changed, nobody is told,
    and nothing is written. Each dry run is in CloudTrail, as a call that failed.

    What is tested are the rights of your credentials. To test those of a function, call it as that
    function's role.

    Usage: guardrail doctor [OPTIONS]

    Options:
          --policy <FILE>
              The policy file, a path or `ssm:/NAME` [default: GUARDRAIL_POLICY]

          --table <NAME>
              The ledger's DynamoDB table [default: GUARDRAIL_LEDGER_TABLE]

          --topic <ARN>
              The SNS topic that is told [default: GUARDRAIL_TOPIC_ARN]

          --region <REGION>
              The Region [default: as the environment and your AWS profile say]

          --format <FORMAT>
              How results are written: text for people, or one JSON object

              Possible values:
              - text: For people
              - json: One JSON object
              
              [default: text]

      -h, --help
              Print help (see a summary with '-h')

    Exit status: 0 nothing is missing, 1 something is, 2 something could not be checked.

    Examples:
      guardrail doctor --policy policy.yaml --table guardrail-ledger
      AWS_PROFILE=guardrail-security-groups guardrail doctor --format json
    --- exit status 0
    ");
}

#[test]
fn generate_says_what_it_takes_and_how_it_ends() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.run("generate --help").transcript(), @r"
    Writes the files that follow from the rules (for developers of vpc-guardrail)

    They are the JSON Schema of the policy file, the catalogue of rules, the template, and each
    function's event patterns and IAM statements.

    Usage: guardrail generate [OPTIONS] [DIR]

    Arguments:
      [DIR]
              The project's folder
              
              [default: .]

    Options:
          --check
              Writes nothing, and names the files that are not as they should be

      -h, --help
              Print help (see a summary with '-h')

    Exit status: 0 the files are as they should be, 1 with --check when some are not, 2 they could not
    be read or written.
    --- exit status 0
    ");
}
