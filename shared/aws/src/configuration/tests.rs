//! What variables are read as, and what is said of those that cannot be used.

use super::*;

fn read(variables: &[(&str, &str)]) -> Result<Configuration, ConfigurationError> {
    Configuration::read(
        variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    )
}

const POLICY: (&str, &str) = ("GUARDRAIL_POLICY", "file:policy.yaml");
const TOPIC: (&str, &str) = ("GUARDRAIL_TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:guardrail");

#[test]
fn two_variables_are_enough_and_the_others_are_optional() {
    let configuration = read(&[POLICY, TOPIC, ("PATH", "/bin"), ("GUARDRAIL_MAX_MODE", "")]).unwrap();
    assert_eq!(configuration.policy, PolicySource::File("policy.yaml".into()));
    assert_eq!(configuration.topic.region().as_str(), "eu-west-1");
    assert_eq!((configuration.max_mode, configuration.ledger), (None, None));
    assert_eq!(configuration.max_receives, 5);
}

#[test]
fn every_variable_is_read() {
    let configuration = read(&[
        ("GUARDRAIL_POLICY", "ssm:/guardrail/policy"),
        TOPIC,
        ("GUARDRAIL_LEDGER_TABLE", "memory"),
        (
            "GUARDRAIL_ROLE_ARNS",
            "arn:aws:iam::111122223333:role/a, arn:aws:iam::111122223333:role/path/b",
        ),
        (
            "GUARDRAIL_PARTS",
            "arn:aws:sqs:eu-west-1:111122223333:guardrail-*, arn:aws:kms:eu-west-1:111122223333:key/0a1b",
        ),
        ("GUARDRAIL_MAX_MODE", "observe"),
        ("GUARDRAIL_KILL_SWITCH", "/guardrail/max-mode"),
        ("GUARDRAIL_MAX_RECEIVES", "7"),
    ])
    .unwrap();
    assert_eq!(
        configuration.policy,
        PolicySource::Parameter("/guardrail/policy".to_owned())
    );
    assert_eq!((configuration.own_roles.len(), configuration.parts.len()), (2, 2));
    assert_eq!(
        (configuration.max_mode, configuration.max_receives),
        (Some(Mode::Observe), 7)
    );
}

#[test]
fn one_variable_can_be_used_while_others_are_wrong() {
    let variables = Variables::read([
        ("GUARDRAIL_LEDGER_TABLE".to_owned(), "guardrail-ledger".to_owned()),
        ("GUARDRAIL_TOPIC_ARN".to_owned(), "guardrail".to_owned()),
    ]);
    assert_eq!(variables.ledger.as_deref(), Some("guardrail-ledger"));
    let problem = variables.problem("GUARDRAIL_TOPIC_ARN").unwrap();
    assert!(
        problem.says.starts_with("`GUARDRAIL_TOPIC_ARN` is `guardrail`"),
        "{problem}"
    );
    assert!(variables.problem("GUARDRAIL_LEDGER_TABLE").is_none());
}

#[test]
fn what_the_guardrail_is_made_of_is_told_with_what_is_wrong() {
    let own = Variables::read(
        [
            ("GUARDRAIL_POLICY", "ssm:/guardrail/policy"),
            TOPIC,
            ("GUARDRAIL_LEDGER_TABLE", "a b"),
            ("GUARDRAIL_KILL_SWITCH", "/guardrail/max-mode"),
            ("GUARDRAIL_PARTS", "arn:aws:sqs:eu-west-1:111122223333:guardrail-*"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    )
    .own();
    assert_eq!((own.parts.len(), own.troubles.len()), (2, 1), "{own:?}");
    assert_eq!(
        (own.ledger.as_deref(), own.policy.as_deref()),
        (None, Some("/guardrail/policy"))
    );
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let error = read(&[
        ("GUARDRAIL_TOPIC_ARN", "guardrail"),
        ("GUARDRAIL_MAX_MODE", "Revert"),
        ("GUARDRAIL_MAX_RECEIVES", "0"),
        ("GUARDRAIL_PARTS", "arn:aws:sqs:eu-west-1:111122223333:*"),
        ("GUARDRAIL_KILL_SWITCH", "max mode"),
        ("GUARDRAIL_LEDGER_TABEL", "guardrail"),
    ])
    .unwrap_err();
    insta::assert_snapshot!(error, @r"
    the configuration cannot be used:
      - `GUARDRAIL_LEDGER_TABEL` is no setting of the guardrail: did you mean `GUARDRAIL_LEDGER_TABLE`?
      - `GUARDRAIL_POLICY` is not set: set it to `file:policy.yaml` or `ssm:/guardrail/policy`
      - `GUARDRAIL_TOPIC_ARN` is `guardrail`: set it to `arn:aws:sns:eu-west-1:111122223333:guardrail`
      - `GUARDRAIL_PARTS` is `arn:aws:sqs:eu-west-1:111122223333:*`: set it to ARNs of its functions, queues and event rules with commas between them, each whole or with `*` at its end, like `arn:aws:sqs:eu-west-1:111122223333:guardrail-routes-*`
      - `GUARDRAIL_MAX_MODE` is `Revert`: set it to `observe`, `notify` or `revert`
      - `GUARDRAIL_KILL_SWITCH` is `max mode`: set it to the parameter's name, like `/guardrail/max-mode`
      - `GUARDRAIL_MAX_RECEIVES` is `0`: set it to the queue's `maxReceiveCount`, a number from 2 to 1000
    ");
}
