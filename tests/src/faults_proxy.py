"""Runs microburst between a function and the emulated AWS, the way the harness runs its servers.

microburst's own command line cannot take a port that the system chooses, does not say when it is
ready and outlives its caller; this does the first two and ends when standard input closes.
Usage: python faults_proxy.py UPSTREAM
"""

import asyncio
import json
import os
import sys
import threading

from aiohttp import web
from microburst.app import make_app
from microburst.core.pipeline import Microburst
from microburst.detection import detect, host
from microburst.protocols import render_error


# To find services by host name microburst reads all of botocore's 440 service models at the first
# call: four seconds. Here every host is 127.0.0.1 and the signature names the service.
host._endpoint_prefix_map = dict


def warm_up():
    """Reads the service models that are used, so that the first call does not pay for it."""
    for service in ("ec2", "sns", "sqs", "ssm", "sts", "dynamodb"):
        scope = f"ASIAWARMUP/20260105/eu-west-1/{service}/aws4_request"
        authorization = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
        headers = {"Authorization": authorization, "Host": "127.0.0.1:80"}
        context = detect(headers, "POST", "/", {}, b"Action=Warm")
        render_error(service, "Throttling", "", None, protocol=context.protocol)


async def serve(upstream):
    runner = web.AppRunner(make_app(Microburst(upstream)), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    print(json.dumps({"endpoint": f"http://{host}:{port}"}), flush=True)
    await asyncio.Event().wait()


def end_with_the_caller():
    """At once: a proxy that closes in good order would wait for the calls that it holds open."""
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=end_with_the_caller, daemon=True).start()
    warm_up()
    asyncio.run(serve(sys.argv[1]))
