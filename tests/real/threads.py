# SPDX-License-Identifier: MIT
"""Threads, queues, subprocesses (one that cannot be started), sockets: prints what came of it, the same each time."""
import queue
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

rounds = int(sys.argv[1]) * 10
jobs, results = queue.Queue(maxsize=8), queue.Queue()


def worker():
    while True:
        n = jobs.get()
        if n is None:
            return
        results.put(n * n)


threads = [threading.Thread(target=worker) for _ in range(4)]
for t in threads:
    t.start()
for n in range(rounds * 100):
    jobs.put(n)
for t in threads:
    jobs.put(None)
for t in threads:
    t.join()
print("sum", sum(results.get() for _ in range(rounds * 100)))

with ThreadPoolExecutor(4) as pool:
    outs = list(pool.map(lambda n: subprocess.run(["echo", str(n)], capture_output=True, check=True).stdout, range(rounds)))
print("echoes", b"".join(outs).split() == [str(n).encode() for n in range(rounds)])
for n in range(rounds):
    try:
        subprocess.run(["/nonexistent/program"], check=False)
        print("started what is not there")
    except FileNotFoundError:
        pass
print("shell", subprocess.run("exit 3", shell=True, check=False).returncode)
piped = subprocess.run(["sort", "-n"], input="3\n1\n2\n", capture_output=True, text=True, check=True)
print("sorted", piped.stdout.split())


def serve(listener):
    while True:
        conn, _ = listener.accept()
        with conn:
            data = conn.recv(100)
            conn.sendall(data.upper())
        if data == b"stop":
            return


listener = socket.create_server(("127.0.0.1", 0))
server = threading.Thread(target=serve, args=(listener,))
server.start()
for word in [b"hello"] * rounds + [b"stop"]:
    with socket.create_connection(listener.getsockname()) as s:
        s.sendall(word)
        answer = s.recv(100)
server.join()
listener.close()
print("answer", answer)

condition, ready = threading.Condition(), []


def waiter():
    with condition:
        condition.wait_for(lambda: ready)


waiters = [threading.Thread(target=waiter) for _ in range(8)]
for t in waiters:
    t.start()
with condition:
    ready.append(1)
    condition.notify_all()
for t in waiters:
    t.join()
print("end", file=sys.stderr)
sys.exit(0)
