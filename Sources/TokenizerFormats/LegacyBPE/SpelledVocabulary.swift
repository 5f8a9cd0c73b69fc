// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import Tokenization

/// The content of a `vocab.json`.
struct SpelledVocabulary {
  private let file: String
  private var arena: [UInt8] = []
  private var entries: [(start: Int, length: Int, id: Int)] = []

  init(parsing bytes: [UInt8], file: String) throws(TokenizerLoadingError) {
    self.file = file
    var arena: [UInt8] = []
    var entries: [(start: Int, length: Int, id: Int)] = []
    do throws(JSONError) {
      try JSONScanner.scan(bytes.span) { scanner throws(JSONError) in
        var key: [UInt8] = []
        try scanner.beginObject()
        while try scanner.nextKey(into: &key) {
          entries.append((arena.count, key.count, try scanner.readInteger()))
          arena += key
        }
      }
    } catch {
      throw TokenizerLoadingError(
        .malformed, file: file, place: .position(error.position), error.message)
    }
    self.arena = arena
    self.entries = entries
  }

  func makeVocabulary(_ spelling: Vocabulary.Spelling) throws(TokenizerLoadingError) -> Vocabulary {
    var builder = VocabularyBuilder(spelling: spelling)
    builder.reserve(tokens: entries.count, bytes: arena.count)
    let limit = 2 * entries.count + 1024
    for entry in entries {
      let token = Array(arena[entry.start..<entry.start + entry.length])
      let name = String(decoding: token, as: UTF8.self)
      guard 0..<limit ~= entry.id else {
        throw inconsistent(
          "'\(name)' has the id \(entry.id), but there are \(entries.count) tokens")
      }
      do throws(VocabularyBuilder.Conflict) {
        try builder.add(spelt: token, id: entry.id)
      } catch {
        throw inconsistent("'\(name)' has the id \(entry.id), which another token has")
      }
    }
    do throws(VocabularyBuilder.Conflict) {
      return try builder.build()
    } catch {
      guard case .duplicateToken(let first, let second) = error else {
        throw inconsistent("two ids have one token")
      }
      throw inconsistent("the ids \(first) and \(second) have one token")
    }
  }

  private func inconsistent(_ message: String) -> TokenizerLoadingError {
    TokenizerLoadingError(.inconsistent, file: file, message)
  }
}
