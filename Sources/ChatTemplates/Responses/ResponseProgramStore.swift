// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Holds a definition's program from the first answer on, so that it is compiled once.
final class ResponseProgramStore: Sendable {
  private let stored = Mutex<ResponseProgram?>(nil)

  /// The program of the definition that this store belongs to.
  func program(of definition: TemplateDefinition) -> ResponseProgram {
    stored.withLock { stored in
      if let stored { return stored }
      let program = ResponseProgram(ResponseGrammar(definition))
      stored = program
      return program
    }
  }
}
