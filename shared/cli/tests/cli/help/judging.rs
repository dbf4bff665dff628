//! The help of the commands: what judges.

use crate::folder::Folder;

#[test]
fn replay_says_what_it_takes_and_how_it_ends() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.run("replay --help").transcript(), @r"
    Judges saved events: what is wrong, why, and what would be done about it

    FILE holds CloudTrail records, EventBridge envelopes, or records of vpc-guardrail: one, a list, a
    line each, or lines of a log that hold them; also messages of SQS and SNS, and what `aws cloudtrail
    lookup-events` prints. Files packed by gzip are unpacked. Nothing is changed and nobody is told.

    What the network looks like comes from the record, where FILE holds records of vpc-guardrail; else
    from --world or from --live. Without either, what cannot be known is said.

    Usage: guardrail replay [OPTIONS] --policy <FILE> <FILE>...

    Arguments:
      <FILE>...
              Files to judge; `-` is standard input

    Options:
          --policy <FILE>
              The policy file

          --world <FILE>
              Takes the network from a snapshot (JSON or YAML)

          --live
              Reads the network from AWS as it is now, with your credentials; it is only read

          --region <REGION>
              With --live, reads this Region [default: as the environment and your AWS profile say]

          --at <TIME>
              Judges as of this time, a date or a date and time in UTC [default: now; a record has its
              own]

          --own-role <ARN>
              A role of the guardrail itself, whose calls are not judged; can be given several times

          --format <FORMAT>
              How results are written: text for people, or a record a line (JSON)

              Possible values:
              - text: For people
              - json: A record a line, as JSON
              
              [default: text]

          --message
              Shows each message whole, as people would get it

          --verbose
              Shows also the events that no rule looks at

      -h, --help
              Print help (see a summary with '-h')

    Exit status: 0 all events are clean, 1 something is wrong, 2 something could not be judged or read.

    Examples:
      guardrail replay event.json --policy policy.yaml --live
      guardrail replay --policy policy.yaml --world snapshot.json trail/*.json.gz
      aws cloudtrail lookup-events --output json | guardrail replay - --policy policy.yaml --live
    --- exit status 0
    ");
}

#[test]
fn scan_says_what_it_takes_and_how_it_ends() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.run("scan --help").transcript(), @r"
    Judges what is there now: selected VPCs, what is in them, and APIs of private accounts

    APIs and the settings of a private account come first, then groups and endpoints, one VPC after the
    other. The network is read from AWS with your credentials, and only read: nothing is changed and
    nobody is told. It is judged by the rules of the functions, as it stands: nobody is named, and
    exemptions of the policy file hold.

    Usage: guardrail scan [OPTIONS] --policy <FILE>

    Options:
          --policy <FILE>
              The policy file; `-` is standard input

          --profile <NAME>
              The profile of your AWS configuration [default: as the environment says]

          --region <REGION>
              The Region [default: as the environment and your AWS profile say]

          --all-regions
              Looks at every Region that is switched on for the account, one after the other

          --world <FILE>
              Takes the network from a snapshot (JSON or YAML), and not from AWS

          --rule <RULE>
              Judges by this rule alone; can be given several times [default: all that look at what
              stands]

          --severity <SEVERITY>
              Leaves out what is less severe: info, low, medium, high or critical
              
              [default: info]

          --format <FORMAT>
              How results are written: table for people, json (a finding a line), sarif (2.1.0)
              
              [default: table]

          --verbose
              In a table, shows also by what each finding was seen, and how to mend it

          --at <TIME>
              Judges as of this time, a date or a date and time in UTC, by which exemptions hold
              [default: now]

          --snapshot <FILE>
              Reads the whole network, writes it to this file as a snapshot, and judges that

      -h, --help
              Print help (see a summary with '-h')

    Exit status: 0 all is clean, 1 something is wrong, 2 something could not be judged or read.

    Examples:
      guardrail scan --policy policy.yaml
      guardrail scan --policy policy.yaml --profile network --all-regions --severity medium
      guardrail scan --policy policy.yaml --format sarif > guardrail.sarif
      guardrail scan --policy policy.yaml --snapshot network.json
      guardrail replay event.json --policy policy.yaml --world network.json
    --- exit status 0
    ");
}

#[test]
fn check_says_what_it_takes_and_how_it_ends() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.run("check --help").transcript(), @r"
    Checks a policy file, and says what it means

    All that is wrong with it is shown at once, each error at its place.

    Notes are no errors: rules that this version does not have yet, and exemptions that have ended, end
    within 14 days, or last longer than the file allows.

    Usage: guardrail check [OPTIONS] <POLICY>

    Arguments:
      <POLICY>
              The policy file; `-` is standard input

    Options:
          --at <DATE>
              The day, in UTC, on which exemptions are looked at [default: today]

          --format <FORMAT>
              How results are written: text for people, or one JSON object

              Possible values:
              - text: For people
              - json: One JSON object
              
              [default: text]

      -h, --help
              Print help (see a summary with '-h')

    Exit status: 0 the file can be used, 1 it cannot, 2 it could not be read.
    --- exit status 0
    ");
}

#[test]
fn explain_says_what_it_takes_and_how_it_ends() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.run("explain -h").transcript(), @r"
    Explains a rule; without RULE, lists all rules

    Usage: guardrail explain [RULE]

    Arguments:
      [RULE]  The rule [possible values: open-egress, private-path, endpoint-security-group,
              private-dns, vpc-dns-attributes, required-endpoints, endpoint-policy, endpoint-service,
              gateway-route, internet-path, public-address, block-public-access, new-network-path,
              public-api, public-graphql-api, guardrail-tampered]

    Options:
      -h, --help  Print help

    Exit status: 0 it was explained, 2 there is no such rule.
    --- exit status 0
    ");
}
