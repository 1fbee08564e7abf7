#!/usr/bin/env python3
"""The command line at its work, with a million known values:

    match_bench.py BUILD-FOLDER [--peer QUERIES_PER_SECOND]

imports a million lines (durable, signed) and matches 200,000 others, half of them strangers and half a known value with
0 to 31 bits flipped. Start-up is taken out by subtracting a run with a single line. The peer is FAISS's exact index on as
many values, measured by index_bench in the same run of `make bench`; it looks up one query at a time in one thread."""
import os
import random
import subprocess
import sys
import tempfile
import time

KNOWN, QUERIES, SEED = 1_000_000, 200_000, 20141008


def run(*command, **more):
    began = time.monotonic()
    result = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)
    if result.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)}: exit {result.returncode}: {result.stderr}")
    return time.monotonic() - began, result.stdout


def write_lines(path, values):
    with open(path, "w", encoding="ascii") as out:
        out.writelines(f"pdq {value:064x}\n" for value in values)


def queries(chance, known):
    for i in range(QUERIES):
        if i % 2:
            yield chance.getrandbits(256)
            continue
        value = chance.choice(known)
        for bit in chance.sample(range(256), chance.randrange(32)):
            value ^= 1 << bit
        yield value


def main():
    build = sys.argv[1]
    peer = float(sys.argv[3]) if len(sys.argv) > 3 else 0.0
    hilf = os.path.join(build, "hilf")
    chance = random.Random(SEED)
    known = [chance.getrandbits(256) for _ in range(KNOWN)]
    with tempfile.TemporaryDirectory(prefix="hilf-bench-") as folder:
        os.environ["HILF_DATA"] = os.path.join(folder, "data")
        lines, asked, one = (os.path.join(folder, name) for name in ("known", "asked", "one"))
        write_lines(lines, known)
        write_lines(asked, queries(chance, known))
        write_lines(one, known[:1])
        run(hilf, "bank", "create", "bench", "--quiet")
        seconds, _ = run(hilf, "import", "bench", lines)
        print(f"import of a million lines, durable, signed | {seconds:.2f} s | - | -")
        starts, alls = [], []
        for _ in range(3):
            starts.append(run(hilf, "match", "--signals", one)[0])
            seconds, answer = run(hilf, "match", "--signals", asked)
            alls.append(seconds)
        found = sum("\tno_match\t" not in line for line in answer.splitlines())
        if found != QUERIES // 2:
            sys.exit(f"match_bench: {found} of {QUERIES} found, {QUERIES // 2} planted")
        rate = QUERIES / (min(alls) - min(starts))
        ratio = f"{rate / peer:.0f}" if peer else "-"
        print(f"match --signals, start-up ({min(starts):.2f} s) not counted | {rate:,.0f} /s | "
              f"{f'{peer:,.0f} /s' if peer else '-'} | {ratio}")


if __name__ == "__main__":
    main()
