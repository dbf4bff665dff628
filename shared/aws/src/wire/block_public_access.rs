//! VPC Block Public Access: its mode with one call, its exclusions with another, in pages.

use std::collections::BTreeSet;

use guardrail_policy::facts::{
    Answered, BlockMode, BlockPublicAccess, BlockState, Everywhere, Excluded, Exclusion, ExclusionMode, ExclusionState,
    Fact, Question,
};

use super::server::{Reply, Request, Server, error, reply};
use super::{ask, ec2, unreadable};

const OPTIONS: &str = "DescribeVpcBlockPublicAccessOptions";
const EXCLUSIONS: &str = "DescribeVpcBlockPublicAccessExclusions";
const QUESTION: Question = Question::BlockPublicAccess(Everywhere);

fn options(mode: &str, state: &str, managed_by: &str) -> String {
    let content = format!(
        "<vpcBlockPublicAccessOptions><awsAccountId>111122223333</awsAccountId><awsRegion>eu-west-1</awsRegion>\
         <state>{state}</state><internetGatewayBlockMode>{mode}</internetGatewayBlockMode>\
         <lastUpdateTimestamp>2026-03-02T09:15:07.350Z</lastUpdateTimestamp><managedBy>{managed_by}</managedBy>\
         <exclusionsAllowed>allowed</exclusionsAllowed></vpcBlockPublicAccessOptions>"
    );
    reply(OPTIONS, &content)
}

fn item(number: u32, of: &str, mode: &str, state: &str) -> String {
    format!(
        "<item><exclusionId>vpcbpa-exclude-0a0000000000000{number:02}</exclusionId>\
         <internetGatewayExclusionMode>{mode}</internetGatewayExclusionMode>\
         <resourceArn>arn:aws:ec2:eu-west-1:111122223333:{of}</resourceArn><state>{state}</state>\
         <creationTimestamp>2026-03-02T09:15:07.350Z</creationTimestamp><tagSet/></item>"
    )
}

fn exclusions(items: &str, next: &str) -> String {
    let set = format!("<vpcBlockPublicAccessExclusionSet>{items}</vpcBlockPublicAccessExclusionSet>{next}");
    reply(EXCLUSIONS, &set)
}

async fn answer(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> (Answered, Vec<Request>) {
    let server = Server::start(script).await;
    let mut answers = ask(&ec2(&server).await, &[QUESTION].into()).await;
    (answers.remove(&QUESTION).unwrap(), server.requests())
}

fn is(mode: BlockMode, state: BlockState, exclusions: &[(u32, Exclusion)]) -> Answered {
    let id = |number: &u32| format!("vpcbpa-exclude-0a0000000000000{number:02}").parse().unwrap();
    let exclusions = exclusions.iter();
    let found = BlockPublicAccess {
        mode,
        state,
        by_organization: false,
        exclusions: exclusions
            .map(|(number, exclusion)| (id(number), exclusion.clone()))
            .collect(),
    };
    Answered::BlockPublicAccess(Everywhere, Fact::Is(found))
}

/// The question, and the actions that answer it.
pub(super) async fn calls() -> (Question, BTreeSet<String>) {
    let (_, requests) = answer(|request| match request.action.as_str() {
        OPTIONS => Reply::Fine(options("off", "default-state", "account")),
        _ => Reply::Fine(exclusions("", "")),
    })
    .await;
    let actions = requests.into_iter().map(|request| format!("ec2:{}", request.action));
    (QUESTION, actions.collect())
}

#[tokio::test]
async fn modes_and_states_are_read_and_one_that_is_not_known_is_not_complete() {
    for (mode, state, expected) in [
        ("off", "default-state", (BlockMode::Off, BlockState::Default)),
        ("off", "update-complete", (BlockMode::Off, BlockState::Complete)),
        (
            "block-ingress",
            "update-complete",
            (BlockMode::BlockIngress, BlockState::Complete),
        ),
        (
            "block-bidirectional",
            "update-in-progress",
            (BlockMode::BlockBidirectional, BlockState::InProgress),
        ),
        (
            "block-bidirectional",
            "state-of-tomorrow",
            (BlockMode::BlockBidirectional, BlockState::InProgress),
        ),
    ] {
        let (found, _) = answer(move |request| match request.action.as_str() {
            OPTIONS => Reply::Fine(options(mode, state, "account")),
            _ => Reply::Fine(exclusions("", "")),
        })
        .await;
        assert_eq!(found, is(expected.0, expected.1, &[]), "{mode} {state}");
    }
}

#[tokio::test]
async fn exclusions_are_read_to_the_last_page_and_only_what_is_over_is_gone() {
    let first = item(1, "vpc/vpc-0a00000000000000a", "allow-bidirectional", "create-complete")
        + &item(
            2,
            "subnet/subnet-0a00000000000000a",
            "allow-egress",
            "create-in-progress",
        )
        + &item(
            3,
            "subnet/subnet-0b00000000000000b",
            "allow-egress",
            "delete-in-progress",
        );
    let second = item(4, "vpc/vpc-0b00000000000000b", "allow-egress", "delete-complete")
        + &item(5, "vpc/vpc-0b00000000000000b", "allow-egress", "create-failed")
        + &item(6, "vpc/vpc-0c00000000000000c", "allow-egress", "disable-complete")
        + &item(7, "vpc/vpc-0c00000000000000c", "allow-egress", "state-of-tomorrow");
    let (found, requests) = answer(move |request| match request.action.as_str() {
        OPTIONS => Reply::Fine(options("block-bidirectional", "update-complete", "account")),
        _ if request.field("NextToken").is_some() => Reply::Fine(exclusions(&second, "")),
        _ => Reply::Fine(exclusions(&first, "<nextToken>page-2</nextToken>")),
    })
    .await;
    let vpc = |last: char| Excluded::Vpc(format!("vpc-0{last}00000000000000{last}").parse().unwrap());
    let subnet = |last: char| Excluded::Subnet(format!("subnet-0{last}00000000000000{last}").parse().unwrap());
    let exclusion = |of, state| Exclusion {
        of,
        mode: ExclusionMode::AllowEgress,
        state,
    };
    let all = Exclusion {
        mode: ExclusionMode::AllowBidirectional,
        ..exclusion(vpc('a'), ExclusionState::InForce)
    };
    let expected = [
        (1, all),
        (2, exclusion(subnet('a'), ExclusionState::InForce)),
        (3, exclusion(subnet('b'), ExclusionState::InForce)),
        (4, exclusion(vpc('b'), ExclusionState::Gone)),
        (5, exclusion(vpc('b'), ExclusionState::Gone)),
        (6, exclusion(vpc('c'), ExclusionState::Disabled)),
        (7, exclusion(vpc('c'), ExclusionState::InForce)),
    ];
    assert_eq!(
        found,
        is(BlockMode::BlockBidirectional, BlockState::Complete, &expected)
    );
    let pages = requests.iter().filter(|request| request.action == EXCLUSIONS);
    let sizes: Vec<_> = pages.map(|request| request.field("MaxResults")).collect();
    assert_eq!(sizes, [Some("1000"); 2]);
}

#[tokio::test]
async fn that_the_organisation_sets_the_mode_is_read() {
    let (found, _) = answer(|request| match request.action.as_str() {
        OPTIONS => Reply::Fine(options("block-ingress", "update-complete", "declarative-policy")),
        _ => Reply::Fine(exclusions("", "")),
    })
    .await;
    let Answered::BlockPublicAccess(_, Fact::Is(found)) = found else {
        panic!("{found:?}")
    };
    assert!(found.by_organization);
}

#[tokio::test]
async fn either_call_alone_is_no_answer() {
    let denied = || error(403, "UnauthorizedOperation");
    for (action, other) in [
        (OPTIONS, exclusions("", "")),
        (EXCLUSIONS, options("block-bidirectional", "update-complete", "account")),
    ] {
        let (found, _) = answer(move |request| match request.action == action {
            true => denied(),
            false => Reply::Fine(other.clone()),
        })
        .await;
        assert_eq!(found, unreadable(&QUESTION, action, "UnauthorizedOperation"));
    }
}

#[tokio::test]
async fn what_is_in_no_known_form_is_no_answer() {
    let good = item(1, "vpc/vpc-0a00000000000000a", "allow-egress", "create-complete");
    let fine = options("block-bidirectional", "update-complete", "account");
    for (action, options, exclusion) in [
        (
            OPTIONS,
            fine.replace("block-bidirectional", "block-tomorrow"),
            good.clone(),
        ),
        (OPTIONS, reply(OPTIONS, ""), good.clone()),
        (
            OPTIONS,
            fine.replace("<state>update-complete</state>", ""),
            good.clone(),
        ),
        (EXCLUSIONS, fine.clone(), good.replace("vpc/vpc-", "igw/igw-")),
        (EXCLUSIONS, fine.clone(), good.replace("allow-egress", "allow-tomorrow")),
        (EXCLUSIONS, fine.clone(), good.replace("exclusionId", "id")),
    ] {
        let (found, _) = answer(move |request| match request.action.as_str() {
            OPTIONS => Reply::Fine(options.clone()),
            _ => Reply::Fine(exclusions(&exclusion, "")),
        })
        .await;
        assert_eq!(found, unreadable(&QUESTION, action, "Unparsable"));
    }
}
