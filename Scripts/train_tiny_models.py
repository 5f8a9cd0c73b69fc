#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the tiny models in models/: one on plain text, three tuned from it, each in one dialect.

    pip install torch transformers safetensors
    swift build -c release --product dialect
    Scripts/train_tiny_models.py --dialect .build/release/dialect --output models

Everything is made here: the words, the texts, the tasks. Ids and loss masks come from 'dialect
tokenize', so that the layouts are those that the families render. One thread, about 20 minutes of
a present processor's core in all; 'base', 'inst', 'header-id' or 'role' after the options trains one
of them alone, so that the last three can run at once.
"""

import argparse
import json
import math
import pathlib
import random
import subprocess
import time

import safetensors.torch
import torch
import transformers

FAMILIES = {"inst": "mistral-v3-tekken", "header-id": "llama-3", "role": "phi-3"}
CONTROL = [
    "<s>", "</s>", "[INST]", "[/INST]", "<|begin_of_text|>", "<|end_of_text|>",
    "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|user|>", "<|assistant|>",
    "<|system|>", "<|end|>", "<|endoftext|>"]
CONFIGURATION = dict(
    hidden_size=128, intermediate_size=256, num_hidden_layers=4, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=512, rms_norm_eps=1e-5, rope_theta=10000.0,
    tie_word_embeddings=True, bos_token_id=256, eos_token_id=257)
# Each colour, and the one across from it on the painters' wheel.
COMPLEMENTS = {
    "red": "green", "green": "red", "blue": "orange", "orange": "blue", "yellow": "purple",
    "purple": "yellow", "black": "white", "white": "black"}


# The words and tasks. One word in eight is in no training text at all. Of the sums and the colours,
# one question in eight is in no conversation that a model is tuned on; the plain text states them
# all, as a text from which a model learns that two and two is four would.

def is_held_out(text):
    return sum(byte * (i + 7) for i, byte in enumerate(text.encode())) % 8 == 0


def word(chance, held_out):
    while True:
        syllables = chance.randint(1, 2)
        text = "".join(
            chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(syllables))
        text += chance.choice(["", chance.choice("lmnrst")])
        if len(text) >= 3 and is_held_out(text) == held_out:
            return text


TASKS = ["copy", "reverse", "upper", "count", "count", "add", "add", "colour"]
# What is asked, and what a text states, of each task.
QUESTIONS = {
    "copy": ["copy {0}"], "reverse": ["reverse {0}"], "upper": ["capitals of {0}"],
    "count": ["count {1} in {0}"], "add": ["add {0} and {1}"],
    "colour": ["across from {0}", "complement of {0}", "opposite of {0}", "what faces {0}?"]}
STATEMENTS = {
    "copy": ["A copy of {0} is {answer}.", "To copy {0}, write {answer}."],
    "reverse": ["Backwards, {0} is {answer}.", "The reverse {0} is {answer}."],
    "upper": ["In capitals, {0} is {answer}.", "The capitals of {0} are {answer}."],
    "count": ["The count of {1} in {0} is {answer}.", "We count {1} in {0}: {answer}."],
    "add": ["The sum of {0} and {1} is {answer}.", "We add {0} and {1} to get {answer}."],
    "colour": ["Across from {0} is {answer}.", "The complement of {0} is {answer}.",
               "The opposite of {0} is {answer}.", "What faces {0} is {answer}."]}


def facts(chance, held_out):
    """A task, what it is about, and the answer."""
    task = chance.choice(TASKS)
    subject = word(chance, held_out)
    if task == "copy":
        return task, (subject,), subject
    if task == "reverse":
        return task, (subject,), subject[::-1]
    if task == "upper":
        return task, (subject,), subject.upper()
    if task == "count":
        letter = chance.choice(subject) if chance.random() < 0.8 else chance.choice("aeiou")
        return task, (subject, letter), str(subject.count(letter))
    if task == "add":
        one, two = chance.randint(0, 9), chance.randint(0, 9)
        return task, (one, two), str(one + two)
    colour = chance.choice(list(COMPLEMENTS))
    return task, (colour,), COMPLEMENTS[colour]


def single(chance, held_out):
    """The name of a task, a question and its answer."""
    while True:
        task, subjects, answer = facts(chance, held_out)
        question = chance.choice(QUESTIONS[task]).format(*subjects)
        if task not in ("add", "colour") or is_held_out(question) == held_out:
            return task, question, answer


def follow_up(chance, before):
    """A question about the answer before."""
    if before.islower() and chance.random() < 0.4:
        return "again", "again, in capitals", before.upper()
    return "again", "again, backwards", before[::-1]


def conversation(chance, held_out):
    """One to three questions; some ask again about the answer before."""
    turns = [single(chance, held_out)]
    while len(turns) < 3 and chance.random() < 0.5:
        task, _, before = turns[-1]
        if task in ("copy", "reverse", "upper") and chance.random() < 0.8:
            turns.append(follow_up(chance, before))
        else:
            turns.append(single(chance, held_out))
    return turns


def plain_text(chance):
    """A paragraph of statements."""
    sentences = []
    for _ in range(4):
        task, subjects, answer = facts(chance, False)
        text = chance.choice(STATEMENTS[task]).format(*subjects, answer=answer)
        if task in ("copy", "reverse", "upper") and chance.random() < 0.4:
            _, question, answer = follow_up(chance, answer)
            text = f"{text[:-1]}, {question}, {answer}."
        sentences.append(text)
    return " ".join(sentences) + "\n"


def messages(turns):
    return [message for _, question, answer in turns for message in (
        {"role": "user", "content": question}, {"role": "assistant", "content": answer})]


# Ids

def byte_alphabet():
    """The letters by which byte-level vocabularies spell bytes."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters, extra = {}, 0
    for byte in range(256):
        if byte in plain:
            letters[byte] = chr(byte)
        else:
            letters[byte] = chr(256 + extra)
            extra += 1
    return letters


def tokenizer():
    """Every byte is a token, and every control token of the three dialects is one."""
    vocabulary = {letter: byte for byte, letter in byte_alphabet().items()}
    flags = dict.fromkeys(["single_word", "lstrip", "rstrip", "normalized"], False)
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [
            {"id": 256 + i, "content": token, **flags, "special": True}
            for i, token in enumerate(CONTROL)],
        "normalizer": None,
        "pre_tokenizer": {
            "type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True,
            "use_regex": False},
        "post_processor": None,
        "decoder": {
            "type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True,
            "use_regex": True},
        "model": {
            "type": "BPE", "dropout": None, "unk_token": None,
            "continuing_subword_prefix": None, "end_of_word_suffix": None,
            "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
            "vocab": vocabulary, "merges": []}}


def encode(options, family, conversations):
    """Ids, and which of them the model writes, as the project itself says."""
    lines = "".join(json.dumps({"messages": messages(turns)}) + "\n" for turns in conversations)
    answer = subprocess.run(
        [options.dialect, "tokenize", "--family", family, "--jsonl", "--tokenizer",
         str(options.output / "tokenizer.json")],
        input=lines, capture_output=True, text=True, check=True)
    rows = [json.loads(line) for line in answer.stdout.splitlines()]
    return [(row["ids"], row["mask"]) for row in rows]


def batch(rows):
    """Rows of one length: ids, and targets that are -100 where nothing is learnt."""
    length = max(len(ids) for ids, _ in rows)
    ids = torch.zeros(len(rows), length, dtype=torch.long)
    targets = torch.full((len(rows), length), -100)
    for place, (row, mask) in enumerate(rows):
        ids[place, :len(row)] = torch.tensor(row)
        targets[place, :len(row)] = torch.where(
            torch.tensor(mask) > 0, torch.tensor(row), torch.tensor(-100))
    return ids, targets


# Training

def loss_of(model, ids, targets):
    logits = model(input_ids=ids, use_cache=False).logits[:, :-1]
    return torch.nn.functional.cross_entropy(
        logits.reshape(-1, logits.shape[-1]), targets[:, 1:].reshape(-1), ignore_index=-100)


def batches(rows, size):
    """Batches of rows of about one length, so that little is padding."""
    chance, result = random.Random(5), []
    for start in range(0, len(rows), 16 * size):
        part = sorted(rows[start:start + 16 * size], key=lambda row: len(row[0]))
        groups = [part[i:i + size] for i in range(0, len(part), size)]
        chance.shuffle(groups)
        result += groups
    return result


def train(model, rows, steps, rate, size, name):
    """AdamW; the rate rises for a short while and falls along a cosine."""
    groups = batches(rows, size)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.05)
    started, warmth = time.time(), max(10, steps // 20)
    for step in range(steps):
        progress = step / steps
        for group in optimizer.param_groups:
            group["lr"] = rate * min(
                (step + 1) / warmth, 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * progress)))
        loss = loss_of(model, *batch(groups[step]))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 25 == 24:
            print(f"{name} step {step + 1} loss {loss.item():.4f} {time.time() - started:.0f} s",
                  flush=True)


@torch.no_grad()
def accuracy(model, options, family, conversations):
    """How many last answers greedy decoding gets right, by task.

    The greatest logit is the right token at every place of the answer exactly where greedy
    decoding writes that answer.
    """
    rows = encode(options, family, conversations)
    right, total = {}, {}
    for turns, (ids, mask) in zip(conversations, rows):
        end = len(mask) - 1 - mask[::-1].index(1)
        start = end
        while mask[start - 1]:
            start -= 1
        logits = model(input_ids=torch.tensor([ids[:end + 1]])).logits[0]
        good = logits[start - 1:end].argmax(-1).tolist() == ids[start:end + 1]
        task = turns[-1][0]
        total[task] = total.get(task, 0) + 1
        right[task] = right.get(task, 0) + good
    print({task: f"{right[task]}/{total[task]}" for task in sorted(total)},
          f"{sum(right.values()) / len(rows):.3f}", flush=True)


def save(model, path):
    tensors = {
        name: tensor.detach().half().contiguous() for name, tensor in model.state_dict().items()
        if name != "lm_head.weight"}
    safetensors.torch.save_file(tensors, path, {"format": "pt"})


def load(model, path):
    """The output matrix is the embedding, and so not in the file."""
    tensors = safetensors.torch.load_file(path)
    model.load_state_dict({name: tensor.float() for name, tensor in tensors.items()}, strict=False)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dialect", default=".build/release/dialect")
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("models"))
    parser.add_argument("--base-steps", type=int, default=1200)
    parser.add_argument("--tuning-steps", type=int, default=700)
    parser.add_argument("--tuning-batch", type=int, default=64)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument(
        "--resume", action="store_true", help="go on from the models that are there")
    parser.add_argument("names", nargs="*", default=["base", *FAMILIES])
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    options.output.mkdir(exist_ok=True)
    (options.output / "tokenizer.json").write_text(
        json.dumps(tokenizer(), ensure_ascii=False, separators=(",", ":")) + "\n")
    configuration = transformers.LlamaConfig(vocab_size=256 + len(CONTROL), **CONFIGURATION)
    configuration.to_json_file(options.output / "config.json")

    held_out, chance = [], random.Random(2)
    while len(held_out) < 200:
        turns = conversation(chance, True)
        if turns not in held_out:
            held_out.append(turns)
    (options.output / "held-out.jsonl").write_text("".join(
        json.dumps({"task": turns[-1][0], "messages": messages(turns)}) + "\n"
        for turns in held_out))

    for name in options.names:
        model = transformers.LlamaForCausalLM(configuration)
        if name != "base" or options.resume:
            begin = name if options.resume else "base"
            load(model, options.output / f"{begin}.safetensors")
        if name == "base":
            chance, begin = random.Random(3), 256 + CONTROL.index("<s>")
            rows = []
            for _ in range(options.base_steps * 48):
                ids = [begin, *plain_text(chance).encode()]
                rows.append((ids, [0] + [1] * (len(ids) - 1)))
            train(model, rows, options.base_steps, 3e-3, 48, name)
        else:
            chance = random.Random(options.seed)
            conversations = [
                conversation(chance, False)
                for _ in range(options.tuning_steps * options.tuning_batch)]
            rows = encode(options, FAMILIES[name], conversations)
            train(model, rows, options.tuning_steps, 1.5e-3, options.tuning_batch, name)
        save(model, options.output / f"{name}.safetensors")
        load(model, options.output / f"{name}.safetensors")
        if name in FAMILIES:
            accuracy(model, options, FAMILIES[name], held_out)


if __name__ == "__main__":
    main()
