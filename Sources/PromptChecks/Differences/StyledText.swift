// SPDX-License-Identifier: Apache-2.0

public import TextPrimitives

/// Text for a terminal, of which any other reader gets the letters alone.
public struct StyledText: Sendable {
  /// How a run of text looks.
  public enum Style: Sendable, Equatable {
    case plain, faint, good, bad, control
    /// The colour of a role.
    case role(ExactString)
  }

  private var spans: [(text: String, style: Style)] = []

  /// No text.
  public init() {}

  /// Plain text.
  public init(_ text: String, _ style: Style = .plain) {
    spans = [(text, style)]
  }

  /// Adds text.
  public mutating func append(_ text: String, _ style: Style = .plain) {
    spans.append((text, style))
  }

  /// Adds text with its styles.
  public mutating func append(_ other: StyledText) {
    spans += other.spans
  }

  /// The text, with the terminal's colours where they are wanted.
  public func text(isColored: Bool) -> String {
    guard isColored else { return spans.map(\.text).joined() }
    return spans.map { span in
      Self.code(span.style).map { "\u{1B}[\($0)m\(span.text)\u{1B}[0m" } ?? span.text
    }.joined()
  }

  private static func code(_ style: Style) -> String? {
    switch style {
    case .plain: nil
    case .faint: "2"
    case .good: "32"
    case .bad: "31"
    case .control: "1;35"
    case .role("system"), .role("developer"): "33"
    case .role("user"): "36"
    case .role("assistant"): "32"
    case .role("tool"): "34"
    case .role: nil
    }
  }
}
