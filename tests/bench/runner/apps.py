# SPDX-License-Identifier: MIT
"""The macro benchmarks: servers and tools from the distribution, each under a load of its own.

Only the program measured runs under the variant, never the load. Loopback or a socket in the run's
directory; ports from the kernel; nothing outside temporary directories is written.
"""
import csv
import getpass
import json
import os
import random
import re
import shutil
import subprocess
import tempfile
import time

from .variants import BenchError, free_port, output_of, peak_mib, preloaded, server

RATE = ("/s", "higher")


class App:
    """needs: programs to be found in PATH (or /usr/sbin); metrics: name → (unit, better)."""

    kind, name, what, needs, metrics = "macro", "", "", (), {}

    def __init__(self, options):
        self.options = options

    def scaled(self, n):
        return max(1, n // 10) if self.options.quick else n

    def prepare(self):
        """What all runs share; not measured."""

    def close(self):
        pass


class Redis(App):
    needs = ("redis-server", "redis-benchmark")

    def __init__(self, options, name, extra):
        super().__init__(options)
        self.name, self.extra = name, extra
        self.what = " ".join(("redis-server", *extra, "under redis-benchmark"))
        self.metrics = {name + "-get": RATE, name + "-set": RATE, name + "-peak": ("MiB", "lower")}

    def run(self, run):
        port = free_port()
        argv = [found("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", "",
                "--appendonly", "no", "--dir", run.dir, "--daemonize", "no", *self.extra]
        load = [found("redis-benchmark"), "-p", str(port), "-t", "set,get", "--csv", "-n",
                str(self.scaled(60000))]
        with server(run, argv, ("127.0.0.1", port)) as proc:
            rows = {r[0]: r[1] for r in csv.reader(output_of(load).splitlines()) if len(r) > 1}
            peak = peak_mib(proc.pid)
        return {self.name + "-get": float(rows["GET"]), self.name + "-set": float(rows["SET"]),
                self.name + "-peak": peak}


class Memcached(App):
    name, what, needs = "memcached", "memcached -t 2 under mcload", ("memcached",)
    metrics = {"memcached": RATE}

    def run(self, run):
        port = free_port()
        argv = [found("memcached"), "-l", "127.0.0.1", "-p", str(port), "-U", "0", "-t", "2", "-m",
                "64", "-u", getpass.getuser()]
        load = [os.path.join(self.options.build, "bench", "mcload"), str(port), "2", "8", "16",
                str(self.scaled(3000))]
        with server(run, argv, ("127.0.0.1", port)):
            return {"memcached": json.loads(output_of(load))["ops_per_s"]}


NGINX_CONF = """daemon off;
{user}worker_processes 2;
pid {dir}/nginx.pid;
error_log {dir}/error.log;
events {{ worker_connections 256; }}
http {{
	access_log off;
	client_body_temp_path {dir}/t1;
	proxy_temp_path {dir}/t2;
	fastcgi_temp_path {dir}/t3;
	uwsgi_temp_path {dir}/t4;
	scgi_temp_path {dir}/t5;
	server {{ listen 127.0.0.1:{port}; location / {{ root {dir}/www; }} }}
}}
"""


class Nginx(App):
    name, what, needs = "nginx", "nginx, two workers, a 4 KiB file, under wrk", ("nginx", "wrk")
    metrics = {"nginx": RATE}

    def run(self, run):
        port = free_port()
        os.mkdir(os.path.join(run.dir, "www"))
        with open(os.path.join(run.dir, "www", "file.txt"), "wb") as f:
            f.write(b"x" * 4096)
        user = "user %s;\n" % getpass.getuser() if os.geteuid() == 0 else ""
        conf = os.path.join(run.dir, "nginx.conf")
        with open(conf, "w", encoding="utf-8") as f:
            f.write(NGINX_CONF.format(dir=run.dir, port=port, user=user))
        load = [found("wrk"), "-t1", "-c32", "-d1s" if self.options.quick else "-d2s",
                "http://127.0.0.1:%d/file.txt" % port]
        argv = [found("nginx"), "-p", run.dir, "-e", "error.log", "-c", conf]
        with server(run, argv, ("127.0.0.1", port)):
            out = output_of(load)
        rate = re.search(r"^Requests/sec:\s+([0-9.]+)", out, re.M)
        if not rate or "Non-2xx" in out:
            raise BenchError("wrk: no rate, or errors: %s" % " ".join(out.split())[-120:])
        return {"nginx": float(rate.group(1))}


class Mariadb(App):
    name, what = "mariadb", "mariadbd under mysqlslap, mixed, 8 clients"
    needs = ("mariadbd", "mariadb-install-db", "mysqlslap")
    metrics = {"mariadb": RATE}
    data = None

    def prepare(self):
        """An empty data directory, copied for each run so that every run starts alike."""
        self.data = tempfile.mkdtemp(prefix="pfbench.db.")
        output_of([found("mariadb-install-db"), "--no-defaults", "--datadir=" + self.data,
                   "--auth-root-authentication-method=normal", "--skip-test-db",
                   "--innodb-log-file-size=16M", "--user=" + getpass.getuser()])

    def close(self):
        if self.data:
            shutil.rmtree(self.data, ignore_errors=True)

    def run(self, run):
        data = os.path.join(run.dir, "data")
        shutil.copytree(self.data, data)
        sock = os.path.join(run.dir, "sock")
        argv = [found("mariadbd"), "--no-defaults", "--datadir=" + data, "--socket=" + sock,
                "--pid-file=" + os.path.join(run.dir, "pid"), "--skip-networking",
                "--innodb-log-file-size=16M", "--innodb-flush-log-at-trx-commit=0",
                "--user=" + getpass.getuser()]
        # a select reads the whole table, which the inserts make longer: short tables, several times
        queries = 2000
        load = [found("mysqlslap"), "--no-defaults", "--socket=" + sock, "--user=root", "--csv",
                "--auto-generate-sql", "--auto-generate-sql-load-type=mixed", "--engine=innodb",
                "--concurrency=8", "--iterations=%d" % self.scaled(8),
                "--number-of-queries=%d" % queries]
        with server(run, argv, sock):
            row = next(csv.reader([output_of(load).strip().splitlines()[-1]]))
        return {"mariadb": queries / float(row[2])}  # engine, load, average seconds, …


class Pbzip2(App):
    name, what, needs = "pbzip2", "pbzip2 -p2 of generated text", ("pbzip2",)
    metrics = {"pbzip2": ("MB/s", "higher")}
    file = None

    def prepare(self):
        rng = random.Random(1)
        words = ["".join(rng.choices("etaoinshrdlu", k=rng.randint(2, 9))) for _ in range(5000)]
        fd, self.file = tempfile.mkstemp(prefix="pfbench.text.")
        with os.fdopen(fd, "w", encoding="ascii") as f:
            for _ in range(self.scaled(20)):
                f.write((" ".join(rng.choices(words, k=150000)) + "\n"))

    def close(self):
        if self.file:
            os.unlink(self.file)

    def run(self, run):
        began = time.monotonic()
        argv = [found("pbzip2"), "-k", "-c", "-p2", self.file]
        proc = subprocess.Popen(argv, env=run.env, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            seen = not run.variant.preload
            while proc.poll() is None and not seen:
                seen = preloaded(proc.pid, run.variant.preload_name)
                if time.monotonic() - began > 0.5:
                    break
            status = proc.wait(120)
        finally:
            if proc.poll() is None:
                proc.kill()
                proc.wait()
        seconds = time.monotonic() - began
        if status:
            raise BenchError("pbzip2: status %d" % status)
        if not seen:
            raise BenchError("%s is not loaded in pbzip2" % run.variant.preload_name)
        return {"pbzip2": os.path.getsize(self.file) / 1e6 / seconds}


def found(program):
    """Where a program is, or None. Servers are often outside an ordinary user's PATH."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")


def apps(options):
    return [Redis(options, "redis", ()),
            Redis(options, "redis-io", ("--io-threads", "2", "--io-threads-do-reads", "yes")),
            Memcached(options), Nginx(options), Mariadb(options), Pbzip2(options)]
