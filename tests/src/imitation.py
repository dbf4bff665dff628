"""A Lambda function in a few lines, with which the harness is tested: does what its events say."""

import json
import os
import sys
import time
import urllib.request

BASE = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"


def post(path, body):
    request = urllib.request.Request(f"{BASE}/{path}", json.dumps(body).encode(), method="POST")
    urllib.request.urlopen(request).read()


def handle(event, headers):
    if event["do"] == "answer":
        number = event["number"]
        print(f"working on {number}")
        print(json.dumps({"record_id": f"r{number}"}), flush=True)
        return {"number": number}
    if event["do"] == "describe":
        left = int(headers["Lambda-Runtime-Deadline-Ms"]) - int(time.time() * 1000)
        return {
            "environment": dict(os.environ),
            "arn": headers["Lambda-Runtime-Invoked-Function-Arn"],
            "milliseconds_left": left,
            "process": os.getpid(),
            "folder": os.getcwd(),
        }
    if event["do"] == "end":
        print("ending as asked", file=sys.stderr, flush=True)
        os._exit(3)
    if event["do"] == "hang":
        time.sleep(600)
    raise RuntimeError("as asked")


if "REFUSE" in os.environ:
    sys.exit(os.environ["REFUSE"])
while True:
    with urllib.request.urlopen(f"{BASE}/next") as reply:
        headers, event = reply.headers, json.loads(reply.read())
    request_id = headers["Lambda-Runtime-Aws-Request-Id"]
    try:
        answer = handle(event, headers)
    except RuntimeError as error:
        post(f"{request_id}/error", {"errorType": "Imitated", "errorMessage": str(error)})
    else:
        post(f"{request_id}/response", answer)
