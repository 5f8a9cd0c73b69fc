# SPDX-License-Identifier: Apache-2.0
"""Tokenizers of base models that Hugging Face's own folder of the model is not at hand for.

Three kinds, by what is published where it can be read:

* copies of a model's tokenizer in public repositories (`--tokenizers FOLDER`, COPIES): run as they are;
* the maker's own class (COPIES, too): its build_inputs_with_special_tokens is asked, in
  transformers 4, which those classes were written for;
* settings alone (SETTINGS): the class of transformers that they name, over the 256 bytes. What a
  tokenizer puts first does not depend on the rest of its vocabulary.
"""
import base64
import functools
import json
import os
import subprocess
import sys
import tempfile

from family_references import Refused

# Family: model, the folder's files and where they were found.
COPIES = {
    "smollm2-base": (
        "HuggingFaceTB/SmolLM2", ["tokenizer.json"],
        "AtulDeshpande09/Fine-tuned-Economics-QA-using-smolLM model/"),
    "phi-2-base": (
        "microsoft/phi-2", ["tokenizer.json", "tokenizer_config.json"],
        "microsoft/onnxruntime-extensions test/data/phi-2/"),
    "internlm2-base": (
        "InternLM2Tokenizer", ["tokenization_internlm2.py", "tokenizer.model"],
        "InternLM/InternEvo transformers/internlm2_model/; tokenizer.model: "
        "sophgo/LLM-TPU models/InternVL2/token_config/"),
    "glm-4.5-base": (
        "ChatGLM4Tokenizer",
        ["tokenization_chatglm.py", "tokenizer.model", "tokenizer_config.json"],
        "sophgo/LLM-TPU models/GLM4/token_config/"),
    "kimi-k2-base": (
        "TikTokenTokenizer", ["tokenization_kimi.py"], "troy12x/quasar-kimi; over the 256 bytes"),
}

# Family: model, class, its settings and where they were read.
SETTINGS = {
    "yi-1.5-base": (
        "01-ai/Yi", "LlamaTokenizer", {"bos_token": "<|startoftext|>", "add_bos_token": False},
        "sophgo/LLM-TPU models/Yi34B/token_config/tokenizer_config.json"),
    "lfm2-base": (
        "LiquidAI/LFM2", "LlamaTokenizer", {"bos_token": "<|startoftext|>", "add_bos_token": True},
        "the ids in huggingface/transformers tests/models/lfm2_moe/test_modeling_lfm2_moe.py"),
    "granite-4.0-base": (
        "ibm-granite/granite-4.0", "GPT2Tokenizer",
        {"bos_token": "<|end_of_text|>", "add_bos_token": False},
        "the GGUF metadata in ggml-org/llama.cpp#22101"),
    "olmo-3-base": (
        "allenai/Olmo-3", "GPT2Tokenizer", {"bos_token": None},
        "allenai/OLMo-core src/olmo_core/data/tokenizer.py"),
    "smollm3-base": (
        "HuggingFaceTB/SmolLM3-3B", "PreTrainedTokenizerFast", {"bos_token": None},
        "microsoft/onnxruntime-extensions test/data/v5/smollm3/"),
    "falcon3-base": (
        "tiiuae/Falcon3", "PreTrainedTokenizerFast", {"bos_token": None},
        "Lightning-AI/litgpt tests/test_tokenizer.py"),
    "qwen3.5-base": (
        "Qwen/Qwen3.5", "Qwen2Tokenizer", {"bos_token": None, "add_bos_token": False},
        "sophgo/LLM-TPU models/Qwen3_5/config/tokenizer_config.json"),
}

# A published encoding that a tokenizer with a first token has to give: the text and its ids.
APERTUS = (
    "Simply put, the theory of relativity states that ",
    [1, 13517, 7072, 4283, 1044, 1278, 9191, 1307, 115847, 8164, 1455, 1032])

# Prints the tokens of one text, with and without what the maker's class adds to them.
MAKERS_CLASS = """
import importlib.util, json, sys
import transformers
path, name, settings = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
spec = importlib.util.spec_from_file_location("published", path)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
if "added_tokens_decoder" in settings:
    settings["added_tokens_decoder"] = {
        int(id): transformers.AddedToken(text, special=True)
        for id, text in settings["added_tokens_decoder"].items()}
tokenizer = getattr(module, name)(**settings)
bare = tokenizer.convert_tokens_to_ids(tokenizer.tokenize(json.load(sys.stdin)))
whole = tokenizer.build_inputs_with_special_tokens(bare)
text = lambda ids: [
    t.decode("latin-1") if isinstance(t, bytes) else t for t in tokenizer.convert_ids_to_tokens(ids)]
print(json.dumps([f"transformers {transformers.__version__}", text(whole), text(bare)]))
"""


def over_bytes(name):
    """transformers' class with the settings that were read, over a vocabulary of bytes."""
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    model, kind, settings, where = SETTINGS[name]
    if kind == "LlamaTokenizer":
        letters = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    else:
        letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: id for id, letter in enumerate(letters)}
    if kind == "PreTrainedTokenizerFast":
        plain = Tokenizer(models.BPE(vocabulary, []))
        plain.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        plain.decoder = decoders.ByteLevel()
        tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=plain, **settings)
    else:
        tokenizer = getattr(transformers, kind)(vocab=vocabulary, merges=[], **settings)
    return tokenizer, f"{model}, settings: {where}"


def makers_class(name, packages, folder, completion):
    """The maker's class, in the version of transformers that it was written for."""
    kind, files, where = COPIES[name]
    paths = [os.path.abspath(os.path.join(folder, name.removesuffix("-base"), f)) for f in files]
    settings = {}
    if name == "kimi-k2-base":
        scratch = tempfile.mkdtemp()
        paths.append(os.path.join(scratch, "tiktoken.model"))
        with open(paths[-1], "wb") as out:
            for byte in range(256):
                out.write(base64.b64encode(bytes([byte])) + b" %d\n" % byte)
        settings = {
            "unk_token": "[UNK]", "pad_token": "[PAD]",
            "added_tokens_decoder": {256: "[BOS]", 257: "[EOS]", 258: "[UNK]", 259: "[PAD]"}}
    if len(files) > 2:
        added = json.load(open(paths[2], encoding="utf-8"))["added_tokens_decoder"]
        settings["added_tokens_decoder"] = {id: token["content"] for id, token in added.items()}
    settings["vocab_file"] = paths[1]

    @functools.cache
    def ask(text):
        run = subprocess.run(
            [sys.executable, "-c", MAKERS_CLASS, paths[0], kind, json.dumps(settings)],
            input=json.dumps(text), capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONPATH": os.path.abspath(packages)})
        return json.loads(run.stdout.splitlines()[-1])

    def refuses(request):
        raise Refused()

    return completion(
        f"{ask('')[0]}, the maker's {kind}: {where}",
        lambda text, special: ask(text)[1 if special else 2], refuses)
