"""Deletes the stack with the SAM CLI, which asks first, and says what is kept and how to remove it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError


def main(stack: str) -> int:
    """Looks what will stay, and deletes."""
    try:
        stacks = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except (BotoCoreError, ClientError) as error:
        print(f"destroy: the stack `{stack}` cannot be read: {error}", file=sys.stderr)
        return 1
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stacks[0].get("Outputs", [])}
    region = stacks[0]["StackId"].split(":")[3]
    sam = Path(sys.executable).with_name("sam")
    environment = {**os.environ, "SAM_CLI_TELEMETRY": "0"}
    done = subprocess.run([sam, "delete", "--stack-name", stack, "--region", region], env=environment, check=False)
    if done.returncode != 0:
        return done.returncode
    print("\nIf you had it deleted, these are kept, for audits and `guardrail undo`, and empty themselves with time:")
    if table := outputs.get("LedgerTable"):
        print(f"  the ledger:  aws dynamodb delete-table --region {region} --table-name {table}")
    for group in [value for key, value in outputs.items() if key.endswith("LogGroup")]:
        print(f"  the records: aws logs delete-log-group --region {region} --log-group-name {group}")
    print("The commands remove them. The notices' key is gone seven days after the deletion.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
