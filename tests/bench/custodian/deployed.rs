//! Cloud Custodian, deployed as it deploys itself.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use harness::calls::CallWatch;
use harness::deployment::Deployment;
use harness::emulator::Emulator;
use harness::function::Function;
use harness::identity::Identity;
use harness::inbox::Inbox;
use harness::places;
use serde::Deserialize;
use tempfile::TempDir;

/// What Custodian itself says of the function that it would upload.
#[derive(Debug, Deserialize)]
pub(super) struct About {
    /// Its own version and those of what runs it.
    pub(super) versions: String,
    /// The module and the function in it that Lambda calls.
    handler: String,
    /// The memory that it is given, in MB.
    pub(super) memory: u32,
    /// The size of the archive, in bytes.
    pub(super) zip: u64,
}

/// A Custodian function with its inbox.
pub(super) struct Deployed {
    pub(super) about: About,
    pub(super) function: Function,
    pub(super) calls: CallWatch,
    pub(super) inbox: Inbox,
    /// Where its code is, for as long as it runs.
    _folder: TempDir,
}

impl Deployed {
    /// Makes the function of a policy in `policy.yaml` and starts it.
    pub(super) fn start(emulator: &Emulator, policy: &str) -> anyhow::Result<Self> {
        let inbox = Inbox::open(emulator.user(Identity::role_session("SecurityTeam", "inbox"))?)?;
        let folder = tempfile::tempdir().context("no temporary folder can be made")?;
        let about = unpack(policy, inbox.topic(), folder.path())?;
        let deployment = deployment(&about, emulator.endpoint(), folder.path())?;
        let key = deployment.access_key();
        emulator.user(Identity::execution_role("custodian", policy, key))?;
        let calls = emulator.watch_calls(key)?;
        Ok(Self {
            about,
            function: Function::start(deployment)?,
            calls,
            inbox,
            _folder: folder,
        })
    }
}

/// Unpacks what Custodian would upload.
fn unpack(policy: &str, topic: &str, folder: &Path) -> anyhow::Result<About> {
    let ours = places::workspace().join("tests").join("bench").join("custodian");
    let output = Command::new(places::custodian_python()?)
        .arg(ours.join("unpack.py"))
        .arg(ours.join("policy.yaml"))
        .args([policy, topic])
        .arg(folder)
        .output()
        .context("Python cannot be run")?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "Custodian's function cannot be made: {errors}");
    serde_json::from_slice(&output.stdout).context("the function's configuration cannot be read")
}

/// Lambda's own runtime client for Python, which runs the handler in the folder of the code. What is in that folder has no
/// byte code, and nobody may write any there, as in Lambda; the Python packages beside it have theirs.
fn deployment(about: &About, endpoint: &str, folder: &Path) -> anyhow::Result<Deployment> {
    let python: PathBuf = places::custodian_python()?;
    let task = folder.display().to_string();
    let of_lambda = [
        ("AWS_EXECUTION_ENV", "AWS_Lambda_python3.11"),
        ("LAMBDA_TASK_ROOT", task.as_str()),
        ("LANG", "en_US.UTF-8"),
        ("PYTHONDONTWRITEBYTECODE", "1"),
        ("_HANDLER", about.handler.as_str()),
    ];
    let memory = about.memory.to_string();
    let deployment = Deployment::of_program("custodian", python, endpoint)
        .argument("-m")
        .argument("awslambdaric")
        .argument(&about.handler)
        .in_folder(folder)
        .variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory);
    Ok(of_lambda
        .iter()
        .fold(deployment, |deployment, (name, value)| deployment.variable(name, value)))
}
