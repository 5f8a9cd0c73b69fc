# SPDX-License-Identifier: Apache-2.0
"""Compares encoding speed with other tokenizers: ids first, then all in turn.

Set up once:

    python3 -m venv .venv
    .venv/bin/pip install gigatoken quicktok-v1 tiktoken tokenizers sentencepiece awkward

Run:

    .venv/bin/python Benchmarks/Comparators/encode.py --dialect .build/release/dialect \
        --vocabularies DIR --texts DIR [--only cl100k,llama-2] [--svg plot.svg] [--processor-time]

The folder of vocabularies has cl100k_base/cl100k_base.tiktoken, o200k_base/o200k_base.tiktoken and NAME/tokenizer.json
for the others. Prints a Markdown table of MB/s, cold (the first pass of a fresh tokenizer) and warm (the median of the
later ones). On a machine that others use, count the processor's time: everyone has one thread. Whoever gives other ids than the reference is not timed, and said to be so.
"""
import argparse
import datetime
import json
import os
import statistics
import subprocess
import time

RANKS = {"cl100k": "cl100k_base", "o200k": "o200k_base"}
# tiktoken 0.14's own pattern of each, so that nothing has to be downloaded.
PATTERNS = {
    "cl100k": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]"
    r"|\s+(?!\S)|\s",
    "o200k": "|".join(
        [
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"\p{N}{1,3}",
            r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
            r"\s*[\r\n]+",
            r"\s+(?!\S)",
            r"\s+",
        ]
    ),
}


def checksum(ids):
    """The checksum that `dialect bench encode` prints (FNV-1a over the ids)."""
    state = 0xCBF29CE484222325
    for identifier in ids:
        state = ((state ^ int(identifier)) * 0x100000001B3) & (2**64 - 1)
    return format(state, "x")


def path_of(name, folder):
    if name in RANKS:
        return os.path.join(folder, RANKS[name], RANKS[name] + ".tiktoken")
    return os.path.join(folder, name, "tokenizer.json")


def peers(name, path):
    """For each peer a function that loads it anew; the first is the reference."""
    import gigatoken

    if name in RANKS:
        import quicktok
        import tiktoken
        from tiktoken.load import load_tiktoken_bpe

        ranks = load_tiktoken_bpe(path)

        def load_tiktoken():
            encoding = tiktoken.Encoding(name, pat_str=PATTERNS[name], mergeable_ranks=ranks, special_tokens={})
            return lambda data: encoding.encode_ordinary(data.decode())

        def load_quicktok():
            encoding = quicktok.get_encoding(RANKS[name])
            return lambda data: encoding.encode(data.decode(), disallowed_special=())

        return {
            "tiktoken": load_tiktoken,
            "quicktok": load_quicktok,
            "gigatoken": lambda: gigatoken.Tokenizer.from_tiktoken(path, name).encode,
        }
    from tokenizers import Tokenizer

    def load_tokenizers():
        tokenizer = Tokenizer.from_file(path)
        tokenizer.encode_special_tokens = True
        return lambda data: tokenizer.encode(data.decode(), add_special_tokens=False).ids

    return {"tokenizers": load_tokenizers, "gigatoken": lambda: gigatoken.Tokenizer(path).encode}


def time_peer(load, data, passes, clock):
    encode = load()
    times = []
    for _ in range(passes):
        start = clock()
        encode(data)
        times.append(clock() - start)
    size = len(data) / 1e6
    return size / times[0], size / statistics.median(times[1:] or times)


def run_dialect(dialect, path, file, passes, options):
    command = [dialect, "bench", "encode", "--tokenizer", path, "--file", file, "--passes", str(passes), "--json"]
    if options.processor_time:
        command.append("--processor-time")
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def measure(name, options):
    """Rows of one vocabulary: text, then cold and warm of each implementation."""
    path = path_of(name, options.vocabularies)
    clock = time.process_time if options.processor_time else time.perf_counter
    loads = peers(name, path)
    for file in sorted(os.listdir(options.texts)):
        if not file.endswith((".txt", ".jsonl")):
            continue
        file = os.path.join(options.texts, file)
        with open(file, "rb") as source:
            data = source.read().decode("utf-8", "ignore").encode()
        expected = {who: checksum(load()(data)) for who, load in loads.items()}
        reference = next(iter(expected.values()))
        expected["Dialect"] = run_dialect(options.dialect, path, file, 1, options)["checksum"]
        wrong = [who for who, sum_ in expected.items() if sum_ != reference]
        for who in wrong:
            print(f"<!-- {name}, {os.path.basename(file)}: {who} gives other ids -->")
        figures = {}
        for _ in range(options.rounds):
            for who, load in loads.items():
                if who not in wrong:
                    slow = who in ("tiktoken", "tokenizers")
                    figures.setdefault(who, []).append(time_peer(load, data, 2 if slow else options.passes, clock))
            if "Dialect" not in wrong:
                result = run_dialect(options.dialect, path, file, options.passes, options)
                figures.setdefault("Dialect", []).append((result["cold_mb_s"], result["warm_mb_s"]))
        medians = {
            who: tuple(statistics.median(pair[kind] for pair in pairs) for kind in (0, 1))
            for who, pairs in figures.items()
        }
        yield os.path.basename(file).rsplit(".", 1)[0], medians


def plot(rows, file):
    """Bars of the warm speed, a group for each row."""
    colours = {"Dialect": "#d1495b", "gigatoken": "#30638e", "quicktok": "#8fb8de"}
    parts, y = [], 20
    top = max(pair[1] for _, _, medians in rows for pair in medians.values())
    for name, text, medians in rows:
        parts.append(f'<text x="8" y="{y + 12}">{name}, {text}</text>')
        for who, (_, warm) in sorted(medians.items(), key=lambda item: -item[1][1]):
            width = 420 * warm / top
            parts.append(f'<rect x="170" y="{y}" width="{width:.1f}" height="14" fill="{colours.get(who, "#999")}"/>')
            parts.append(f'<text x="{176 + width:.1f}" y="{y + 12}">{who} {warm:.0f}</text>')
            y += 17
        y += 8
    with open(file, "w", encoding="utf-8") as output:
        output.write(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="720" height="{y}" font-family="sans-serif" font-size="12">'
            + "".join(parts)
            + "</svg>\n"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dialect", required=True)
    parser.add_argument("--vocabularies", required=True)
    parser.add_argument("--texts", required=True)
    parser.add_argument("--only", default="cl100k,o200k,llama-3,qwen3,gpt2,llama-2,mistral-v3")
    parser.add_argument("--passes", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processor-time", action="store_true")
    parser.add_argument("--svg")
    options = parser.parse_args()
    print(f"{datetime.date.today()}, {os.cpu_count()} cores; MB/s, cold / warm, one thread\n")
    names = ["Dialect", "gigatoken", "quicktok", "tiktoken", "tokenizers"]
    print("| vocabulary | text | " + " | ".join(names) + " |\n|---|---|" + "---:|" * len(names))
    rows = []
    for name in options.only.split(","):
        for text, medians in measure(name, options):
            cells = ["{:.0f} / {:.0f}".format(*medians[who]) if who in medians else "" for who in names]
            print(f"| {name} | {text} | " + " | ".join(cells) + " |", flush=True)
            rows.append((name, text, medians))
    if options.svg:
        plot(rows, options.svg)


if __name__ == "__main__":
    main()
