"""Makes the folder that Lambda would run for a Cloud Custodian policy: what `custodian run` uploads, unpacked.

    unpack.py POLICIES NAME TOPIC FOLDER

Custodian's own code validates the policy, makes the archive and says how its function is configured; nothing is added to
either. One line of JSON on standard output tells the configuration and the sizes.
"""

from __future__ import annotations

import json
import platform
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import yaml
from c7n.config import Config
from c7n.mu import PolicyLambda
from c7n.policy import Policy, PolicyCollection
from c7n.resources import load_resources
from c7n.structure import StructureParser


def policy(file: Path, name: str, topic: str) -> Policy:
    """The policy of that name, validated."""
    document = yaml.safe_load(file.read_text().replace("TOPIC", topic))
    load_resources(StructureParser().get_resource_types(document))
    [found] = [each for each in PolicyCollection.from_data(document, Config.empty()) if each.name == name]
    found.validate()
    return found


def main() -> None:
    file, name, topic, folder = sys.argv[1:]
    function = PolicyLambda(policy(Path(file), name, topic))
    archive = function.get_archive()
    with zipfile.ZipFile(archive.path) as members:
        members.extractall(folder)
    versions = [f"{package} {version(package)}" for package in ("c7n", "awslambdaric", "boto3")]
    about = {
        "versions": ", ".join([*versions, f"Python {platform.python_version()}"]),
        "handler": function.handler,
        "memory": function.memory_size,
        "zip": archive.size,
    }
    print(json.dumps(about))


if __name__ == "__main__":
    main()
