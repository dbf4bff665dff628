//! Full and empty replies, pages, and how many calls a round takes.

use std::collections::BTreeSet;
use std::sync::Arc;

use guardrail_policy::facts::{Answered, Fact, GroupFilter, Question};
use tokio::sync::Barrier;

use super::scenes::{self, by_question};
use super::server::{Reply, Server, reply};
use super::{ask, ec2};
use crate::needs;

#[tokio::test]
async fn a_full_reply_is_read_into_our_types_with_the_documented_call() {
    for scene in scenes::all() {
        let whole = scene.whole();
        let server = Server::start(scene.script(move |_| Reply::Fine(whole.clone()))).await;
        assert_eq!(
            ask(&ec2(&server).await, &scene.questions).await,
            by_question(&scene.full)
        );
        let requests = server.requests();
        assert_eq!(requests.len(), 1, "{}: {requests:?}", scene.action);
        for (field, value) in &scene.sent {
            assert_eq!(requests[0].field(field), Some(*value), "{field} of {:?}", requests[0]);
        }
    }
}

#[tokio::test]
async fn an_empty_reply_is_told_from_a_thing_that_is_gone() {
    for scene in scenes::all() {
        let nothing = scene.nothing();
        let server = Server::start(scene.script(move |_| Reply::Fine(nothing.clone()))).await;
        assert_eq!(
            ask(&ec2(&server).await, &scene.questions).await,
            by_question(&scene.empty)
        );
    }
}

#[tokio::test]
async fn a_list_in_two_pages_is_read_to_its_end() {
    for scene in scenes::all() {
        let pages = scene.pages();
        let server = Server::start(scene.script(move |request| {
            let second = request.field("NextToken") == Some("page-2");
            Reply::Fine(pages[usize::from(second)].clone())
        }))
        .await;
        assert_eq!(
            ask(&ec2(&server).await, &scene.questions).await,
            by_question(&scene.full)
        );
        let requests = server.requests();
        assert_eq!(requests.len(), 2, "{}", scene.action);
        for (field, value) in &scene.sent {
            assert_eq!(requests[1].field(field), Some(*value), "{field} of the second page");
        }
    }
}

#[tokio::test]
async fn every_form_of_question_in_one_round_gets_its_own_answer() {
    let scenes = scenes::all();
    let questions: BTreeSet<Question> = scenes.iter().flat_map(|scene| scene.questions.clone()).collect();
    let server = Server::start(|request| Reply::Fine(reply(&request.action, ""))).await;
    let answers = ask(&ec2(&server).await, &questions).await;
    let mut expected: Vec<Answered> = scenes.into_iter().flat_map(|scene| scene.empty).collect();
    expected.sort_by_key(Answered::question);
    assert_eq!(answers.into_values().collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn each_question_calls_just_the_actions_of_its_line_in_the_table() {
    let mut called: std::collections::BTreeMap<&str, BTreeSet<String>> = Default::default();
    for scene in scenes::all() {
        let nothing = scene.nothing();
        let server = Server::start(scene.script(move |_| Reply::Fine(nothing.clone()))).await;
        ask(&ec2(&server).await, &scene.questions).await;
        let actions = server
            .requests()
            .into_iter()
            .map(|request| format!("ec2:{}", request.action));
        called
            .entry(needs::reading(scene.questions.first().unwrap()).what)
            .or_default()
            .extend(actions);
    }
    let (vpc_dns, calls) = super::vpc_dns::calls().await;
    called.insert(needs::reading(&vpc_dns).what, calls);
    let (dns_servers, calls) = super::dns_servers::calls().await;
    called.insert(needs::reading(&dns_servers).what, calls);
    let of_apis = super::apis::calls().await.into_iter();
    for (question, calls) in of_apis.chain(super::api_lists::calls().await) {
        called.insert(needs::reading(&question).what, calls);
    }
    let (block_public_access, calls) = super::block_public_access::calls().await;
    called.insert(needs::reading(&block_public_access).what, calls);
    let (network_paths, calls) = super::network_paths::calls().await;
    called.insert(needs::reading(&network_paths).what, calls);
    let granted = crate::READS.map(|needs| {
        (
            needs.what,
            needs.actions.iter().map(|&action| action.to_owned()).collect(),
        )
    });
    assert_eq!(called, granted.into());
}

#[tokio::test]
async fn the_calls_of_a_round_go_out_side_by_side() {
    // One question for each of the thirteen calls: none is answered before all have arrived.
    let mut actions = BTreeSet::new();
    let scenes: Vec<_> = scenes::all()
        .into_iter()
        .filter(|scene| actions.insert(scene.action))
        .collect();
    let questions: BTreeSet<_> = scenes.iter().flat_map(|scene| scene.questions.clone()).collect();
    let barrier = Arc::new(Barrier::new(actions.len()));
    assert_eq!(actions.len(), 13);
    let replies: std::collections::BTreeMap<_, _> = scenes.iter().map(|scene| (scene.action, scene.whole())).collect();
    let server =
        Server::start(move |request| Reply::Together(Arc::clone(&barrier), replies[request.action.as_str()].clone()))
            .await;
    let answers = ask(&ec2(&server).await, &questions).await;
    let expected: Vec<Answered> = scenes.into_iter().flat_map(|scene| scene.full).collect();
    assert_eq!(answers, by_question(&expected));
}

#[tokio::test]
async fn many_questions_of_one_kind_share_a_call_for_every_two_hundred() {
    let questions: BTreeSet<Question> = (0..450)
        .map(|n| Question::Groups(GroupFilter::Id(format!("sg-{n:017}").parse().unwrap())))
        .collect();
    let server = Server::start(|request| {
        // Every second group exists.
        let there = request
            .filter_values()
            .into_iter()
            .filter(|id| id.ends_with(['0', '2', '4', '6', '8']));
        let items = there.map(|id| {
            format!(
                "<item><ownerId>111122223333</ownerId><groupId>{id}</groupId><groupName>app</groupName>\
                 <vpcId>vpc-0a00000000000000a</vpcId></item>"
            )
        });
        let items: String = items.collect();
        Reply::Fine(reply(
            &request.action,
            &format!("<securityGroupInfo>{items}</securityGroupInfo>"),
        ))
    })
    .await;
    let answers = ask(&ec2(&server).await, &questions).await;
    let mut values: Vec<usize> = server
        .requests()
        .iter()
        .map(|request| request.filter_values().len())
        .collect();
    values.sort_unstable();
    assert_eq!(values, [50, 200, 200]);
    let there = answers
        .values()
        .filter(|answer| matches!(answer, Answered::Groups(_, Fact::Is(groups)) if groups.len() == 1));
    let gone = answers
        .values()
        .filter(|answer| matches!(answer, Answered::Groups(_, Fact::Gone)));
    assert_eq!((there.count(), gone.count()), (225, 225));
}

#[tokio::test]
async fn the_wildcards_of_a_group_name_are_escaped_and_other_names_are_left_out() {
    let question = Question::Groups(GroupFilter::Named("app*".to_owned()));
    let server = Server::start(|request| {
        let item = |id: &str, name: &str| {
            format!(
                "<item><ownerId>111122223333</ownerId><groupId>{id}</groupId><groupName>{name}</groupName>\
                 <vpcId>vpc-0a00000000000000a</vpcId></item>"
            )
        };
        let items = item("sg-0a00000000000000a", "app*") + &item("sg-0b00000000000000b", "apple");
        Reply::Fine(reply(
            &request.action,
            &format!("<securityGroupInfo>{items}</securityGroupInfo>"),
        ))
    })
    .await;
    let answers = ask(&ec2(&server).await, &[question.clone()].into()).await;
    assert_eq!(server.requests()[0].filter_values(), [r"app\*"]);
    let Answered::Groups(_, Fact::Is(groups)) = &answers[&question] else {
        panic!("{answers:?}")
    };
    assert_eq!(
        groups.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(),
        ["app*"]
    );
}
