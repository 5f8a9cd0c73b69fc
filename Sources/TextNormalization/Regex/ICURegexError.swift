// SPDX-License-Identifier: Apache-2.0

import CICU

/// A pattern that ICU cannot compile, or a search that it gave up.
public struct ICURegexError: Error, Sendable, Hashable {
  /// What is wrong.
  public enum Kind: Sendable, Hashable {
    /// The pattern does not follow the syntax, or uses what ICU has not.
    case invalidPattern(reason: String)
    /// The search took more steps or more stack than its limits allow.
    case limitExceeded
    /// Anything else that ICU reports.
    case failed(reason: String)
  }

  /// What is wrong.
  public let kind: Kind
  /// Where in the pattern, in Unicode scalars from 0, if ICU knows.
  public let patternOffset: Int?

  init(_ kind: Kind, patternOffset: Int? = nil) {
    self.kind = kind
    self.patternOffset = patternOffset
  }

  init(_ status: Int32) {
    let name = Self.name(of: status)
    let isLimit = name == "U_REGEX_TIME_OUT" || name == "U_REGEX_STACK_OVERFLOW"
    self.init(isLimit ? .limitExceeded : .failed(reason: name))
  }

  static func name(of status: Int32) -> String {
    // SAFETY: ICU answers a constant.
    unsafe String(cString: dialect_error_name(status))
  }
}

extension ICURegexError: CustomStringConvertible {
  /// What is wrong and where.
  public var description: String {
    switch kind {
    case .invalidPattern(let reason):
      "\(patternOffset.map { "at character \($0 + 1): " } ?? "")the pattern is invalid (\(reason))"
    case .limitExceeded:
      "the pattern takes too long on this text; it may repeat something that repeats"
    case .failed(let reason): "ICU reports \(reason)"
    }
  }
}
