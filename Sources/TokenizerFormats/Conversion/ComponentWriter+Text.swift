// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import OrderedJSON
import TextNormalization
import TextPrimitives
import Tokenization

// MARK: - Normalizers

extension ComponentWriter {
  mutating func normalizer(_ normalizer: Normalizer?) -> JSONValue {
    switch normalizer {
    case nil: return .null
    case .sequence(let steps):
      var parts: [JSONValue] = []
      for step in steps { parts.append(self.normalizer(step)) }
      return Self.component("Sequence", ["normalizers": .array(parts)])
    case .unicode(let normalizer): return unicode(normalizer)
    case .lowercase: return Self.component("Lowercase")
    case .stripAccents: return Self.component("StripAccents")
    case .strip(let left, let right):
      return Self.component("Strip", ["strip_left": .bool(left), "strip_right": .bool(right)])
    case .prepend(let prefix): return Self.component("Prepend", ["prepend": Self.text(prefix)])
    case .replace(let pattern, let content):
      return Self.component(
        "Replace", ["pattern": self.pattern(pattern), "content": Self.text(content)])
    case .nmt: return Self.component("Nmt")
    case .precompiled(let charsmap):
      return Self.component("Precompiled", ["precompiled_charsmap": Self.base64(charsmap.blob)])
    case .bert(let cleansText, let separatesChinese, let stripsAccents, let lowercases):
      return Self.component(
        "BertNormalizer",
        [
          "clean_text": .bool(cleansText), "handle_chinese_chars": .bool(separatesChinese),
          "strip_accents": stripsAccents.map { .bool($0) } ?? .null,
          "lowercase": .bool(lowercases),
        ])
    case .byteLevel: return Self.component("ByteLevel")
    case .sentencePiece(let normalizer): return sentencePiece(normalizer)
    }
  }

  static func base64(_ bytes: [UInt8]) -> JSONValue {
    .string(ExactString(String(decoding: Base64.encode(bytes), as: UTF8.self)))
  }

  private mutating func unicode(_ normalizer: UnicodeNormalizer) -> JSONValue {
    if normalizer.version != .huggingFace {
      lose(
        "normalizer", "Unicode \(normalizer.version.major).\(normalizer.version.minor)",
        "Python's tokenizers normalizes with Unicode 9")
    }
    switch normalizer.form {
    case .nfc: return Self.component("NFC")
    case .nfd: return Self.component("NFD")
    case .nfkc: return Self.component("NFKC")
    case .nfkd: return Self.component("NFKD")
    }
  }

  /// What a NormalizerSpec asks for, in steps that do the same.
  private mutating func sentencePiece(_ spec: SentencePieceNormalizer) -> JSONValue {
    var steps: [JSONValue] = []
    if let charsmap = spec.charsmap {
      let table = CharsmapSteps(spec, charsmap)
      if let replacements = table.replacements {
        steps += replacements.map { Self.replace($0.pattern, with: $0.text) }
      } else {
        lose(
          "normalizer_spec.precompiled_charsmap", "\(charsmap.blob.count) bytes",
          table.difference)
        steps.append(normalizer(.precompiled(charsmap)))
      }
    }
    if spec.removesExtraSpaces {
      // Marks at the end of the text go as spaces do.
      let trailing = spec.escapesSpaces ? "[ ▁]" : " "
      steps.append(Self.replace(#"\A +|\#(trailing)+\z"#, with: []))
      steps.append(Self.replace(" {2,}", with: [0x20]))
    }
    if spec.addsDummyPrefix {
      steps.append(normalizer(.prepend(spec.escapesSpaces ? Metaspace.utf8 : [0x20])))
    }
    if spec.escapesSpaces {
      steps.append(normalizer(.replace(.literal([0x20]), with: Metaspace.utf8)))
    }
    return steps.isEmpty ? .null : Self.component("Sequence", ["normalizers": .array(steps)])
  }
}

extension ComponentWriter {
  private static func replace(_ pattern: String, with text: [UInt8]) -> JSONValue {
    component(
      "Replace",
      ["pattern": ["Regex": .string(ExactString(pattern))], "content": self.text(text)])
  }
}

// MARK: - Pre-tokenizers

extension ComponentWriter {
  mutating func preTokenizer(_ preTokenizer: PreTokenizer?) -> JSONValue {
    switch preTokenizer {
    case nil: return .null
    case .sequence(let steps):
      var parts: [JSONValue] = []
      for step in steps { parts.append(self.preTokenizer(step)) }
      return Self.component("Sequence", ["pretokenizers": .array(parts)])
    case .byteLevel(let pattern, let addsPrefixSpace):
      return byteLevel(pattern, addsPrefixSpace)
    case .metaspace(let replacement, let prepend, let splits):
      return Self.component(
        "Metaspace",
        [
          "replacement": Self.text(replacement),
          "prepend_scheme": .string(ExactString(prepend.rawValue)), "split": .bool(splits),
        ])
    case .split(let pattern, let behavior, let isInverted):
      return Self.component(
        "Split",
        [
          "pattern": self.pattern(pattern), "behavior": .string(ExactString(behavior.rawValue)),
          "invert": .bool(isInverted),
        ])
    case .digits(let individually):
      return Self.component("Digits", ["individual_digits": .bool(individually)])
    case .punctuation(let behavior):
      return Self.component("Punctuation", ["behavior": .string(ExactString(behavior.rawValue))])
    case .whitespace: return Self.component("Whitespace")
    case .whitespaceSplit: return Self.component("WhitespaceSplit")
    case .delimiter(let scalar):
      return Self.component("CharDelimiterSplit", ["delimiter": Self.text(scalar)])
    case .unicodeScripts: return Self.component("UnicodeScripts")
    case .bert: return Self.component("BertPreTokenizer")
    case .fixedLength(let length):
      return Self.component("FixedLength", ["length": .integer(length)])
    }
  }

  private mutating func byteLevel(_ pattern: SplitPattern?, _ addsPrefixSpace: Bool) -> JSONValue {
    if let pattern, pattern.source != ComponentNode.byteLevelPattern {
      lose("pre_tokenizer", "'\(pattern.source)'", "ByteLevel has GPT-2's pattern")
    }
    return Self.component(
      "ByteLevel",
      [
        "add_prefix_space": .bool(addsPrefixSpace), "trim_offsets": true,
        "use_regex": .bool(pattern != nil),
      ])
  }
}
