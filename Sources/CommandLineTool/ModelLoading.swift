// SPDX-License-Identifier: Apache-2.0

import ChatInference
import ChatTemplates
import TokenizerFormats

extension TemplateOptions {
  /// The model that is named, else the tiny one that the tool carries; a template that is named
  /// replaces the model's own.
  func chatModel() throws -> ChatModel {
    let other = hasOwnTemplate ? try load() : nil
    do throws(ChatInferenceError) {
      if let name = model, BuiltInModel(rawValue: name) == nil {
        return try ChatModel(contentsOf: name, template: other, cache: .standard)
      }
      let builtIn = try (model.flatMap(BuiltInModel.init(rawValue:)) ?? .inst).load()
      guard let other else { return builtIn }
      return try builtIn.with(other)
    } catch {
      throw ToolError(error)
    }
  }
}

extension ToolError {
  /// What a model could not do.
  init(_ error: ChatInferenceError) {
    var status = error.isLoadingError ? Status.loading : .input
    if case .invalidOptions = error.kind { status = .usage }
    self.init(status, "\(error)")
  }
}

/// Numbers for people.
enum FixedPoint {
  /// A number with so many digits after the point, rounded; `-` where it is none.
  static func text(_ value: Double, digits: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "-" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int((abs(value) * scale).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(scaled)" }
    let fraction = String(scaled % Int(scale))
    let zeros = String(repeating: "0", count: digits - fraction.utf8.count)
    return "\(sign)\(scaled / Int(scale)).\(zeros)\(fraction)"
  }
}

/// Columns of text, the first to the left and the others to the right.
enum PlainTable {
  /// Lines of equal width.
  static func text(_ rows: [[String]]) -> String {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
      rows.map { column < $0.count ? $0[column].unicodeScalars.count : 0 }.max() ?? 0
    }
    var text = ""
    for row in rows {
      var line = ""
      for (column, cell) in row.enumerated() {
        let room = String(
          repeating: " ", count: widths[column] - cell.unicodeScalars.count)
        line += column == 0 ? cell + room : "  " + room + cell
      }
      while line.utf8.last == UInt8(ascii: " ") { line.removeLast() }
      text += line + "\n"
    }
    return text
  }
}
