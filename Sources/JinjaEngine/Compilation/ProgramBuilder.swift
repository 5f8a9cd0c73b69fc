// SPDX-License-Identifier: Apache-2.0

/// The tables of a program while it is being made.
final class ProgramBuilder {
  let source: [UInt8]
  let name: String
  var nodes: [Node] = []
  var spans: [SourceSpan] = []
  var lists: [Int32] = []
  var constants: [Value] = []
  var names: [ProgramName] = []
  var arguments: [ProgramArguments] = []
  var targets: [StoreTarget] = []
  var loops: [ProgramLoop] = []
  var macros: [ProgramMacro] = []
  var scopes: [ProgramScope] = []
  var blocks: [ProgramBlock] = []
  var literals: [SourceSpan] = []
  private var nameIndices: [String: Int32] = [:]
  private var functionCount = 0

  init(source: [UInt8], name: String) {
    self.source = source
    self.name = name
  }

  func add(_ node: Node, _ span: SourceSpan) -> Int32 {
    nodes.append(node)
    spans.append(span)
    return Int32(nodes.count - 1)
  }

  func list(_ items: [Int32]) -> Int32 {
    lists += items
    return Int32(lists.count - items.count)
  }

  func literal(_ span: SourceSpan) -> Int {
    literals.append(span)
    return literals.count - 1
  }

  func constant(_ constant: Value) -> Int32 {
    constants.append(constant)
    return Int32(constants.count - 1)
  }

  /// Names are kept apart by their exact bytes, as keys of a caller's object are.
  func nameIndex(_ name: String) -> Int32 {
    if let index = nameIndices[name], names[Int(index)].string.utf8.elementsEqual(name.utf8) {
      return index
    }
    names.append(ProgramName(name, literal: nil))
    let index = Int32(names.count - 1)
    nameIndices[name] = index
    return index
  }

  func function(parent: FunctionScope?) -> FunctionScope {
    functionCount += 1
    return FunctionScope(functionCount, parent: parent)
  }
}

/// What holds while the statements of a frame are compiled.
struct CompilationFrame {
  enum Escaping {
    case off, on
    /// Decided when the template runs.
    case dynamic
  }

  var symbols: Symbols
  /// Below an `if`: a filter that does not exist is an error only when it is reached.
  var isSoft = false
  /// Assignments go to the context too.
  var isTopLevel = false
  var isInLoop = false
  var escaping = Escaping.off

  var function: FunctionScope { symbols.function }

  func inner(_ symbols: Symbols) -> CompilationFrame {
    CompilationFrame(symbols: symbols, isInLoop: isInLoop, escaping: escaping)
  }

  func soft() -> CompilationFrame {
    var frame = self
    frame.isSoft = true
    return frame
  }
}
