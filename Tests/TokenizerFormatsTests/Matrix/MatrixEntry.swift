// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TestSupport
import TextPrimitives
import Tokenization
import TokenizerFormats

/// One tokenizer of the matrix, with what the reference made of its texts.
struct MatrixEntry {
  static let blockSize = 128
  private static let batchSize = 16
  private static let streamLength = 12
  private static let failed: UInt32 = 0xFFFF_FFFF
  private static let nothing: UInt32 = 0xFFFF_FFFE
  private static let letters = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  let name: String
  private let texts: MatrixTexts
  private let tokenizer: Tokenizer
  private let added: [[UInt8]]
  /// Every id that has a token counts, as in the reference's `get_vocab_size`.
  private let size: Int
  private let isPair: Bool
  private let isBatch: Bool
  private let comparesOffsets: Bool
  private let streams: Bool
  private let checks: [UInt8]
  private let digests: [String]

  init(_ line: JSONValue, models: JSONValue, texts: MatrixTexts) throws {
    name = line["name"]?.string?.string ?? ""
    self.texts = texts
    var file = line["sections"]?.object ?? JSONObject()
    var model = models[line["model"]?.string ?? ""]?.object ?? JSONObject()
    for (key, value) in line["options"]?.object ?? JSONObject() { model[key] = value }
    file["model"] = .object(model)
    tokenizer = try Tokenizer(
      tokenizerJSON: Array(JSONValue.object(file).serialized().utf8), name: name)
    added = (file["added_tokens"]?.array ?? []).map {
      Array(($0["content"]?.string?.string ?? "").utf8)
    }
    let known = tokenizer.vocabulary
    size = known.count + tokenizer.addedTokens.count { !known.contains($0.id) }
    isPair = line["run"]?["pairs"]?.bool ?? false
    isBatch = line["run"]?["batch"]?.bool ?? false
    comparesOffsets = line["run"]?["offsets"]?.bool ?? true
    streams = line["run"]?["stream"]?.bool ?? true
    checks = Array((line["checks"]?.string?.string ?? "").utf8)
    digests = (line["digests"]?.array ?? []).compactMap { $0.string?.string }
  }

  /// How many blocks of texts there are.
  var blockCount: Int { digests.count }

  /// What is wrong with a block of texts; nil where all is as the reference has it.
  func difference(inBlock block: Int) throws -> String? {
    let step = isBatch ? Self.batchSize : 1
    var digest = MatrixHash()
    for start in stride(from: block * Self.blockSize, to: (block + 1) * Self.blockSize, by: step) {
      let encodings = encode(start..<start + step)
      for index in start..<start + step {
        let value = try record(encodings?[index - start], index)
        let check = Self.letters[Int((value &* 0x9E37_79B9_7F4A_7C15) >> 58)]
        if check != checks[index] {
          return try report(encodings?[index - start], index)
        }
        digest.add(UInt32(truncatingIfNeeded: value >> 32))
        digest.add(UInt32(truncatingIfNeeded: value))
      }
    }
    let hexadecimal = String(digest.value, radix: 16)
    let padded = String(repeating: "0", count: 16 - hexadecimal.utf8.count) + hexadecimal
    return padded == digests[block]
      ? nil : "\(name), block \(block): some text differs whose six bits are the same"
  }

  private func inputs(_ index: Int) -> (texts: [[UInt8]], random: MatrixRandom) {
    var random = MatrixRandom(name, index)
    let first = texts.text(&random, added: added)
    return (isPair ? [first, texts.text(&random, added: added)] : [first], random)
  }

  /// The encodings of one text or of a batch; nil where they are refused.
  private func encode(_ range: Range<Int>) -> [Encoding]? {
    let mode = range.lowerBound / range.count
    let special: SpecialTokenPolicy = mode & 2 != 0 ? .asText : .allowAll
    let adds = mode & 1 != 0
    let batch = range.map { index in
      inputs(index).texts.map { String(decoding: $0, as: UTF8.self) }
    }
    do throws(TokenizerError) {
      switch (isBatch, isPair) {
      case (false, false):
        return [try tokenizer.encode(batch[0][0], special: special, addsSpecialTokens: adds)]
      case (false, true):
        return [
          try tokenizer.encode(
            batch[0][0], pair: batch[0][1], special: special, addsSpecialTokens: adds)
        ]
      case (true, false):
        return try tokenizer.encode(
          batch: batch.map { $0[0] }, special: special, addsSpecialTokens: adds)
      case (true, true):
        return try tokenizer.encode(
          batchOfPairs: batch.map { ($0[0], $0[1]) }, special: special, addsSpecialTokens: adds)
      }
    } catch {
      return nil
    }
  }

  /// The hash of what becomes of a text, and of some random ids.
  private func record(_ encoding: Encoding?, _ index: Int) throws -> UInt64 {
    var hash = MatrixHash()
    if let encoding {
      let texts = inputs(index).texts.map { String(decoding: $0, as: UTF8.self) }
      add(encoding, texts, to: &hash)
      for skips in [false, true] {
        hash.add(try tokenizer.decode(encoding.ids, skippingSpecialTokens: skips).utf8)
      }
      for chunk in try chunks(encoding, index) {
        if let chunk { hash.add(chunk.utf8) } else { hash.add(Self.nothing) }
      }
    } else {
      hash.add(Self.failed)
    }
    hash.add(try decodeRandom(index).text.utf8)
    return hash.value
  }

  /// Random ids and their text.
  private func decodeRandom(_ index: Int) throws -> (ids: [TokenID], text: String) {
    var (_, random) = inputs(index)
    let ids = (0..<random.below(10)).map { _ in TokenID(random.below(size)) }
    return (ids, try tokenizer.decode(ids, skippingSpecialTokens: index & 1 != 0))
  }

  /// What a stream gives for each of the first tokens.
  private func chunks(_ encoding: Encoding, _ index: Int) throws -> [String?] {
    guard streams else { return [] }
    var stream = tokenizer.makeStreamDecoder(skippingSpecialTokens: index & 1 != 0)
    return try encoding.ids.prefix(Self.streamLength).map { try stream.append($0) }
  }

  private func add(_ encoding: Encoding, _ texts: [String], to hash: inout MatrixHash) {
    hash.add(UInt32(encoding.count))
    let offsets =
      comparesOffsets ? encoding.scalarOffsets(in: texts[0], pair: texts.last ?? "") : []
    for place in encoding.ids.indices {
      hash.add(encoding.ids[place])
      if comparesOffsets {
        hash.add(UInt32(offsets[place].lowerBound))
        hash.add(UInt32(offsets[place].upperBound))
      }
      hash.add(encoding.typeIDs[place])
      hash.add(
        (encoding.specialTokensMask[place] ? 1 : 0) | (encoding.attentionMask[place] ? 2 : 0))
    }
    hash.add(UInt32(encoding.overflowing.count))
    for piece in encoding.overflowing { add(piece, texts, to: &hash) }
  }

  /// What we make of a text, in the words of `generate_tokenizer_matrix.py --show`.
  private func report(_ encoding: Encoding?, _ index: Int) throws -> String {
    let texts = inputs(index).texts.map { String(decoding: $0, as: UTF8.self) }
    var lines = ["\(name), text \(index): \(texts.map(\.debugDescription))"]
    if let encoding {
      lines += describe(encoding, texts)
      for skips in [false, true] {
        let text = try tokenizer.decode(encoding.ids, skippingSpecialTokens: skips)
        lines.append("decoded \(Array(text.utf8))")
      }
      lines.append("chunks \(try chunks(encoding, index).map { Array(($0 ?? "").utf8) })")
    } else {
      lines.append("refused")
    }
    let (ids, text) = try decodeRandom(index)
    lines.append("random \(ids)")
    lines.append("decoded \(Array(text.utf8))")
    return lines.joined(separator: "\n")
  }

  private func describe(_ encoding: Encoding, _ texts: [String]) -> [String] {
    let offsets = encoding.scalarOffsets(in: texts[0], pair: texts.last ?? "")
    let lines = [
      "ids \(encoding.ids)", "offsets \(offsets.map { [$0.lowerBound, $0.upperBound] })",
      "types \(encoding.typeIDs)", "special \(encoding.specialTokensMask.map { $0 ? 1 : 0 })",
      "attention \(encoding.attentionMask.map { $0 ? 1 : 0 })",
    ]
    return lines + encoding.overflowing.flatMap { describe($0, texts) }
  }
}
