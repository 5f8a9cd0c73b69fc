// SPDX-License-Identifier: Apache-2.0

public import OrderedJSON
import PromptFixtures
import TextPrimitives

/// A conversation on two sides.
///
/// ```swift
/// let left = try PromptSide(.init("llama-3")), right = try PromptSide(.init("llama-3.1"))
/// PromptComparison(left, right, name: "greeting", request: ["messages": […]]).causes
/// ```
public struct PromptComparison: Sendable {
  /// The conversation's name.
  public let name: String
  /// How many tokens each side has.
  public let counts: (left: Int, right: Int)
  /// Why the sides differ, each once, in the order of the conversation; none where they are equal.
  public let causes: [DifferenceCause]
  /// How many places differ.
  public let hunkCount: Int

  private let left: SideRendering
  private let right: SideRendering
  private let hunks: [TokenDiff.Hunk]
  private let hunkCauses: [DifferenceCause]

  /// Renders and compares.
  ///
  /// - Parameters:
  ///   - leftSide: The side whose tokens are shown with a minus.
  ///   - rightSide: The side whose tokens are shown with a plus.
  ///   - name: The conversation's name.
  ///   - request: The conversation, with options by transformers' names.
  public init(_ leftSide: PromptSide, _ rightSide: PromptSide, name: String, request: JSONObject) {
    self.name = name
    left = leftSide.render(request)
    right = rightSide.render(request)
    counts = (left.tokens.count, right.tokens.count)
    guard left.refusal == nil, right.refusal == nil else {
      hunks = []
      hunkCauses = []
      let isSame = left.refusal != nil && right.refusal != nil
      causes = isSame ? [] : [.refusal]
      hunkCount = isSame ? 0 : 1
      return
    }
    let begin = leftSide.beginTokens + rightSide.beginTokens
    hunks = TokenDiff.hunks(left.tokens, right.tokens)
    hunkCauses = hunks.map { [left, right] in DifferenceCause($0, left, right, begin: begin) }
    hunkCount = hunks.count
    var seen: [DifferenceCause] = []
    for cause in hunkCauses where !seen.contains(cause) { seen.append(cause) }
    causes = seen
  }

  /// Whether both sides make the same of it; two refusals are the same.
  public var isEqual: Bool { causes.isEmpty }

  /// The differences, token by token.
  ///
  /// - Parameters:
  ///   - cause: Only those of one cause.
  ///   - limit: No more than this many.
  /// - Returns: Lines that each end with a line break.
  public func detail(cause: DifferenceCause? = nil, limit: Int = .max) -> StyledText {
    var text = StyledText()
    if let refusal = left.refusal ?? right.refusal {
      text.append("    \(left.refusal == nil ? "+" : "-") refused: \(refusal)\n", .bad)
      return text
    }
    let diff = DiffText(old: left.tokens, new: right.tokens)
    let wanted = hunks.indices.filter { cause == nil || hunkCauses[$0] == cause }
    for index in wanted.prefix(limit) {
      text.append(
        "    token \(hunks[index].new.lowerBound): \(hunkCauses[index].rawValue)\n", .faint)
      text.append(diff.lines(of: hunks[index], indent: "      "))
    }
    if wanted.count > limit {
      text.append("    … and \(wanted.count - limit) more places\n", .faint)
    }
    return text
  }

  /// The comparison as JSON: `name`, `tokens`, `causes` and `differences`.
  public var json: JSONObject {
    [
      "name": .string(ExactString(name)),
      "tokens": [.integer(counts.left), .integer(counts.right)],
      "causes": .array(causes.map { .string(ExactString($0.rawValue)) }),
      "differences": .array(
        hunks.indices.map { index in
          [
            "cause": .string(ExactString(hunkCauses[index].rawValue)),
            "left": Self.texts(left.tokens[hunks[index].old]),
            "right": Self.texts(right.tokens[hunks[index].new]),
            "at": [
              .integer(hunks[index].old.lowerBound), .integer(hunks[index].new.lowerBound),
            ],
          ]
        }),
    ]
  }

  private static func texts(_ tokens: ArraySlice<ShownToken>) -> JSONValue {
    .array(tokens.map { .string(ExactString(VisibleText.of($0.bytes))) })
  }
}
