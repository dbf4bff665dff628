//! A look at what is there now, by the same rules as events: what belongs to no VPC, where the policy file says that the
//! account must stay private, then the VPCs that it selects, one after the other.
//!
//! What is known of a VPC is forgotten before the next one begins, and what is known of single groups and endpoints once
//! they are judged, so that a large account takes no more memory than its largest VPC does.

mod area;
mod known;

use std::collections::{BTreeSet, VecDeque};

use guardrail_policy::case::{Case, Ceiling};
use guardrail_policy::decide::{Decision, Progress, Reason, decide};
use guardrail_policy::event::{Event, Subject, SubjectKind};
use guardrail_policy::facts::{Answered, Endpoint, Everywhere, Fact, Question, Unreadable, Vpc};
use guardrail_policy::id::{AccountId, Region, VpcId};
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::rules::Rule;
use guardrail_policy::settings::Settings;

use crate::flow::MOST_ROUNDS;
use crate::ports::Answer;
pub use area::{Area, AreaId};
use known::Known;

/// How many resources are judged together, so that their questions share calls: five of EC2's filters, side by side.
const TOGETHER: usize = 1_000;

/// One account in one Region, to be looked at.
#[derive(Debug)]
pub struct Scanner<'a, A> {
    /// Reads what is there.
    pub answer: &'a A,
    /// The policy file.
    pub settings: &'a Settings,
    /// The rules; those that look at nothing as it stands have nothing to say.
    pub rules: &'a [&'static Rule],
    /// What caps the mode.
    pub ceilings: &'a [Ceiling],
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
    /// The time of judging, by which exemptions hold.
    pub now: Timestamp,
}

/// A scan under way.
#[derive(Debug)]
pub struct Scan<'s, 'a, A> {
    scanner: &'s Scanner<'a, A>,
    /// How many VPCs there are.
    there: usize,
    /// How many of them the policy file selects.
    selected: usize,
    /// What is still to be looked at, in the order of the areas' ids.
    waiting: VecDeque<Area>,
    /// The VPCs that the policy file does not select.
    left_out: Vec<Vpc>,
    /// What is still to be looked at in the area under way.
    subjects: VecDeque<Subject>,
    known: Known,
}

/// What one step of a scan came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Another area begins.
    Area {
        /// The area.
        area: Area,
        /// How many resources there are to look at, the VPC or the account itself included.
        subjects: usize,
        /// Which kinds of resources could not be listed, and why: what is among them is not judged.
        unlisted: Vec<(SubjectKind, Unreadable)>,
    },
    /// The next resources of that area, judged, in the order of their ids.
    Judged(Vec<Judged>),
}

/// One resource, judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The look at it.
    pub event: Event,
    /// What each rule has to say.
    pub decision: Decision,
}

impl Judged {
    /// The id of the resource.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.event.call.subjects().first().copied().unwrap_or_default()
    }
}

impl<'a, A: Answer> Scanner<'a, A> {
    /// Lists the VPCs, and picks what the policy file selects: the account, and VPCs in the order of their ids.
    ///
    /// # Errors
    /// Why the VPCs could not be listed: then nothing can be judged.
    pub async fn begin<'s>(&'s self) -> Result<Scan<'s, 'a, A>, Unreadable> {
        let mut known = Known::default();
        let every = Question::Vpcs(Everywhere);
        known.read(self.answer, [every.clone()].into()).await;
        let vpcs = match known.facts().answered(&every) {
            Some(Answered::Vpcs(_, Fact::Is(vpcs))) => vpcs,
            other => other
                .and_then(|known| known.unreadable().cloned())
                .map_or(Ok(Vec::new()), Err)?,
        };
        let there = vpcs.len();
        let (selected, left_out): (Vec<Vpc>, Vec<Vpc>) = vpcs.into_iter().partition(|vpc| self.selects(vpc));
        let account = self.looks_at_the_account().then_some(Area::Account);
        Ok(Scan {
            scanner: self,
            there,
            selected: selected.len(),
            waiting: account.into_iter().chain(selected.into_iter().map(Area::Vpc)).collect(),
            left_out,
            subjects: VecDeque::new(),
            known,
        })
    }

    fn selects(&self, vpc: &Vpc) -> bool {
        self.settings.selects_vpc(&self.account, &vpc.id, &vpc.tags)
    }

    /// Whether there is anything to look at beside the VPCs.
    fn looks_at_the_account(&self) -> bool {
        let listed = Area::Account.lists().into_iter().map(|(kind, _)| kind);
        let mut kinds = listed.chain([SubjectKind::Account]);
        self.settings.scope.selects_account(&self.account) && kinds.any(|kind| self.looks_at(kind))
    }

    /// Whether any rule looks at things of this kind as they stand.
    fn looks_at(&self, kind: SubjectKind) -> bool {
        self.rules.iter().any(|rule| rule.scans.contains(&kind))
    }

    fn look(&self, subject: Subject) -> Event {
        Event::of_scan(subject, self.account.clone(), self.region.clone(), self.now)
    }

    /// The case of a look.
    pub(crate) fn case<'c>(&'c self, event: &'c Event) -> Case<'c> {
        Case {
            event,
            account: &self.account,
            now: self.now,
            settings: self.settings,
            rules: self.rules,
            ceilings: self.ceilings,
            own_roles: &[],
            own: guardrail_policy::own::Own::none(),
            last_delivery: true,
        }
    }
}

impl<A: Answer> Scan<'_, '_, A> {
    /// How many VPCs the account has in the Region, those shared with it included.
    #[must_use]
    pub fn there(&self) -> usize {
        self.there
    }

    /// How many of them the policy file selects.
    #[must_use]
    pub fn selected(&self) -> usize {
        self.selected
    }

    /// How many areas are still to be looked at: VPCs, and the account.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// How many resources of the area under way are still to be judged.
    #[must_use]
    pub fn left_in_area(&self) -> usize {
        self.subjects.len()
    }

    /// The VPCs that the policy file does not select.
    pub(crate) fn left_out(&self) -> &[Vpc] {
        &self.left_out
    }

    /// Looks at these VPCs as well, though the policy file does not select them.
    pub(crate) fn look_at(&mut self, which: impl Fn(&Vpc) -> bool) {
        let also = self.left_out.extract_if(.., |vpc| which(vpc));
        self.waiting.extend(also.map(Area::Vpc));
        self.waiting.make_contiguous().sort_by_key(Area::id);
    }

    /// Leaves out the areas up to and including this one, in the order of their ids: they were looked at before.
    pub(crate) fn go_on_after(&mut self, last: Option<&AreaId>) {
        self.waiting.retain(|area| last.is_none_or(|last| area.id() > *last));
    }

    /// The endpoints of the VPC under way, as far as they could be listed.
    pub(crate) fn endpoints(&self, vpc: &VpcId) -> Vec<Endpoint> {
        match self.known.facts().answered(&Question::Endpoints(vpc.clone())) {
            Some(Answered::Endpoints(_, Fact::Is(endpoints))) => endpoints,
            _ => Vec::new(),
        }
    }

    /// The next step; none once all is looked at.
    pub async fn next(&mut self) -> Option<Step> {
        if !self.subjects.is_empty() {
            let together = self.subjects.len().min(TOGETHER);
            let subjects = self.subjects.drain(..together).collect();
            return Some(Step::Judged(self.judge(subjects).await));
        }
        let area = self.waiting.pop_front()?;
        Some(self.enter(area).await)
    }

    /// Lists what is in an area.
    async fn enter(&mut self, area: Area) -> Step {
        self.known.leave_area();
        if let Area::Vpc(vpc) = &area {
            self.known.tell(Answered::Vpc(vpc.id.clone(), Fact::Is(vpc.clone())));
        }
        let lists = area.lists().into_iter();
        let lists = lists.filter(|(kind, _)| self.scanner.looks_at(*kind));
        let lists: Vec<(SubjectKind, Question)> = lists.collect();
        let questions = lists.iter().map(|(_, question)| question.clone()).collect();
        self.known.read(self.scanner.answer, questions).await;
        let itself = area.id().itself(&self.scanner.account);
        let itself = Some(itself).filter(|itself| self.scanner.looks_at(itself.kind()));
        self.subjects.extend(itself);
        let mut unlisted = Vec::new();
        for (kind, question) in lists {
            match self.known.listed(&question) {
                Ok(subjects) => self.subjects.extend(subjects),
                Err(why) if self.is_not_here(kind, &why).await => {}
                Err(why) => unlisted.push((kind, why)),
            }
        }
        Step::Area {
            area,
            subjects: self.subjects.len(),
            unlisted,
        }
    }

    /// Whether a list cannot be had since there is no such service here: not every Region has AppSync. Then its name leads
    /// nowhere, and EC2 offers no endpoint of it.
    async fn is_not_here(&mut self, kind: SubjectKind, why: &Unreadable) -> bool {
        if kind != SubjectKind::GraphqlApi || why.code != "ConnectionFailed" {
            return false;
        }
        let region = &self.scanner.region;
        let offers = ["com.amazonaws", "cn.com.amazonaws"];
        let offers = offers.map(|owner| Question::EndpointService(format!("{owner}.{region}.appsync-api")));
        self.known.read(self.scanner.answer, offers.clone().into()).await;
        let facts = self.known.facts();
        let is_gone = |offer| matches!(facts.answered(offer), Some(Answered::EndpointService(_, Fact::Gone)));
        offers.iter().all(is_gone)
    }

    /// Judges some resources side by side: what one round of them needs is asked together.
    async fn judge(&mut self, subjects: Vec<Subject>) -> Vec<Judged> {
        let scanner = self.scanner;
        self.known.expect(&subjects);
        let mut judged: Vec<(Event, Option<Decision>)> = subjects
            .into_iter()
            .map(|subject| (scanner.look(subject), None))
            .collect();
        for _ in 0..MOST_ROUNDS {
            let needed = self.advance(&mut judged);
            if needed.is_empty() {
                break;
            }
            self.known.read(scanner.answer, needed).await;
        }
        self.known.leave_subjects();
        let undecided = || Decision::of_none(Reason::Undecided);
        let judged = judged.into_iter().map(|(event, decision)| Judged {
            event,
            decision: decision.unwrap_or_else(undecided),
        });
        judged.collect()
    }

    /// Judges each as far as the facts go; gives what they need besides.
    fn advance(&mut self, judged: &mut [(Event, Option<Decision>)]) -> BTreeSet<Question> {
        let mut needed = BTreeSet::new();
        for (event, decision) in judged.iter_mut().filter(|(_, decision)| decision.is_none()) {
            let case = self.scanner.case(event);
            loop {
                match decide(&case, self.known.facts()) {
                    Progress::Done(done) => *decision = Some(done),
                    Progress::Ask(questions) => needed.extend(questions),
                    // There is no event that an answer could contradict.
                    Progress::Settle(questions) => {
                        self.known.settle(questions);
                        continue;
                    }
                }
                break;
            }
        }
        needed
    }
}
