// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

/// A grammar as a finite machine that reads an answer byte by byte, all readings at once.
///
/// A state waits for one thing: a byte of a mark, a control token, text, a JSON value. What may
/// come after it is a list of arrivals in order of preference, with the steps between already
/// taken. White space around marks is lenient: what the template writes is preferred, so that a
/// rendered answer is read back exactly; less or more of it is accepted.
struct ResponseProgram: Sendable {
  /// What a state waits for.
  enum Kind: Sendable {
    case byte(UInt8)
    /// A control token, as itself or spelled: its number, and the state behind its first byte.
    case control(Int)
    /// White space between marks.
    case space
    /// Text up to what follows: the number of a slot.
    case text(Int)
    /// A JSON value: the arguments of a call, or a call with the keys of that number.
    case arguments
    case call(Int)
    /// The arguments of a call in braces, with texts between the control token of that number.
    case braces(quote: Int)
    /// All that comes after the end of an answer.
    case rest
    /// The whole answer has been read.
    case end
  }

  /// Something to note on the way from one state to the next.
  enum Action: Sendable {
    case beginCall, endCall
    /// The text that identifies a call starts, and ends.
    case openIdentifier, closeIdentifier
    /// From here on the model writes: marks before say nothing of what follows.
    case start
    /// The call's name, or the argument's whose value comes next, as the template knows them.
    case name(Int)
    case argument(Int)
    /// A mark starts; one has been read, of that many bytes.
    case openMark
    case mark(Int)
    /// What follows ends the answer, wherever it stands.
    case openStop
    /// The answer was ended by that control token.
    case stop(Int)
    /// The text before turns out to be that slot's.
    case closes(Int)
  }

  /// A state that can be next.
  struct Arrival: Sendable {
    var state: Int
    var actions: [Action]
    /// Whether any other way to the state is preferred.
    var isLate = false

    /// Whether the answer ends by it.
    var isStop: Bool { actions.contains { if case .openStop = $0 { true } else { false } } }
  }

  struct State: Sendable {
    var kind: Kind
    /// What comes after it; for text and white space, what may come instead of more of it.
    var next: [Arrival] = []
    /// For a control token: what comes after its first byte.
    var spelled: [Arrival] = []
    /// For what lasts, such as text: the bytes that may be the first of what comes next.
    var firstBytes: [Bool] = []
    /// For text and white space: whether the answer may end here.
    var mayEnd = false
  }

  fileprivate(set) var states: [State] = []
  /// Where a turn starts, its header included, and where the model starts to write.
  fileprivate(set) var turnStart: [Arrival] = []
  fileprivate(set) var modelStart: [Arrival] = []
  /// The state that reads what follows no form, up to any mark.
  fileprivate(set) var rescue = 0
  fileprivate(set) var slots: [ResponseGrammar.Slot] = []
  fileprivate(set) var keys: [ResponseGrammar.CallKeys] = []
  fileprivate(set) var names: [ExactString] = []
  let controls: [ExactString]
  let controlBytes: [[UInt8]]

  init(_ grammar: ResponseGrammar) {
    controls = grammar.controls
    controlBytes = grammar.controls.map { Array($0.utf8) }
    var compiler = ResponseCompiler(grammar)
    compiler.compile()
    states = compiler.states
    turnStart = compiler.turnStart
    modelStart = compiler.modelStart
    rescue = compiler.rescue
    slots = compiler.graph.slots
    keys = compiler.graph.keys
    names = compiler.graph.names
  }

  /// Marks at least this long say for certain what follows; shorter ones stand in any text.
  static let certainMark = 3
  /// What a control token counts.
  static let controlWeight = 100
}
