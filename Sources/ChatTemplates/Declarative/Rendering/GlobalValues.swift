// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// The values that hold for the whole conversation: the tools, the documents and the parameters.
struct GlobalValues: Sendable {
  static let tools: Int32 = 0
  static let documents: Int32 = 1
  static let firstParameter: Int32 = 2

  struct Entry: Sendable {
    var value: JSONValue?
    var kinds: ValueKinds
    /// Its bytes where it is a string, which the entry holds.
    private(set) var bytes: StringBytes?
    /// Whether it is the template's own, because the caller gave none.
    var isTemplate = false

    init(_ value: JSONValue?, isTemplate: Bool = false) {
      self.value = value
      kinds = ValueKinds(of: value)
      if let value { unsafe withUnsafePointer(to: value) { bytes = unsafe StringBytes(of: $0) } }
      self.isTemplate = isTemplate
    }
  }

  private var entries: [Entry]
  /// Whether a parameter is today's date where the caller gives none.
  private var hasDates = false

  /// The values where a caller gives none; dates are missing.
  init(defaultsOf definition: TemplateDefinition) {
    entries = [Entry(nil), Entry(nil)]
    for parameter in definition.parameters {
      switch parameter.fallback {
      case nil: entries.append(Entry(nil, isTemplate: true))
      case .value(let value): entries.append(Entry(value, isTemplate: true))
      case .date:
        hasDates = true
        entries.append(Entry(nil, isTemplate: true))
      }
    }
  }

  /// Takes what a caller gives.
  mutating func take(
    _ conversation: Conversation, _ options: RenderOptions, for program: RenderProgram
  ) {
    if let tools = options.toolList(of: conversation) { entries[Int(Self.tools)] = Entry(tools) }
    if let documents = options.documentList(of: conversation) {
      entries[Int(Self.documents)] = Entry(documents)
    }
    guard hasDates || !options.arguments.isEmpty else { return }
    let now = options.now ?? .now
    for (index, parameter) in program.definition.parameters.enumerated() {
      let place = Int(Self.firstParameter) + index
      if let given = options.arguments[parameter.name] {
        entries[place] = Entry(given)
      } else if case .date(let format)? = parameter.fallback {
        let date = ExactString(now.formatted(format))
        entries[place] = Entry(.string(date), isTemplate: true)
      }
    }
    if let (name, mustBeTrue) = program.definition.toolsParameter,
      let given = options.arguments[name],
      !mustBeTrue || PythonText.isTrue(given)
    {
      entries[Int(Self.tools)] = Entry(given.isNull ? nil : given)
    }
  }

  subscript(number: Int32) -> Entry { entries[Int(number)] }

  /// The bytes of a string, which these values hold.
  func bytes(_ number: Int32) -> StringBytes? { entries[Int(number)].bytes }

  @inline(__always)
  func kinds(_ number: Int32) -> ValueKinds { entries[Int(number)].kinds }
}
