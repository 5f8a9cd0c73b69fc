// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

/// The added tokens of a tokenizer, and how they are found in a text.
final class AddedVocabulary: Sendable {
  /// A part of a text: an added token, or text between such.
  struct Part {
    var range: Range<Int>
    var token: TokenID?
  }

  let tokens: [AddedToken]
  private let places: [TokenID: Int]
  /// The id of each content; of equal ones the last token's.
  private let identifiers: [ExactString: TokenID]
  private let raw: Matcher
  private let normalized: Matcher
  /// How an added token is spelt when decoding: its normalized content.
  private let spellings: [[UInt8]]

  struct Matcher: Sendable {
    let matcher: LiteralMatcher
    /// The place of each literal's token in `tokens`.
    let members: [Int]
    /// Whether all tokens are special.
    let isSpecialOnly: Bool
    var isEmpty: Bool { members.isEmpty }
  }

  /// Prepares the tokens; `normalize` is the tokenizer's normalizer.
  init(_ tokens: [AddedToken], normalize: ([UInt8]) -> [UInt8]) {
    self.tokens = tokens
    var places: [TokenID: Int] = [:]
    for (place, token) in tokens.enumerated() { places[token.id] = place }
    self.places = places
    identifiers = Dictionary(tokens.map { ($0.content, $0.id) }) { $1 }
    let spellings = tokens.map { token in
      let content = Array(token.content.utf8)
      return token.isNormalized ? normalize(content) : content
    }
    self.spellings = spellings
    func matcher(isNormalized: Bool) -> Matcher {
      let members = tokens.indices.filter { place in
        guard tokens[place].isNormalized == isNormalized else { return false }
        // Names may share an id, as harmony's <|endofprompt|> and <|reserved_200018|> do.
        let last = places[tokens[place].id] ?? place
        return last == place || tokens[last].content != tokens[place].content
      }
      return Matcher(
        matcher: LiteralMatcher(members.map { spellings[$0] }), members: members,
        isSpecialOnly: members.allSatisfy { tokens[$0].isSpecial })
    }
    raw = matcher(isNormalized: false)
    normalized = matcher(isNormalized: true)
  }

  /// Whether a text can be cut at a token, where special ones are tokens or where they are not.
  func canMatch(allowsSpecial: Bool) -> Bool {
    [raw, normalized].contains { !$0.isEmpty && (allowsSpecial || !$0.isSpecialOnly) }
  }

  /// Whether tokens are looked for in normalized text.
  var matchesAfterNormalization: Bool { !normalized.isEmpty }

  func token(_ id: TokenID) -> AddedToken? {
    places[id].map { tokens[$0] }
  }

  func spelling(of id: TokenID) -> [UInt8]? {
    places[id].map { spellings[$0] }
  }

  /// Whether decoding without special tokens leaves this one out.
  ///
  /// The reference asks for the spelling, so a special token that normalization changes is kept.
  func isSkipped(_ id: TokenID) -> Bool {
    guard let place = places[id], tokens[place].isSpecial else { return false }
    return spellings[place] == Array(tokens[place].content.utf8)
  }

  func identifier(of content: ExactString) -> TokenID? {
    identifiers[content]
  }

  /// Cuts a text at the added tokens that are matched before normalization, or after it.
  ///
  /// As `AddedVocabulary::find_matches` does (huggingface/tokenizers 3ba8ad00): a match that is
  /// not allowed still passes over its text.
  /// `allowsSpecial` is false where `isAllowed` is so for every special token.
  func split(
    _ text: Span<UInt8>, afterNormalization: Bool, allowsSpecial: Bool,
    isAllowed: (AddedToken, Range<Int>) -> Bool, _ body: (Part) -> Void
  ) {
    let matcher = afterNormalization ? normalized : raw
    var done = 0
    if !matcher.isEmpty, allowsSpecial || !matcher.isSpecialOnly {
      var place = 0
      while let match = matcher.matcher.next(in: text, from: place) {
        place = match.range.upperBound
        let token = tokens[matcher.members[match.literal]]
        guard isAllowed(token, match.range) else { continue }
        var range = match.range
        if token.isSingleWord, !WordBoundary.isAround(range, in: text) { continue }
        if token.stripsLeft {
          let start = max(WordBoundary.whitespaceStart(before: range.lowerBound, in: text), done)
          range = start..<range.upperBound
        }
        if token.stripsRight {
          range = range.lowerBound..<WordBoundary.whitespaceEnd(after: range.upperBound, in: text)
        }
        // A token whose white space was swallowed by the one before starts inside it.
        if done < range.lowerBound { body(Part(range: done..<range.lowerBound, token: nil)) }
        body(Part(range: range, token: token.id))
        done = range.upperBound
      }
    }
    if done < text.count { body(Part(range: done..<text.count, token: nil)) }
  }
}
