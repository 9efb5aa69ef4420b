"""One process of one function, and the runtime API that is served to it."""

import json
import os
import queue
import subprocess
import tempfile
import threading
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PREFIX = "/2018-06-01/runtime/"

# How often a request that waits for an event looks whether its process is still there.
WAIT_SECONDS = 0.5


@dataclass
class Outcome:
    """The answer to an event, or the error in its place, as JSON."""

    body: bytes
    is_error: bool


@dataclass
class Event:
    """An event on its way through the function."""

    payload: dict
    time_limit_seconds: float
    outcome: Future


class FunctionProcess:
    """Runs until it is stopped or ends by itself, which is final."""

    def __init__(self, code, environment):
        self.events = queue.Queue()
        self.running = None
        self.ready = threading.Event()
        self.ended = threading.Event()
        self.failure = None
        self.log_file = tempfile.TemporaryFile()
        self.log_start = 0
        self.server = _serve(self)
        self.process = self._spawn(code, environment)
        threading.Thread(target=self._watch, daemon=True).start()

    def wait_until_ready(self, seconds):
        """Waits until it asks for its first event. Returns the error, as JSON, if it never does."""
        if not self.ready.wait(seconds):
            self.failure = _error("Sandbox.Timedout", f"it asked for no event within {seconds} s")
        return self.failure

    def invoke(self, payload, time_limit_seconds):
        """Hands it one event and waits for the outcome. After a time-out the process is gone."""
        event = Event(payload, time_limit_seconds, Future())
        self.log_start = os.fstat(self.log_file.fileno()).st_size
        self.events.put(event)
        if self.has_ended():
            self._answer_all_with_the_end()
        try:
            return event.outcome.result(timeout=time_limit_seconds)
        except NotInTime:
            self.stop()
            message = f"Task timed out after {time_limit_seconds:.2f} seconds"
            return Outcome(_error("Sandbox.Timedout", message, payload), is_error=True)

    def has_ended(self):
        """Whether it answers nothing any more."""
        return self.ended.is_set()

    def stop(self):
        """Ends it at once."""
        self.process.kill()
        self.ended.wait()

    def log(self):
        """All that it printed."""
        return self._log_from(0)

    def log_of_last_event(self):
        """What it printed since it was given the last event."""
        return self._log_from(self.log_start)

    def _log_from(self, start):
        length = os.fstat(self.log_file.fileno()).st_size - start
        return os.pread(self.log_file.fileno(), length, start).decode(errors="replace")

    def _spawn(self, code, environment):
        address = f"127.0.0.1:{self.server.server_port}"
        # Nothing of LocalStack's own environment but what a process cannot do without.
        own = {"PATH": "/usr/local/bin:/usr/bin:/bin", "TMPDIR": tempfile.gettempdir()}
        lambdas = {"AWS_LAMBDA_RUNTIME_API": address, "LAMBDA_TASK_ROOT": str(code)}
        try:
            return subprocess.Popen(
                [os.path.join(code, "bootstrap")],
                cwd=code,
                env={**own, **environment, **lambdas},
                stdin=subprocess.DEVNULL,
                stdout=self.log_file,
                stderr=subprocess.STDOUT,
            )
        except OSError:
            self.server.shutdown()
            self.server.server_close()
            raise

    def _watch(self):
        status = self.process.wait()
        self.ended.set()
        if not self.ready.is_set() and self.failure is None:
            message = f"Runtime exited before it was ready: {_status_text(status)}"
            self.failure = _error("Runtime.ExitError", message)
        self.ready.set()
        self._answer_all_with_the_end()
        self.server.shutdown()
        self.server.server_close()

    def _answer_all_with_the_end(self):
        unanswered = [self.running] if self.running else []
        while not self.events.empty():
            try:
                unanswered.append(self.events.get_nowait())
            except queue.Empty:
                break
        message = f"Runtime exited: {_status_text(self.process.returncode)}"
        for event in unanswered:
            body = _error("Runtime.ExitError", message, event.payload)
            _settle(event, Outcome(body, is_error=True))


def _serve(function):
    class Handler(RuntimeApi):
        pass

    Handler.function = function
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server


class RuntimeApi(BaseHTTPRequestHandler):
    """Lambda's runtime API, version 2018-06-01."""

    protocol_version = "HTTP/1.1"
    function = None

    def do_GET(self):
        if self.path != PREFIX + "invocation/next":
            return self._send(404, b"{}")
        self.function.ready.set()
        while not self.function.has_ended():
            try:
                event = self.function.events.get(timeout=WAIT_SECONDS)
            except queue.Empty:
                continue
            self.function.running = event
            return self._send(200, event.payload["payload"].encode(), _event_headers(event))

    def do_POST(self):
        body = self._body()
        words = self.path.removeprefix(PREFIX).split("/")
        if words == ["init", "error"]:
            self.function.failure = body
            self.function.ready.set()
            return self._send(202, b"{}")
        event = self.function.running
        known = len(words) == 3 and words[0] == "invocation" and words[2] in ("response", "error")
        if not known or event is None or words[1] != event.payload["invoke-id"]:
            return self._send(400, b"{}")
        self.function.running = None
        # Told first: when the outcome is known the function may be stopped at once.
        self._send(202, b"{}")
        _settle(event, Outcome(body, is_error=words[2] == "error"))

    def log_message(self, format, *arguments):
        pass

    def _body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while (length := int(self.rfile.readline().split(b";")[0], 16)) > 0:
            chunks.append(self.rfile.read(length))
            self.rfile.readline()
        # Trailers, up to the empty line.
        while self.rfile.readline().strip():
            pass
        return b"".join(chunks)

    def _send(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def _event_headers(event):
    deadline_ms = int((time.time() + event.time_limit_seconds) * 1000)
    headers = [
        ("Lambda-Runtime-Aws-Request-Id", event.payload["invoke-id"]),
        ("Lambda-Runtime-Invoked-Function-Arn", event.payload["invoked-function-arn"]),
        ("Lambda-Runtime-Deadline-Ms", str(deadline_ms)),
    ]
    if trace := event.payload.get("trace-id"):
        headers.append(("Lambda-Runtime-Trace-Id", trace))
    return headers


def _settle(event, outcome):
    if not event.outcome.done():
        event.outcome.set_result(outcome)


def _error(kind, message, payload=None):
    if payload is not None:
        message = f"RequestId: {payload['invoke-id']} Error: {message}"
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


def _status_text(status):
    return f"signal {-status}" if status < 0 else f"exit status {status}"
