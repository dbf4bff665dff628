//! One process of a function, with the Runtime API that it talks to and the files that it writes to.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

use crate::deployment::Deployment;
use crate::runtime_api::{Happening, RuntimeApi};
use crate::{Error, Result};

/// The longest that a start may take, on a machine that compiles beside it.
const START_WITHIN: Duration = Duration::from_secs(60);

/// A process of the function; it is killed when this is dropped.
pub(crate) struct Instance {
    child: Child,
    pub(crate) api: RuntimeApi,
    stdout: Output,
    stderr: Output,
    started: Instant,
    to_first_next: Option<Duration>,
}

impl Instance {
    /// Starts a process without waiting for it.
    pub(crate) fn spawn(deployment: &Deployment) -> Result<Self> {
        let api = RuntimeApi::start(&deployment.name)?;
        let (stdout, stderr) = (Output::new()?, Output::new()?);
        let mut command = Command::new(&deployment.binary);
        command
            .args(&deployment.arguments)
            .env_clear()
            .envs(deployment.environment(&api.address()))
            .stdin(Stdio::null())
            .stdout(stdout.writer()?)
            .stderr(stderr.writer()?);
        if let Some(folder) = &deployment.folder {
            command.current_dir(folder);
        }
        let started = Instant::now();
        let child = command.spawn().map_err(Error::io("start the function"))?;
        Ok(Self {
            child,
            api,
            stdout,
            stderr,
            started,
            to_first_next: None,
        })
    }

    /// Waits until it asks for its first event.
    pub(crate) fn await_ready(&mut self, name: &str) -> Result<Duration> {
        let name = name.to_owned();
        while self.started.elapsed() < START_WITHIN {
            if let Some(status) = self.exited() {
                return Err(Error::Exited {
                    name,
                    status,
                    stderr: self.stderr.all(),
                });
            }
            if let Some(happening) = self.wait(Duration::from_millis(20))
                && let Happening::Asked(at) = happening
            {
                return Ok(at - self.started);
            }
        }
        Err(Error::Silent {
            name,
            seconds: START_WITHIN.as_secs(),
            stderr: self.stderr.all(),
        })
    }

    /// The next thing that it does within `time`.
    pub(crate) fn wait(&mut self, time: Duration) -> Option<Happening> {
        let happening = self.api.wait(time)?;
        if let Happening::Asked(at) = happening {
            self.to_first_next.get_or_insert(at - self.started);
        }
        Some(happening)
    }

    /// How it ended, if it has.
    pub(crate) fn exited(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Itself, unless it has ended.
    pub(crate) fn still_running(mut self) -> Option<Self> {
        self.exited().is_none().then_some(self)
    }

    /// Ends it at once, as Lambda does after a time-out.
    pub(crate) fn kill(&mut self) {
        let _already_gone = self.child.kill();
        let _already_gone = self.child.wait();
    }

    /// When it was started.
    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    /// From its start to its first request for an event.
    pub(crate) fn to_first_next(&self) -> Option<Duration> {
        self.to_first_next
    }

    /// What it wrote to standard output since the last time, by line.
    pub(crate) fn new_lines(&mut self) -> Vec<String> {
        self.stdout.fresh().lines().map(str::to_owned).collect()
    }

    /// What it wrote to standard error since the last time.
    pub(crate) fn new_errors(&mut self) -> String {
        self.stderr.fresh()
    }

    /// The most memory that it ever held, in KiB (`VmHWM` of Linux).
    pub(crate) fn peak_memory_kib(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }

    /// The processor time that it has used, in clock ticks of 10 ms (`utime` and `stime` of Linux).
    pub(crate) fn processor_ticks(&self) -> Option<u64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        // The second field is the name in brackets and may hold spaces; utime and stime are 14 and 15.
        let (_, fields) = stat.rsplit_once(") ")?;
        let mut fields = fields.split(' ').skip(11);
        let user: u64 = fields.next()?.parse().ok()?;
        let system: u64 = fields.next()?.parse().ok()?;
        Some(user + system)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A file that the function writes to. A pipe would leave open whether a line written before an answer
/// has arrived when the answer has; a file does not.
struct Output {
    file: NamedTempFile,
    read_up_to: u64,
}

impl Output {
    fn new() -> Result<Self> {
        let file = NamedTempFile::new().map_err(Error::io("make a temporary file"))?;
        Ok(Self { file, read_up_to: 0 })
    }

    fn writer(&self) -> Result<File> {
        File::options()
            .append(true)
            .open(self.file.path())
            .map_err(Error::io("open a temporary file"))
    }

    /// What was written since the last time; a line that is not complete yet waits.
    fn fresh(&mut self) -> String {
        let text = self.from(self.read_up_to);
        let complete = text.rfind('\n').map_or(0, |end| end + 1);
        self.read_up_to += complete as u64;
        text.get(..complete).unwrap_or_default().to_owned()
    }

    fn all(&self) -> String {
        self.from(0)
    }

    fn from(&self, start: u64) -> String {
        let read = || {
            let mut file = self.file.reopen()?;
            file.seek(SeekFrom::Start(start))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok::<_, std::io::Error>(bytes)
        };
        String::from_utf8_lossy(&read().unwrap_or_default()).into_owned()
    }
}
