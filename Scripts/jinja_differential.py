#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the Jinja engine with transformers' Jinja2 on random templates.

    pip install transformers jinja2
    Scripts/jinja_differential.py --renderer 'dialect render --jsonl --context --jinja /dev/stdin'
    Scripts/jinja_differential.py --renderer 'dialect render --jsonl --context' --seconds 600 --seed 1

PROGRAM reads one JSON object per line, {"template": …, "context": {…}, "now": "2026-01-15"}, and
answers each with {"rendered": …} or {"error": …}. A case counts as different where one side
renders and the other fails, where the texts differ, or where raise_exception's messages do.
"""
import argparse
import json
import os
import random
import re
import shlex
import subprocess
import sys
import time

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
import datetime

import transformers.utils.chat_template_utils as reference

CONTEXT = {
    "s": "Hello, World", "u": " Zoë ß\u00a0日本 ", "e": "", "h": "<b>&'\"</b>", "n": 7, "m": -3,
    "f": 2.5, "z": 0, "t": True, "no": False, "nul": None, "big": 12345678901234567890,
    "l": [3, 1, 2], "ls": ["b", "A", "c", "a"], "mixed": [1, "x", None, 2.0, True],
    "d": {"b": 1, "A": "x", "c": [1, {"k": "v"}]}, "empty": [], "ed": {},
    "ms": [{"role": "system", "content": " sys "}, {"role": "user", "content": "hi\nthere"},
           {"role": "assistant", "content": None, "tool_calls": [{"name": "f", "arguments": {"q": 1}}]}],
    "text": "one two\tthree\n\nfour-five  six", "nested": [[1, [2, 3]], [], [4]],
}
NAMES = list(CONTEXT) + ["undef", "loop", "x", "y", "ns"]
FILTERS = [
    "abs", "capitalize", "count", "first", "last", "length", "list", "lower", "upper", "string",
    "trim", "title", "int", "float", "tojson", "items", "sort", "unique", "reverse", "sum", "max",
    "min", "safe", "e", "escape", "join", "dictsort", "round", "wordcount", "striptags", "pprint",
    "urlencode", "forceescape", "select", "reject", "filesizeformat", "center", "indent",
]
FILTERS_WITH = [
    ("default", ["A", "A, true"]), ("join", ["'-'", "A"]), ("replace", ["'a', 'b'", "S, S", "S, S, I"]),
    ("map", ["'upper'", "attribute='role'", "'string'", "attribute=0", "'length'"]),
    ("selectattr", ["'role'", "'role', 'eq', 'user'", "'content', 'none'"]),
    ("rejectattr", ["'role'", "'role', 'in', ['user']"]),
    ("select", ["'string'", "'odd'", "'gt', 1", "'defined'"]), ("reject", ["'none'", "'number'"]),
    ("sort", ["reverse=true", "attribute='role'", "case_sensitive=true"]),
    ("round", ["I", "1, 'floor'", "1, 'ceil'"]), ("int", ["5", "0, 16", "0, 2"]),
    ("float", ["1.5"]), ("batch", ["2", "2, 'x'", "3"]), ("slice", ["2", "3, 'x'"]),
    ("truncate", ["5", "5, true", "9, false, '…'", "5, true, '', 0"]), ("trim", ["'H'", "S"]),
    ("indent", ["2", "2, true", "'> ', true, true"]), ("format", ["A", "A, A"]),
    ("tojson", ["indent=2", "sort_keys=true", "ensure_ascii=true", "separators=(',', ':')"]),
    ("dictsort", ["true", "by='value'", "reverse=true"]), ("groupby", ["'role'", "0"]),
    ("attr", ["'role'", "'upper'"]), ("wordwrap", ["5", "8, false"]), ("center", ["9", "20"]),
    ("unique", ["true", "attribute='role'"]), ("sum", ["start=2", "attribute=0"]), ("min", ["attribute=0"]),
]
METHODS = [
    ("upper", [""]), ("lower", [""]), ("strip", ["", "'H d'", "S"]), ("lstrip", ["", "S"]),
    ("rstrip", ["", "'d'"]), ("split", ["", "' '", "S", "' ', 1", "none, 1", "maxsplit=1"]),
    ("rsplit", ["' ', 1", "", "none, 1"]), ("splitlines", ["", "true"]), ("startswith", ["S", "('H', 'x')", "S, I"]),
    ("endswith", ["S", "S, I, I"]), ("find", ["S", "S, I"]), ("rfind", ["S"]), ("index", ["S"]),
    ("count", ["S", "A"]), ("replace", ["S, S", "'l', 'L', 1"]), ("title", [""]), ("capitalize", [""]),
    ("swapcase", [""]), ("casefold", [""]), ("isalpha", [""]), ("isdigit", [""]), ("isupper", [""]),
    ("islower", [""]), ("isspace", [""]), ("istitle", [""]), ("isalnum", [""]), ("zfill", ["9"]),
    ("center", ["9", "9, '*'"]), ("ljust", ["9, '.'"]), ("rjust", ["9"]), ("partition", ["S"]),
    ("rpartition", ["S"]), ("removeprefix", ["S"]), ("removesuffix", ["S"]), ("join", ["A", "ls"]),
    ("expandtabs", ["", "4"]), ("format", ["A", "A, A", "x=A"]), ("items", [""]), ("keys", [""]),
    ("values", [""]), ("get", ["S", "S, A", "'b'"]), ("copy", [""]), ("append", ["A"]), ("isidentifier", [""]),
]
TESTS = [
    "defined", "undefined", "none", "string", "number", "mapping", "sequence", "iterable", "boolean",
    "true", "false", "integer", "float", "odd", "even", "lower", "upper", "callable", "escaped",
    "divisibleby(2)", "eq(A)", "in(A)", "sameas(A)", "gt(1)", "lt(A)", "ne(A)",
]
STRINGS = ["'a'", "''", "'l'", "'Hello'", "' '", "'o'", "'é'", "'%s'", "'{}'", "'<&>'", "'10'", "'1.5'",
           "'\\n'", "'日'", "'b'", "'role'", "'%d|%s'", "'{0}-{x}'", "'{:>5}'", "'%05.1f'", "'a,b'"]


class Grammar:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, items):
        return self.random.choice(items)

    def arguments(self, pattern):
        pattern = re.sub(r"\bA\b", lambda _: self.expression(1), pattern)
        pattern = re.sub(r"\bS\b", lambda _: self.pick(STRINGS + ["s", "u", "text"]), pattern)
        return re.sub(r"\bI\b", lambda _: str(self.random.randint(-3, 6)), pattern)

    def atom(self):
        roll = self.random.random()
        if roll < 0.45:
            return self.pick(NAMES)
        if roll < 0.6:
            return self.pick(STRINGS)
        if roll < 0.72:
            return str(self.pick([0, 1, 2, 3, -1, 10, 255, 1.5, 0.1, 1e16, 2.0, 100000000000000000000]))
        return self.pick(["true", "false", "none", "[]", "{}", "(1, 2)", "[1, 'a', none]", "{'a': 1, 2: 'b'}",
                          "range(4)", "'ab' 'cd'", "ms[1]", "ms[0].content", "d.c[1].k", "dict(a=1)", "-3", "(2,)"])

    def text(self, depth):
        if depth <= 0 or self.random.random() < 0.3:
            return self.pick(STRINGS + ["s", "u", "text", "h", "ms[1].content", "ls[0]"])
        if self.random.random() < 0.4:
            name, forms = self.pick(METHODS[:38])
            return f"({self.text(depth - 1)}).{name}({self.arguments(self.pick(forms))})"
        if self.random.random() < 0.5:
            return f"({self.text(depth - 1)} {self.pick(['+', '~'])} {self.text(depth - 1)})"
        return f"({self.expression(depth - 1)}|{self.pick(['string', 'tojson', 'join', 'upper', 'trim', 'pprint'])})"

    def number(self, depth):
        if depth <= 0 or self.random.random() < 0.3:
            return self.pick(["n", "m", "f", "z", "big", "t", "1", "2", "0.5", "3", "-7", "1e3", "(l|length)", "l[0]", "(text|length)"])
        if self.random.random() < 0.7:
            return f"({self.number(depth - 1)} {self.pick(['+', '-', '*', '/', '//', '%'])} {self.number(depth - 1)})"
        return f"({self.number(depth - 1)}|{self.pick(['abs', 'int', 'float', 'round', 'round(1)', 'string|int', 'tojson|float'])})"

    def sequence(self, depth):
        if depth <= 0 or self.random.random() < 0.3:
            return self.pick(["l", "ls", "mixed", "ms", "nested", "empty", "range(5)", "[1, 2, 3]", "d", "d.items()", "d.keys()", "'abc'", "(1, 2)", "text.split()", "nested[0]"])
        inner = self.sequence(depth - 1)
        if self.random.random() < 0.3:
            part = lambda: self.pick(["", "", str(self.random.randint(-4, 5))])
            return f"({inner}|list)[{part()}:{part()}:{self.pick(['', '', '2', '-1'])}]"
        name, forms = self.pick([x for x in FILTERS_WITH if x[0] in ("map", "select", "reject", "sort", "batch", "slice", "unique", "groupby", "selectattr", "rejectattr")])
        tail = self.pick(["|list", "|list", "|list", "", "|first", "|list|length", "|join(',')"])
        return f"({inner}|{name}({self.arguments(self.pick(forms))}){tail})"

    def expression(self, depth):
        if depth <= 0:
            return self.atom()
        kind = self.random.random()
        if kind < 0.25:
            return self.text(depth)
        if kind < 0.4:
            return self.number(depth)
        if kind < 0.6:
            return self.sequence(depth)
        e = lambda: self.expression(depth - 1)
        roll = self.random.random()
        if roll < 0.2:
            return f"{e()}|{self.pick(FILTERS)}"
        if roll < 0.36:
            name, forms = self.pick(FILTERS_WITH)
            return f"({e()})|{name}({self.arguments(self.pick(forms))})"
        if roll < 0.5:
            name, forms = self.pick(METHODS)
            return f"({e()}).{name}({self.arguments(self.pick(forms))})"
        if roll < 0.64:
            return f"({e()} {self.pick(['+', '-', '*', '/', '//', '%', '~', '~', '+', '**' if self.random.random() < 0.1 else '+'])} {e()})"
        if roll < 0.72:
            return f"({e()} {self.pick(['==', '!=', '<', '<=', '>', '>=', 'in', 'not in'])} {e()})"
        if roll < 0.78:
            return f"({e()} is {self.pick(['', 'not '])}{self.arguments(self.pick(TESTS))})"
        if roll < 0.84:
            return f"({e()} {self.pick(['and', 'or'])} {e()})"
        if roll < 0.88:
            return f"({e()} if {e()} else {e()})"
        if roll < 0.95:
            part = lambda: self.pick(["", "", str(self.random.randint(-4, 5))])
            index = self.pick([str(self.random.randint(-3, 3)), f"{part()}:{part()}", f"{part()}:{part()}:{self.pick(['', '2', '-1'])}", self.pick(STRINGS), "x"])
            return f"({e()})[{index}]"
        return self.pick([f"[{e()}, {e()}]", f"({e()}, {e()})", f"{{'k': {e()}}}", f"not {e()}", f"-({e()})", f"({e()}).{self.pick(['role', 'content', 'b', 'x', 'items', '__class__'])}"])

    def statement(self, depth):
        roll = self.random.random()
        b = lambda: self.body(depth - 1)
        e = lambda: self.expression(2)
        sign = lambda: self.pick(["", "", "", "-", "+"])
        tag = lambda text: "{%" + sign() + " " + text + " " + sign() + "%}"
        if depth <= 0 or roll < 0.45:
            return "{{" + self.pick(["", "", "-"]) + " " + self.expression(3) + " " + self.pick(["", "", "-"]) + "}}"
        if roll < 0.55:
            return tag("if " + e()) + b() + self.pick(["", tag("else") + b(), tag("elif " + e()) + b()]) + tag("endif")
        if roll < 0.68:
            target = self.pick(["x", "x", "x, y", "y"])
            extra = self.pick(["", "", " if x", " if loop is undefined", " recursive" if self.random.random() < 0.2 else ""])
            inner = self.pick(["", "{{ loop.index }}", "{{ loop.last }}{{ loop.length }}", "{% if loop.first %}{% continue %}{% endif %}",
                               "{% if loop.index > 1 %}{% break %}{% endif %}", "{{ loop.previtem }}", "{{ loop.cycle(1, 2) }}", "{{ loop.nextitem is defined }}", "{{ loop.changed(x) }}", "{{ loop.revindex }}"])
            return tag(f"for {target} in {e()}{extra}") + inner + b() + self.pick(["", "", tag("else") + b()]) + tag("endfor")
        if roll < 0.78:
            return tag(self.pick([f"set x = {e()}", f"set y = {e()}", f"set x, y = {e()}", f"set ns = namespace(a={e()})", f"set ns.a = {e()}"]))
        if roll < 0.83:
            return tag(self.pick(["set x", "set y | upper", "set x | trim | length"])) + b() + tag("endset")
        if roll < 0.9:
            call = self.pick(["{{ m() }}", "{{ m(1) }}", "{{ m(1, y=2) }}", "{{ m(1, 2, 3) }}", "{% call m() %}c{{ x }}{% endcall %}", "{{ m(q=1) }}"])
            return tag(self.pick(["macro m(x)", "macro m(x, y=x)", "macro m()", "macro m(x='d')"])) + self.pick(["", "{{ varargs }}", "{{ kwargs }}", "{{ caller() if caller else 'n' }}"]) + b() + tag("endmacro") + call
        if roll < 0.94:
            return tag(f"with x = {e()}, y = x") + b() + tag("endwith")
        if roll < 0.97:
            return tag("filter " + self.pick(["upper", "trim", "replace('a', 'b')", "e", "indent(2)"])) + b() + tag("endfilter")
        return self.pick([tag("generation") + b() + tag("endgeneration"), tag("raw") + "{{ x }}" + tag("endraw"), "{# c #}", tag("autoescape true") + b() + tag("endautoescape")])

    def body(self, depth):
        parts = []
        for _ in range(self.random.randint(1, 3)):
            parts.append(self.pick(["", " ", "\n", "a", "\n  ", "text\n"]))
            parts.append(self.statement(depth))
        return "".join(parts) + self.pick(["", "\n", " "])

    def template(self):
        return self.body(self.random.randint(0, 3))


class FrozenClock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2026, 1, 15)


def render(template):
    try:
        compiled = reference._cached_compile_jinja_template(template)
        return {"rendered": compiled.render(**json.loads(json.dumps(CONTEXT)))}
    except RecursionError:
        return None
    except MemoryError:
        return None
    except Exception as error:  # whatever Python raises is an error for us too
        return {"error": str(error), "class": type(error).__name__}


def differs(expected, found):
    if "rendered" in expected:
        return found.get("rendered") != expected["rendered"]
    if "rendered" in found:
        return True
    return expected["class"] == "TemplateError" and found["error"] != expected["error"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--renderer", required=True)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=30)
    options = parser.parse_args()
    reference.datetime = FrozenClock
    grammar = Grammar(options.seed)
    stop = time.time() + options.seconds
    cases = rendered = differences = 0
    while time.time() < stop:
        batch = []
        while len(batch) < 1000:
            template = grammar.template()
            expected = render(template)
            # Memory addresses and random choices have no one answer.
            if expected is None or re.search(r" at 0x|object|0x[0-9a-f]{6}", expected.get("rendered", ""), re.IGNORECASE):
                continue
            batch.append((template, expected))
        lines = "".join(json.dumps({"template": t, "context": CONTEXT, "now": "2026-01-15"}) + "\n" for t, _ in batch)
        answer = subprocess.run(shlex.split(options.renderer), input=lines.encode(), capture_output=True)
        found = [json.loads(line) for line in answer.stdout.decode().split("\n") if line]
        if answer.returncode != 0 or len(found) != len(batch):
            print("the renderer stopped at", repr(batch[len(found)][0]) if len(found) < len(batch) else "", answer.returncode)
            return 2
        for (template, expected), result in zip(batch, found):
            cases += 1
            rendered += "rendered" in expected
            if differs(expected, result):
                differences += 1
                if differences <= options.show:
                    print(json.dumps({"expected": expected, "found": {k: v for k, v in result.items() if k != "full"}, "template": template}, ensure_ascii=False))
    print(f"{cases} cases ({rendered} rendered by the reference), {differences} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
