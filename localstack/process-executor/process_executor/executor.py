"""Runs the functions of LocalStack as plain processes."""

import json
import os

from localstack import config
from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from .function_process import FunctionProcess, Outcome

# AWS gives ten seconds; a busy machine and a binary for debugging need more.
INITIALISATION_SECONDS_MAX = 60

# Where functions are to find AWS if not at LocalStack itself: at a proxy before it.
FUNCTION_ENDPOINT = "PERFLEET_FUNCTION_ENDPOINT_URL"


class ProcessExecutor(RuntimeExecutor):
    """One environment of a function whose runtime is `provided`.

    As on AWS it works on one event at a time, and its process is kept for the next one. A process
    that has ended is replaced when the next event comes.
    """

    def __init__(self, id, function_version):
        super().__init__(id, function_version)
        self.environment = {}
        self.process = None

    def start(self, env_vars):
        settings = {name: str(value) for name, value in env_vars.items() if value is not None}
        own_endpoint = f"http://{self.get_address()}:{config.GATEWAY_LISTEN[0].port}"
        if settings.get("AWS_ENDPOINT_URL") == own_endpoint:
            settings["AWS_ENDPOINT_URL"] = os.environ.get(FUNCTION_ENDPOINT, own_endpoint)
        self.environment = settings
        self._start_process()

    def stop(self):
        if self.process is not None:
            self.process.stop()

    def invoke(self, payload):
        if self.process.has_ended():
            try:
                self._start_process()
            except StatusErrorException as error:
                return self._result(payload, Outcome(error.payload, is_error=True))
        time_limit = self.function_version.config.timeout
        outcome = self.process.invoke(payload, time_limit)
        return self._result(payload, outcome)

    def get_address(self):
        return "127.0.0.1"

    def get_endpoint_from_executor(self):
        return "127.0.0.1"

    def get_runtime_endpoint(self):
        # Asked for LocalStack's own runtime program, which does not take part here.
        return f"http://127.0.0.1:{config.GATEWAY_LISTEN[0].port}/_localstack_lambda/{self.id}"

    def get_logs(self):
        return self.process.log() if self.process is not None else ""

    @classmethod
    def prepare_version(cls, function_version):
        if function_version.config.code:
            function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version):
        # Its code may still be in use, and is removed with everything else at the end.
        pass

    def _start_process(self):
        code = self.function_version.config.code.get_unzipped_code_location()
        if self.process is not None:
            self.process.stop()
        try:
            self.process = FunctionProcess(code, self.environment)
        except OSError as error:
            raise _cannot_start("Runtime.InvalidEntrypoint", str(error)) from error
        failure = self.process.wait_until_ready(INITIALISATION_SECONDS_MAX)
        if failure is not None:
            self.process.stop()
            raise StatusErrorException("the function cannot start", payload=failure)

    def _result(self, payload, outcome):
        return InvocationResult(
            request_id=payload["invoke-id"],
            payload=outcome.body,
            is_error=outcome.is_error,
            logs=self.process.log_of_last_event(),
            executed_version=self.function_version.id.qualifier,
        )


def _cannot_start(kind, message):
    body = json.dumps({"errorType": kind, "errorMessage": message}).encode()
    return StatusErrorException("the function cannot start", payload=body)
