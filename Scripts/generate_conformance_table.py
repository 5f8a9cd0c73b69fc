#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes Documentation/Conformance.md: families against the recorded conversations.

    Scripts/generate_conformance_table.py [--dialect .build/debug/dialect]
"""
import argparse
import collections
import json
import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
parser = argparse.ArgumentParser()
parser.add_argument("--dialect", default=os.path.join(ROOT, ".build/debug/dialect"))
options = parser.parse_args()

run = subprocess.run(
    [options.dialect, "check", "Tests/Fixtures/Families", "--json"], cwd=ROOT,
    stdout=subprocess.PIPE, text=True)
verdicts = [json.loads(line) for line in run.stdout.splitlines()]
total = verdicts.pop()
families = collections.defaultdict(dict)
for verdict in verdicts:
    family = os.path.basename(verdict["file"]).removesuffix(".yaml")
    families[family][verdict["name"]] = verdict["outcome"] == "passed"
names = sorted({name for outcomes in families.values() for name in outcomes})


def reference(family):
    text = open(os.path.join(ROOT, "Tests/Fixtures/Families", family + ".yaml")).read()
    return re.search(r'recorded: \{by: "([^"]*)"', text)[1]


out = [
    "# Conformance", "",
    "Every built-in family against what its reference makes of the conversations in",
    "`Tests/Fixtures/Conversations`. `Scripts/generate_family_fixtures.py` asks the references,",
    "`dialect check Tests/Fixtures/Families` compares, `Scripts/generate_conformance_table.py` writes",
    "this page.", "",
    f"**{total['passed']} passed, {total['failed']} failed**, "
    f"{len(families)} families, {len(names)} conversations.", "",
    "| family | reference | passed | failed | which fail |", "|---|---|---:|---:|---|",
]
for family in sorted(families):
    outcomes = families[family]
    failed = sorted(name for name, passed in outcomes.items() if not passed)
    out.append(
        f"| {family} | {reference(family)} | {len(outcomes) - len(failed)} | {len(failed)} "
        f"| {', '.join(failed)} |")
out += ["", "## By conversation", "", "| conversation | what it holds | passed | failed |",
        "|---|---|---:|---:|"]
for name in names:
    outcomes = [o[name] for o in families.values() if name in o]
    path = os.path.join(ROOT, "Tests/Fixtures/Conversations", name + ".json")
    about = json.load(open(path, encoding="utf-8"))["about"]
    out.append(f"| {name} | {about} | {sum(outcomes)} | {len(outcomes) - sum(outcomes)} |")
path = os.path.join(ROOT, "Documentation/Conformance.md")
open(path, "w", encoding="utf-8").write("\n".join(out) + "\n")
print(f"{path}: {total['passed']} passed, {total['failed']} failed")
