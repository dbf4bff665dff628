//! What a scan knows, and for how long: of the Region, of the area under way, of the resources that are being judged.

use std::collections::BTreeSet;

use guardrail_policy::event::Subject;
use guardrail_policy::facts::{
    Answered, Fact, Facts, GroupFilter, InterfaceFilter, Question, SecurityGroup, Unreadable,
};

use crate::flow::unreadable;
use crate::ports::Answer;

/// The facts, and which questions they answer.
#[derive(Debug, Default)]
pub(super) struct Known {
    facts: Facts,
    asked: BTreeSet<Question>,
    /// The groups of the VPC under way, as they were listed.
    groups: Vec<SecurityGroup>,
}

/// For how long an answer is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lasts {
    /// While the resources that asked for it are judged.
    Subjects,
    /// While anything of the area is judged.
    Area,
    /// For the whole Region.
    Region,
}

impl Lasts {
    /// What is not known to be shared is asked again: that is never wrong.
    fn of(question: &Question) -> Self {
        match question {
            Question::PrefixLists(_)
            | Question::Entries(_)
            | Question::EndpointService(_)
            | Question::ServiceEndpoints(_)
            | Question::NetworkPaths(_)
            | Question::BlockPublicAccess(_) => Self::Region,
            Question::Vpc(_)
            | Question::VpcDns(_)
            | Question::DnsServers(_)
            | Question::Subnets(_)
            | Question::Endpoints(_)
            | Question::RouteTables(_)
            | Question::InternetGateways(_)
            | Question::EgressOnlyGateways(_)
            | Question::NatGateways(_)
            | Question::Groups(GroupFilter::Vpc(_) | GroupFilter::DefaultOf(_))
            | Question::Interfaces(InterfaceFilter::Vpc(_))
            | Question::RestApi(_)
            | Question::HttpApi(_)
            | Question::GraphqlApi(_) => Self::Area,
            _ => Self::Subjects,
        }
    }
}

/// An answer whose items stand in the order of their ids: AWS gives them in any, and two scans of the same network are to
/// come out the same.
fn in_order(mut answered: Answered) -> Answered {
    match &mut answered {
        Answered::Groups(_, Fact::Is(items)) => items.sort_unstable_by(|one, other| one.id.cmp(&other.id)),
        Answered::Rules(_, Fact::Is(items)) => items.sort_unstable_by(|one, other| one.id.cmp(&other.id)),
        Answered::Vpcs(_, Fact::Is(items)) => items.sort_unstable_by(|one, other| one.id.cmp(&other.id)),
        Answered::Subnets(_, Fact::Is(items)) => items.sort_unstable_by(|one, other| one.id.cmp(&other.id)),
        Answered::Endpoints(_, Fact::Is(items)) => items.sort_unstable_by(|one, other| one.id.cmp(&other.id)),
        Answered::ServiceEndpoints(_, Fact::Is(items)) => {
            items.sort_unstable_by(|one, other| one.endpoint.id.cmp(&other.endpoint.id));
        }
        Answered::RouteTables(_, Fact::Is(items)) => items.sort_unstable_by(|one, other| one.id.cmp(&other.id)),
        Answered::EgressOnlyGateways(_, Fact::Is(items)) => items.sort_unstable_by(|one, other| one.id.cmp(&other.id)),
        Answered::NatGateways(_, Fact::Is(items)) => items.sort_unstable_by(|one, other| one.id.cmp(&other.id)),
        Answered::Interfaces(_, Fact::Is(items)) => items.sort_unstable_by(|one, other| one.id.cmp(&other.id)),
        Answered::RestApis(_, Fact::Is(items)) => items.sort_unstable_by(|one, other| one.id.cmp(&other.id)),
        Answered::HttpApis(_, Fact::Is(items)) => items.sort_unstable_by(|one, other| one.id.cmp(&other.id)),
        Answered::GraphqlApis(_, Fact::Is(items)) => items.sort_unstable_by(|one, other| one.id.cmp(&other.id)),
        Answered::PrefixLists(_, Fact::Is(items)) => items.sort_unstable_by(|one, other| one.id.cmp(&other.id)),
        _ => {}
    }
    answered
}

impl Known {
    pub(super) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Takes in what is known already.
    pub(super) fn tell(&mut self, answered: Answered) {
        self.asked.insert(answered.question());
        self.facts.insert(answered);
    }

    /// Asks, in one round; what is not answered counts as unreadable.
    pub(super) async fn read(&mut self, answer: &impl Answer, mut questions: BTreeSet<Question>) {
        questions.retain(|question| !self.facts.knows(question));
        for answered in answer.answer(&questions).await {
            questions.remove(&answered.question());
            self.tell(in_order(answered));
        }
        for question in questions {
            self.tell(unreadable(&question, "guardrail:Answer", "NoAnswer"));
        }
    }

    pub(super) fn settle(&mut self, questions: BTreeSet<Question>) {
        for question in questions {
            self.facts.settle(question);
        }
    }

    /// The resources that a list names, in the order of their ids.
    pub(super) fn listed(&mut self, list: &Question) -> Result<Vec<Subject>, Unreadable> {
        let subjects: Vec<Subject> = match self.facts.answered(list) {
            Some(Answered::Groups(_, Fact::Is(groups))) => {
                self.groups = groups;
                self.groups
                    .iter()
                    .map(|group| Subject::SecurityGroup(group.id.clone()))
                    .collect()
            }
            Some(Answered::Endpoints(_, Fact::Is(endpoints))) => endpoints
                .into_iter()
                .map(|endpoint| Subject::VpcEndpoint(endpoint.id))
                .collect(),
            Some(Answered::RestApis(_, Fact::Is(apis))) => self.listed_whole(apis, |api| {
                let id = api.id.clone();
                (Subject::RestApi(id.clone()), Answered::RestApi(id, Fact::Is(api)))
            }),
            Some(Answered::HttpApis(_, Fact::Is(apis))) => self.listed_whole(apis, |api| {
                let id = api.id.clone();
                (Subject::HttpApi(id.clone()), Answered::HttpApi(id, Fact::Is(api)))
            }),
            Some(Answered::GraphqlApis(_, Fact::Is(apis))) => self.listed_whole(apis, |api| {
                let id = api.id.clone();
                (Subject::GraphqlApi(id.clone()), Answered::GraphqlApi(id, Fact::Is(api)))
            }),
            Some(answered) => return answered.unreadable().cloned().map_or(Ok(Vec::new()), Err),
            None => Vec::new(),
        };
        Ok(subjects)
    }

    /// The resources of a list that says all there is to know of each: none need be asked for again.
    fn listed_whole<T>(&mut self, items: Vec<T>, each: impl Fn(T) -> (Subject, Answered)) -> Vec<Subject> {
        let (subjects, answers): (Vec<Subject>, Vec<Answered>) = items.into_iter().map(each).unzip();
        answers.into_iter().for_each(|answered| self.tell(answered));
        subjects
    }

    /// Before these are judged: what the list of the VPC's groups said of each need not be asked again.
    pub(super) fn expect(&mut self, subjects: &[Subject]) {
        let wanted: BTreeSet<&str> = subjects.iter().map(Subject::id).collect();
        let groups = self.groups.iter().filter(|group| wanted.contains(group.id.as_str()));
        let groups: Vec<SecurityGroup> = groups.cloned().collect();
        for group in groups {
            self.tell(Answered::Groups(
                GroupFilter::Id(group.id.clone()),
                Fact::Is(vec![group]),
            ));
        }
    }

    /// Forgets what is known of single resources only.
    pub(super) fn leave_subjects(&mut self) {
        self.keep(|question, _| Lasts::of(question) > Lasts::Subjects);
    }

    /// Forgets all but what holds for the whole Region. What could not be read there is tried again.
    pub(super) fn leave_area(&mut self) {
        self.groups.clear();
        self.keep(|question, facts| {
            let is_known = || {
                facts
                    .answered(question)
                    .is_some_and(|known| known.unreadable().is_none())
            };
            Lasts::of(question) == Lasts::Region && is_known()
        });
    }

    fn keep(&mut self, stays: impl Fn(&Question, &Facts) -> bool) {
        self.asked.retain(|question| stays(question, &self.facts));
        self.facts = self.facts.only(&self.asked);
    }
}
