#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Feeds random and damaged templates to the Jinja engine, looking for crashes and hangs.

    Scripts/jinja_crash_fuzz.py --renderer 'dialect render --jsonl --context' --seconds 1800 \\
        [--templates FOLDER]

PROGRAM reads {"template": …, "context": …} lines and answers one line each, as for
jinja_differential.py. Sources are the grammar of that script, damaged templates of FOLDER, and
hostile shapes: deep nesting, repetition, recursion. Any answer is fine; dying or taking longer
than ten seconds for one batch of 200 is not.
"""
import argparse
import glob
import json
import random
import shlex
import subprocess
import sys
import time

from jinja_differential import CONTEXT, Grammar

BUDGET = {"instructions": 50_000, "output_bytes": 1_000_000, "seconds": 1}
HOSTILE = [
    lambda r, n: "{{ " + "(" * n + "1" + ")" * n + " }}",
    lambda r, n: "{{ " + "[" * n,
    lambda r, n: "{% if 1 %}" * n,
    lambda r, n: "{% for x in l %}" * r.randint(1, 30) + "{% endfor %}" * r.randint(1, 30),
    lambda r, n: "{{ 'a'" + "|upper" * n + " }}",
    lambda r, n: "{{ n" + " + n" * n + " }}",
    lambda r, n: "{{ s" + ".x" * n + " }}",
    lambda r, n: "{% macro m(x) %}{{ m(x) }}{{ m(x) }}{% endmacro %}{{ m(1) }}",
    lambda r, n: "{% for a in [l] recursive %}{{ loop([a]) }}{% endfor %}",
    lambda r, n: "{% set ns = namespace(x=[]) %}{% for i in range(" + str(n * 9) + ") %}{% set ns.x = [ns.x, ns] %}{% endfor %}{{ ns.x == ns.x }}{{ ns }}",
    lambda r, n: "{% set ns = namespace(x='a') %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
    lambda r, n: "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
    lambda r, n: "{{ (" + str(r.randint(2, 99)) + " ** " + str(n * 7) + ") % " + str(r.randint(-9, 9)) + " }}",
    lambda r, n: "{{ '%" + str(n * 1000) + "s' % 1 }}{{ '{:>" + str(n * 100000) + "}'.format(1) }}",
    lambda r, n: "{{ 'a'.center(" + str(n * 1000000) + ") }}",
    lambda r, n: "{{ l|batch(" + str(n * 1000000) + ", 0)|list }}{{ l|slice(" + str(n * 99999) + ")|list }}",
    lambda r, n: "{{ 'ab'.replace('', 'x' * " + str(n) + ") * " + str(n) + " }}",
    lambda r, n: "{{ 9223372036854775807 + 1 }}{{ -9223372036854775808 // -1 }}{{ l[9223372036854775807:-9223372036854775808:-9223372036854775808] }}{{ s[::" + str(r.choice([-1, 1]) * 2**62) + "] }}",
    lambda r, n: "{{ range(-9223372036854775807, 9223372036854775807, " + str(r.randint(1, 9) * 10**16) + ")[::-3] }}",
    lambda r, n: "{{ 1e308 * 1e308 // 1 }}{{ (1e400)|int }}{{ (0 * 1e400)|round }}{{ 1e400|tojson }}{{ 2.5|round(" + str(n) + ") }}{{ 2.5|round(-" + str(n) + ") }}{{ 5|round(-3) }}",
    lambda r, n: "{{ big * big // 3 % 7 }}{{ big / 3 }}{{ -big // 7 }}{{ big ** 3 }}{{ big|float }}{{ '%x' % big }}{{ big|filesizeformat }}",
    lambda r, n: "{% raw %}" + "{{" * n,
    lambda r, n: "{# " * n,
    lambda r, n: "{{ '" + "\\x4" * n + "' }}",
]


def damaged(source, source_random):
    data = list(source)
    for _ in range(source_random.randint(1, 6)):
        if not data:
            break
        place = source_random.randrange(len(data))
        roll = source_random.random()
        if roll < 0.3:
            del data[place : place + source_random.randint(1, 12)]
        elif roll < 0.6:
            data.insert(place, source_random.choice(["{{", "}}", "{%", "%}", "'", "\"", "(", ")", "[", "]", "|", ".", "\\", "{#", "-", "~", "\u0000", "é", "loop", "0", ":"]))
        elif roll < 0.8:
            cut = source_random.randrange(len(data))
            data[place:place] = data[min(place, cut) : max(place, cut)][:200]
        else:
            data[place] = chr(source_random.choice([0, 9, 10, 13, 34, 39, 40, 91, 123, 125, 37, 160, 0x2028, 0x1F600]))
    return "".join(data)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--renderer", required=True)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--templates")
    options = parser.parse_args()
    grammar = Grammar(options.seed)
    chance = grammar.random
    sources = []
    if options.templates:
        for path in sorted(glob.glob(options.templates + "/*.jinja")):
            sources.append(open(path, encoding="utf-8", newline="").read())
    messages = {"messages": CONTEXT["ms"], "tools": [CONTEXT["d"]], "add_generation_prompt": True, **CONTEXT}
    stop = time.time() + options.seconds
    count = failures = 0
    while time.time() < stop:
        batch = []
        for _ in range(200):
            roll = chance.random()
            if roll < 0.45 or not sources:
                source = grammar.template()
                if chance.random() < 0.4:
                    source = damaged(source, chance)
            elif roll < 0.9:
                source = damaged(chance.choice(sources), chance)
            else:
                source = chance.choice(HOSTILE)(chance, chance.choice([1, 10, 100, 1000, 10000]))
            batch.append(source)
        lines = "".join(json.dumps({"template": t, "context": messages, "budget": BUDGET}) + "\n" for t in batch)
        started = time.time()
        try:
            answer = subprocess.run(shlex.split(options.renderer), input=lines.encode(), capture_output=True, timeout=60)
            answered = answer.stdout.count(b"\n")
            status = answer.returncode
        except subprocess.TimeoutExpired as expired:
            answered = (expired.stdout or b"").count(b"\n")
            status = "timeout"
        count += min(answered, len(batch))
        if status != 0 or answered != len(batch):
            failures += 1
            print("FAILURE", status, json.dumps(batch[min(answered, len(batch) - 1)]), flush=True)
        elif time.time() - started > 10:
            failures += 1
            print("SLOW", round(time.time() - started, 1), flush=True)
    print(f"{count} templates, {failures} failures", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
