//! The theatre: the stage with the queues behind it, and what is shown of each call.

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use harness::bus::{Bus, Route};
use harness::emulator::Emulator;
use harness::identity::Identity;
use harness::inbox::Notice;
use harness::network::{destination, egress_rules, has_private_dns};
use harness::operator::Operator;
use harness::queue::Delivery;
use harness::stage::{REVERT_POLICY, Setting, Stage};
use harness::user::{Performed, User};
use serde_json::json;

use crate::page::{Look, Page};
use crate::telling;

/// The role for incidents, which the policy file never has reverted.
const BREAK_GLASS: &str = "arn:aws:iam::111122223333:role/BreakGlass";

/// What the security team should hear of a scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    Nothing,
    OneMessage,
}

/// What the audience is shown of the network after each call.
#[derive(Debug, Clone, Copy)]
enum View {
    /// Where the application's group lets out to.
    Egress,
    /// Which interface endpoints have private DNS.
    PrivateDns,
}

/// The stage, the event rules with their queues, and what was counted.
pub(crate) struct Theatre {
    pub(crate) stage: Stage,
    view: View,
    person: Rc<User>,
    bus: Bus,
    operator: Operator,
    to_message: Vec<Duration>,
    last_record: Option<String>,
}

impl Theatre {
    /// The function `security-groups` and a VPC that it guards.
    pub(crate) fn of_groups(emulator: &Arc<Emulator>, page: &mut Page) -> anyhow::Result<Self> {
        Self::open(emulator, "security-groups", View::Egress, page)
    }

    /// The function `vpc-endpoints` and another such VPC.
    pub(crate) fn of_endpoints(emulator: &Arc<Emulator>, page: &mut Page) -> anyhow::Result<Self> {
        Self::open(emulator, "vpc-endpoints", View::PrivateDns, page)
    }

    fn open(emulator: &Arc<Emulator>, function: &'static str, view: View, page: &mut Page) -> anyhow::Result<Self> {
        let policy = format!("{REVERT_POLICY}principals: {{ report_only: [\"{BREAK_GLASS}\"] }}\n");
        let setting = Setting::of(&policy).function(function).with_ledger();
        let stage = setting.set_on(Arc::clone(emulator)).context("setting the stage")?;
        let person = Rc::new(stage.person()?);
        // An SDK takes a while to make its first client, which is not what the times are about.
        person.call("ec2", "describe_vpcs", &json!({}))?;
        let theatre = Self {
            operator: stage.operator()?,
            stage,
            view,
            person,
            bus: Bus::of(function)?,
            to_message: Vec::new(),
            last_record: None,
        };
        theatre.show_network(page)?;
        Ok(theatre)
    }

    fn show_network(&self, page: &mut Page) -> anyhow::Result<()> {
        let network = &self.stage.network;
        let [api, registry] = &network.ecr_endpoints;
        page.field(
            "VPC",
            Look::Plain,
            &format!("{} 10.20.0.0/16, tagged connectivity=private", network.vpc),
        )?;
        page.field(
            "gateway",
            Look::Plain,
            &format!("{} to S3 ({})", network.s3_endpoint, network.s3_list),
        )?;
        page.field(
            "interface",
            Look::Plain,
            &format!(
                "{api} to ecr.api, {registry} to ecr.dkr, both in {}",
                network.endpoint_group
            ),
        )?;
        page.field(
            "app",
            Look::Plain,
            &format!("{} on {}", network.app_group, network.app_interface),
        )?;
        self.show_state(page)
    }

    /// What the network has come to, as the API tells it.
    fn show_state(&self, page: &mut Page) -> anyhow::Result<()> {
        match self.view {
            View::Egress => self.show_egress(page),
            View::PrivateDns => self.show_private_dns(page),
        }
    }

    fn show_private_dns(&self, page: &mut Page) -> anyhow::Result<()> {
        let [api, registry] = &self.stage.network.ecr_endpoints;
        let in_words = |on| if on { "on" } else { "off" };
        let api = in_words(has_private_dns(&self.stage.owner, api)?);
        let registry = in_words(has_private_dns(&self.stage.owner, registry)?);
        page.field(
            "DNS",
            Look::Plain,
            &format!("private DNS is {api} for ecr.api, {registry} for ecr.dkr"),
        )?;
        Ok(())
    }

    fn show_egress(&self, page: &mut Page) -> anyhow::Result<()> {
        let rules = egress_rules(&self.stage.owner, &self.stage.network.app_group)?;
        let rules: Vec<_> = rules.iter().map(destination).collect();
        page.field("egress", Look::Plain, &rules.join(", "))?;
        Ok(())
    }

    /// Fails where the application's group may still go there.
    pub(crate) fn expect_closed(&self, cidr: &str) -> anyhow::Result<()> {
        let rules = egress_rules(&self.stage.owner, &self.stage.network.app_group)?;
        ensure!(
            !rules.iter().any(|rule| destination(rule) == cidr),
            "{cidr} is still open"
        );
        Ok(())
    }

    /// Fails where an endpoint's service is not found by its own name.
    pub(crate) fn expect_private_dns(&self, endpoint: &str) -> anyhow::Result<()> {
        let on = has_private_dns(&self.stage.owner, endpoint)?;
        ensure!(on, "{endpoint} has no private DNS");
        Ok(())
    }

    /// A call by a person about the application's group, delivered as the event rules deliver it, and what came of it.
    pub(crate) fn scene(
        &mut self,
        page: &mut Page,
        says: &str,
        heard: Heard,
        call: impl FnOnce(&User, &str) -> harness::Result<Performed>,
    ) -> anyhow::Result<()> {
        let person = Rc::clone(&self.person);
        self.scene_by(page, &person, says, heard, call)
    }

    /// The same by somebody in the role for incidents.
    pub(crate) fn scene_in_an_incident(
        &mut self,
        page: &mut Page,
        says: &str,
        heard: Heard,
        call: impl FnOnce(&User, &str) -> harness::Result<Performed>,
    ) -> anyhow::Result<()> {
        let person = self
            .stage
            .emulator
            .user(Identity::role_session("BreakGlass", "incident"))?;
        self.scene_by(page, &person, says, heard, call)
    }

    fn scene_by(
        &mut self,
        page: &mut Page,
        person: &User,
        says: &str,
        heard: Heard,
        call: impl FnOnce(&User, &str) -> harness::Result<Performed>,
    ) -> anyhow::Result<()> {
        let began = Instant::now();
        let performed = call(person, &self.stage.network.app_group)?;
        let route = self.bus.publish(&performed.record);
        ensure!(route == Route::AtOnce, "the call went {route:?}");
        let deliveries = self.bus.at_once.drain(&mut self.stage.function)?;
        let messages = self.stage.inbox.messages()?;
        let took = began.elapsed();
        show_call(page, says, &performed)?;
        self.show_outcome(page, &deliveries, &messages, heard, took)?;
        self.show_state(page)
    }

    /// The id of the record of the last scene.
    pub(crate) fn last_record(&self) -> anyhow::Result<&str> {
        self.last_record.as_deref().context("nothing has left a record yet")
    }

    /// Somebody of the security team overrules the function with the command line; gives the id of the record of that.
    pub(crate) fn overrule(&self, page: &mut Page, arguments: &[&str]) -> anyhow::Result<String> {
        page.paragraph("")?;
        page.field("who", Look::Plain, "SecurityEngineer, at a terminal")?;
        page.field("command", Look::Plain, &format!("guardrail {}", arguments.join(" ")))?;
        let ran = self.operator.runs(arguments)?;
        ensure!(ran.status == Some(0), "it failed: {ran:#?}");
        page.quote(&ran.stdout)?;
        let messages = self.stage.inbox.messages()?;
        let [message] = messages.as_slice() else {
            anyhow::bail!("the security team should hear of it once, and heard {messages:#?}");
        };
        page.field(
            "message",
            Look::Strong,
            message.subject.as_deref().unwrap_or("without a subject"),
        )?;
        self.show_state(page)?;
        let body = message.json();
        let record = body.get("record_id").and_then(serde_json::Value::as_str);
        Ok(record.context("the message names no record")?.to_owned())
    }

    /// A burst of calls by a tool; its events come late, all together.
    pub(crate) fn late_scene(
        &mut self,
        page: &mut Page,
        calls: &[(&str, Performed)],
        heard: Heard,
    ) -> anyhow::Result<()> {
        for (says, performed) in calls {
            show_call(page, says, performed)?;
            let route = self.bus.publish(&performed.record);
            ensure!(route != Route::AtOnce, "a call went {route:?}");
        }
        let seconds = harness::bus::LATE.as_secs();
        page.field(
            "delivery",
            Look::Faint,
            &format!("kept back for {seconds} s, which the demo skips"),
        )?;
        let began = Instant::now();
        let deliveries = self.bus.late.drain(&mut self.stage.function)?;
        let messages = self.stage.inbox.messages()?;
        self.show_outcome(page, &deliveries, &messages, heard, began.elapsed())
    }

    fn show_outcome(
        &mut self,
        page: &mut Page,
        deliveries: &[Delivery],
        messages: &[Notice],
        heard: Heard,
        took: Duration,
    ) -> anyhow::Result<()> {
        let records: Vec<_> = deliveries
            .iter()
            .flat_map(|delivery| delivery.invocation.records())
            .collect();
        ensure!(!records.is_empty(), "the function wrote no record: {deliveries:#?}");
        for record in &records {
            self.last_record = record["record_id"].as_str().map(str::to_owned);
            let look = if heard == Heard::Nothing { Look::Good } else { Look::Bad };
            page.field("verdict", look, &telling::verdict(record))?;
            for (number, line) in telling::plans(record).iter().enumerate() {
                page.field(if number == 0 { "plan" } else { "" }, Look::Plain, line)?;
            }
        }
        match (heard, messages) {
            (Heard::Nothing, []) => page.field("message", Look::Good, "none: nobody is disturbed")?,
            (Heard::OneMessage, [message]) => {
                self.to_message.push(took);
                show_message(page, message)?;
                page.field(
                    "time",
                    Look::Strong,
                    &format!("{} ms from the call to the message", took.as_millis()),
                )?;
            }
            _ => anyhow::bail!("the security team should hear {heard:?} and heard {messages:#?}"),
        }
        Ok(())
    }
}

/// Sums up what was played.
pub(crate) fn sum_up(theatres: &[Theatre], page: &mut Page) -> anyhow::Result<()> {
    let mut times: Vec<_> = theatres.iter().flat_map(|theatre| &theatre.to_message).collect();
    times.sort();
    let median = times.get(times.len() / 2).context("nothing was told")?;
    let memory = theatres.iter().map(|theatre| theatre.stage.function.peak_memory_kib());
    let memory = memory
        .collect::<Option<Vec<_>>>()
        .and_then(|each| each.into_iter().max());
    page.heading("The end")?;
    page.paragraph(&format!(
        "{} messages, {} ms from call to message in the median; a function took at most {:.1} MiB of memory.",
        times.len(),
        median.as_millis(),
        precise(memory.context("a function is gone")?) / 1024.0,
    ))?;
    Ok(())
}

/// KiB as a number that can be divided; memory sizes are far below what that could distort.
fn precise(kib: u64) -> f64 {
    u32::try_from(kib).map_or(f64::INFINITY, f64::from)
}

fn show_call(page: &mut Page, says: &str, performed: &Performed) -> anyhow::Result<()> {
    page.paragraph("")?;
    let record = &performed.record;
    let role = record.text("/userIdentity/sessionContext/sessionIssuer/userName");
    let client = record
        .text("/userAgent")
        .split_whitespace()
        .find(|part| part.starts_with("aws-cli") || part.starts_with("Terraform"));
    page.field(
        "who",
        Look::Plain,
        &format!("{role} with {}", client.unwrap_or("an SDK")),
    )?;
    page.field("call", Look::Plain, &format!("{}: {says}", record.event_name()))?;
    match &performed.outcome {
        Ok(_) => page.field("AWS", Look::Plain, "does it")?,
        Err(refusal) => page.field("AWS", Look::Plain, &format!("refuses: {}", refusal.code))?,
    }
    Ok(())
}

fn show_message(page: &mut Page, message: &Notice) -> anyhow::Result<()> {
    let attributes: Vec<_> = message
        .attributes
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    page.field(
        "message",
        Look::Strong,
        message.subject.as_deref().unwrap_or("without a subject"),
    )?;
    page.field("", Look::Faint, &attributes.join(" "))?;
    let body = message.json();
    let text = body.get("text").and_then(serde_json::Value::as_str);
    page.quote(text.context("the message has no text for people")?)?;
    Ok(())
}
