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
    /// What is noted on the way: a range of the program's actions.
    var actions: Range<Int>
    /// The slot whose text the next mark closes; negative for none.
    var closedSlot: Int
    /// Whether any other way to the state is preferred.
    var isLate: Bool
    /// Whether the answer ends by it.
    var isStop: Bool
  }

  /// A state; lists are ranges of the program's arrivals, so that reading a byte counts no references.
  struct State: Sendable {
    var kind: Kind
    /// What comes after it; for text and white space, what may come instead of more of it.
    var next: Range<Int>
    /// For a control token: what comes after its first byte.
    var spelled: Range<Int>
    /// For what lasts, such as text: the bytes that may be the first of what comes next.
    var firstBytes: ByteSet
    /// For text and white space: whether the answer may end here.
    var mayEnd: Bool
  }

  private(set) var states: [State] = []
  private(set) var arrivals: [Arrival] = []
  private(set) var actions: [Action] = []
  /// Where a turn starts, its header included, and where the model starts to write.
  private(set) var turnStart = 0..<0
  private(set) var modelStart = 0..<0
  /// The state that reads what follows no form, up to any mark.
  let rescue: Int
  let slots: [ResponseGrammar.Slot]
  /// What the text of each slot is.
  let targets: [ResponseGrammar.Slot.Target]
  let keys: [ResponseGrammar.CallKeys]
  let names: [ExactString]
  let controls: [ExactString]
  let controlBytes: [[UInt8]]

  init(_ grammar: ResponseGrammar) {
    controls = grammar.controls
    controlBytes = grammar.controls.map { Array($0.utf8) }
    var compiler = ResponseCompiler(grammar)
    compiler.compile()
    rescue = compiler.rescue
    slots = compiler.graph.slots
    targets = slots.map(\.target)
    keys = compiler.graph.keys
    names = compiler.graph.names
    turnStart = add(compiler.turnStart)
    modelStart = add(compiler.modelStart)
    for state in compiler.states {
      states.append(
        State(
          kind: state.kind, next: add(state.next), spelled: add(state.spelled),
          firstBytes: state.firstBytes, mayEnd: state.mayEnd))
    }
  }

  private mutating func add(_ list: [ResponseCompiler.Arrival]) -> Range<Int> {
    let start = arrivals.count
    for arrival in list {
      let first = actions.count
      actions += arrival.actions
      var entry = Arrival(
        state: arrival.state, actions: first..<actions.count, closedSlot: -1,
        isLate: arrival.isLate, isStop: false)
      for action in arrival.actions {
        if case .closes(let slot) = action, entry.closedSlot < 0 { entry.closedSlot = slot }
        if case .openStop = action { entry.isStop = true }
      }
      arrivals.append(entry)
    }
    return start..<arrivals.count
  }

  /// Marks at least this long say for certain what follows; shorter ones stand in any text.
  static let certainMark = 3
  /// What a control token counts.
  static let controlWeight = 100
}
