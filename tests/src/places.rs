//! Where things are that other steps make: the Python environment and the compiled functions.

use std::env;
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// The root of the workspace.
pub fn workspace() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_path_buf()
}

/// The interpreter of the pinned Python environment: in `GUARDRAIL_VENV`, else in `.venv` at the
/// workspace's root.
///
/// # Errors
/// [`Error::Missing`] where no environment was made.
pub fn python() -> Result<PathBuf> {
    let venv = env::var_os("GUARDRAIL_VENV").map_or_else(|| workspace().join(".venv"), PathBuf::from);
    existing(
        venv.join("bin").join("python"),
        "the Python environment of the emulated AWS",
        "run `make venv`, or set GUARDRAIL_VENV to one that has tests/emulator/requirements.txt",
    )
}

/// The interpreter of the pinned Python environment with Cloud Custodian: in `GUARDRAIL_VENV_CUSTODIAN`, else in
/// `.venv-custodian` at the workspace's root.
///
/// # Errors
/// [`Error::Missing`] where no environment was made.
pub fn custodian_python() -> Result<PathBuf> {
    let venv = env::var_os("GUARDRAIL_VENV_CUSTODIAN");
    let venv = venv.map_or_else(|| workspace().join(".venv-custodian"), PathBuf::from);
    existing(
        venv.join("bin").join("python"),
        "the Python environment of Cloud Custodian",
        "run `make try-bench`, or set GUARDRAIL_VENV_CUSTODIAN to one that has tests/bench/custodian/requirements.txt",
    )
}

/// The emulator's program.
///
/// # Errors
/// [`Error::Missing`] where the checkout is incomplete.
pub fn emulator_program() -> Result<PathBuf> {
    existing(
        workspace().join("tests").join("emulator").join("emulator.py"),
        "the emulated AWS",
        "run from a complete checkout",
    )
}

/// The fault proxy's program.
///
/// # Errors
/// [`Error::Missing`] where the checkout is incomplete.
pub fn proxy_program() -> Result<PathBuf> {
    existing(
        workspace().join("tests").join("src").join("faults_proxy.py"),
        "the fault proxy",
        "run from a complete checkout",
    )
}

/// The compiled program `name`: in `GUARDRAIL_BIN_DIR`, else in the build folder that the running
/// program came from.
///
/// # Errors
/// [`Error::Missing`] where it was not built.
pub fn binary(name: &str) -> Result<PathBuf> {
    existing(
        binary_folder()?.join(name),
        "the compiled function",
        "run `make test`, which builds first, or set GUARDRAIL_BIN_DIR",
    )
}

fn binary_folder() -> Result<PathBuf> {
    if let Some(folder) = env::var_os("GUARDRAIL_BIN_DIR") {
        return Ok(PathBuf::from(folder));
    }
    let this = env::current_exe().map_err(Error::io("find the running program"))?;
    // `target/debug/demo` stands beside the functions, `target/debug/deps/suite-…` one folder below.
    let folder = this.parent().unwrap_or(Path::new("."));
    let below = folder.file_name().is_some_and(|name| name == "deps");
    Ok(if below {
        folder.parent().unwrap_or(folder)
    } else {
        folder
    }
    .to_path_buf())
}

fn existing(path: PathBuf, what: &'static str, remedy: &'static str) -> Result<PathBuf> {
    if path.exists() {
        Ok(path)
    } else {
        Err(Error::Missing { what, path, remedy })
    }
}
