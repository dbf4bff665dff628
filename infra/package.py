"""Builds every function and zips it for Lambda: the same commit gives the same bytes.

The functions are those of the workspace's folder `functions/`, as `cargo metadata` lists them. For each architecture
there come out `target/package/NAME-ARCHITECTURE.zip` with `bootstrap` and the policy file, and a template that takes
just these zips. Nothing is downloaded but the crates of Cargo.lock: where an architecture cannot be built here, it is
said why.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "target" / "package"
# What is zipped for a test comes from elsewhere and goes elsewhere, so that it can never be deployed by mistake.
TRIAL = ROOT / "target" / "package-trial"
TEMPLATE = ROOT / "infra" / "template.yaml"

# What AWS calls an architecture, and what Rust may call its targets, the first choice first. A target with `gnu` uses
# the C library of provided.al2023.
TARGETS = {
    "arm64": ("aarch64-unknown-linux-gnu", "aarch64-unknown-linux-musl"),
    "x86_64": ("x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl"),
}
MACHINES = {"aarch64": "arm64", "arm64": "arm64", "x86_64": "x86_64", "amd64": "x86_64"}
# provided.al2023 has glibc 2.34: a binary that asks for more does not start there.
GLIBC = 34
# The first moment that a zip can name; every file in it is of that time.
LONG_AGO = (1980, 1, 1, 0, 0, 0)


METADATA = ("metadata", "--locked", "--no-deps", "--format-version", "1")


class CannotPackage(Exception):
    """Why there is no zip, with the remedy."""


@dataclass(frozen=True)
class Build:
    """One way to build for one architecture on this machine."""

    architecture: str
    command: tuple[str, ...]
    # The folder below cargo's target folder that holds the binaries.
    folder: str
    environment: tuple[tuple[str, str], ...] = ()


def main() -> int:
    """Builds and zips what was asked for; without a wish, every architecture that can be built here."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--architecture", choices=sorted(TARGETS), help="only this one, and fail where it cannot be built"
    )
    parser.add_argument("--policy", type=Path, required=True, help="the policy file that the zips carry")
    parser.add_argument(
        "--built", type=Path, metavar="FOLDER", help="for tests: zip the binaries in this folder instead of building any"
    )
    options = parser.parse_args()
    try:
        if options.built:
            package_trial(options.built, options.policy)
        else:
            package(options.architecture, options.policy)
    except CannotPackage as error:
        print(f"package: {error}", file=sys.stderr)
        return 1
    return 0


def package(wished: str | None, policy: Path) -> None:
    """Everything, or why not."""
    cargo = os.environ.get("CARGO", "cargo")
    metadata = json.loads(output([cargo, *METADATA]))
    functions = functions_of(metadata)
    check_policy(policy, Path(metadata["target_directory"]))
    builds, impossible = [], []
    for architecture in [wished] if wished else sorted(TARGETS):
        try:
            builds.append(find_build(architecture, cargo))
        except CannotPackage as error:
            impossible.append(str(error))
    for why in impossible:
        print(f"NOT PACKAGED: {why}", file=sys.stderr)
    if not builds or (wished and impossible):
        raise CannotPackage("nothing was packaged: see above")
    PACKAGE.mkdir(parents=True, exist_ok=True)
    for build in builds:
        run_build(build, functions, cargo, Path(metadata["target_directory"]))
        for function in functions:
            binary = Path(metadata["target_directory"]) / build.folder / function
            describe(binary, zip_function(binary, function, build.architecture, policy))
        print(f"template: {shown(write_template(build.architecture, functions))}")


def package_trial(built: Path, policy: Path) -> None:
    """Zips of binaries that are there, whatever they were built from and how: to try the stack with, not to ship."""
    architecture = MACHINES[platform.machine()]
    TRIAL.mkdir(parents=True, exist_ok=True)
    functions = functions_of(json.loads(output([os.environ.get("CARGO", "cargo"), *METADATA])))
    for function in functions:
        path = TRIAL / f"{function}-{architecture}.zip"
        write_zip(path, (built / function).read_bytes(), policy, 1)
        describe(built / function, path)
    print(f"template: {shown(write_template(architecture, functions, TRIAL))}")


def functions_of(metadata: dict[str, object]) -> list[str]:
    """The packages under `functions/`, by name."""
    folder = ROOT / "functions"
    packages = metadata["packages"]
    assert isinstance(packages, list)
    names = sorted(str(each["name"]) for each in packages if folder in Path(each["manifest_path"]).parents)
    if not names:
        raise CannotPackage(f"cargo knows no package under {folder}")
    return names


def check_policy(policy: Path, target: Path) -> None:
    """Has the policy file checked where the command line has been built: a bad one keeps the function from starting."""
    if not policy.is_file():
        raise CannotPackage(f"there is no policy file `{policy}`: name one with `make package POLICY=FILE`")
    for profile in ("release", "debug"):
        guardrail = target / profile / "guardrail"
        if guardrail.exists():
            if subprocess.run([guardrail, "check", policy], check=False).returncode != 0:
                raise CannotPackage(f"`guardrail check {policy}` refuses the policy file")
            return
    print(f"The policy file {policy} goes in unchecked: build the command line, and `guardrail check` reads it.")


def find_build(architecture: str, cargo: str) -> Build:
    """How to build for an architecture here: as on this machine, with a cross linker, or with cargo-lambda."""
    if sys.platform == "linux" and MACHINES.get(platform.machine()) == architecture:
        return Build(architecture, (cargo, "build"), "release")
    installed = [target for target in TARGETS[architecture] if has_std(target)]
    if not installed:
        wanted = " nor ".join(TARGETS[architecture])
        raise CannotPackage(
            f"{architecture}: this machine's Rust has neither {wanted}. Add one yourself (`rustup target add "
            f"{TARGETS[architecture][0]}`) with a cross compiler for C, package on a machine of that kind, or take the "
            "other architecture: `make package ARCH=...`, `make deploy ARCH=...`"
        )
    for target in installed:
        compiler = target.replace("-unknown", "") + "-gcc"
        if shutil.which(compiler):
            linker = f"CARGO_TARGET_{target.upper().replace('-', '_')}_LINKER"
            return Build(architecture, (cargo, "build", "--target", target), f"{target}/release", ((linker, compiler),))
    if shutil.which("cargo-lambda") and shutil.which("zig"):
        # cargo-lambda builds with zig as linker and C compiler, against the glibc of provided.al2023.
        flags = ("--target", installed[0], "--skip-target-check")
        return Build(architecture, (cargo, "lambda", "build", *flags), f"{installed[0]}/release")
    compilers = " nor ".join(target.replace("-unknown", "") + "-gcc" for target in installed)
    raise CannotPackage(
        f"{architecture}: Rust's {installed[0]} is here, but no linker for it: neither {compilers}, nor cargo-lambda "
        "with zig"
    )


def has_std(target: str) -> bool:
    """Whether the standard library for a target is installed."""
    folder = output(["rustc", "--print", "target-libdir", "--target", target]).strip()
    return any(Path(folder).glob("libstd-*.rlib"))


def run_build(build: Build, functions: list[str], cargo: str, target: Path) -> None:
    """Builds all functions by themselves, with the features of their own dependencies alone."""
    subprocess.run([cargo, "fetch", "--locked"], cwd=ROOT, check=True, env=quiet())
    packages = [word for function in functions for word in ("--package", function)]
    environment = {**quiet(), **dict(build.environment), **same_everywhere(target)}
    command = [*build.command, "--locked", "--release", *packages]
    print(f"{build.architecture}: {' '.join(command)}", flush=True)
    if subprocess.run(command, cwd=ROOT, check=False, env=environment).returncode != 0:
        raise CannotPackage(f"{build.architecture}: the build failed")


def same_everywhere(target: Path) -> dict[str, str]:
    """Flags that keep this machine's folders out of the binary, for rustc and for the C in the TLS library."""
    home = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
    # The last rule that fits is used. The folder of a registry is named after its host.
    prefixes = [(home, "/cargo"), (ROOT, "/vpc-guardrail"), (target, "/target")]
    prefixes += [(folder, "/cargo/registry") for folder in sorted((home / "registry" / "src").glob("*"))]
    rust = [f"--remap-path-prefix={folder}={name}" for folder, name in prefixes]
    c = [f"-ffile-prefix-map={folder}={name}" for folder, name in prefixes]
    return {"CARGO_ENCODED_RUSTFLAGS": "\x1f".join(rust), "CFLAGS": " ".join(c)}


def zip_function(binary: Path, function: str, architecture: str, policy: Path) -> Path:
    """One zip with fixed times, modes and order."""
    content = binary.read_bytes()
    newest = max((int(minor) for minor in re.findall(rb"GLIBC_2\.(\d+)", content)), default=0)
    if newest > GLIBC:
        raise CannotPackage(
            f"{shown(binary)} needs glibc 2.{newest}, and provided.al2023 has 2.{GLIBC}: build it on Amazon Linux "
            "2023, on another system with an older glibc, or with cargo-lambda and zig"
        )
    folders = [str(folder) for folder in (Path.home(), ROOT) if f"{folder}/".encode() in content]
    if folders:
        raise CannotPackage(f"{shown(binary)} names {folders}: its bytes would differ elsewhere")
    path = PACKAGE / f"{function}-{architecture}.zip"
    write_zip(path, content, policy, 9)
    return path


def write_zip(path: Path, binary: bytes, policy: Path, level: int) -> None:
    """The binary as `bootstrap`, and the policy file beside it."""
    files = (("bootstrap", 0o100755, binary), ("policy.yaml", 0o100644, policy.read_bytes()))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, mode, data in files:
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.create_system = 3  # Unix, whatever this machine is
            entry.external_attr = mode << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data, compresslevel=level)


def describe(binary: Path, path: Path) -> None:
    """Sizes, and the digests to compare."""
    for file in (binary, path):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        print(f"{digest}  {file.stat().st_size:>10,} bytes  {shown(file)}")


def write_template(architecture: str, functions: list[str], folder: Path | None = None) -> Path:
    """The template for these zips, beside them: it takes no other architecture, so that none can be mixed up."""
    text = TEMPLATE.read_text()
    for function in functions:
        text = replaced_once(text, f"../target/package/{function}-arm64.zip", f"{function}-{architecture}.zip")
    default = "    Default: {}\n    AllowedValues: [{}]\n"
    text = replaced_once(text, default.format("arm64", "arm64, x86_64"), default.format(architecture, architecture))
    if "../target/package/" in text:
        raise CannotPackage(f"{shown(TEMPLATE)} has a function that functions/ does not have: run `make generate`")
    path = (folder or PACKAGE) / f"template-{architecture}.yaml"
    path.write_text(text)
    return path


def replaced_once(text: str, old: str, new: str) -> str:
    """The text with the one `old` in it replaced."""
    if text.count(old) != 1:
        raise CannotPackage(
            f"{shown(TEMPLATE)} has {text.count(old)} times `{old.strip()}`, not once: run `make generate`"
        )
    return text.replace(old, new)


def output(command: list[str]) -> str:
    """What a command prints."""
    try:
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, env=quiet())
    except (OSError, subprocess.CalledProcessError) as error:
        raise CannotPackage(f"`{' '.join(command)}` failed: {getattr(error, 'stderr', '') or error}") from error
    return done.stdout


def quiet() -> dict[str, str]:
    """The environment, in which rustup installs nothing by itself."""
    return {**os.environ, "RUSTUP_AUTO_INSTALL": "0"}


def shown(path: Path) -> str:
    """A path as people know it."""
    return str(path.relative_to(ROOT)) if ROOT in path.parents else str(path)


if __name__ == "__main__":
    sys.exit(main())
