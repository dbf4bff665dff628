//! The same events for both, one after the other, each checked for what it came to.

use std::time::Duration;

use anyhow::ensure;
use harness::delivery::envelope;
use harness::function::ColdStart;
use harness::network::{destination, egress_rules, open_egress};
use harness::stage::Stage;
use harness::user::User;
use serde_json::{Value, json};

use super::deployed::Deployed;
use super::side::{Cost, Side};
use super::{BEFORE, STARTS, TIMED, WARMING};
use crate::effort::Effort;
use crate::network;
use crate::samples::Samples;

/// So many events have one reading of the processor's clock, which ticks every 10 ms.
const READING: usize = 10;

/// What somebody does, and what must come of it.
pub(super) struct Kind {
    pub(super) what: &'static str,
    cidr: &'static str,
    wanted: Wanted,
}

/// What must come of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Nothing,
    Told,
    TakenBack,
}

/// Something measured of both: of ours, then of Custodian's.
pub(super) type Both<T> = [T; 2];

/// What a start cost one of them.
pub(super) struct Starts {
    pub(super) to_first_next: Samples,
    pub(super) to_first_answer: Samples,
    pub(super) processor: Duration,
    /// The most calls that a first event needed.
    pub(super) calls: usize,
}

/// What a warm event cost one of them.
pub(super) struct Warm {
    pub(super) wall: Samples,
    /// Each sample the mean of ten events.
    pub(super) processor: Samples,
    pub(super) mean_processor: Duration,
    /// The most that any event needed.
    pub(super) calls: usize,
    pub(super) new_connections: usize,
}

/// Two functions that guard one group, and those who work with it.
pub(super) struct Contest<'a> {
    sides: Both<Side<'a>>,
    field: Field<'a>,
}

impl Kind {
    pub(super) fn new(what: &'static str, cidr: &'static str, wanted: Wanted) -> Self {
        Self { what, cidr, wanted }
    }

    /// Whether the rules that are there now, and were not before the call, are what should be left of it.
    fn is_left(&self, added: &[Value]) -> bool {
        let the_call_s = added.iter().filter(|rule| destination(rule) == self.cidr).count();
        match self.wanted {
            Wanted::Nothing | Wanted::Told => the_call_s == 1 && added.len() == 1,
            Wanted::TakenBack => the_call_s == 0,
        }
    }

    fn messages(&self) -> usize {
        usize::from(self.wanted != Wanted::Nothing)
    }
}

impl<'a> Contest<'a> {
    /// A contest about the application's group of the stage.
    pub(super) fn between(stage: &'a mut Stage, custodian: &'a mut Deployed) -> anyhow::Result<Self> {
        let (group, person) = (stage.network.app_group.clone(), stage.person()?);
        let Stage {
            owner,
            function,
            calls,
            inbox,
            ledger,
            ..
        } = stage;
        Ok(Self {
            sides: [
                Side::ours(function, calls, inbox, ledger.as_ref()),
                Side::custodian(custodian),
            ],
            field: Field { owner, person, group },
        })
    }

    /// Starts each again and again, with an event of this kind as its first.
    pub(super) fn starts(&mut self, kind: &Kind, effort: Effort) -> anyhow::Result<Both<Starts>> {
        let starts = |side: &mut Side<'_>, envelope: &Value| side.start(envelope);
        self.each(kind, BEFORE, starts)?;
        let figures = self.each(kind, effort.times(STARTS), starts)?;
        Ok(figures.map(|figures| Starts::of(&figures)))
    }

    /// Starts each again and again, with an event as its first that is about nothing either of them looks after.
    pub(super) fn idle_starts(&mut self, effort: Effort) -> anyhow::Result<Both<Starts>> {
        let envelope: Value = serde_json::from_slice(&network::not_ours().envelope())?;
        let starts = |side: &mut Side<'_>| side.start(&envelope);
        in_turn(&mut self.sides, BEFORE, starts)?;
        let figures = in_turn(&mut self.sides, effort.times(STARTS), starts)?;
        Ok(figures.map(|figures| Starts::of(&figures)))
    }

    /// Has the running processes serve events of this kind.
    pub(super) fn warm(&mut self, kind: Kind, effort: Effort) -> anyhow::Result<(Kind, Both<Warm>)> {
        let serves = |side: &mut Side<'_>, envelope: &Value| side.serve(envelope);
        self.each(&kind, WARMING, serves)?;
        let costs = self.each(&kind, effort.times(TIMED), serves)?;
        Ok((kind, costs.map(|costs| Warm::of(&costs))))
    }

    /// The most memory that each ever held, in MiB.
    pub(super) fn peaks(&self) -> anyhow::Result<Both<f64>> {
        let [ours, theirs] = &self.sides;
        Ok([ours.peak()?, theirs.peak()?])
    }

    /// Hands both events of this kind so many times.
    fn each<T>(
        &mut self,
        kind: &Kind,
        times: usize,
        act: impl Fn(&mut Side<'_>, &Value) -> anyhow::Result<T>,
    ) -> anyhow::Result<Both<Vec<T>>> {
        let Self { sides, field } = self;
        in_turn(sides, times, |side| field.play(kind, side, &act))
    }
}

/// Lets both do something so many times, neither always the one that comes after the other.
fn in_turn<'a, T>(
    sides: &mut Both<Side<'a>>,
    times: usize,
    act: impl Fn(&mut Side<'a>) -> anyhow::Result<T>,
) -> anyhow::Result<Both<Vec<T>>> {
    let mut figures = [Vec::new(), Vec::new()];
    for number in 0..times {
        let mut both: Vec<_> = sides.iter_mut().zip(&mut figures).collect();
        if number % 2 == 1 {
            both.reverse();
        }
        for (side, figures) in both {
            figures.push(act(side)?);
        }
    }
    Ok(figures)
}

/// Where an event happens.
struct Field<'a> {
    owner: &'a User,
    person: User,
    group: String,
}

impl Field<'_> {
    /// Somebody makes the call, a function gets its event, what comes of it is checked, and all is put back.
    fn play<T>(
        &self,
        kind: &Kind,
        side: &mut Side<'_>,
        act: impl Fn(&mut Side<'_>, &Value) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let before = egress_rules(self.owner, &self.group)?;
        let opened = open_egress(&self.person, &self.group, kind.cidr)?;
        opened.succeeded()?;
        let done = act(side, &envelope(&opened.record))?;
        let mut added = egress_rules(self.owner, &self.group)?;
        added.retain(|rule| !before.iter().any(|old| id(old) == id(rule)));
        ensure!(kind.is_left(&added), "{}: left are {added:#?}", kind.what);
        let messages = side.messages()?;
        ensure!(messages == kind.messages(), "{}: {messages} messages", kind.what);
        let ids: Vec<_> = added.iter().filter_map(id).collect();
        if !ids.is_empty() {
            let parameters = json!({ "GroupId": self.group, "SecurityGroupRuleIds": ids });
            self.owner.call("ec2", "revoke_security_group_egress", &parameters)?;
        }
        Ok(done)
    }
}

fn id(rule: &Value) -> Option<&str> {
    rule.get("SecurityGroupRuleId").and_then(Value::as_str)
}

impl Starts {
    fn of(figures: &[(ColdStart, Cost)]) -> Self {
        let samples =
            |figure: fn(&ColdStart) -> Duration| Samples::of(figures.iter().map(|(start, _)| figure(start)).collect());
        Self {
            to_first_next: samples(|start| start.to_first_next),
            to_first_answer: samples(|start| start.to_first_answer),
            processor: mean(figures.iter().map(|(_, cost)| cost.processor)),
            calls: figures.iter().map(|(_, cost)| cost.calls).max().unwrap_or_default(),
        }
    }
}

impl Warm {
    fn of(costs: &[Cost]) -> Self {
        let most = |figure: fn(&Cost) -> usize| costs.iter().map(figure).max().unwrap_or_default();
        let readings = costs.chunks(READING);
        Self {
            wall: Samples::of(costs.iter().map(|cost| cost.wall).collect()),
            processor: Samples::of(
                readings
                    .map(|some| mean(some.iter().map(|cost| cost.processor)))
                    .collect(),
            ),
            mean_processor: mean(costs.iter().map(|cost| cost.processor)),
            calls: most(|cost| cost.calls),
            new_connections: most(|cost| cost.new_connections),
        }
    }
}

fn mean(durations: impl ExactSizeIterator<Item = Duration>) -> Duration {
    let count = durations.len().max(1) as u32;
    durations.sum::<Duration>() / count
}
