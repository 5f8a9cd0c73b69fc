// SPDX-License-Identifier: Apache-2.0

extension Literal {
  var isTrue: Bool {
    switch self {
    case .none: false
    case .bool(let value): value
    case .integer(let value): !value.isZero
    case .float(let value): value != 0
    case .string(let bytes): !bytes.isEmpty
    }
  }
}

extension AssignmentTarget {
  /// As it is written, for messages.
  var words: String {
    switch form {
    case .name(let name): name
    case .attribute(let namespace, let name): "\(namespace).\(name)"
    case .tuple(let items): items.map(\.words).joined(separator: ", ")
    }
  }

  func place(of name: String) -> SourceSpan? {
    switch form {
    case .name(let found): return Parser.same(found, name) ? span : nil
    case .attribute: return nil
    case .tuple(let items):
      for item in items { if let place = item.place(of: name) { return place } }
      return nil
    }
  }
}

extension Statement {
  /// The bodies of a statement, inner functions included.
  var bodies: [[Statement]] {
    switch form {
    case .assignBlock(_, _, let body), .scope(_, _, let body), .autoescape(_, let body),
      .macro(_, _, let body), .callBlock(_, _, let body), .filterBlock(_, let body),
      .generation(let body):
      [body]
    case .loop(let loop): [loop.body, loop.otherwise]
    case .branch(let branches, let otherwise): branches.map(\.body) + [otherwise]
    case .block(let block): [block.body]
    default: []
    }
  }

  static func placeOfStore(to name: String, in loop: Loop) -> SourceSpan? {
    loop.target.place(of: name) ?? placeOfStore(to: name, in: loop.body + loop.otherwise)
  }

  private static func placeOfStore(to name: String, in statements: [Statement]) -> SourceSpan? {
    for statement in statements {
      switch statement.form {
      case .assign(let target, _), .assignBlock(let target, _, _):
        if let place = target.place(of: name) { return place }
      case .loop(let loop):
        if let place = loop.target.place(of: name) { return place }
      default: break
      }
      for body in statement.bodies {
        if let place = placeOfStore(to: name, in: body) { return place }
      }
    }
    return nil
  }
}
