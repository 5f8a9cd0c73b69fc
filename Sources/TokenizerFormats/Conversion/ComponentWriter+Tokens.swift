// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives
import Tokenization

// MARK: - Post-processors

extension ComponentWriter {
  func postProcessor(_ processor: PostProcessor?) -> JSONValue {
    switch processor {
    case nil: .null
    case .sequence(let steps):
      Self.component("Sequence", ["processors": .array(steps.map { postProcessor($0) })])
    case .byteLevel(let trimsOffsets, let addsPrefixSpace):
      Self.component(
        "ByteLevel",
        [
          "add_prefix_space": .bool(addsPrefixSpace), "trim_offsets": .bool(trimsOffsets),
          "use_regex": true,
        ])
    case .bert(let separator, let classifier):
      Self.component("BertProcessing", ["sep": pair(separator), "cls": pair(classifier)])
    case .roberta(let separator, let classifier, let trimsOffsets, let addsPrefixSpace):
      Self.component(
        "RobertaProcessing",
        [
          "sep": pair(separator), "cls": pair(classifier), "trim_offsets": .bool(trimsOffsets),
          "add_prefix_space": .bool(addsPrefixSpace),
        ])
    case .template(let template): templateProcessor(template)
    }
  }

  private func pair(_ token: PostProcessor.Token) -> JSONValue {
    .array([name(token.id), .integer(Int(token.id))])
  }

  private func templateProcessor(_ template: TemplateProcessor) -> JSONValue {
    var tokens = JSONObject()
    func pieces(_ pieces: [TemplateProcessor.Piece]) -> JSONValue {
      .array(
        pieces.map { piece in
          switch piece {
          case .sequence(let index, let typeID):
            return [
              "Sequence": ["id": index == 0 ? "A" : "B", "type_id": .integer(Int(typeID))]
            ]
          case .special(let ids, let typeID):
            let names = ids.map { name($0) }
            let key = ExactString(names.compactMap(\.string?.string).joined(separator: " "))
            tokens[key] = [
              "id": .string(key), "ids": .array(ids.map { .integer(Int($0)) }),
              "tokens": .array(names),
            ]
            return ["SpecialToken": ["id": .string(key), "type_id": .integer(Int(typeID))]]
          }
        })
    }
    let (single, pair) = (pieces(template.single), pieces(template.pair))
    return Self.component(
      "TemplateProcessing",
      ["single": single, "pair": pair, "special_tokens": .object(tokens)])
  }
}

// MARK: - Decoders

extension ComponentWriter {
  mutating func decoder(_ decoder: TokenDecoder?) -> JSONValue {
    switch decoder {
    case nil: return .null
    case .sequence(let steps):
      var parts: [JSONValue] = []
      for step in steps { parts.append(self.decoder(step)) }
      return Self.component("Sequence", ["decoders": .array(parts)])
    case .byteLevel:
      return Self.component(
        "ByteLevel", ["add_prefix_space": true, "trim_offsets": true, "use_regex": true])
    case .byteFallback: return Self.component("ByteFallback")
    case .fuse: return Self.component("Fuse")
    case .strip(let scalar, let start, let stop):
      return Self.component(
        "Strip",
        ["content": Self.text(scalar), "start": .integer(start), "stop": .integer(stop)])
    case .replace(let pattern, let content):
      return Self.component(
        "Replace", ["pattern": self.pattern(pattern), "content": Self.text(content)])
    case .metaspace(let replacement, let prepend):
      return Self.component(
        "Metaspace",
        [
          "replacement": Self.text(replacement),
          "prepend_scheme": .string(ExactString(prepend.rawValue)), "split": true,
        ])
    case .suffix(let suffix): return Self.component("BPEDecoder", ["suffix": Self.text(suffix)])
    case .wordPiece(let prefix, let cleansUp):
      return Self.component(
        "WordPiece", ["prefix": Self.text(prefix), "cleanup": .bool(cleansUp)])
    case .ctc(let padding, let delimiter, let cleansUp):
      return Self.component(
        "CTC",
        [
          "pad_token": Self.text(padding), "word_delimiter_token": Self.text(delimiter),
          "cleanup": .bool(cleansUp),
        ])
    case .sentencePiece(let decoder): return sentencePiece(decoder)
    }
  }

  /// The steps of Llama's published files, with the surface of what is unknown.
  private mutating func sentencePiece(_ decoder: SentencePieceDecoder) -> JSONValue {
    var steps: [TokenDecoder] = []
    if !decoder.unknown.isEmpty {
      steps.append(.replace(.literal(decoder.unknown), with: decoder.unknownSurface))
    }
    steps += [.replace(.literal(Metaspace.utf8), with: [0x20]), .byteFallback, .fuse]
    if decoder.stripsAllPrefixes, stripsEveryMark, let marks = Self.spacesAtStart {
      steps.append(.replace(.pattern(marks), with: []))
    } else if decoder.stripsPrefix {
      steps.append(.strip(" ", start: 1, stop: 0))
    }
    return self.decoder(.sequence(steps))
  }

  private static let spacesAtStart = try? SplitPattern(#"\A +"#, dialect: .oniguruma)

  /// Whether all marks at the start of a text vanish when a SentencePiece model takes one from each
  /// piece, and nothing else at the start is a space.
  var stripsEveryMark: Bool {
    let model = tokenizer.configuration.model
    return model.options.byteFallback
      && !(0..<TokenID(model.vocabulary.identifierBound)).contains { id in
        model.vocabulary.bytes(of: id)?.starts(with: Metaspace.utf8 + Metaspace.utf8) ?? false
      }
  }
}
