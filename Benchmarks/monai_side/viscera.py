"""Talks to viscera-compare: one JSON request per line, one JSON reply per line."""

import json
import subprocess
import time


class Viscera:
    """A running viscera-compare process."""

    def __init__(self, executable, threads):
        self.process = subprocess.Popen([str(executable)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ask("start", threads=threads)

    def ask(self, kind, **fields):
        """The reply to a request; paths may be pathlib paths. Raises RuntimeError with the reason of a refusal."""
        self.process.stdin.write(json.dumps({"kind": kind, **fields}, default=str) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"viscera-compare ended during '{kind}' with status {self.process.wait()}")
        reply = json.loads(line)
        if reply.get("error"):
            raise RuntimeError(f"viscera-compare, {kind}: {reply['error']}")
        return reply

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=60)


def alternate(repeat, ours, theirs):
    """Runs both sides in turn, `repeat` times each. `ours` gives seconds; `theirs` is timed here."""
    our_times, their_times = [], []
    for _ in range(repeat):
        our_times.append(ours())
        start = time.perf_counter()
        theirs()
        their_times.append(time.perf_counter() - start)
    return our_times, their_times
