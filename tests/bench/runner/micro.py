# SPDX-License-Identifier: MIT
"""The micro benchmarks as the runner sees them: one program, one name each."""
import json

from .variants import BenchError, output_of


class Micro:
    """One row of the program's table. run() gives {name: nanoseconds per operation}."""

    kind, needs = "micro", ()

    def __init__(self, program, name, what, options):
        self.program, self.name, self.what, self.options = program, name, what, options
        self.metrics = {name: ("ns", "lower")}

    def prepare(self):
        pass

    def close(self):
        pass

    def run(self, run):
        argv = [self.program, self.name, "10" if self.options.quick else "100"]
        result = json.loads(output_of(argv, env=run.env, cwd=run.dir))
        loaded = run.variant.preload_name
        if loaded and result["lock_from"] != loaded:
            raise BenchError("pthread_mutex_lock is %s's, not %s's" % (result["lock_from"], loaded))
        return {self.name: result["best" if self.options.best else "ns"]}


def micros(program, options):
    for line in output_of([program, "--list"]).splitlines():
        name, what = line.split("\t", 1)
        yield Micro(program, name, what, options)
