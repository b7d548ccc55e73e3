"""Rows of the comparison: parity, speed, memory."""

import json
import math
import statistics


class Results:
    def __init__(self):
        self.rows = []

    def parity(self, name, error, limit, their_error=None):
        """An error that must not exceed `limit`; `their_error` is that of the other side against the same reference, where there is one."""
        self.add(name=name, kind="parity", ours=None, theirs=their_error, error=float(error), limit=limit, passes=error <= limit)

    def measure(self, name, kind, ours, theirs, limit=None):
        """Seconds or bytes of both sides; `limit` is the least ratio theirs / ours that is aimed at, which fails nothing."""
        ratio = theirs / ours
        self.add(name=name, kind=kind, ours=ours, theirs=theirs, ratio=ratio, limit=limit, passes=limit is None or ratio >= limit)

    def speed(self, name, ours, theirs, limit=None):
        """The medians of the seconds of both sides."""
        if ours and theirs:
            self.measure(name, "speed", statistics.median(ours), statistics.median(theirs), limit)

    def add(self, passes, **row):
        self.rows.append({**row, "pass": bool(passes)})
        print(f"  {self.line(self.rows[-1])}", flush=True)

    def failed_parity(self):
        return [row["name"] for row in self.rows if row["kind"] == "parity" and not row["pass"]]

    def write(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        finite = [{k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()} for row in self.rows]
        path.write_text(json.dumps(finite, indent=2) + "\n")

    def table(self):
        head = f"{'name':44} {'kind':7} {'ours':>10} {'theirs':>10} {'ratio/error':>12} {'limit':>9}"
        return "\n".join(["", head, "-" * len(head)] + [self.line(row) for row in self.rows])

    @staticmethod
    def line(row):
        def number(value, kind):
            if value is None:
                return "-"
            if kind == "parity":
                return f"{value:.2e}"
            return f"{value / 1e9:.2f} GB" if kind == "memory" else f"{value:.3f} s"

        kind, limit = row["kind"], row["limit"]
        outcome = f"{row['error']:.2e}" if kind == "parity" else f"{row['ratio']:.2f}x"
        bound = "-" if limit is None else f"{limit:.0e}" if kind == "parity" else f"{limit:.1f}x"
        verdict = "ok" if row["pass"] else "FAILS" if kind == "parity" else "below"
        ours = row["error"] if kind == "parity" and row["theirs"] is not None else row["ours"]
        cells = f"{row['name']:44} {kind:7} {number(ours, kind):>10} {number(row['theirs'], kind):>10}"
        return f"{cells} {outcome:>12} {bound:>9} {verdict}"
