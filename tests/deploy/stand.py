"""What the deploy test stands on: ministack for the stack, the project's emulator for EC2 and its CloudTrail records.

Both listen on loopback only, at free ports, and end when this process does.
"""

from __future__ import annotations

import json
import os
import pty
import select
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import boto3

ROOT = Path(__file__).resolve().parent.parent.parent
ACCOUNT = "111122223333"
REGION = "eu-west-1"
SOMEONE = "AKIAIOSFODNN7EXAMPLE"
Found = TypeVar("Found")


class Stand:
    """Both servers, and the ways to them."""

    def __init__(self, folder: Path) -> None:
        """Starts them, with `folder` for whatever they write."""
        self.folder = folder
        self._started: list[subprocess.Popen[bytes]] = []
        emulator = self._start(
            python("GUARDRAIL_VENV"), ROOT / "tests" / "emulator" / "emulator.py", out=subprocess.PIPE
        )
        assert emulator.stdout
        self.ec2 = json.loads(emulator.stdout.readline())["endpoint"]
        port = free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        self._log = (folder / "ministack.log").open("wb")
        here = {
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": REGION,
            "LAMBDA_EXECUTOR": "local",
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            "TMPDIR": str(folder),
            # Without these the functions would go for the real AWS.
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ENDPOINT_URL_EC2": self.ec2,
        }
        program = Path(__file__).with_name("corrected_ministack.py")
        ministack = self._start(python("GUARDRAIL_VENV_DEPLOY"), program, out=self._log, more=here)
        until("ministack answers", lambda: answers(port) or ministack.poll() is not None, seconds=60)
        if ministack.poll() is not None:
            raise RuntimeError(f"ministack does not start:\n{self.log()}")

    def stop(self) -> None:
        """Ends both: their standard input closes."""
        for process in reversed(self._started):
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._log.close()

    def log(self) -> str:
        """What ministack and the functions wrote."""
        return (self.folder / "ministack.log").read_text(errors="replace")

    def aws(self, service: str) -> Any:
        """A client of the stack's AWS."""
        make: Any = boto3.client
        return make(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=SOMEONE,
            aws_secret_access_key="any",
        )

    def sam(self, *words: str) -> str:
        """Runs the SAM CLI against the stack's AWS, and tells what it printed."""
        command = [str(Path(sys.executable).with_name("sam")), *words]
        environment = {**plain_environment(), "AWS_ENDPOINT_URL": self.endpoint, "SAM_CLI_TELEMETRY": "0"}
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"`sam {' '.join(words)}` failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def converse(self, command: list[str], answers: dict[str, str]) -> str:
        """Runs a command in a terminal against the stack's AWS, as a person does, and tells what it printed.

        A question that holds one of the texts gets its answer, every other one its default.
        """
        environment = {**plain_environment(), "AWS_ENDPOINT_URL": self.endpoint}
        ours, its = pty.openpty()
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=its, stdout=its, stderr=its)
        os.close(its)
        printed = ""
        while more := read(ours):
            printed += more
            question = printed.rsplit("\n", 1)[-1]
            if question.endswith("]: "):
                answer = next((answer for text, answer in answers.items() if text in question), "")
                os.write(ours, f"{answer}\n".encode())
        os.close(ours)
        if process.wait(20) != 0:
            raise AssertionError(f"`{' '.join(command)}` failed:\n{printed}")
        return printed

    def call(self, operation: str, user_agent: str = "aws-cli/2.31.0", **parameters: Any) -> dict[str, Any]:
        """Somebody's EC2 call."""
        wish = {
            "service": "ec2",
            "operation": operation,
            "parameters": parameters,
            "access_key": SOMEONE,
            "region": REGION,
            "user_agent": user_agent,
        }
        answer: dict[str, Any] = self._control("call", wish)
        if "error" in answer:
            raise AssertionError(f"{operation}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result

    def deliver_last_call(self) -> None:
        """Puts the CloudTrail record of the last call on the bus, as CloudTrail does."""
        record = self._control("events?after=0")["events"][-1]["record"]
        entry = {"Source": "aws.ec2", "DetailType": "AWS API Call via CloudTrail", "Detail": json.dumps(record)}
        answer = self.aws("events").put_events(Entries=[entry])
        if answer["FailedEntryCount"]:
            raise AssertionError(f"the bus refused the event: {answer['Entries']}")

    def _control(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{self.ec2}/_emulator/{path}", data)) as answer:
            return json.load(answer)

    def _start(
        self, program: Path, script: Path, out: Any, more: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        environment = {**plain_environment(), **(more or {})}
        process = subprocess.Popen(
            [program, script],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=None if out == subprocess.PIPE else out,
        )
        self._started.append(process)
        return process


def python(variable: str) -> Path:
    """The Python of a virtual environment that a variable names."""
    folder = os.environ.get(variable)
    if not folder:
        raise RuntimeError(f"`{variable}` is not set: run `make test-deploy`")
    return Path(folder) / "bin" / "python"


def read(terminal: int, seconds: float = 120) -> str:
    """What comes from a terminal next; nothing at its end."""
    if not select.select([terminal], [], [], seconds)[0]:
        raise AssertionError(f"nothing more is printed for {seconds:.0f} seconds")
    try:
        return os.read(terminal, 65536).decode(errors="replace")
    except OSError:  # how a terminal tells that the other side is closed
        return ""


def plain_environment() -> dict[str, str]:
    """This process's environment with nobody's credentials, Region or endpoints but those of the test.

    Ministack hands it on to the functions, which refuse a variable of the guardrail that they do not know.
    """
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "GUARDRAIL_"))}
    return {
        **ours,
        "AWS_ACCESS_KEY_ID": SOMEONE,
        "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
    }


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(port: int) -> bool:
    """Whether somebody listens at a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(what: str, look: Callable[[], Found | None], seconds: float = 30) -> Found:
    """Looks until there is something to see."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"in {seconds:.0f} seconds it did not come to this: {what}")
        time.sleep(0.2)
