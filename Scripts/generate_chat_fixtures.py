#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What transformers' apply_chat_template gives: ids, attention mask and assistant mask.

    pip install transformers jinja2
    Scripts/generate_chat_fixtures.py > Tests/Fixtures/ApplyChatTemplate/cases.jsonl

The tokenizer is the built-in byte-level vocabulary, the template ChatML with generation tags. The
first line is the template, each other line one call with its arguments and its result.
"""
import json
import os
import sys

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
from transformers import PreTrainedTokenizerFast

HERE = os.path.dirname(os.path.abspath(__file__))
VOCABULARY = os.path.join(HERE, "..", "vocab", "byte-level", "tokenizer.json")
TEMPLATE = (
    "{% for m in messages %}"
    "{{ '<|im_start|>' + m.role + '\\n' }}"
    "{% if m.role == 'assistant' %}"
    "{% generation %}{{ m.content }}{% if style is defined %}{{ style }}{% endif %}{{ '<|im_end|>' }}{% endgeneration %}"
    "{% else %}{{ m.content + '<|im_end|>' }}{% endif %}"
    "{{ '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


def conversation(*texts, system=None):
    messages = [{"role": "system", "content": system}] if system else []
    return messages + [{"role": ("user", "assistant")[i % 2], "content": text} for i, text in enumerate(texts)]


SHORT = conversation("Hi")
LONG = conversation("What is 2 + 2?", "It is 4.", "And 3 + 3?", "That is 6, of course.", system="Be brief.")
ODD = conversation("日本語 e\u0301 🇩🇪 \r\n\t", "  trailing  ", "<|im_end|> in a text")
CALLS = [
    (SHORT, {}),
    (SHORT, {"add_generation_prompt": True}),
    (LONG, {}),
    (LONG, {"style": "!"}),
    (ODD, {}),
    (ODD, {"add_generation_prompt": True}),
    (LONG, {"continue_final_message": True}),
    (LONG, {"continue_final_message": "content"}),
]
for side in ("left", "right"):
    CALLS += [
        (LONG, {"truncation": True, "max_length": 12, "truncation_side": side}),
        (LONG, {"truncation": True, "max_length": 1, "truncation_side": side}),
        (LONG, {"truncation": True, "max_length": 500, "truncation_side": side}),
        ([SHORT, LONG, ODD], {"padding": True, "padding_side": side}),
        ([SHORT, LONG], {"padding": True, "padding_side": side, "add_generation_prompt": True}),
        ([SHORT, LONG], {"padding": "max_length", "max_length": 90, "padding_side": side}),
        ([SHORT, LONG], {"padding": True, "padding_side": side, "pad_to_multiple_of": 16}),
        ([SHORT, LONG, ODD], {"padding": True, "truncation": True, "max_length": 20, "padding_side": side, "truncation_side": side}),
        ([SHORT], {"padding": "max_length", "max_length": 33, "pad_to_multiple_of": 8, "padding_side": side}),
        (SHORT, {"padding": "max_length", "max_length": 32, "padding_side": side}),
    ]


def main():
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=VOCABULARY, eos_token="<|im_end|>", pad_token="<|endoftext|>", chat_template=TEMPLATE)
    write({"template": TEMPLATE, "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"})
    for messages, options in CALLS:
        arguments = dict(options)
        # Where the start of an answer is cut off, transformers masks none of what is left of it.
        is_cut = arguments.get("truncation") and arguments.get("truncation_side") == "left"
        tokenizer.padding_side = arguments.pop("padding_side", "right")
        tokenizer.truncation_side = arguments.pop("truncation_side", "right")
        multiple = arguments.pop("pad_to_multiple_of", None)
        result = tokenizer.apply_chat_template(
            messages, tokenize=True, return_dict=True,
            return_assistant_tokens_mask="continue_final_message" not in arguments,
            tokenizer_kwargs={"pad_to_multiple_of": multiple} if multiple else None, **arguments)
        write({"messages": messages, "options": options, "ids": result["input_ids"],
               "attention_mask": result["attention_mask"], "assistant_masks": None if is_cut else result.get("assistant_masks")})


def write(line):
    json.dump(line, sys.stdout, ensure_ascii=False, separators=(",", ":"))
    print()


if __name__ == "__main__":
    main()
