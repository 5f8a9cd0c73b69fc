#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the tiny random models that the reference transformer is held against, and what
transformers and torch compute with them.

    pip install torch transformers safetensors gguf
    Scripts/generate_transformer_fixtures.py Tests/Fixtures/Transformer

Each model is a folder: config.json, weights as safetensors and as GGUF, and expected.json with
logits in float32 for prompts of 1, 7, 64 and 300 tokens and 200 greedy tokens. sampling.json holds
what transformers' logits processors make of one row of logits. chat holds a model that can be
talked to, as GGUF alone: bytes are its tokens, and it has a chat template; expected.json has the
prompt that transformers makes of a question, and the greedy tokens after it.
"""

import base64
import json
import pathlib
import sys

import gguf
import numpy
import safetensors.torch
import torch
import transformers

PROMPTS = [1, 7, 64, 300]
GREEDY = 200
# A token that wins by less could lose to another order of additions.
SMALLEST_LEAD = 2e-3

COMMON = dict(
    vocab_size=96, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
    num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512,
    rms_norm_eps=1e-5, bos_token_id=1, eos_token_id=2, initializer_range=0.15)

LLAMA3 = {
    "rope_type": "llama3", "rope_theta": 10000.0, "factor": 8.0, "low_freq_factor": 1.0,
    "high_freq_factor": 4.0, "original_max_position_embeddings": 64}

# name: configuration class, its own settings, type of the weights, shards
MODELS = {
    "llama": (
        transformers.LlamaConfig,
        dict(tie_word_embeddings=False, rope_parameters=LLAMA3), "F32", 1),
    "llama-linear": (
        transformers.LlamaConfig,
        dict(tie_word_embeddings=True, num_key_value_heads=4, attention_bias=True,
             rope_parameters={"rope_type": "linear", "rope_theta": 5000.0, "factor": 4.0}),
        "BF16", 3),
    "mistral": (
        transformers.MistralConfig,
        dict(tie_word_embeddings=False, head_dim=16, sliding_window=20, num_key_value_heads=1,
             rope_parameters={"rope_type": "default", "rope_theta": 10000.0}), "F16", 1),
    "qwen2": (
        transformers.Qwen2Config,
        dict(tie_word_embeddings=True,
             rope_parameters={"rope_type": "default", "rope_theta": 1000000.0}), "F32", 1),
    # GGUF cannot say which layers of a Qwen have a window.
    "qwen2-window": (
        transformers.Qwen2Config,
        dict(tie_word_embeddings=True, use_sliding_window=True, sliding_window=24,
             max_window_layers=1,
             rope_parameters={"rope_type": "default", "rope_theta": 1000000.0}), "BF16", 1),
    "qwen3": (
        transformers.Qwen3Config,
        dict(tie_word_embeddings=False, head_dim=16,
             rope_parameters={"rope_type": "default", "rope_theta": 1000000.0}), "Q8_0", 1),
}


def build(name, seed):
    kind, settings, storage, _ = MODELS[name]
    torch.manual_seed(seed)
    configuration = kind(**{**COMMON, **settings})
    configuration._attn_implementation = "eager"
    model = transformers.AutoModelForCausalLM.from_config(configuration).float().eval()
    with torch.no_grad():
        for tensor_name, tensor in model.named_parameters():
            if "norm" in tensor_name:
                tensor.copy_(1 + 0.3 * torch.randn_like(tensor))
            elif tensor_name.endswith("bias"):
                tensor.copy_(0.3 * torch.randn_like(tensor))
            tensor.copy_(stored(tensor, storage))
    return model


def stored(tensor, storage):
    """The values that are left after a tensor was stored in a type."""
    if storage == "F16":
        return tensor.half().float()
    if storage == "BF16":
        return tensor.bfloat16().float()
    if storage == "Q8_0" and tensor.dim() == 2:
        kind = gguf.GGMLQuantizationType.Q8_0
        packed = gguf.quants.quantize(tensor.numpy(), kind)
        return torch.from_numpy(gguf.quants.dequantize(packed, kind).copy())
    return tensor


def prompt(length):
    """Ids that anyone can compute: no random generator to agree on."""
    return [(7 * i * i + 11 * i + 5) % COMMON["vocab_size"] for i in range(length)]


@torch.no_grad()
def expectation(model):
    """Logits and greedy tokens, or None where two tokens come too close."""
    prompts = []
    for length in PROMPTS:
        logits = model(torch.tensor([prompt(length)])).logits[0]
        positions = sorted({0, length // 2, length - 1})
        prompts.append({
            "length": length,
            "rows": [{"position": p, "logits": encode(logits[p].numpy())} for p in positions]})
    ids = prompt(7)
    for _ in range(GREEDY):
        row = model(torch.tensor([ids])).logits[0, -1]
        best = torch.topk(row, 2).values
        if best[0] - best[1] < SMALLEST_LEAD:
            return None
        ids.append(int(row.argmax()))
    log_probabilities = torch.log_softmax(
        model(torch.tensor([prompt(64)])).logits[0, :-1].double(), -1)
    targets = torch.tensor(prompt(64)[1:])
    return {
        "prompts": prompts, "greedy": ids[7:],
        "log_probabilities": encode(
            log_probabilities.gather(-1, targets[:, None])[:, 0].float().numpy())}


def encode(row):
    """Little-endian float32 in Base64."""
    return base64.b64encode(row.astype("<f4").tobytes()).decode()


def write_safetensors(model, folder, storage, shards):
    kinds = {"F16": torch.float16, "BF16": torch.bfloat16}
    tensors = {
        name: tensor.detach().to(kinds.get(storage, torch.float32)).contiguous()
        for name, tensor in model.state_dict().items()
        if not (name == "lm_head.weight" and model.config.tie_word_embeddings)}
    if shards == 1:
        safetensors.torch.save_file(tensors, folder / "model.safetensors", {"format": "pt"})
        return
    names = sorted(tensors)
    files = {}
    for shard in range(shards):
        part = names[shard::shards]
        file = f"model-{shard + 1:05}-of-{shards:05}.safetensors"
        safetensors.torch.save_file(
            {name: tensors[name] for name in part}, folder / file, {"format": "pt"})
        files.update({name: file for name in part})
    total = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
    (folder / "model.safetensors.index.json").write_text(
        json.dumps({"metadata": {"total_size": total}, "weight_map": files}, indent=1))


GGUF_NAMES = {
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down"}


def gguf_name(name):
    fixed = {"model.embed_tokens.weight": "token_embd.weight",
             "model.norm.weight": "output_norm.weight", "lm_head.weight": "output.weight"}
    if name in fixed:
        return fixed[name]
    _, _, layer, rest = name.split(".", 3)
    stem, ending = rest.rsplit(".", 1)
    return f"blk.{layer}.{GGUF_NAMES[stem]}.{ending}"


def interleaved(rows, heads):
    """The row order of llama.cpp's llama files: the two halves of a head alternate."""
    return (rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:])
            .swapaxes(1, 2).reshape(rows.shape))


def write_gguf(model, path, storage, add_more=lambda writer: None):
    configuration = model.config
    kind = configuration.model_type
    architecture = "llama" if kind == "mistral" else kind
    head_size = getattr(configuration, "head_dim", None) or (
        configuration.hidden_size // configuration.num_attention_heads)
    rope = configuration.rope_parameters
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_context_length(configuration.max_position_embeddings)
    writer.add_embedding_length(configuration.hidden_size)
    writer.add_block_count(configuration.num_hidden_layers)
    writer.add_feed_forward_length(configuration.intermediate_size)
    writer.add_head_count(configuration.num_attention_heads)
    writer.add_head_count_kv(configuration.num_key_value_heads)
    writer.add_layer_norm_rms_eps(configuration.rms_norm_eps)
    writer.add_rope_freq_base(rope["rope_theta"])
    writer.add_rope_dimension_count(head_size)
    writer.add_key_length(head_size)
    writer.add_value_length(head_size)
    writer.add_vocab_size(configuration.vocab_size)
    add_more(writer)
    if kind == "mistral":
        writer.add_sliding_window(configuration.sliding_window)
    if rope["rope_type"] == "linear":
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(rope["factor"])
    if rope["rope_type"] == "llama3":
        plain = 1 / rope["rope_theta"] ** (torch.arange(0, head_size, 2).float() / head_size)
        factors = plain / model.model.rotary_emb.inv_freq
        writer.add_tensor("rope_freqs.weight", factors.numpy().astype(numpy.float32))
    kinds = {name: getattr(gguf.GGMLQuantizationType, name) for name in ("F16", "BF16", "Q8_0")}
    for name, tensor in model.state_dict().items():
        if name == "lm_head.weight" and configuration.tie_word_embeddings:
            continue
        values = tensor.detach().numpy()
        if architecture == "llama" and ".q_proj." in name:
            values = interleaved(values, configuration.num_attention_heads)
        if architecture == "llama" and ".k_proj." in name:
            values = interleaved(values, configuration.num_key_value_heads)
        if values.ndim == 2 and storage in kinds:
            packed = gguf.quants.quantize(values, kinds[storage])
            writer.add_tensor(gguf_name(name), packed, raw_dtype=kinds[storage])
        else:
            writer.add_tensor(gguf_name(name), values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if message['role'] == 'user' %}<|user|>{% else %}<|assistant|>{% endif %}"
    "{{ message['content'] }}{{ eos_token }}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}")
CHAT_CONTROL = ["<s>", "</s>", "<|user|>", "<|assistant|>"]
QUESTION = "How are you?"


def add_byte_tokenizer(writer):
    """A token for each byte, in the spelling of byte-level vocabularies, and the control tokens."""
    plain = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = iter(range(256, 512))
    letters = [chr(byte if byte in plain else next(others)) for byte in range(256)]
    tokens = letters + CHAT_CONTROL
    kinds = [gguf.TokenType.NORMAL] * 256 + [gguf.TokenType.CONTROL] * len(CHAT_CONTROL)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens + ["th"])
    writer.add_token_types(kinds + [gguf.TokenType.NORMAL])
    writer.add_token_merges(["t h"])
    writer.add_bos_token_id(256)
    writer.add_eos_token_id(257)
    writer.add_eot_token_id(258)
    writer.add_chat_template(CHAT_TEMPLATE)


def chat_expectation(model):
    """The prompt of a question, and what greedy decoding writes up to an end token."""
    text = transformers.utils.chat_template_utils.render_jinja_template(
        [[{"role": "user", "content": QUESTION}]], chat_template=CHAT_TEMPLATE,
        add_generation_prompt=True, bos_token="<s>", eos_token="</s>")[0][0]
    ids = [256, 258, *QUESTION.encode(), 257, 259]
    answer = []
    while len(answer) < 40:
        row = model(torch.tensor([ids + answer])).logits[0, -1]
        best = torch.topk(row, 2).values
        if best[0] - best[1] < SMALLEST_LEAD:
            return None
        answer.append(int(row.argmax()))
        if answer[-1] in (257, 258):
            return {"question": QUESTION, "prompt": text, "ids": ids, "answer": answer}
    return None


def write_chat(root, versions):
    """The first random model that ends its answer by itself, after some tokens."""
    for seed in range(1, 1000):
        torch.manual_seed(seed)
        model = transformers.LlamaForCausalLM(transformers.LlamaConfig(
            **{**COMMON, "vocab_size": 261}, tie_word_embeddings=True,
            rope_parameters={"rope_type": "default", "rope_theta": 10000.0})).eval()
        with torch.no_grad():
            for tensor in model.parameters():
                tensor.copy_(stored(tensor, "F16"))
            expected = chat_expectation(model)
        if expected is not None and len(expected["answer"]) > 3:
            break
    folder = root / "chat"
    folder.mkdir(exist_ok=True)
    write_gguf(model, folder / "model.gguf", "F16", add_byte_tokenizer)
    (folder / "expected.json").write_text(
        json.dumps({"made_by": {**versions, "seed": seed}, **expected}) + "\n")
    print("chat seed", seed, len(expected["answer"]), "tokens")


def sampling():
    """What the logits processors leave, in the order in which generate() applies them."""
    torch.manual_seed(5)
    logits = (3 * torch.randn(1, 40)).float()
    previous = torch.tensor([[3, 17, 17, 29, 8]])
    cases = []
    for settings in [
        {}, {"temperature": 0.7}, {"top_k": 5}, {"top_p": 0.8}, {"min_p": 0.1},
        {"repetition_penalty": 1.4}, {"top_p": 0.05}, {"top_k": 100},
        {"repetition_penalty": 1.2, "temperature": 1.5, "top_k": 20, "top_p": 0.95,
         "min_p": 0.03}]:
        row = logits.clone()
        if "repetition_penalty" in settings:
            row = transformers.RepetitionPenaltyLogitsProcessor(
                settings["repetition_penalty"])(previous, row)
        if "temperature" in settings:
            row = transformers.TemperatureLogitsWarper(settings["temperature"])(previous, row)
        if "top_k" in settings:
            row = transformers.TopKLogitsWarper(settings["top_k"])(previous, row)
        if "top_p" in settings:
            row = transformers.TopPLogitsWarper(settings["top_p"])(previous, row)
        if "min_p" in settings:
            row = transformers.MinPLogitsWarper(settings["min_p"])(previous, row)
        cases.append({**settings, "probabilities": encode(torch.softmax(row, -1)[0].numpy())})
    return {"logits": encode(logits[0].numpy()), "previous": previous[0].tolist(), "cases": cases}


def main():
    torch.set_num_threads(1)
    root = pathlib.Path(sys.argv[1])
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    for name, (_, _, storage, shards) in MODELS.items():
        folder = root / name
        folder.mkdir(parents=True, exist_ok=True)
        for seed in range(1, 1000):
            model = build(name, seed)
            expected = expectation(model)
            if expected is not None:
                break
        model.config.save_pretrained(folder)
        write_safetensors(model, folder, storage, shards)
        if name != "qwen2-window":
            write_gguf(model, folder / "model.gguf", storage)
        (folder / "expected.json").write_text(
            json.dumps({"made_by": {**versions, "seed": seed}, **expected}) + "\n")
        print(name, "seed", seed, sum(file.stat().st_size for file in folder.iterdir()), "bytes")
    write_chat(root, versions)
    (root / "sampling.json").write_text(json.dumps({"made_by": versions, **sampling()}) + "\n")


if __name__ == "__main__":
    main()
