//! What is told of broken paths: one finding for those that the event broke, and one for those that were broken before.

use std::collections::BTreeSet;

use super::advice;
use super::leg::{self, Standing, standing};
use super::pair::{Found, Outcome};
use super::path::Way;
use super::scene::{Change, Scene};
use super::subject::Look;
use crate::event::Call;
use crate::facts::Stop;
use crate::finding::{Cause, Evidence, Finding, Severity};
use crate::plan::Treatment;
use crate::settings::RuleName;

/// How many pairs are told in full.
const MOST_PAIRS: usize = 10;

/// The findings about all pairs of one VPC. What could not be read waits for another delivery, and is told at the last.
pub(super) fn findings(scene: &Scene<'_>, look: &Look<'_>, outcomes: Vec<Outcome<'_>>) -> Result<Vec<Finding>, Stop> {
    let mut found = Vec::new();
    let mut stopped: Option<Stop> = None;
    for outcome in outcomes {
        match outcome {
            Outcome::Fine => {}
            Outcome::Unread(_, stop) if !scene.case.last_delivery => {
                stopped = Some(stopped.map_or(stop.clone(), |other| other.join(stop)));
            }
            Outcome::Unread(pair, _) | Outcome::Found(pair) => found.push(pair),
        }
    }
    if let Some(stop) = stopped {
        return Err(stop);
    }
    let mut findings = Vec::new();
    for cause in [Cause::ThisEvent, Cause::Standing] {
        for broken in [true, false] {
            let is_one = |pair: &&Found<'_>| pair.cause == cause && is_broken(pair) == broken;
            let pairs: Vec<&Found<'_>> = found.iter().filter(is_one).collect();
            if !pairs.is_empty() {
                findings.push(finding(scene, look, cause, broken, &pairs));
            }
        }
    }
    Ok(findings)
}

fn is_broken(pair: &Found<'_>) -> bool {
    standing(&pair.legs) == Standing::Broken
}

fn finding(scene: &Scene<'_>, look: &Look<'_>, cause: Cause, broken: bool, pairs: &[&Found<'_>]) -> Finding {
    let nobody_yet = pairs.iter().all(|pair| pair.idle && !pair.pair.declared);
    let severity = match broken {
        true if nobody_yet => Severity::Low,
        true => Severity::High,
        false => Severity::Medium,
    };
    Finding {
        rule: RuleName::PrivatePath,
        class: if broken { "broken-path" } else { "unsure-path" }.to_owned(),
        severity,
        cause,
        resource: look.resource.clone(),
        summary: summary(scene, cause, broken, pairs),
        evidence: pairs.iter().take(MOST_PAIRS).map(|pair| evidence(pair)).collect(),
        context: context(scene, cause, pairs),
        treatment: Treatment::Told(
            "what somebody closed is never opened by the guardrail: whoever answers for it adds what is missing"
                .to_owned(),
        ),
        advice: advice::of(pairs),
    }
}

fn summary(scene: &Scene<'_>, cause: Cause, broken: bool, pairs: &[&Found<'_>]) -> String {
    let is_new = matches!(scene.case.event.call, Call::CreateVpcEndpoint(_));
    let kinds: BTreeSet<_> = pairs
        .iter()
        .flat_map(|pair| &pair.legs)
        .filter(|leg| is_told(leg.standing(), broken))
        .map(|leg| leg.kind)
        .collect();
    let kinds = kinds.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let can = match (broken, cause) {
        (true, Cause::ThisEvent) if !is_new => "can no longer reach",
        (true, _) => "cannot reach",
        (false, _) => "may not reach",
    };
    let what = if broken { "broken" } else { "cannot be told" };
    match pairs {
        [pair] => format!("{} {can} {} privately on 443 ({what}: {kinds})", client(pair), pair.pair.service),
        pairs => format!(
            "{} pairs of client and service: the clients {can} the services privately on 443 ({what}: {kinds})",
            pairs.len()
        ),
    }
}

fn is_told(standing: Standing, broken: bool) -> bool {
    match broken {
        true => standing == Standing::Broken,
        false => matches!(standing, Standing::Unsure | Standing::Unread),
    }
}

fn client(pair: &Found<'_>) -> String {
    format!("{} ({})", pair.pair.client.id, pair.pair.client.name)
}

fn evidence(pair: &Found<'_>) -> Evidence {
    let way = match pair.way {
        None => String::new(),
        Some(Way::Own(details)) => format!(" by {}", details.endpoint.id),
        Some(Way::Central(central)) => format!(" by the central endpoints in {}", central.vpc),
    };
    let others = match pair.others {
        0 => String::new(),
        1 => "; another endpoint does not serve it either".to_owned(),
        others => format!("; {others} other endpoints do not serve it either"),
    };
    let part = format!("{} to {}{way}", client(pair), pair.pair.service);
    Evidence { part, says: format!("{}{others}", leg::in_words(&pair.legs)), permits: None }
}

fn context(scene: &Scene<'_>, cause: Cause, pairs: &[&Found<'_>]) -> Vec<String> {
    let mut context = Vec::new();
    if pairs.len() > MOST_PAIRS {
        context.push(format!("{} more pairs are not listed here", pairs.len() - MOST_PAIRS));
    }
    if cause == Cause::ThisEvent && matches!(scene.case.event.call, Call::ModifySecurityGroupRules { .. }) {
        context.push("an edit in place does not say what the rule permitted before: that it let 443 through is inferred from its peer".to_owned());
    }
    if pairs.iter().all(|pair| pair.idle) {
        context
            .push("no network interface is in the client group now: nothing is cut off until there is one".to_owned());
    }
    if cause == Cause::ThisEvent
        && matches!(scene.change, Change::Rules { .. })
        && pairs.iter().any(|pair| !pair.pair.declared)
    {
        context.push(
            "the policy file does not declare every pair listed here: whether the clients used it is not known"
                .to_owned(),
        );
    }
    context.push("only what is listed was checked; network ACLs were not".to_owned());
    context
}
