#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prefill and decode against transformers with torch, on a random model of about 100 M parameters.

    pip install torch transformers safetensors
    swift build -c release --product dialect
    Benchmarks/Comparators/forward.py --dialect .build/release/dialect --threads 1

Passes alternate, so that both meet the same machine. Tokens per second, the best of each; ours are
medians of three passes of a process, since the first finds no weights in its memory, which torch has
after loading. With --processor-time of the seconds in which the one thread had a processor, for
machines that others use too.
"""

import argparse
import json
import subprocess
import tempfile
import time

import torch
import transformers

CONFIGURATION = dict(
    vocab_size=32000, hidden_size=768, intermediate_size=2048, num_hidden_layers=12,
    num_attention_heads=12, num_key_value_heads=12, max_position_embeddings=2048,
    tie_word_embeddings=True)
KINDS = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


@torch.no_grad()
def torch_rates(model, ids, prompt, clock):
    start = clock()
    output = model(torch.tensor([ids[:prompt]]), use_cache=True, logits_to_keep=1)
    middle = clock()
    cache = output.past_key_values
    for id in ids[prompt:]:
        output = model(torch.tensor([[id]]), use_cache=True, past_key_values=cache)
    end = clock()
    return prompt / (middle - start), (len(ids) - prompt) / (end - middle)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dialect", default=".build/release/dialect")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--prompt", type=int, default=512)
    parser.add_argument("--tokens", type=int, default=32)
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--processor-time", action="store_true")
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    options = parser.parse_args()
    clock = time.thread_time if options.processor_time else time.perf_counter
    clock_option = ["--processor-time"] if options.processor_time else []
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    configuration = transformers.LlamaConfig(**CONFIGURATION)
    for kind in options.kinds:
        model = transformers.LlamaForCausalLM(configuration).to(KINDS[kind]).eval()
        ids = [(i * 7919 + 11) % 32000 for i in range(options.prompt + options.tokens)]
        with tempfile.TemporaryDirectory() as folder:
            model.save_pretrained(folder)
            best = {}
            for _ in range(options.passes):
                for more in ([], ["--ceiling"]):
                    report = json.loads(subprocess.run(
                        ["/usr/bin/env", "python3", "-c", PEAK, options.dialect, "bench",
                         "forward", "--model", folder, "--prompt", str(options.prompt),
                         "--tokens", str(options.tokens), "--threads", str(options.threads),
                         "--passes", "3", "--json", *clock_option, *more],
                        capture_output=True, text=True, check=True).stdout)
                    for name, value in report.items():
                        keep = min if name in ("load_ms", "peak_mb") else max
                        best[name] = keep(best.get(name, value), value)
                prefill, decode = torch_rates(model, ids, options.prompt, clock)
                best["torch_prefill"] = max(best.get("torch_prefill", 0), prefill)
                best["torch_decode"] = max(best.get("torch_decode", 0), decode)
            print(kind, json.dumps({name: round(value, 1) for name, value in best.items()}))


# Runs a command and adds its peak memory to the JSON that it prints.
PEAK = """
import json, resource, subprocess, sys
report = json.loads(subprocess.run(sys.argv[1:], capture_output=True, check=True).stdout)
report["peak_mb"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6
print(json.dumps(report))
"""

if __name__ == "__main__":
    main()
