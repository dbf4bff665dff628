//! One function's calls: what its rules ask and do is sent as ever, what they do not is not sent at all.

use std::collections::BTreeSet;

use guardrail_policy::facts::Answered;
use guardrail_policy::functions::{Apis, Linked, Routes, SecurityGroups, VpcEndpoints};
use guardrail_runner::ports::{Act, ActError, Answer};

use super::server::{Reply, Server, reply};
use super::{PATIENT, acting, aws_at, scenes};
use crate::{Needs, reading, writing};

/// Whether a function's rules make the calls of all of these.
fn makes<F: Linked>(all: impl IntoIterator<Item = Needs>) -> bool {
    all.into_iter()
        .flat_map(|needs| needs.actions)
        .all(|action| F::FUNCTION.may_call(action))
}

/// How many of the scenes a function plays.
async fn plays<F: Linked + Copy>(function: F) -> usize {
    let mut played = 0;
    for scene in scenes::all() {
        let server = Server::start({
            let whole = scene.whole();
            scene.script(move |_| Reply::Fine(whole.clone()))
        })
        .await;
        let ec2 = aws_at(server.url(), PATIENT).await.ec2_of(function);
        let answers = ec2.answer(&scene.questions).await;
        let name = F::FUNCTION.name;
        if makes::<F>(scene.questions.iter().map(reading)) {
            let answered: BTreeSet<_> = answers.iter().map(Answered::question).collect();
            assert_eq!(answered, scene.questions, "{name}");
            assert!(
                scene.full.iter().all(|answer| answers.contains(answer)),
                "{name}: {answers:?}"
            );
            played += 1;
        } else {
            assert_eq!(answers, [], "{name}");
            assert_eq!(server.requests().len(), 0, "{name}: {:?}", scene.questions);
        }
    }
    played
}

/// How many of the actions a function carries out.
async fn carries_out<F: Linked + Copy>(function: F) -> usize {
    let mut done = 0;
    for action in acting::all() {
        let server = Server::start(|request| Reply::Fine(reply(&request.action, "<return>true</return>"))).await;
        let outcome = aws_at(server.url(), PATIENT).await.ec2_of(function).act(&action).await;
        let name = F::FUNCTION.name;
        if makes::<F>([writing(&action)]) {
            assert_eq!(outcome, Ok(()), "{name}");
            assert_eq!(server.requests().len(), 1, "{name}");
            done += 1;
        } else {
            let refused = matches!(&outcome, Err(ActError::Refused { code, .. }) if code == "NotLinked");
            assert!(refused, "{name}: {outcome:?}");
            assert_eq!(server.requests().len(), 0, "{name}");
        }
    }
    done
}

#[tokio::test]
async fn a_function_reads_with_the_calls_of_its_rules_and_no_others() {
    let all = scenes::all().len();
    let played = [
        plays(SecurityGroups).await,
        plays(VpcEndpoints).await,
        plays(Routes).await,
        plays(Apis).await,
    ];
    assert!(
        played.iter().all(|played| *played > 0 && *played < all),
        "{played:?} of {all}"
    );
}

#[tokio::test]
async fn a_function_changes_with_the_calls_of_its_rules_and_no_others() {
    let done = [
        carries_out(SecurityGroups).await,
        carries_out(VpcEndpoints).await,
        carries_out(Routes).await,
        carries_out(Apis).await,
    ];
    assert_eq!(done, [2, 3, 3, 0]);
}
