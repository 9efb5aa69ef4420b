"""moto's DynamoDB, started by LocalStack in place of DynamoDB Local.

It is called by a `java` of ours with the words of DynamoDB Local's command line, of which the port
alone matters. This file is run by a Python that has moto, not by LocalStack's.
"""

import io
import json
import os
import re
import sys
import threading
import time

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

# LocalStack writes account and region without a separator into the access key.
ACCOUNT = re.compile(r"Credential=(\d{12})")


class OneAtATime:
    """Takes the account from the access key, and makes every operation atomic, as DynamoDB does.

    A transaction that is asked for again under its token is answered as it was and not made again.
    moto forgets the tokens.
    """

    def __init__(self, application):
        self.application = application
        self.lock = threading.Lock()
        self.transactions = {}

    def __call__(self, environment, start_response):
        account = ACCOUNT.search(environment.get("HTTP_AUTHORIZATION", ""))
        if account:
            environment["HTTP_X_MOTO_ACCOUNT_ID"] = account.group(1)
        token = None
        if environment.get("HTTP_X_AMZ_TARGET", "").endswith(".TransactWriteItems"):
            token = account and (account.group(1), read_token(environment))
        with self.lock:
            if token in self.transactions:
                start, body = self.transactions[token]
                start_response(*start)
                return body
            started = []

            def start_noted(*arguments):
                started[:] = arguments
                return start_response(*arguments)

            body = list(self.application(environment, start_noted))
            if token and token[1] and started and started[0].startswith("200"):
                self.transactions[token] = (started, body)
            return body


def read_token(environment):
    """The token of a transaction. Its body can be read once more."""
    body = environment["wsgi.input"].read(int(environment.get("CONTENT_LENGTH") or 0))
    environment["wsgi.input"] = io.BytesIO(body)
    return json.loads(body).get("ClientRequestToken")


class Handler(WSGIRequestHandler):
    """Keeps connections, and has no log."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log(self, kind, message, *arguments):
        pass


def main(arguments):
    port = int(arguments[arguments.index("-port") + 1])
    threading.Thread(target=end_with_parent, args=(os.getppid(),), daemon=True).start()
    application = OneAtATime(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", port, application, threaded=True, request_handler=Handler)
    server.serve_forever()


def end_with_parent(parent):
    """A killed LocalStack ends nobody."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
