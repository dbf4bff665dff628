//! Faults, for every form of question: each ends in the right answer after all, or in the code that says what happened.

use std::time::Duration;

use guardrail_policy::facts::{Answered, Fact, Question};

use super::scenes::{self, Scene, by_question};
use super::server::{Reply, Request, Server, error, half, reply};
use super::{HASTY, PATIENT, ask, aws_at, ec2, unreadable};
use crate::Timeouts;

/// Each scene's own call meets a fault every time: how often it was called, and that all answers carry the code.
async fn always(fault: fn(&Scene) -> Reply, timeouts: Timeouts, code: &str, attempts: usize) {
    for scene in scenes::all() {
        let own = scenes::all()
            .into_iter()
            .find(|other| other.questions == scene.questions)
            .unwrap();
        let server = Server::start(scene.script(move |_| fault(&own))).await;
        let answers = ask(&aws_at(server.url(), timeouts).await.ec2(), &scene.questions).await;
        for (question, answer) in &answers {
            assert_eq!(*answer, unreadable(question, scene.action, code));
        }
        assert_eq!(server.requests_for(scene.action).len(), attempts, "{}", scene.action);
    }
}

/// Each scene's own call meets a fault twice, and then none: the answers are as if nothing had happened.
async fn twice(fault: fn(&Scene) -> Reply, timeouts: Timeouts) {
    for scene in scenes::all() {
        let own = scenes::all()
            .into_iter()
            .find(|other| other.questions == scene.questions)
            .unwrap();
        let server = Server::start(scene.script(move |request: &Request| match request.nth {
            0 | 1 => fault(&own),
            _ => Reply::Fine(own.whole()),
        }))
        .await;
        let answers = ask(&aws_at(server.url(), timeouts).await.ec2(), &scene.questions).await;
        assert_eq!(answers, by_question(&scene.full));
        assert_eq!(server.requests_for(scene.action).len(), 3, "{}", scene.action);
    }
}

#[tokio::test]
async fn denied_is_unreadable_and_is_not_tried_again() {
    always(
        |_| error(403, "UnauthorizedOperation"),
        PATIENT,
        "UnauthorizedOperation",
        1,
    )
    .await;
}

#[tokio::test]
async fn throttled_twice_is_tried_again_and_answered() {
    twice(|_| error(503, "RequestLimitExceeded"), PATIENT).await;
}

#[tokio::test]
async fn throttled_throughout_is_unreadable_after_three_attempts() {
    always(
        |_| error(503, "RequestLimitExceeded"),
        PATIENT,
        "RequestLimitExceeded",
        3,
    )
    .await;
}

#[tokio::test]
async fn a_reply_cut_to_half_its_xml_is_never_half_an_answer() {
    always(|scene| Reply::Fine(half(scene.whole())), PATIENT, "Truncated", 3).await;
}

#[tokio::test]
async fn a_reply_cut_to_half_its_xml_twice_is_tried_again_and_answered() {
    twice(|scene| Reply::Fine(half(scene.whole())), PATIENT).await;
}

#[tokio::test]
async fn an_empty_body_is_truncated_too() {
    always(|_| Reply::Fine(String::new()), PATIENT, "Truncated", 3).await;
}

#[tokio::test]
async fn a_connection_cut_in_the_middle_of_a_reply_is_truncated_after_three_attempts() {
    always(|scene| Reply::Cut(scene.whole()), PATIENT, "Truncated", 3).await;
}

#[tokio::test]
async fn a_connection_cut_twice_is_tried_again_and_answered() {
    twice(|scene| Reply::Cut(scene.whole()), PATIENT).await;
}

#[tokio::test]
async fn an_error_page_that_is_not_awss_has_its_status_for_a_code() {
    always(
        |_| Reply::Status(502, "<html>bad gateway</html>".to_owned()),
        PATIENT,
        "HttpStatus502",
        3,
    )
    .await;
    always(|_| Reply::Status(404, String::new()), PATIENT, "HttpStatus404", 1).await;
}

#[tokio::test]
async fn a_reply_that_never_comes_times_out() {
    let question = Question::Vpc("vpc-0a00000000000000a".parse().unwrap());
    let stalled = || Reply::Stalled(reply("DescribeVpcs", "<vpcSet/>"));
    for fault in [|| Reply::Held, stalled] {
        let server = Server::start(move |_| fault()).await;
        let answers = ask(&aws_at(server.url(), HASTY).await.ec2(), &[question.clone()].into()).await;
        assert_eq!(answers[&question], unreadable(&question, "DescribeVpcs", "Timeout"));
        assert_eq!(server.requests().len(), 3);
    }
}

#[tokio::test]
async fn one_call_that_times_out_leaves_the_others_of_its_round_alone() {
    let vpc = Question::Vpc("vpc-0a00000000000000a".parse().unwrap());
    let endpoints = Question::Endpoints("vpc-0a00000000000000a".parse().unwrap());
    let server = Server::start(|request| match request.action.as_str() {
        "DescribeVpcs" => Reply::Held,
        action => Reply::Fine(reply(action, "")),
    })
    .await;
    let timeouts = Timeouts {
        read: Duration::from_millis(300),
        ..PATIENT
    };
    let answers = ask(
        &aws_at(server.url(), timeouts).await.ec2(),
        &[vpc.clone(), endpoints.clone()].into(),
    )
    .await;
    assert_eq!(answers[&vpc], unreadable(&vpc, "DescribeVpcs", "Timeout"));
    let Answered::Endpoints(_, Fact::Is(found)) = &answers[&endpoints] else {
        panic!("{answers:?}")
    };
    assert!(found.is_empty());
}

#[tokio::test]
async fn a_list_whose_pages_never_end_times_out() {
    let question = Question::Entries("pl-0a00000000000000a".parse().unwrap());
    let server = Server::start(|request| {
        Reply::Fine(reply(
            &request.action,
            &format!("<entrySet/><nextToken>page-{}</nextToken>", request.nth),
        ))
    })
    .await;
    let timeouts = Timeouts {
        operation: Duration::from_millis(500),
        ..PATIENT
    };
    let answers = ask(&aws_at(server.url(), timeouts).await.ec2(), &[question.clone()].into()).await;
    assert_eq!(
        answers[&question],
        unreadable(&question, "GetManagedPrefixListEntries", "Timeout")
    );
}

#[tokio::test]
async fn a_page_that_names_itself_as_the_next_one_is_not_taken_for_the_last() {
    let question = Question::Entries("pl-0a00000000000000a".parse().unwrap());
    let content = "<entrySet><item><cidr>192.0.2.0/24</cidr></item></entrySet><nextToken>same</nextToken>";
    let server = Server::start(move |request| Reply::Fine(reply(&request.action, content))).await;
    let answers = ask(&ec2(&server).await, &[question.clone()].into()).await;
    assert_eq!(
        answers[&question],
        unreadable(&question, "GetManagedPrefixListEntries", "Truncated")
    );
}

#[tokio::test]
async fn a_failure_on_the_second_page_is_no_answer() {
    for scene in scenes::all() {
        let [first, _] = scene.pages();
        let server = Server::start(scene.script(move |request| match request.field("NextToken") {
            None => Reply::Fine(first.clone()),
            Some(_) => error(403, "UnauthorizedOperation"),
        }))
        .await;
        for (question, answer) in ask(&ec2(&server).await, &scene.questions).await {
            assert_eq!(answer, unreadable(&question, scene.action, "UnauthorizedOperation"));
        }
    }
}

#[tokio::test]
async fn a_refused_connection_has_its_code() {
    let closed = std::net::TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap();
    let question = Question::Vpc("vpc-0a00000000000000a".parse().unwrap());
    let ec2 = aws_at(&format!("http://{closed}"), PATIENT).await.ec2();
    let answers = ask(&ec2, &[question.clone()].into()).await;
    assert_eq!(
        answers[&question],
        unreadable(&question, "DescribeVpcs", "ConnectionFailed")
    );
}

#[tokio::test]
async fn a_connection_that_is_hung_up_on_has_its_code() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            drop(connection);
        }
    });
    let question = Question::Vpc("vpc-0a00000000000000a".parse().unwrap());
    let answers = ask(&aws_at(&url, PATIENT).await.ec2(), &[question.clone()].into()).await;
    assert_eq!(
        answers[&question],
        unreadable(&question, "DescribeVpcs", "ConnectionFailed")
    );
}

#[tokio::test]
async fn an_item_that_cannot_be_read_spoils_its_answer_and_no_other() {
    let group = |last: char| format!("sg-0{last}00000000000000{last}");
    let rule = |last: char, peer: &str| {
        format!(
            "<item><securityGroupRuleId>sgr-0a00000000000000a</securityGroupRuleId><groupId>{}</groupId>\
             <isEgress>true</isEgress><ipProtocol>tcp</ipProtocol><fromPort>1</fromPort><toPort>2</toPort>{peer}</item>",
            group(last)
        )
    };
    let items = rule('a', "<cidrIpv4>10.0.0.0/8</cidrIpv4>")
        + &rule('b', "<cidrIpv4>10.0.0.0/8</cidrIpv4>")
        + &rule('b', "<peerOfTomorrow>x</peerOfTomorrow>");
    let server = Server::start(move |request| {
        Reply::Fine(reply(
            &request.action,
            &format!("<securityGroupRuleSet>{items}</securityGroupRuleSet>"),
        ))
    })
    .await;
    let [a, b] = ['a', 'b'].map(|last| Question::Rules(group(last).parse().unwrap()));
    let answers = ask(&ec2(&server).await, &[a.clone(), b.clone()].into()).await;
    assert!(
        matches!(&answers[&a], Answered::Rules(_, Fact::Is(rules)) if rules.len() == 1),
        "{answers:?}"
    );
    assert_eq!(answers[&b], unreadable(&b, "DescribeSecurityGroupRules", "Unparsable"));
}

#[tokio::test]
async fn whatever_item_loses_a_field_that_it_must_have_its_answer_is_unparsable_and_never_shorter() {
    // (action, what is taken out of the reply)
    let losses = [
        ("DescribeSecurityGroups", "<ownerId>111122223333</ownerId>"),
        ("DescribeSecurityGroups", "<vpcId>vpc-0b00000000000000b</vpcId>"),
        ("DescribeSecurityGroupRules", "<isEgress>true</isEgress>"),
        ("DescribeSecurityGroupRules", "<cidrIpv6>2001:db8::/32</cidrIpv6>"),
        ("DescribeVpcs", "<ownerId>444455556666</ownerId>"),
        ("DescribeVpcEndpoints", "<state>available</state>"),
        (
            "DescribeRouteTables",
            "<natGatewayId>nat-0a00000000000000a</natGatewayId>",
        ),
        (
            "DescribeRouteTables",
            "<destinationPrefixListId>pl-6da54004</destinationPrefixListId>",
        ),
        (
            "DescribeNetworkInterfaces",
            "<subnetId>subnet-0a00000000000000a</subnetId>",
        ),
        ("DescribeManagedPrefixLists", "<addressFamily>IPv4</addressFamily>"),
        ("GetManagedPrefixListEntries", "<cidr>198.51.100.0/25</cidr>"),
    ];
    for (action, loss) in losses {
        let mut spoilt = 0;
        for scene in scenes::all().into_iter().filter(|scene| scene.action == action) {
            let (whole, without) = (scene.whole(), scene.whole().replace(loss, ""));
            assert_ne!(whole, without, "{loss}");
            let server = Server::start(scene.script(move |_| Reply::Fine(without.clone()))).await;
            let full = by_question(&scene.full);
            for (question, answer) in ask(&ec2(&server).await, &scene.questions).await {
                if answer != full[&question] {
                    assert_eq!(answer, unreadable(&question, scene.action, "Unparsable"), "{loss}");
                    spoilt += 1;
                }
            }
        }
        assert!(spoilt > 0, "{loss} of {action}");
    }
}

/// What the check is for: should this fail one day, the SDK has learnt to tell, and the check may go.
#[tokio::test]
async fn the_sdk_by_itself_takes_half_a_list_for_all_of_it() {
    let whole = reply(
        "GetManagedPrefixListEntries",
        "<entrySet><item><cidr>0.0.0.0/0</cidr></item></entrySet>",
    );
    let cut = whole.split_once("<item>").unwrap().0.to_owned();
    let server = Server::start(move |_| Reply::Fine(cut.clone())).await;
    let config = aws_sdk_ec2::Config::builder()
        .behavior_version(aws_config::BehaviorVersion::v2026_01_12())
        .region(aws_config::Region::new("eu-test-1000"))
        .credentials_provider(aws_credential_types::Credentials::new(
            "AKIDEXAMPLE",
            "made-up",
            None,
            None,
            "test",
        ))
        .endpoint_url(server.url())
        .build();
    let client = aws_sdk_ec2::Client::from_conf(config);
    let reply = client
        .get_managed_prefix_list_entries()
        .prefix_list_id("pl-0a00000000000000a")
        .send()
        .await
        .unwrap();
    assert_eq!(reply.entries().len(), 0);
}
