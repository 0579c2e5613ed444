# SPDX-License-Identifier: MIT
"""The four ways to run a program, and how to start, watch and end one.

Ends only processes that it started, by pid. Every run gets a directory of its own.
"""
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time


class BenchError(Exception):
    """One run went wrong; the message says how, in one line."""


class Variant:
    """name; preload: the shared object or None; mode: pitfall's, or None."""

    def __init__(self, name, preload=None, mode=None):
        self.name, self.preload, self.mode = name, preload, mode

    @property
    def preload_name(self):
        return os.path.basename(self.preload) if self.preload else None

    def environ(self, trace_dir):
        env = {k: v for k, v in os.environ.items() if k not in ("LD_PRELOAD", "PITFALL_OPTIONS")}
        if self.preload:
            env["LD_PRELOAD"] = self.preload
        if self.mode:
            env["PITFALL_OPTIONS"] = "mode=%s:output=%s" % (self.mode, trace_dir)
        return env


def all_variants(build):
    lib = os.path.join(build, "lib", "libpitfall.so")
    return [Variant("native"),
            Variant("pass-through", os.path.join(build, "bench", "passthrough.so")),
            Variant("audit", lib, "audit"), Variant("diagnose", lib, "diagnose")]


class Run:
    """One run of one program under one variant: its directory, its environment, its trace."""

    def __init__(self, variant):
        self.variant = variant
        self.dir = tempfile.mkdtemp(prefix="pfbench.")
        self.trace_dir = os.path.join(self.dir, "trace")
        os.mkdir(self.trace_dir)
        self.env = variant.environ(self.trace_dir)

    def trace_bytes(self):
        """Disk space of what the tool wrote; None where no tool was."""
        if not self.variant.mode:
            return None
        total = 0
        for parent, _, files in os.walk(self.trace_dir):
            for name in files:
                with contextlib.suppress(FileNotFoundError):
                    total += os.stat(os.path.join(parent, name)).st_blocks * 512
        return total

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir, ignore_errors=True)


def free_port():
    """A port the kernel had free a moment ago (who finds it taken again fails and says so)."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def output_of(argv, env=None, timeout=120, cwd=None):
    """Standard output of a program that must end with 0."""
    try:
        done = subprocess.run(argv, env=env, cwd=cwd, timeout=timeout, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                              text=True, errors="replace")
    except subprocess.TimeoutExpired:
        raise BenchError("%s: not done after %d s" % (os.path.basename(argv[0]), timeout)) from None
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
        raise BenchError("%s: status %d: %s" % (os.path.basename(argv[0]), done.returncode, last))
    return done.stdout


def preloaded(pid, name):
    try:
        with open("/proc/%d/maps" % pid, encoding="utf-8", errors="replace") as maps:
            return any(line.rstrip().endswith("/" + name) for line in maps)
    except OSError:
        return False


def peak_mib(pid):
    with open("/proc/%d/status" % pid, encoding="utf-8") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    raise BenchError("no VmHWM of pid %d" % pid)


def children(pid):
    """pid and all that descend from it now, parents first."""
    found = [pid]
    with contextlib.suppress(OSError):
        for task in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/children" % (pid, task), encoding="utf-8") as f:
                for child in f.read().split():
                    found.extend(children(int(child)))
    return found


def end(proc, patience=30):
    """TERM, then KILL for it and its descendants. True if TERM was enough and the status fits."""
    if proc.poll() is None:
        proc.send_signal(signal.SIGTERM)
    try:
        return proc.wait(patience) in (0, -signal.SIGTERM)
    except subprocess.TimeoutExpired:
        for pid in reversed(children(proc.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        proc.wait()
        return False


def answers(address):
    """Whether something listens there: (host, port) or the path of a socket."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family) as s:
        s.settimeout(1)
        return s.connect_ex(address) == 0


@contextlib.contextmanager
def server(run, argv, address, patience=60):
    """Starts a server under the run's variant, waits until it answers, ends it afterwards."""
    name = os.path.basename(argv[0])
    log_path = os.path.join(run.dir, name + ".log")
    with open(log_path, "wb") as log:
        proc = subprocess.Popen(argv, env=run.env, cwd=run.dir, stdin=subprocess.DEVNULL,
                                stdout=log, stderr=log)
    clean = True
    try:
        deadline = time.monotonic() + patience
        while not answers(address):
            if proc.poll() is not None or time.monotonic() > deadline:
                with open(log_path, encoding="utf-8", errors="replace") as log:
                    last = (log.read().strip() or "no message").splitlines()[-1]
                raise BenchError("%s did not come up: %s" % (name, last))
            time.sleep(0.02)
        if run.variant.preload and not preloaded(proc.pid, run.variant.preload_name):
            raise BenchError("%s is not loaded in %s" % (run.variant.preload_name, name))
        yield proc
        if proc.poll() is not None:
            raise BenchError("%s ended by itself with status %d" % (name, proc.returncode))
    finally:
        clean = end(proc)
    if not clean:
        raise BenchError("%s did not end cleanly on SIGTERM (status %s)" % (name, proc.returncode))
