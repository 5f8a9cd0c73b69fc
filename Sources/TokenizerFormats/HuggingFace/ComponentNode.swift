// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives
import Tokenization

/// A value of a JSON file with the way to it, so that every complaint can name its place.
struct ComponentNode {
  let value: JSONValue
  let path: String
  let file: String
  /// Whose rules the patterns in it follow.
  var dialect = SplitPattern.Dialect.oniguruma

  func error(
    _ kind: TokenizerLoadingError.Kind, _ message: String, hint: String? = nil
  ) -> TokenizerLoadingError {
    TokenizerLoadingError(
      kind, file: file, place: path.isEmpty ? nil : .path(path), message, hint: hint)
  }

  /// A member; null where there is none.
  subscript(key: String) -> ComponentNode {
    ComponentNode(
      value: value[ExactString(key)] ?? .null, path: path.isEmpty ? key : "\(path).\(key)",
      file: file, dialect: dialect)
  }

  var isNull: Bool { value.isNull }

  /// What a component calls itself.
  func type() throws(TokenizerLoadingError) -> String {
    guard value.object != nil else {
      throw error(.malformed, "expected a component, found \(value.kindName)")
    }
    return try self["type"].string()
  }

  func string() throws(TokenizerLoadingError) -> String {
    guard let string = value.string else {
      throw error(.malformed, "expected a string, found \(value.kindName)")
    }
    return string.string
  }

  func bytes() throws(TokenizerLoadingError) -> [UInt8] {
    Array(try string().utf8)
  }

  func scalar() throws(TokenizerLoadingError) -> Unicode.Scalar {
    let scalars = try string().unicodeScalars
    guard scalars.count == 1, let scalar = scalars.first else {
      throw error(.malformed, "expected one character")
    }
    return scalar
  }

  func bool(default fallback: Bool? = nil) throws(TokenizerLoadingError) -> Bool {
    if let fallback, isNull { return fallback }
    guard let bool = value.bool else {
      throw error(.malformed, "expected true or false, found \(value.kindName)")
    }
    return bool
  }

  /// A number from 0 up.
  func count(default fallback: Int? = nil) throws(TokenizerLoadingError) -> Int {
    if let fallback, isNull { return fallback }
    guard let count = value.integer, 0..<(1 << 31) ~= count else {
      throw error(.malformed, "expected a number from 0 up, found \(value.kindName)")
    }
    return count
  }

  func elements() throws(TokenizerLoadingError) -> [ComponentNode] {
    guard let array = value.array else {
      throw error(.malformed, "expected an array, found \(value.kindName)")
    }
    return array.enumerated().map { index, value in
      ComponentNode(value: value, path: "\(path)[\(index)]", file: file, dialect: dialect)
    }
  }

  /// Refuses a component that has more steps than any tokenizer, sequences within sequences
  /// included.
  func checkStepCount(_ list: String) throws(TokenizerLoadingError) {
    func count(_ value: JSONValue) -> Int {
      value[ExactString(list)]?.array?.reduce(0) { $0 + count($1) } ?? 1
    }
    guard count(value) <= FormatLimits.stepCount else {
      throw error(.unsupported, "there are more than \(FormatLimits.stepCount) steps")
    }
  }

  /// One of a closed set of names.
  func choice<Choice: RawRepresentable<String>>(
    _ type: Choice.Type, default fallback: Choice? = nil
  ) throws(TokenizerLoadingError) -> Choice {
    if let fallback, isNull { return fallback }
    let name = try string()
    guard let choice = Choice(rawValue: name) else {
      throw error(.unsupported, "'\(name)' is not a choice that we know")
    }
    return choice
  }

  func unknownType(_ type: String, _ known: [String]) -> TokenizerLoadingError {
    let meant = EditDistance.nearest(to: type, among: known).map { "did you mean '\($0)'?" }
    return self["type"].error(
      .unsupported, "'\(type)' is no component that we know",
      hint: meant ?? "known are \(known.joined(separator: ", "))")
  }
}
