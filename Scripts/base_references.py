# SPDX-License-Identifier: Apache-2.0
"""The references of base models: the tokenizers that put something, or nothing, before a text.

A base model has no chat template. Its prompt for one plain user message is what its tokenizer makes
of that text; anything else is refused, as transformers refuses `apply_chat_template` there.
"""
import functools
import json
import os
import pathlib
import subprocess
import sys

from base_tokenizers import APERTUS, COPIES, SETTINGS, makers_class, over_bytes
from family_references import LlamaModels, Refused, Unsupported

# Prints the tokens of each text on stdin, with and without what the tokenizer adds by itself.
IN_ANOTHER_VERSION = """
import json, sys, transformers
tokenizer = transformers.AutoTokenizer.from_pretrained(sys.argv[1])
tokens = lambda text, special: tokenizer.convert_ids_to_tokens(
    tokenizer(text, add_special_tokens=special).input_ids)
print(json.dumps([
    f"transformers {transformers.__version__}, {type(tokenizer).__name__}",
    [[tokens(text, True), tokens(text, False)] for text in json.load(sys.stdin)]]))
"""


class Completion:
    """What a tokenizer writes before a text, seen by encoding it with and without special tokens."""

    def __init__(self, by, tokens, refuses):
        self.by = by
        self.tokens = tokens
        self.refuses = refuses

    def render(self, request):
        messages = request["messages"]
        if [m["role"] for m in messages] != ["user"]:
            self.refuses(request)
            raise SystemExit(f"{self.by} takes a chat, a base model's tokenizer must not")
        text = messages[0]["content"]
        if not isinstance(text, str) or request.get("tools") or request.get("documents"):
            raise Unsupported()
        whole, bare = self.tokens(text, True), self.tokens(text, False)
        first = whole[:len(whole) - len(bare)]
        if first + bare != whole:
            raise SystemExit(f"{self.by} adds to the end of {text!r}")
        return "".join(first) + text


def transformers_tokenizer(tokenizer, name):
    import transformers

    def tokens(text, special):
        return tokenizer.convert_ids_to_tokens(
            tokenizer(text, add_special_tokens=special).input_ids)

    return Completion(
        f"transformers {transformers.__version__}, {type(tokenizer).__name__} of {name}",
        tokens, functools.partial(refused_without_template, tokenizer))


def refused_without_template(tokenizer, request):
    """transformers has no template for a base model; its words name its own documentation."""
    try:
        tokenizer.apply_chat_template(request["messages"], tokenize=False)
    except ValueError:
        raise Refused()


def folder(path, name):
    from transformers import AutoTokenizer, PreTrainedTokenizerFast
    if os.path.exists(os.path.join(path, "tokenizer_config.json")):
        return transformers_tokenizer(AutoTokenizer.from_pretrained(path), name)
    file = os.path.join(path, "tokenizer.json")
    return transformers_tokenizer(PreTrainedTokenizerFast(tokenizer_file=file), name)


def gemma():
    """Gemma's own class. The maker's conversion scripts create it with add_bos_token=True; its first
    token does not depend on the vocabulary, which here holds the bytes alone."""
    from transformers import GemmaTokenizer
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    vocabulary = special + [f"<0x{byte:02X}>" for byte in range(256)]
    return transformers_tokenizer(
        GemmaTokenizer(vocab={t: i for i, t in enumerate(vocabulary)}, add_bos_token=True),
        "google/gemma")


def granite(path):
    """Granite 3's class, over the vocabulary that it took from StarCoder."""
    from transformers import GPT2Tokenizer
    model = json.load(open(os.path.join(path, "tokenizer.json"), encoding="utf-8"))["model"]
    merges = [tuple(m.split(" ")) if isinstance(m, str) else tuple(m) for m in model["merges"]]
    end = "<|end_of_text|>"
    return transformers_tokenizer(
        GPT2Tokenizer(model["vocab"], merges, unk_token=end, bos_token=end, eos_token=end),
        "ibm-granite/granite-3.3")


def another_version(packages, path, name):
    """A tokenizer whose settings only another version of transformers reads as its maker did."""
    def ask(texts):
        run = subprocess.run(
            [sys.executable, "-c", IN_ANOTHER_VERSION, os.path.abspath(path)],
            input=json.dumps(texts), capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONPATH": os.path.abspath(packages)})
        return json.loads(run.stdout.splitlines()[-1])

    def tokens(text, special):
        return ask([text])[1][0][0 if special else 1]

    def refuses(request):
        raise Refused()

    return Completion(f"{ask([])[0]} of {name}", functools.cache(tokens), refuses)


def llama_models(version, checkout):
    """Meta's own code: a text without roles is encoded by encode_content."""
    model = LlamaModels(version, checkout)

    def tokens(text, special):
        ids = (model.format.encode_content(text).tokens if special
               else model.format.tokenizer.encode(text, bos=False, eos=False))
        return [model.format.tokenizer.decode([token]) for token in ids]

    def refuses(request):
        raise Refused()

    return Completion(f"llama-models, llama{version} encode_content", tokens, refuses)


def copied(name, folder):
    """A published copy of a model's tokenizer.json."""
    from transformers import PreTrainedTokenizerFast
    model, files, where = COPIES[name]
    file = os.path.join(folder, name.removesuffix("-base"), files[0])
    return transformers_tokenizer(
        PreTrainedTokenizerFast(tokenizer_file=file), f"{model}, copy: {where}")


def apertus(path):
    """Apertus' ids are published in transformers' test of the model; Mistral's v3 tekken, whose
    vocabulary it took, gives the same."""
    from transformers import PreTrainedTokenizerFast
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=os.path.join(path, "tokenizer.json"))
    text, ids = APERTUS
    if tokenizer(text).input_ids != ids:
        raise SystemExit("this is not the tokenizer of swiss-ai/Apertus")
    return transformers_tokenizer(
        tokenizer, "swiss-ai/Apertus, ids: huggingface/transformers "
        "tests/models/apertus/test_modeling_apertus.py")


def all_of_mistral(vocab):
    """One family for all of Mistral's base models, as long as all versions begin alike."""
    from transformers import PreTrainedTokenizerFast
    for version in ("mistral-v1", "mistral-v3", "mistral-v7", "tekken-240718"):
        file = os.path.join(vocab, version, "tokenizer.json")
        tokenizer = PreTrainedTokenizerFast(tokenizer_file=file)
        first = tokenizer.convert_ids_to_tokens(tokenizer("a").input_ids)[0]
        if first != "<s>":
            raise SystemExit(f"{version} begins with {first!r}")
    return folder(os.path.join(vocab, "mistral-v1"), "mistral-v1")


def base_reference(name, options):
    """The reference of a base family, or None where its files are not at hand."""
    vocabularies = {
        "llama-2-base": "llama-2", "qwen2.5-base": "qwen3", "qwen3-base": "qwen3",
        "falcon-base": "falcon",
    }
    if name in ("gemma-2-base", "gemma-3-base", "gemma-4-base"):
        return gemma()
    if name in SETTINGS:
        return transformers_tokenizer(*over_bytes(name))
    if name in COPIES:
        if not options.tokenizers:
            return None
        if COPIES[name][1][0] == "tokenizer.json":
            return copied(name, options.tokenizers)
        if not options.transformers_4:
            return None
        return makers_class(name, options.transformers_4, options.tokenizers, Completion)
    if name in ("llama-3-base", "llama-4-base"):
        checkout = options.llama_models
        return llama_models(name[6], str(pathlib.Path(checkout).absolute())) if checkout else None
    if name == "deepseek-v3-base":
        if not (options.transformers_4 and options.deepseek):
            return None
        return another_version(options.transformers_4, options.deepseek, "deepseek-ai/DeepSeek-V3")
    if not options.vocab:
        return None
    if name == "granite-3.3-base":
        return granite(os.path.join(options.vocab, "starcoder"))
    if name == "apertus-base":
        return apertus(os.path.join(options.vocab, "tekken-240718"))
    if name == "mistral-base":
        return all_of_mistral(options.vocab)
    if name in vocabularies:
        return folder(os.path.join(options.vocab, vocabularies[name]), vocabularies[name])
    return None
