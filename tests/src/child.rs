use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::{Error, Result};

/// A cold Python start with all of botocore's models, on a machine that compiles beside it.
const READY_WITHIN: Duration = Duration::from_secs(120);

/// A server process of the harness: it prints one line of JSON with its `endpoint` when it is ready
/// and ends when its standard input closes, so that it cannot outlive this process.
pub(crate) struct Server {
    child: Child,
    stdin: Option<ChildStdin>,
    endpoint: String,
}

impl Server {
    /// Starts `program` with `arguments` and waits for its ready line.
    pub(crate) fn start<A: AsRef<OsStr>>(
        what: &'static str,
        program: &std::path::Path,
        arguments: &[A],
    ) -> Result<Self> {
        let mut errors = tempfile::tempfile().map_err(Error::io("make a temporary file"))?;
        let stderr = errors.try_clone().map_err(Error::io("share a temporary file"))?;
        let mut child = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(environment())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .map_err(Error::io("start a server of the harness"))?;
        let stdin = child.stdin.take();
        let ready = child.stdout.take().map(first_line);
        let mut server = Self {
            child,
            stdin,
            endpoint: String::new(),
        };
        let line = ready
            .and_then(|ready| ready.recv_timeout(READY_WITHIN).ok())
            .unwrap_or_default();
        match endpoint_in(&line) {
            Some(endpoint) => server.endpoint = endpoint,
            None => {
                server.let_finish();
                let mut output = String::new();
                let _unreadable = errors.rewind().and_then(|()| errors.read_to_string(&mut output));
                let reason = format!("its first line was `{}`", line.trim_end());
                return Err(Error::NotReady { what, reason, output });
            }
        }
        Ok(server)
    }

    /// Gives a server that failed a moment to say why.
    fn let_finish(&mut self) {
        drop(self.stdin.take());
        for _ in 0..100 {
            if self.child.try_wait().is_ok_and(|ended| ended.is_some()) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The address that it printed.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _already_gone = self.child.kill();
        let _already_gone = self.child.wait();
    }
}

/// Nothing of the caller's AWS configuration or proxies reaches a server.
fn environment() -> Vec<(&'static str, String)> {
    let path = std::env::var("PATH").unwrap_or_default();
    [
        ("PATH", path.as_str()),
        ("LANG", "C.UTF-8"),
        ("PYTHONUNBUFFERED", "1"),
        ("PYTHONDONTWRITEBYTECODE", "1"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}

fn endpoint_in(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    line.get("endpoint")?.as_str().map(str::to_owned)
}

/// Reads on after the first line, so that a talkative server never blocks.
fn first_line(stdout: ChildStdout) -> mpsc::Receiver<String> {
    let (found, ready) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(std::result::Result::ok) {
            let _only_the_first_is_awaited = found.send(line);
        }
    });
    ready
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::time::Instant;

    use super::*;
    use crate::places;

    /// What happens to a server when this process is killed: all that it sees is the end of its input.
    fn ends_with_its_input(arguments: &[OsString]) -> bool {
        let mut server = Server::start("a server", &places::python().unwrap(), arguments).unwrap();
        drop(server.stdin.take());
        let began = Instant::now();
        while began.elapsed() < READY_WITHIN {
            if server.child.try_wait().unwrap().is_some() {
                return true;
            }
            thread::sleep(Duration::from_millis(20));
        }
        false
    }

    #[test]
    fn the_emulated_aws_does_not_outlive_its_caller() {
        let program = places::emulator_program().unwrap();
        assert!(ends_with_its_input(&[program.into(), "--port".into(), "0".into()]));
    }

    #[test]
    fn the_fault_proxy_does_not_outlive_its_caller() {
        let program = places::proxy_program().unwrap();
        assert!(ends_with_its_input(&[program.into(), "http://127.0.0.1:9".into()]));
    }

    #[test]
    fn a_server_that_does_not_become_ready_is_told_with_what_it_said() {
        let arguments = ["-c", "import sys; print('nonsense'); sys.exit('no reason')"];
        let failed = Server::start("a server", &places::python().unwrap(), &arguments).err();
        let Some(Error::NotReady { reason, output, .. }) = failed else {
            panic!("{failed:?}")
        };
        assert!(reason.contains("nonsense"), "{reason}");
        assert_eq!(output, "no reason\n");
    }
}
