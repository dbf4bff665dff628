//! Everything that a flow needs, set up: a private VPC, an inbox, and the function with its policy.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use tempfile::NamedTempFile;

use crate::calls::CallWatch;
use crate::deployment::Deployment;
use crate::emulator::Emulator;
use crate::faults::{Faults, Line};
use crate::function::Function;
use crate::gate::{Gate, Hold};
use crate::identity::Identity;
use crate::inbox::Inbox;
use crate::kill_switch::KillSwitch;
use crate::ledger::LedgerTable;
use crate::network::{self, PrivateVpc};
use crate::operator::Operator;
use crate::picture::Picture;
use crate::role::Role;
use crate::user::User;
use crate::{Error, Result};

/// A policy that guards every VPC tagged `connectivity=private` and tells.
pub const NOTIFY_POLICY: &str = "\
version: 1
scope:
  private_vpcs:
    - tags: { connectivity: private }
allowed_destinations: [10.0.0.0/8]
mode: notify
";

/// A policy that takes back what it can.
pub const REVERT_POLICY: &str = "\
version: 1
scope:
  private_vpcs:
    - tags: { connectivity: private }
allowed_destinations: [10.0.0.0/8]
mode: revert
";

/// The guardrail's own roles, as the template gives them to every function.
const OWN_ROLES: &str = "arn:aws:iam::111122223333:role/guardrail/functions/sweep,\
                         arn:aws:iam::111122223333:role/guardrail/functions/security-groups,\
                         arn:aws:iam::111122223333:role/guardrail/functions/vpc-endpoints,\
                         arn:aws:iam::111122223333:role/guardrail/functions/routes,\
                         arn:aws:iam::111122223333:role/guardrail/functions/apis";

/// What else it is made of, as the template names it.
const OWN_PARTS: &str = "arn:aws:lambda:eu-west-1:111122223333:function:vpc-guardrail-security-groups,\
                         arn:aws:sqs:eu-west-1:111122223333:vpc-guardrail-security-groups-*,\
                         arn:aws:events:eu-west-1:111122223333:rule/vpc-guardrail-security-groups-*";

/// A stage for one test, one demo or one benchmark.
pub struct Stage {
    /// The emulated AWS.
    pub emulator: Arc<Emulator>,
    /// Who built the network.
    pub owner: User,
    /// The network.
    pub network: PrivateVpc,
    /// The security team's inbox.
    pub inbox: Inbox,
    /// The function.
    pub function: Function,
    /// The function as AWS knows it: its own calls leave records, too.
    pub guardrail: User,
    /// The calls of the function.
    pub calls: CallWatch,
    /// The table of its ledger, where it has one.
    pub ledger: Option<LedgerTable>,
    /// Its kill switch, where it has one.
    pub kill_switch: Option<KillSwitch>,
    /// Its policy file, which lives as long as it does.
    policy: NamedTempFile,
}

/// How a stage is to be set.
#[derive(Debug, Clone)]
pub struct Setting {
    function: &'static str,
    policy: String,
    with_ledger: bool,
    with_marker: bool,
    kill_switch: Option<String>,
    time_out: Option<Duration>,
    max_receives: Option<u32>,
}

impl Setting {
    /// With the text of a policy file, the function `security-groups`, and nothing else.
    #[must_use]
    pub fn of(policy: &str) -> Self {
        Self {
            function: "security-groups",
            policy: policy.to_owned(),
            with_ledger: false,
            with_marker: false,
            kill_switch: None,
            time_out: None,
            max_receives: None,
        }
    }

    /// With another function.
    #[must_use]
    pub fn function(mut self, name: &'static str) -> Self {
        self.function = name;
        self
    }

    /// With a ledger.
    #[must_use]
    pub fn with_ledger(mut self) -> Self {
        self.with_ledger = true;
        self
    }

    /// With a marker group.
    #[must_use]
    pub fn with_marker(mut self) -> Self {
        self.with_marker = true;
        self
    }

    /// With a kill switch that holds `mode` at first.
    #[must_use]
    pub fn with_kill_switch(mut self, mode: &str) -> Self {
        self.kill_switch = Some(mode.to_owned());
        self
    }

    /// With another time-out than a minute.
    #[must_use]
    pub fn time_out(mut self, time_out: Duration) -> Self {
        self.time_out = Some(time_out);
        self
    }

    /// With a function that is told of this `maxReceiveCount`.
    #[must_use]
    pub fn max_receives(mut self, count: u32) -> Self {
        self.max_receives = Some(count);
        self
    }

    /// Sets the stage on the shared emulator.
    ///
    /// # Errors
    /// Where a part is missing or AWS refuses a call.
    pub fn set(self) -> Result<Stage> {
        self.set_on(Emulator::shared()?)
    }

    /// The same with a line between the function and AWS that can fail.
    ///
    /// # Errors
    /// As [`Setting::set`].
    pub fn set_with_faults(self) -> Result<(Stage, Line)> {
        let (emulator, faults) = (Emulator::shared()?, Faults::shared()?);
        let stage = self.set_at(emulator, faults.endpoint())?;
        let line = faults.of(stage.function.access_key());
        Ok((stage, line))
    }

    /// Sets the stage on `emulator`.
    ///
    /// # Errors
    /// As [`Setting::set`].
    pub fn set_on(self, emulator: Arc<Emulator>) -> Result<Stage> {
        let endpoint = emulator.endpoint().to_owned();
        self.set_at(emulator, &endpoint)
    }

    fn set_at(self, emulator: Arc<Emulator>, endpoint: &str) -> Result<Stage> {
        let owner = emulator.user(Identity::role_session("NetworkAdministrator", "set-up"))?;
        let network = PrivateVpc::build(&owner)?;
        let inbox = Inbox::open(emulator.user(Identity::role_session("SecurityTeam", "inbox"))?)?;
        let policy = policy_file(&self.policy)?;
        let deployer = || emulator.user(Identity::role_session("Deployment", "guardrail"));
        let ledger = self.with_ledger.then(|| LedgerTable::create(deployer()?)).transpose()?;
        let switch = self.kill_switch.as_deref();
        let kill_switch = switch.map(|mode| KillSwitch::create(deployer()?, mode)).transpose()?;
        let deployment = configured(Deployment::of(self.function, endpoint)?, &policy, inbox.topic());
        let mut deployment = self.deployed(deployment, ledger.as_ref(), kill_switch.as_ref());
        if self.with_marker {
            let marker = network::marker_group(&owner, &network.vpc)?;
            deployment = deployment.variable("GUARDRAIL_MARKER_GROUP", &marker);
        }
        let key = deployment.access_key();
        let role = format!("guardrail/functions/{}", self.function);
        let guardrail = emulator.user(Identity::execution_role(&role, self.function, key))?;
        emulator.restrict(key, &self.rights()?)?;
        let calls = emulator.watch_calls(key)?;
        let function = Function::start(deployment)?;
        Ok(Stage {
            emulator,
            owner,
            network,
            inbox,
            function,
            guardrail,
            calls,
            ledger,
            kill_switch,
            policy,
        })
    }

    /// The rights of the function's role, as it is deployed: without a ledger nothing is ever changed, so there it has those
    /// of mode notify.
    fn rights(&self) -> Result<BTreeSet<String>> {
        let mode = if self.with_ledger { "revert" } else { "notify" };
        Role::of(self.function)?.actions(mode)
    }

    fn deployed(
        &self,
        mut deployment: Deployment,
        ledger: Option<&LedgerTable>,
        kill_switch: Option<&KillSwitch>,
    ) -> Deployment {
        let max_receives = self.max_receives.map(|count| count.to_string());
        let variables = [
            ("GUARDRAIL_ROLE_ARNS", Some(OWN_ROLES)),
            ("GUARDRAIL_PARTS", Some(OWN_PARTS)),
            ("GUARDRAIL_LEDGER_TABLE", ledger.map(LedgerTable::name)),
            ("GUARDRAIL_KILL_SWITCH", kill_switch.map(KillSwitch::name)),
            ("GUARDRAIL_MAX_RECEIVES", max_receives.as_deref()),
        ];
        for (name, value) in variables {
            if let Some(value) = value {
                deployment = deployment.variable(name, value);
            }
        }
        match self.time_out {
            Some(time_out) => deployment.time_out(time_out),
            None => deployment,
        }
    }
}

impl Stage {
    /// Sets the stage on `emulator` with the text of a policy file.
    ///
    /// # Errors
    /// Where a part is missing or AWS refuses a call.
    pub fn set(emulator: Arc<Emulator>, policy: &str) -> Result<Self> {
        Setting::of(policy).set_on(emulator)
    }

    /// Sets the stage on `emulator` with a function that has a ledger.
    ///
    /// # Errors
    /// As [`Stage::set`].
    pub fn set_to_act(emulator: Arc<Emulator>, policy: &str) -> Result<Self> {
        Setting::of(policy).with_ledger().set_on(emulator)
    }

    /// Sets the stage on the shared emulator with a function that has a ledger, and a line between it and AWS that can
    /// fail.
    ///
    /// # Errors
    /// As [`Stage::set`].
    pub fn set_with_ledger(policy: &str) -> Result<(Self, Line)> {
        Setting::of(policy).with_ledger().set_with_faults()
    }

    /// The same on the shared emulator, with a line between the function and AWS that can fail.
    ///
    /// # Errors
    /// As [`Stage::set`].
    pub fn set_with_faults(policy: &str) -> Result<(Self, Line)> {
        Setting::of(policy).set_with_faults()
    }

    /// A gate for a call that the function will make.
    ///
    /// # Errors
    /// Where the emulator does not answer.
    pub fn gate(&self, hold: &Hold) -> Result<Gate> {
        self.emulator.gate(self.function.access_key(), hold)
    }

    /// Everything in the VPC that the function could change.
    ///
    /// # Errors
    /// Where AWS refuses a call.
    pub fn picture(&self) -> Result<Picture> {
        Picture::of(&self.owner, &self.network.vpc)
    }

    /// Somebody of the security team, with the command line and the function's configuration.
    ///
    /// # Errors
    /// Where the command was not built, or the emulator does not answer.
    pub fn operator(&self) -> Result<Operator> {
        let ledger = self
            .ledger
            .iter()
            .map(|ledger| ("GUARDRAIL_LEDGER_TABLE", ledger.name().to_owned()));
        let switch = self
            .kill_switch
            .iter()
            .map(|switch| ("GUARDRAIL_KILL_SWITCH", switch.name().to_owned()));
        let mut configuration: BTreeMap<&'static str, String> = ledger.chain(switch).collect();
        configuration.insert("GUARDRAIL_TOPIC_ARN", self.inbox.topic().to_owned());
        configuration.insert("GUARDRAIL_POLICY", format!("file:{}", self.policy.path().display()));
        configuration.insert("GUARDRAIL_ROLE_ARNS", OWN_ROLES.to_owned());
        let user = self
            .emulator
            .user(Identity::role_session("SecurityEngineer", "on-call"))?;
        Operator::new(user, self.emulator.endpoint(), configuration)
    }

    /// A person of the application's team, in a role session.
    ///
    /// # Errors
    /// Where the emulator does not answer.
    pub fn person(&self) -> Result<User> {
        self.emulator
            .user(Identity::role_session("PlatformEngineer", "maintenance"))
    }
}

/// A function with its policy file and its topic, as the template configures it.
#[must_use]
pub fn configured(deployment: Deployment, policy: &NamedTempFile, topic: &str) -> Deployment {
    deployment
        .variable("GUARDRAIL_POLICY", &format!("file:{}", policy.path().display()))
        .variable("GUARDRAIL_TOPIC_ARN", topic)
}

/// A policy file with this text; it is deleted when the value is dropped.
///
/// # Errors
/// Where no temporary file can be made.
pub fn policy_file(text: &str) -> Result<NamedTempFile> {
    let mut file = tempfile::Builder::new()
        .suffix(".yaml")
        .tempfile()
        .map_err(Error::io("make a temporary file"))?;
    file.write_all(text.as_bytes())
        .map_err(Error::io("write the policy file"))?;
    Ok(file)
}
