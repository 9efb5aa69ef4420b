"""moto's DynamoDB, started by LocalStack in place of DynamoDB Local.

It is called by a `java` of ours with the words of DynamoDB Local's command line, of which the port
alone matters. This file is run by a Python that has moto, not by LocalStack's.
"""

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
    """Takes the account from the access key, and makes every operation atomic, as DynamoDB does."""

    def __init__(self, application):
        self.application = application
        self.lock = threading.Lock()

    def __call__(self, environment, start_response):
        account = ACCOUNT.search(environment.get("HTTP_AUTHORIZATION", ""))
        if account:
            environment["HTTP_X_MOTO_ACCOUNT_ID"] = account.group(1)
        with self.lock:
            return list(self.application(environment, start_response))


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
