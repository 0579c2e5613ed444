#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""terminal.py COMMAND...: runs it on a terminal, presses Ctrl-C once, then sends USR1 to it. Prints what the terminal shows."""
import os, pty, signal, sys

pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
seen = b""


def until(word):
    global seen
    while word not in seen:
        try:
            data = os.read(fd, 4096)
        except OSError:
            data = b""
        if not data:
            sys.exit("ended before saying %r: %r" % (word, seen))
        seen += data


until(b"ready")
os.write(fd, b"\x03")
until(b"first")
os.kill(pid, signal.SIGUSR1)
until(b"ints=")
try:
    while True:
        data = os.read(fd, 4096)
        if not data:
            break
        seen += data
except OSError:
    pass
_, status = os.waitpid(pid, 0)
sys.stdout.write(seen.decode(errors="replace"))
sys.exit(os.waitstatus_to_exitcode(status))
