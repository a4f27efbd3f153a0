"""Stands where MiniStack's ECS has its Docker client, with the calls that it makes: a container is a process."""

import os
import secrets
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

# ECS waits 30 seconds unless the container says otherwise, up to 120; nobody wants to wait for that here.
LONGEST_STOP_SECONDS = 5


class CannotStart(Exception):
    """In the words in which ECS says it."""


class Engine:
    def __init__(self):
        self.known = {}
        self.containers = self
        self.guardian = None

    def start(self):
        self.guardian = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("guardian.py")], stdin=subprocess.PIPE, text=True, start_new_session=True)

    def run(self, image, **arguments):
        container = Container(image, guardian=self.guardian, **arguments)
        self.known[container.id] = container
        container.removed = lambda: self.known.pop(container.id, None)
        return container

    def get(self, identifier):
        # MiniStack looks for its own container, to learn the address at which tasks reach it.
        return Host() if identifier == os.environ.get("HOSTNAME", "") else self.known[identifier]

    def of_task(self, arn):
        return [container for container in list(self.known.values()) if container.task == arn]


class Host:
    attrs = {"NetworkSettings": {"Networks": {"host": {"IPAddress": "127.0.0.1"}}}}

    def reload(self):
        pass


class Container(Host):
    """A process group: as in a container, nothing of it outlives its first process."""

    def __init__(self, image, *, task, name, command, environment, program, stop_seconds, guardian):
        self.id = secrets.token_hex(32)
        self.task = task
        self.name = name
        self.exit_code = None
        self.stop_seconds = min(stop_seconds, LONGEST_STOP_SECONDS)
        self.lines = []
        self.changed = threading.Condition()
        self.closed = False
        self.process = start(image, command, environment, program)
        self.guardian = guardian
        self.tell_guardian("+")
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        threading.Thread(target=self.reap, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line)
                self.changed.notify_all()

    def reap(self):
        code = self.process.wait()
        self.kill()
        self.reader.join(timeout=1)
        self.tell_guardian("-")
        with self.changed:
            self.exit_code = code if code >= 0 else 128 - code
            self.closed = True
            self.changed.notify_all()

    def kill(self):
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def tell_guardian(self, sign):
        with suppress(BrokenPipeError):
            print(f"{sign}{self.process.pid}", file=self.guardian.stdin, flush=True)

    @property
    def status(self):
        return "running" if self.exit_code is None else "exited"

    def logs(self, **_):
        """Whole lines, as they come. Docker's awslogs driver leaves out empty ones."""
        position = 0
        while True:
            with self.changed:
                self.changed.wait_for(lambda: len(self.lines) > position or self.closed)
                lines = self.lines[position:]
            if not lines:
                return
            position += len(lines)
            yield from (line for line in lines if line.strip(b"\r\n"))

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def stop(self, **_):
        self.terminate()
        if not self.wait_for_end(self.stop_seconds):
            self.kill()
            self.wait_for_end(LONGEST_STOP_SECONDS)

    def wait_for_end(self, seconds):
        with self.changed:
            return self.changed.wait_for(lambda: self.closed, seconds)

    def remove(self, **_):
        self.removed()


def start(image, command, environment, program):
    if not command:
        raise CannotStart(f"CannotCreateContainerError: no command specified; {image} has none of its own here")
    if not os.path.isdir(program["directory"]):
        raise CannotStart(f"CannotPullContainerError: {image}: the program's directory {program['directory']} does not exist")
    try:
        return subprocess.Popen(
            command, cwd=program["directory"], env=with_surroundings(environment, program), start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except OSError as error:
        reason = "executable file not found in $PATH" if isinstance(error, FileNotFoundError) else error.strerror.lower()
        raise CannotStart(
            "CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: failed to create "
            "shim task: OCI runtime create failed: runc create failed: unable to start container process: "
            f'exec: "{command[0]}": {reason}: unknown') from None


def with_surroundings(environment, program):
    """The task's environment, and what an image has besides: where its executables are, and whom it trusts."""
    binaries = [program["binaries"]] if program.get("binaries") else []
    return {
        **environment,
        "PATH": os.pathsep.join([*binaries, os.environ["PATH"]]),
        "SSL_CERT_FILE": os.environ["CA_CERTIFICATE"],
        "NODE_EXTRA_CA_CERTS": os.environ["CA_CERTIFICATE"],
    }
