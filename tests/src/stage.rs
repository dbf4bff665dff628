//! Everything that a flow needs, set up: a private VPC, an inbox, and the function with its policy.

use std::io::Write as _;
use std::sync::Arc;

use tempfile::NamedTempFile;

use crate::calls::CallWatch;
use crate::deployment::Deployment;
use crate::emulator::Emulator;
use crate::faults::{Faults, Line};
use crate::function::Function;
use crate::identity::Identity;
use crate::inbox::Inbox;
use crate::ledger::LedgerTable;
use crate::network::PrivateVpc;
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
    /// The function `security-groups`.
    pub function: Function,
    /// The calls of the function.
    pub calls: CallWatch,
    /// The table of its ledger, where it has one.
    pub ledger: Option<LedgerTable>,
    /// Its policy file, which lives as long as it does.
    _policy: NamedTempFile,
}

impl Stage {
    /// Sets the stage on `emulator` with the text of a policy file.
    ///
    /// # Errors
    /// Where a part is missing or AWS refuses a call.
    pub fn set(emulator: Arc<Emulator>, policy: &str) -> Result<Self> {
        let endpoint = emulator.endpoint().to_owned();
        Self::set_at(emulator, &endpoint, policy, false)
    }

    /// Sets the stage on `emulator` with a function that has a ledger.
    ///
    /// # Errors
    /// As [`Stage::set`].
    pub fn set_to_act(emulator: Arc<Emulator>, policy: &str) -> Result<Self> {
        let endpoint = emulator.endpoint().to_owned();
        Self::set_at(emulator, &endpoint, policy, true)
    }

    /// Sets the stage on the shared emulator with a function that has a ledger, and a line between it and AWS that can
    /// fail.
    ///
    /// # Errors
    /// As [`Stage::set`].
    pub fn set_with_ledger(policy: &str) -> Result<(Self, Line)> {
        let (emulator, faults) = (Emulator::shared()?, Faults::shared()?);
        let stage = Self::set_at(emulator, faults.endpoint(), policy, true)?;
        let line = faults.of(stage.function.access_key());
        Ok((stage, line))
    }

    /// The same on the shared emulator, with a line between the function and AWS that can fail.
    ///
    /// # Errors
    /// As [`Stage::set`].
    pub fn set_with_faults(policy: &str) -> Result<(Self, Line)> {
        let (emulator, faults) = (Emulator::shared()?, Faults::shared()?);
        let stage = Self::set_at(emulator, faults.endpoint(), policy, false)?;
        let line = faults.of(stage.function.access_key());
        Ok((stage, line))
    }

    fn set_at(emulator: Arc<Emulator>, endpoint: &str, policy: &str, with_ledger: bool) -> Result<Self> {
        let owner = emulator.user(Identity::role_session("NetworkAdministrator", "set-up"))?;
        let network = PrivateVpc::build(&owner)?;
        let team = emulator.user(Identity::role_session("SecurityTeam", "inbox"))?;
        let inbox = Inbox::open(team)?;
        let policy = policy_file(policy)?;
        let mut deployment = configured(Deployment::of("security-groups", endpoint)?, &policy, inbox.topic());
        let ledger = match with_ledger {
            true => Some(LedgerTable::create(
                emulator.user(Identity::role_session("Deployment", "ledger"))?,
            )?),
            false => None,
        };
        if let Some(ledger) = &ledger {
            deployment = deployment.variable("GUARDRAIL_LEDGER_TABLE", ledger.name());
        }
        let calls = emulator.watch_calls(deployment.access_key())?;
        let function = Function::start(deployment)?;
        Ok(Self {
            emulator,
            owner,
            network,
            inbox,
            function,
            calls,
            ledger,
            _policy: policy,
        })
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
