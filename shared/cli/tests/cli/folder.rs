//! A folder with the test data in it, in which `guardrail` is run.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

/// Every test judges as of this time, so that what it prints is the same every day.
pub(crate) const AT: &str = "--at=2026-11-02T10:00:00Z";

/// A folder of its own for each test.
pub(crate) struct Folder(TempDir);

/// How a run came out.
pub(crate) struct Run {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) status: i32,
}

impl Folder {
    /// A folder with a copy of everything in `tests/data`.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
        }
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path().join(name)).unwrap()
    }

    /// Some test data as JSON on one line.
    pub(crate) fn compact(&self, name: &str) -> String {
        serde_json::from_slice::<serde_json::Value>(&self.read(name))
            .unwrap()
            .to_string()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path().join(name), bytes).unwrap();
    }

    /// The command, in this folder, with nothing of the caller's environment that changes what it does or prints.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guardrail"));
        command.args(arguments).current_dir(self.path()).env_clear();
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs `guardrail` with these arguments, which are separated by spaces.
    pub(crate) fn run(&self, arguments: &str) -> Run {
        Run::of(&mut self.command(arguments.split_whitespace()))
    }

    /// Runs `guardrail replay` under the policy and the snapshot of the test data.
    pub(crate) fn replay(&self, arguments: &str) -> Run {
        self.run(&format!(
            "replay --policy policy.yaml --world world.json {AT} {arguments}"
        ))
    }

    /// Runs `guardrail` with these bytes on its standard input.
    pub(crate) fn run_with_input(&self, arguments: &str, input: &[u8]) -> Run {
        let mut command = self.command(arguments.split_whitespace());
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let run = Run::ended(child.wait_with_output().unwrap());
        writer.join().unwrap().unwrap();
        run
    }
}

impl Run {
    pub(crate) fn of(command: &mut Command) -> Self {
        Self::ended(command.output().unwrap())
    }

    fn ended(output: std::process::Output) -> Self {
        Self {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            status: output.status.code().unwrap(),
        }
    }

    /// All of it, for a snapshot.
    pub(crate) fn transcript(&self) -> String {
        let complaints = if self.stderr.is_empty() {
            String::new()
        } else {
            format!("--- standard error\n{}", self.stderr)
        };
        format!("{}{complaints}--- exit status {}", self.stdout, self.status)
    }

    /// The last line that was printed: the summary.
    pub(crate) fn summary(&self) -> &str {
        self.stdout.lines().last().unwrap_or_default()
    }
}

/// Bytes, packed by gzip.
pub(crate) fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
