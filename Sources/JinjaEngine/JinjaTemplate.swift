// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// A compiled template, in the environment that transformers gives to chat templates.
///
/// ```swift
/// let template = try JinjaTemplate(source: "Hello {{ name }}!", name: "hello.jinja")
/// var context = JinjaContext()
/// context.set("name", to: "World", origin: .caller)
/// try template.render(context).text  // "Hello World!"
/// ```
///
/// Compiled once, it can be shared by all threads.
public struct JinjaTemplate: Sendable {
  let program: Program

  /// The name that errors start with.
  public let name: String

  /// Compiles a template.
  ///
  /// - Throws: ``JinjaError`` of kind ``JinjaError/Kind/syntax``, ``JinjaError/Kind/assertion`` or
  ///   ``JinjaError/Kind/recursion``, with the place.
  public init(source: String, name: String) throws(JinjaError) {
    let bytes = Lexer.normalized(source.utf8)
    self.name = name
    do throws(PlacedFailure) {
      program = try Compiler.compile(source: bytes, name: name)
    } catch {
      throw JinjaError(error.kind, error.message, hint: error.hint)
        .placed(at: error.span, in: bytes, name: name)
    }
  }

  /// The source as it was read: line ends normalized, one at the end dropped.
  ///
  /// The ranges of errors and of ``JinjaOutput/Author/template(_:)`` are ranges of these bytes.
  public var normalizedSource: [UInt8] { program.source }

  /// A variable's name, looked up once for many renders.
  package func known(_ name: String) -> JinjaContext.KnownName {
    JinjaContext.KnownName(name: name, symbol: program.symbols.find(name))
  }

  /// Where the literals stand in ``normalizedSource``, by number.
  package var literalRanges: [Range<Int>] { program.literals.map(\.range) }

  /// Renders the template.
  ///
  /// - Throws: ``JinjaError`` with place and stack; ``JinjaError/Kind/raised`` where the template
  ///   itself refused.
  public func render(
    _ context: JinjaContext, options: JinjaOptions = JinjaOptions()
  ) throws(JinjaError) -> JinjaOutput {
    do throws(JinjaError) {
      return try renderHere(context, options)
    } catch {
      guard error.kind == .recursion,
        let output = try DeepRender.render(self, context, options)
      else { throw error }
      return output
    }
  }

  /// Renders on this thread.
  func renderHere(
    _ context: JinjaContext, _ options: JinjaOptions
  ) throws(JinjaError) -> JinjaOutput {
    let arena = Arena()
    // The output keeps the tree of origins, and that the arena.
    defer { arena.clear() }
    return try arena.use { () throws(JinjaError) in
      var machine = Machine(program, context, options, arena)
      do throws(JinjaError) {
        try machine.run()
      } catch {
        let span = program.spans[Int(machine.position)]
        throw error.placed(at: span, in: program.source, name: name)
      }
      return machine.finish()
    }
  }
}
