#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes Tests/Fixtures/Responses/*.jsonl: what reference parsers make of models' answers.

The first line of each file names the reference. A further line is {"family", "response",
"opening", "reasoning", "content", "calls"}: `opening` is the end of the prompt that the reference
was told of, a call is {"name", "arguments"} with "id" where the reference gives one. Cases that a
reference refuses have {"refused": …} in place of the last three. In harmony-stream.jsonl the texts
are made up from a seed, whole ones and ones with tokens lost, doubled or swapped, and "messages" is
what the StreamableParser holds after the last token that it takes: {"channel", "recipient",
"type", "content"}, the open one last. Needs openai-harmony (with o200k_base.tiktoken in --vocab),
mistral-common and transformers. With --verify nothing is written and a stale file is an error.
"""
import argparse
import importlib.metadata
import json
import os
import pathlib
import random
import re
import sys

OUTPUT = pathlib.Path(__file__).resolve().parent.parent / "Tests/Fixtures/Responses"

HARMONY = [
    "<|channel|>analysis<|message|>Simple.<|end|><|start|>assistant<|channel|>final<|message|>2 + 2 = 4.<|return|>",
    "<|channel|>final<|message|>Just this.<|return|>",
    "<|channel|>final<|message|>Cut sho",
    "<|channel|>analysis<|message|>Need the weather.<|end|><|start|>assistant<|channel|>commentary"
    " to=functions.get_weather <|constrain|>json<|message|>{\"city\": \"Paris\"}<|call|>",
    "<|channel|>analysis<|message|>Need it.<|end|><|start|>assistant to=functions.get_weather"
    "<|channel|>commentary json<|message|>{\"city\": \"Paris\", \"days\": 3}<|call|>",
    "<|channel|>commentary to=functions.get_weather<|message|>{\"city\": \"Oslo\"}<|call|>",
    "<|channel|>commentary<|message|>I will look.<|end|><|start|>assistant<|channel|>commentary"
    " to=functions.lookup <|constrain|>json<|message|>{\"q\": \"a <b> c\"}<|call|>",
    "<|channel|>analysis<|message|>a\n\nb<|end|><|start|>assistant<|channel|>final<|message|>é 🚀\n\n- x<|return|>",
]
MISTRAL = {
    "mistral-v3": [
        "Hello there.</s>",
        "[TOOL_CALLS] [{\"name\": \"w\", \"arguments\": {\"city\": \"Paris\"}, \"id\": \"VvvODy9mT\"}]</s>",
        "[TOOL_CALLS] [{\"name\": \"w\", \"arguments\": {}, \"id\": \"abcdefghi\"},"
        " {\"name\": \"v\", \"arguments\": {\"a\": [1, {\"b\": null}]}, \"id\": \"abcdefghj\"}]</s>",
        "[TOOL_CALLS][{\"arguments\": {\"x\": \"[TOOL]\"}, \"name\": \"w\"}]</s>",
        "[TOOL_CALLS][{\"name\": \"w\", \"arguments\": {\"a\": 1}",
    ],
    "mistral-v11": [
        "[TOOL_CALLS]w[CALL_ID]abcdefghi[ARGS]{\"city\": \"Paris\"}</s>",
        "Let me see.[TOOL_CALLS]w[ARGS]{\"a\": 1}[TOOL_CALLS]v[ARGS]{\"b\": {\"c\": \"}\"}}</s>",
        "[TOOL_CALLS]w[ARGS]{\"a\": </s>",
    ],
    "mistral-v13": [
        "[THINK]Hm.\n[/THINK]Hello.</s>",
        "[THINK]Call it.[/THINK][TOOL_CALLS]w[ARGS]{\"city\": \"Paris\"}</s>",
        "[THINK]never closed",
    ],
}
QWEN_CALL = "<tool_call>\n{\"name\": \"w\", \"arguments\": {\"city\": \"Paris\"}}\n</tool_call>"
QWEN = [
    ("", "Hello.<|im_end|>"),
    ("", "<think>\nHm.\n</think>\n\nHello.<|im_end|>"),
    ("<think>\n", "Hm.\n</think>\n\nHello.<|im_end|>"),
    ("<think>\n\n</think>\n\n", "Hello.<|im_end|>"),
    ("", f"<think>\nCall.\n</think>\n\n{QWEN_CALL}<|im_end|>"),
    ("", f"Let me see.\n{QWEN_CALL}\n{QWEN_CALL.replace('Paris', 'Oslo')}<|im_end|>"),
    ("", "Let me see.<tool_call>{\"name\":\"w\",\"arguments\":{\"a\":1}}</tool_call><|im_end|>"),
    ("", f"{QWEN_CALL}\n\n\n<|im_end|>\n<|endoftext|>"),
    ("", "<think>\nnever closed"),
    ("", "<tool_call>\n{\"name\": \"w\", \"arguments\": {\"a\""),
    ("", "<tool_call>\nnot json\n</tool_call><|im_end|>"),
]


def harmony(vocab):
    os.environ["TIKTOKEN_ENCODINGS_BASE"] = vocab
    import openai_harmony as oh

    encoding = oh.load_harmony_encoding(oh.HarmonyEncodingName.HARMONY_GPT_OSS)
    for text in HARMONY:
        case = {"family": "gpt-oss", "response": text, "opening": "<|start|>assistant"}
        tokens = encoding.encode(text, allowed_special="all")
        try:
            messages = encoding.parse_messages_from_completion_tokens(tokens, oh.Role.ASSISTANT)
        except Exception as error:
            yield case | {"refused": str(error)}
            continue
        result = {"reasoning": "", "content": "", "calls": []}
        for message in messages:
            content = "".join(part.text for part in message.content)
            if message.recipient:
                name = message.recipient.removeprefix("functions.")
                result["calls"].append({"name": name, "arguments": json.loads(content)})
            else:
                result["reasoning" if message.channel == "analysis" else "content"] += content
        yield case | result


def harmony_texts(generator):
    """Answers as the format has them: thoughts, preambles, calls and a final text."""
    words = ["Hm", "the", "sun", "é", "🚀", "{", "\"", "a\n\nb", "1.5", "to=", "<b>", "final", "日本"]

    def text():
        return " ".join(generator.choice(words) for _ in range(generator.randrange(1, 6)))

    def call():
        arguments = json.dumps({"q": text(), "n": generator.randrange(9)}, ensure_ascii=False)
        name = "functions." + generator.choice(["w", "get_weather", "look-up"])
        mark = generator.choice(["", " <|constrain|>json", " json", "<|constrain|>json"])
        header = generator.choice([
            f"<|channel|>commentary to={name}{mark}", f" to={name}<|channel|>commentary{mark}"])
        return f"{header}<|message|>{arguments}<|call|>"

    def turn():
        parts = []
        for _ in range(generator.randrange(3)):
            channel = generator.choice(["analysis", "analysis", "commentary"])
            parts.append(f"<|channel|>{channel}<|message|>{text()}<|end|>")
        last = f"<|channel|>final<|message|>{text()}<|return|>" if generator.randrange(2) else call()
        return "<|start|>assistant".join([*parts, last])

    while True:
        yield turn()


def harmony_stream(vocab):
    os.environ["TIKTOKEN_ENCODINGS_BASE"] = vocab
    import openai_harmony as oh

    encoding = oh.load_harmony_encoding(oh.HarmonyEncodingName.HARMONY_GPT_OSS)
    generator = random.Random(20261121)
    texts = harmony_texts(generator)
    for number in range(300):
        tokens = encoding.encode(next(texts), allowed_special="all")
        kind = ["whole", "cut", "damaged"][number % 3]
        if kind == "cut":
            tokens = tokens[:generator.randrange(1, len(tokens))]
        for _ in range(generator.randrange(1, 3) if kind == "damaged" else 0):
            place, other = generator.randrange(len(tokens)), generator.randrange(len(tokens))
            change = generator.randrange(3)
            if change == 0 and len(tokens) > 1:
                del tokens[place]
            elif change == 1:
                tokens.insert(other, tokens[place])
            else:
                tokens[place], tokens[other] = tokens[other], tokens[place]
        raw = encoding.decode_bytes(tokens) if hasattr(encoding, "decode_bytes") else None
        text = encoding.decode(tokens)
        if "\ufffd" in text:
            continue
        yield {"family": "gpt-oss", "kind": kind, "response": text,
               "opening": "<|start|>assistant", **harmony_state(oh, encoding, text)}


def harmony_state(oh, encoding, text):
    parser = oh.StreamableParser(encoding, oh.Role.ASSISTANT)
    result = {}
    for token in encoding.encode(text, allowed_special="all"):
        try:
            parser.process(token)
        except Exception as error:
            result["refused"] = str(error)
            break
    messages = [{"channel": m.channel, "recipient": m.recipient, "type": m.content_type,
                 "content": "".join(part.text for part in m.content)} for m in parser.messages]
    if parser.state_data["state"] == "Content":
        messages.append({"channel": parser.current_channel, "recipient": parser.current_recipient,
                         "type": parser.current_content_type, "content": parser.current_content})
    return {"messages": messages, **result}


def mistral():
    from mistral_common.experimental.tools import _decode_tool_calls, _split_content_and_tool_calls
    from mistral_common.experimental.think import _split_content_and_think_chunks
    from mistral_common.tokens.tokenizers.base import SpecialTokenPolicy

    for family, texts in MISTRAL.items():
        tokenizer = mistral_tokenizer(family)
        for text in texts:
            tokens = mistral_ids(tokenizer, text)
            case = {"family": family, "response": text, "opening": ""}
            if tokens[-1] == tokenizer.eos_id:
                tokens = tokens[:-1]
            try:
                call_id = tokenizer.get_special_token("[TOOL_CALLS]")
                content, calls = _split_content_and_tool_calls(tokens, call_id)
                chunks = [(content, False)]
                if family == "mistral-v13":
                    marks = [tokenizer.get_special_token(mark) for mark in ("[THINK]", "[/THINK]")]
                    chunks = _split_content_and_think_chunks(content, *marks)
                parts = {True: "", False: ""}
                for ids, is_thought in chunks:
                    parts[is_thought] += tokenizer.decode(ids, SpecialTokenPolicy.IGNORE) if ids else ""
                result = []
                for call in _decode_tool_calls(calls, tokenizer):
                    entry = {"name": call.function.name, "arguments": json.loads(call.function.arguments)}
                    result.append(entry | ({"id": call.id} if call.id != "null" else {}))
                yield case | {"reasoning": parts[True], "content": parts[False], "calls": result}
            except Exception as error:
                yield case | {"refused": f"{type(error).__name__}: {error}"}


def mistral_tokenizer(family):
    import mistral_common
    from mistral_common.tokens.tokenizers.base import TokenizerVersion
    from mistral_common.tokens.tokenizers.sentencepiece import SentencePieceTokenizer
    from mistral_common.tokens.tokenizers.tekken import Tekkenizer

    data = pathlib.Path(mistral_common.__file__).parent / "data"
    if family == "mistral-v3":
        return SentencePieceTokenizer(data / "mistral_instruct_tokenizer_240323.model.v3")
    # The file's special tokens are those of version 3; later versions name more of them.
    model = json.loads((data / "tekken_240911.json").read_text())
    version = TokenizerVersion("v" + family.rsplit("v", 1)[1])
    names = ["<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]",
             "[TOOL_RESULTS]", "[/TOOL_RESULTS]", "[TOOL_CALLS]", "[ARGS]", "[CALL_ID]",
             "[THINK]", "[/THINK]"]
    special = [{"rank": rank, "token_str": name, "is_control": True} for rank, name in enumerate(names)]
    config = model["config"]
    size = config["default_vocab_size"] - config["default_num_special_tokens"]
    return Tekkenizer(
        model["vocab"][:size], special, pattern=config["pattern"], vocab_size=config["default_vocab_size"],
        num_special_tokens=config["default_num_special_tokens"], version=version)


def mistral_ids(tokenizer, text):
    """The ids of a text in which control tokens are spelled."""
    names = ["[TOOL_CALLS]", "[ARGS]", "[CALL_ID]", "[THINK]", "[/THINK]", "</s>"]
    ids = []
    for piece in re.split("(" + "|".join(map(re.escape, names)) + ")", text):
        if piece == "</s>":
            ids.append(tokenizer.eos_id)
        elif piece in names:
            ids.append(tokenizer.get_special_token(piece))
        elif piece:
            ids += tokenizer.encode(piece, bos=False, eos=False)
    return ids


def transformers_cases():
    from transformers.cli.serving import utils
    from transformers.utils.chat_parsing import parse_response

    template = next(value for key, value in utils._RESPONSE_TEMPLATE_FALLBACKS.items() if "qwen3" in key)
    for opening, text in QWEN:
        header = "<|im_start|>assistant\n" + opening
        case = {"family": "qwen3", "response": text, "opening": header}
        try:
            message = parse_response(text, template, prefix="<|im_start|>user\nHi<|im_end|>\n" + header)
        except Exception as error:
            yield case | {"refused": f"{type(error).__name__}"}
            continue
        calls = [{key: call["function"][key] for key in ("name", "arguments")}
                 for call in message.get("tool_calls", [])]
        yield case | {"reasoning": message.get("reasoning_content") or "",
                      "content": message.get("content") or "", "calls": calls}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vocab", required=True, help="a folder with o200k_base.tiktoken")
    parser.add_argument("--verify", action="store_true")
    options = parser.parse_args()
    files = {
        "harmony": ("openai-harmony", harmony(options.vocab)),
        "harmony-stream": ("openai-harmony", harmony_stream(options.vocab)),
        "mistral": ("mistral-common", mistral()),
        "transformers": ("transformers", transformers_cases()),
    }
    for name, (package, cases) in files.items():
        lines = [{"reference": package, "version": importlib.metadata.version(package)}, *cases]
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        path = OUTPUT / f"{name}.jsonl"
        if options.verify:
            if path.read_text() != text:
                sys.exit(f"{path} is stale")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


if __name__ == "__main__":
    main()
