// SPDX-License-Identifier: Apache-2.0

/// Where variables live and how they get their values.
extension Compiler {
  func loads(_ symbols: Symbols) -> [FrameLoad] {
    var output: [FrameLoad] = []
    for slot in symbols.order where slot.function == symbols.function.identifier {
      switch symbols.loads[slot] {
      case .parameter?, nil: break
      case .resolve(let name)?:
        output.append(FrameLoad(slot: slot.index, source: .context(name: builder.nameIndex(name))))
      case .alias(let outer)?:
        let hops = symbols.function.hops(to: outer.function)
        output.append(FrameLoad(slot: slot.index, source: .alias(hops: hops, slot: outer.index)))
      case .undefined?: output.append(FrameLoad(slot: slot.index, source: .undefined))
      }
    }
    return output
  }

  func cleared(_ symbols: Symbols) -> [Int32] {
    symbols.order.filter { $0.function == symbols.function.identifier }.map(\.index)
  }

  func slot(_ name: String, _ frame: CompilationFrame) -> Slot {
    // Analysis has seen every name that is compiled; the fallback is an unset variable.
    frame.symbols.find(name) ?? frame.function.slot("unknown \(name)")
  }

  func target(_ target: AssignmentTarget, _ frame: CompilationFrame) -> StoreTarget {
    switch target.form {
    case .name(let name):
      let exported = frame.isTopLevel && hasBlocks ? builder.nameIndex(name) : -1
      return .slot(slot(name, frame).index, exported: exported)
    case .attribute(let namespace, let name):
      return .attribute(
        namespace: variable(namespace, target.span, frame), name: builder.nameIndex(name))
    case .tuple(let items): return .tuple(items.map { self.target($0, frame) })
    }
  }

  func variable(_ name: String, _ span: SourceSpan, _ frame: CompilationFrame) -> Int32 {
    let slot = slot(name, frame)
    let hops = frame.function.hops(to: slot.function)
    let operation: Node.Operation = hops == 0 ? .local : .outer
    let node = Node(operation: operation, a: slot.index, b: builder.nameIndex(name), c: hops)
    return builder.add(node, span)
  }

  func addTarget(_ target: StoreTarget) -> Int32 {
    builder.targets.append(target)
    return Int32(builder.targets.count - 1)
  }
}
