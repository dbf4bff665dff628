//! What is gone, and what only looks so.

use std::collections::BTreeSet;

use guardrail_policy::facts::{Answered, Fact, GroupFilter, Question};
use guardrail_policy::id::SecurityGroupId;

use super::server::{Reply, Request, Server, error, reply};
use super::{ask, ec2, unreadable};

const GROUP: &str = "sg-0a00000000000000a";

fn rules() -> Question {
    Question::Rules(GROUP.parse().unwrap())
}

fn group() -> Question {
    Question::Groups(GroupFilter::Id(GROUP.parse().unwrap()))
}

/// A server with one group that has no rules.
fn an_empty_group(request: &Request) -> Reply {
    let item = format!(
        "<securityGroupInfo><item><ownerId>111122223333</ownerId><groupId>{GROUP}</groupId><groupName>app</groupName>\
         <vpcId>vpc-0a00000000000000a</vpcId></item></securityGroupInfo>"
    );
    Reply::Fine(reply(
        &request.action,
        if request.action == "DescribeSecurityGroups" {
            &item
        } else {
            ""
        },
    ))
}

#[tokio::test]
async fn a_group_without_rules_is_looked_for_and_found_to_be_empty() {
    let server = Server::start(an_empty_group).await;
    let answers = ask(&ec2(&server).await, &[rules()].into()).await;
    assert_eq!(
        answers[&rules()],
        Answered::Rules(GROUP.parse().unwrap(), Fact::Is(vec![]))
    );
    assert_eq!(server.requests_for("DescribeSecurityGroups").len(), 1);
}

#[tokio::test]
async fn a_round_that_asks_for_the_group_as_well_takes_no_further_call() {
    let server = Server::start(an_empty_group).await;
    let answers = ask(&ec2(&server).await, &[rules(), group()].into()).await;
    assert_eq!(
        answers[&rules()],
        Answered::Rules(GROUP.parse().unwrap(), Fact::Is(vec![]))
    );
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn rules_of_a_group_that_is_gone_are_gone() {
    let server = Server::start(|request| Reply::Fine(reply(&request.action, ""))).await;
    let answers = ask(&ec2(&server).await, &[rules(), group()].into()).await;
    assert_eq!(answers[&rules()], Answered::Rules(GROUP.parse().unwrap(), Fact::Gone));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn no_rules_and_a_group_that_cannot_be_read_is_no_answer() {
    let server = Server::start(|request| match request.action.as_str() {
        "DescribeSecurityGroups" => error(403, "UnauthorizedOperation"),
        action => Reply::Fine(reply(action, "")),
    })
    .await;
    let answers = ask(&ec2(&server).await, &[rules()].into()).await;
    assert_eq!(
        answers[&rules()],
        unreadable(&rules(), "DescribeSecurityGroups", "UnauthorizedOperation")
    );
}

#[tokio::test]
async fn a_list_that_is_not_found_is_gone() {
    for code in ["InvalidPrefixListID.NotFound", "InvalidPrefixListId.NotFound"] {
        let server = Server::start(move |_| error(400, code)).await;
        let question = Question::Entries("pl-0a00000000000000a".parse().unwrap());
        let answers = ask(&ec2(&server).await, &[question.clone()].into()).await;
        assert_eq!(
            answers[&question],
            Answered::Entries("pl-0a00000000000000a".parse().unwrap(), Fact::Gone)
        );
        assert_eq!(
            server.requests().len(),
            1,
            "not found is an answer: it is not asked for again"
        );
    }
}

#[tokio::test]
async fn of_several_groups_one_of_which_is_not_found_the_others_are_answered() {
    let gone = "sg-0b00000000000000b";
    let server = Server::start(move |request| {
        let values = request.filter_values();
        if values.contains(&gone) && request.action == "DescribeSecurityGroupRules" {
            return error(400, "InvalidGroup.NotFound");
        }
        let items: String = values.iter().map(|group| rule_of(group)).collect();
        let set = format!("<securityGroupRuleSet>{items}</securityGroupRuleSet>");
        Reply::Fine(reply(
            &request.action,
            if request.action == "DescribeSecurityGroupRules" {
                &set
            } else {
                ""
            },
        ))
    })
    .await;
    let ids: [SecurityGroupId; 3] = [GROUP, gone, "sg-0c00000000000000c"].map(|id| id.parse().unwrap());
    let questions: BTreeSet<Question> = ids.clone().map(Question::Rules).into();
    let answers: Vec<Answered> = ask(&ec2(&server).await, &questions).await.into_values().collect();
    let rules = answers.iter().map(|answer| match answer {
        Answered::Rules(_, Fact::Is(rules)) => Some(rules.len()),
        Answered::Rules(_, Fact::Gone) => None,
        other => panic!("{other:?}"),
    });
    assert_eq!(rules.collect::<Vec<_>>(), [Some(1), None, Some(1)]);
}

fn rule_of(group: &str) -> String {
    format!(
        "<item><securityGroupRuleId>sgr-0a00000000000000a</securityGroupRuleId><groupId>{group}</groupId>\
         <groupOwnerId>111122223333</groupOwnerId><isEgress>true</isEgress><ipProtocol>-1</ipProtocol>\
         <fromPort>-1</fromPort><toPort>-1</toPort><cidrIpv4>0.0.0.0/0</cidrIpv4></item>"
    )
}
