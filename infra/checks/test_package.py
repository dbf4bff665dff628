"""`infra/package.py`: what comes out is the same wherever it is made, and starts where it is meant to."""

from __future__ import annotations

import os
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path
from unittest import mock

from expand import ROOT, SOURCE

sys.path.insert(0, str(ROOT / "infra"))

import package  # noqa: E402
from package import CannotPackage  # noqa: E402

# As the folder of the functions has them.
FUNCTIONS = sorted(each.name for each in (ROOT / "functions").iterdir())


class Packages(unittest.TestCase):
    """Zips and templates, of made-up binaries."""

    def setUp(self) -> None:
        """A folder of its own for what is packaged."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        patched = mock.patch.object(package, "PACKAGE", self.folder)
        patched.start()
        self.addCleanup(patched.stop)

    def zip(self, content: bytes, touched: int = 0, mode: int = 0o644) -> bytes:
        """The zip of a binary that was written at some time, with some mode."""
        files = [self.folder / "binary", self.folder / "policy.yaml"]
        for file, text in zip(files, (content, b"version: 1\n"), strict=True):
            file.write_bytes(text)
            file.chmod(mode)
            os.utime(file, (touched, touched))
        return package.zip_function(files[0], "a-function", "arm64", files[1]).read_bytes()

    def test_the_same_content_gives_the_same_bytes(self) -> None:
        """Whenever it was built, and whatever the files' modes."""
        self.assertEqual(self.zip(b"binary", 1_000_000_000, 0o600), self.zip(b"binary", 1_700_000_000, 0o755))
        self.assertNotEqual(self.zip(b"binary"), self.zip(b"another"))

    def test_lambda_finds_a_program_that_it_may_run_and_the_policy_file(self) -> None:
        """As `bootstrap` and `policy.yaml`."""
        self.zip(b"binary")
        with zipfile.ZipFile(self.folder / "a-function-arm64.zip") as archive:
            modes = {each.filename: each.external_attr >> 16 & 0o777 for each in archive.infolist()}
        self.assertEqual(modes, {"bootstrap": 0o755, "policy.yaml": 0o644})

    def test_a_binary_that_would_not_start_or_names_this_machine_is_refused(self) -> None:
        """Newer C library, folders of whoever built it."""
        self.zip(b"\0GLIBC_2.34\0GLIBC_2.9\0")
        with self.assertRaisesRegex(CannotPackage, "needs glibc 2.38"):
            self.zip(b"\0GLIBC_2.17\0GLIBC_2.38\0")
        with self.assertRaisesRegex(CannotPackage, "its bytes would differ elsewhere"):
            self.zip(f"panicked at {ROOT}/shared/policy/src/lib.rs".encode())

    def test_a_template_takes_the_zips_of_one_architecture_and_no_other(self) -> None:
        """So that a program of the wrong kind cannot be deployed."""
        text = package.write_template("x86_64", FUNCTIONS).read_text()
        self.assertIn("CodeUri: security-groups-x86_64.zip\n", text)
        self.assertIn("    Default: x86_64\n    AllowedValues: [x86_64]\n", text)
        self.assertNotIn("arm64.zip", text)

    def test_a_template_with_other_functions_than_the_workspace_is_refused(self) -> None:
        """One too many on either side."""
        for functions in (FUNCTIONS[1:], [*FUNCTIONS, "no-such-function"]):
            with self.assertRaisesRegex(CannotPackage, "run `make generate`"):
                package.write_template("arm64", functions)
        self.assertIn("security-groups-arm64.zip", SOURCE.read_text())

    def test_where_an_architecture_cannot_be_built_it_is_said_why(self) -> None:
        """Without the standard library, and without a linker."""
        machine = mock.patch("platform.machine", return_value="x86_64")
        with machine, mock.patch.object(package, "has_std", return_value=False):
            with self.assertRaisesRegex(CannotPackage, "has neither aarch64-unknown-linux-gnu nor"):
                package.find_build("arm64", "cargo")
        nothing = mock.patch("shutil.which", return_value=None)
        with machine, nothing, mock.patch.object(package, "has_std", return_value=True):
            with self.assertRaisesRegex(CannotPackage, "no linker for it: neither aarch64-linux-gnu-gcc"):
                package.find_build("arm64", "cargo")


if __name__ == "__main__":
    unittest.main()
