//! What came of a delivery, as tests ask for it.

use guardrail_policy::decide::Decision;
use guardrail_policy::facts::{Answered, Fact, Missing, Question, Unreadable};
use guardrail_policy::finding::Finding;
use guardrail_policy::plan::{Plan, Treatment};
use guardrail_policy::record::Record;
use guardrail_runner::ports::Answer;

/// Everything that was found, exempt findings left out.
pub fn findings(record: &Record) -> impl Iterator<Item = &Finding> {
    decision(record)
        .into_iter()
        .flat_map(|decision| &decision.verdicts)
        .flat_map(|verdict| verdict.findings())
}

/// The plans that may be carried out by themselves, each with its finding.
pub fn automatic(record: &Record) -> impl Iterator<Item = (&Finding, &Plan)> {
    findings(record).filter_map(|finding| match &finding.treatment {
        Treatment::Automatic(plan) => Some((finding, plan)),
        _ => None,
    })
}

fn decision(record: &Record) -> Option<&Decision> {
    record.decision.as_ref()
}

/// A network one question about which is never answered.
#[derive(Debug)]
pub struct Blind<'a, P> {
    inner: &'a P,
    question: Question,
    missing: Missing,
}

impl<'a, P> Blind<'a, P> {
    /// What is asked is gone.
    pub fn gone(inner: &'a P, question: Question) -> Self {
        Self {
            inner,
            question,
            missing: Missing::Gone,
        }
    }

    /// What is asked may not be read.
    pub fn denied(inner: &'a P, question: Question) -> Self {
        Self::with_code(inner, question, "UnauthorizedOperation")
    }

    /// Nothing answers this question at all.
    pub fn unreachable(inner: &'a P, question: Question) -> Self {
        Self::with_code(inner, question, "ConnectionFailed")
    }

    fn with_code(inner: &'a P, question: Question, code: &str) -> Self {
        let why = Unreadable {
            action: "ec2:Describe".to_owned(),
            code: code.to_owned(),
        };
        Self {
            inner,
            question,
            missing: Missing::Unreadable(why),
        }
    }
}

impl<P: Answer> Answer for Blind<'_, P> {
    async fn answer(&self, questions: &std::collections::BTreeSet<Question>) -> Vec<Answered> {
        let answers = self.inner.answer(questions).await;
        let blinded = answers.into_iter().map(|answered| {
            if answered.question() == self.question {
                self.question.without(self.missing.clone())
            } else {
                answered
            }
        });
        blinded.collect()
    }
}

/// Whether an answer holds a value.
#[must_use]
pub fn is_known(answered: &Answered) -> bool {
    fn is<T>(fact: &Fact<T>) -> bool {
        matches!(fact, Fact::Is(_))
    }
    match answered {
        Answered::Groups(_, fact) => is(fact),
        Answered::Rules(_, fact) => is(fact),
        Answered::Vpc(_, fact) => is(fact),
        Answered::Vpcs(_, fact) => is(fact),
        Answered::Subnets(_, fact) => is(fact),
        Answered::VpcDns(_, fact) => is(fact),
        Answered::DnsServers(_, fact) => is(fact),
        Answered::Endpoint(_, fact) => is(fact),
        Answered::EndpointService(_, fact) => is(fact),
        Answered::Endpoints(_, fact) => is(fact),
        Answered::RouteTable(_, fact) => is(fact),
        Answered::RouteTables(_, fact) => is(fact),
        Answered::InternetGateways(_, fact) => is(fact),
        Answered::EgressOnlyGateways(_, fact) => is(fact),
        Answered::NatGateways(_, fact) => is(fact),
        Answered::Interfaces(_, fact) => is(fact),
        Answered::PrefixLists(_, fact) => is(fact),
        Answered::Entries(_, fact) => is(fact),
        Answered::ServiceEndpoints(_, fact) => is(fact),
        Answered::RestApis(_, fact) => is(fact),
        Answered::HttpApis(_, fact) => is(fact),
        Answered::GraphqlApis(_, fact) => is(fact),
        Answered::RestApi(_, fact) => is(fact),
        Answered::HttpApi(_, fact) => is(fact),
        Answered::GraphqlApi(_, fact) => is(fact),
        Answered::Subnet(_, fact) => is(fact),
        Answered::NetworkPaths(_, fact) => is(fact),
        Answered::BlockPublicAccess(_, fact) => is(fact),
        Answered::Past(_, fact) => is(fact),
    }
}
