// SPDX-License-Identifier: Apache-2.0

/// How the models cut text whose GGUF files name only a pre-tokenizer: the `pre_tokenizer` sections
/// of their `tokenizer.json` files, as JSON.
enum GGUFPreTokenizer {
  /// The pre-tokenizer of a name in `tokenizer.ggml.pre`; nil where the name is not known.
  ///
  /// Names are those of llama.cpp's `llama-vocab.cpp`.
  static func json(named name: String) -> String? {
    switch name {
    case "gpt-2", "phi-2", "mpt", "olmo", "jais", "trillion", "default": gpt2
    case "llama3", "llama-v3", "llama-bpe", "falcon3", "pixtral", "dbrx", "smaug-bpe": llama3
    case "qwen2", "deepseek-r1-qwen", "stablelm2", "hunyuan", "megrez": qwen2
    case "starcoder", "refact", "command-r", "smollm", "codeshell", "exaone": starCoder
    case "falcon": falcon
    case "deepseek-coder": deepSeekCoder
    case "deepseek-llm": deepSeekLLM
    default: nil
    }
  }

  /// The names that are known, for messages.
  static let known = [
    "deepseek-coder", "deepseek-llm", "falcon", "gpt-2", "llama-bpe", "mpt", "qwen2", "refact",
    "starcoder",
  ]

  /// Whether a pre-token that is a token is taken whole.
  static func ignoresMerges(_ name: String) -> Bool {
    ["llama3", "llama-v3", "llama-bpe", "falcon3", "pixtral"].contains(name)
  }

  /// GPT-2.
  private static let gpt2 = #"{"type":"ByteLevel","add_prefix_space":false}"#
  /// DeepSeek Coder.
  private static let deepSeekCoder = #"""
    {"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"[\r\n]"},"behavi\#
    or":"Isolated","invert":false},{"type":"Split","pattern":{"Regex":"\\s?\\p{L}+"},"behavi\#
    or":"Isolated","invert":false},{"type":"Split","pattern":{"Regex":"\\s?\\p{P}+"},"behavi\#
    or":"Isolated","invert":false},{"type":"Split","pattern":{"Regex":"[\u4e00-\u9fa5\u0800-\#
    \u4e00\uac00-\ud7ff]+"},"behavior":"Isolated","invert":false},{"type":"Digits","individu\#
    al_digits":true},{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_r\#
    egex":false}]}
    """#
  /// DeepSeek LLM.
  private static let deepSeekLLM = #"""
    {"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"[\r\n]"},"behavi\#
    or":"Isolated","invert":false},{"type":"Split","pattern":{"Regex":"\\s?[A-Za-z\u00b5\u00\#
    c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\u01bc-\u01bf\u01c4-\u0293\u0295-\u02af\u0370-\u0373\\#
    u0376\u0377\u037b-\u037d\u037f\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03f5\u03f7-\#
    \u0481\u048a-\u052f\u0531-\u0556\u10a0-\u10c5\u13a0-\u13f5\u13f8-\u13fd\u1c90-\u1cba\u1c\#
    bd-\u1cbf\u1d00-\u1d2b\u1d6b-\u1d77\u1d79-\u1d9a\u1e00-\u1f15\u1f18-\u1f1d\u1f20-\u1f45\\#
    u1f48-\u1f4d\u1f50-\u1f57\u1f59\u1f5b\u1f5d\u1f5f-\u1f7d\u1f80-\u1fb4\u1fb6-\u1fbc\u1fbe\#
    \u1fc2-\u1fc4\u1fc6-\u1fcc\u1fd0-\u1fd3\u1fd6-\u1fdb\u1fe0-\u1fec\u1ff2-\u1ff4\u1ff6-\u1\#
    ffc\u2102\u2107\u210a-\u2113\u2115\u2119-\u211d\u2124\u2126\u2128\u212a-\u212d\u212f-\u2\#
    134\u2139\u213c-\u213f\u2145-\u2149\u214e\u2183\u2184\u2c00-\u2c7b\u2c7e-\u2ce4\u2ceb-\u\#
    2cee\u2cf2\u2cf3\ua640-\ua66d\ua680-\ua69b\ua722-\ua76f\ua771-\ua787\ua78b-\ua78e\uab70-\#
    \uabbf\ufb00-\ufb06\ufb13-\ufb17\uff21-\uff3a\uff41-\uff5a\ud801\udc00-\ud801\udc4f\ud80\#
    1\udcb0-\ud801\udcd3\ud801\udcd8-\ud801\udcfb\ud803\udc80-\ud803\udcb2\ud803\udcc0-\ud80\#
    3\udcf2\ud806\udca0-\ud806\udcdf\ud83a\udd00-\ud83a\udd43]+"},"behavior":"Isolated","inv\#
    ert":false},{"type":"Split","pattern":{"Regex":"\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2\#
    018-\u201f\u3000-\u3002]+"},"behavior":"Isolated","invert":false},{"type":"Split","patte\#
    rn":{"Regex":"\\s+$"},"behavior":"Isolated","invert":false},{"type":"Split","pattern":{"\#
    Regex":"[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+"},"behavior":"Isolated","invert":fals\#
    e},{"type":"Digits","individual_digits":true},{"type":"ByteLevel","add_prefix_space":fal\#
    se,"trim_offsets":true,"use_regex":false}]}
    """#
  /// Falcon.
  private static let falcon = #"""
    {"type":"Sequence","pretokenizers":[{"type":"Punctuation","behavior":"Contiguous"},{"typ\#
    e":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true},{"type":"D\#
    igits","individual_digits":false},{"type":"Split","pattern":{"Regex":"[0-9][0-9][0-9]"},\#
    "behavior":"Isolated","invert":false}]}
    """#
  /// StarCoder and others that cut digits apart first.
  private static let starCoder = #"""
    {"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},{"type":"\#
    ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}]}
    """#
  /// Llama 3.
  private static let llama3 = #"""
    {"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"(?i:'s|'t|'re|'v\#
    e|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\\#
    s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false},{"type":"ByteLevel"\#
    ,"add_prefix_space":false,"trim_offsets":true,"use_regex":false}]}
    """#
  /// Qwen 2 and 3.
  private static let qwen2 = #"""
    {"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"(?i:'s|'t|'re|'v\#
    e|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\\#
    r\\n]+|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false},{"type":"ByteLevel","add\#
    _prefix_space":false,"trim_offsets":false,"use_regex":false}]}
    """#
}
