// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// Renders one conversation by a program, in one pass over its steps.
///
/// Methods on the way of a render are `mutating` also where they change nothing: others are given a
/// copy of the whole renderer.
struct DeclarativeRenderer: ~Copyable {
  let program: RenderProgram
  /// Views of the program's tables, which it holds.
  let views: RenderViews
  /// What the tables and the made texts of this render lie in.
  var memory: RenderMemory
  let table: MessageTable
  let globals: GlobalValues
  /// The tokens that the options put in the place of the template's own.
  private let bos: ExactString?
  private let eos: ExactString?
  let hasOpening: Bool

  /// The messages that are turns, and those that were taken out of them.
  private(set) var turns: HeldList<Int32>
  private(set) var systems: HeldList<Int32>
  /// The place of every mark among the turns.
  private(set) var marks: [Int] = []

  var output: PromptOutput
  /// The place of the current turn among the turns.
  private(set) var position = 0
  /// Its message and the role of that; negative where there is none.
  private(set) var message = SegmentNote.none
  private(set) var role = SegmentNote.none
  /// The innermost repetition inside the turn: its place, negative for none, and its count.
  var loop = (index: -1, count: 0)
  var variables: [LoopVariable?] = []
  /// What conditions found in the conversation, as a place among the turns.
  var memos: [Int?]
  /// The nearest assistant's turn before each turn; negative for none.
  private(set) var answered: HeldList<Int32>
  /// The call that a tool's turn answers, where the template asks for it: a turn and a place in it.
  private(set) var called: [Int: CallPlace] = [:]
  /// The reasoning of the message that was asked for last.
  var reasoning: TurnReasoning?
  /// How often each numbered place was written.
  private var counters: [Int]
  /// How many bytes at the front no later turn can change, as far as is known.
  private(set) var stableCount = Int.max
  /// The render's moment; nil until it is asked for where the options tell none.
  private var now: CivilTime?
  /// The tokens that options can replace, once they were written.
  private var tokens: (bos: HeldToken?, eos: HeldToken?)

  /// One of the two tokens that options can replace.
  private struct HeldToken {
    let text: HeldText
    let traits: SegmentNote.Traits
  }

  /// The element of an open repetition.
  struct LoopVariable {
    /// The list or the object that it is from, by the number of the operand.
    var list: Int32
    /// Its place in a list; negative in an object.
    var index: Int32 = -1
    /// Its key in an object; of a list's element the member that stands for it, if any.
    var key: ExactString
    var value: JSONValue
    var origin: FieldOrigin
  }

  /// A call: its turn, its place there, and its place among all calls of the conversation.
  struct CallPlace {
    var turn: Int
    var index: Int
    var number: Int
  }

  /// A renderer of messages that were prepared.
  ///
  /// What stands for the template's own tokens is nil where nothing does, and so is the moment.
  init(
    _ program: RenderProgram, _ messages: [Message], _ globals: GlobalValues,
    bos: ExactString?, eos: ExactString?, now: CivilTime?, hasOpening: Bool
  ) {
    self.program = program
    self.globals = globals
    self.bos = bos
    self.eos = eos
    self.now = now
    self.hasOpening = hasOpening
    views = program.views
    let count = messages.count
    memory = RenderMemory(capacity: 256 + count * (24 + MessageTable.size(for: program)))
    table = MessageTable(messages, for: program, in: &memory)
    turns = memory.list(of: Int32.self, capacity: count)
    systems = memory.list(of: Int32.self, capacity: count)
    answered = memory.list(of: Int32.self, capacity: program.tables.asksAnswered ? count : 0)
    output = PromptOutput(pieceCount: 16 + 5 * count)
    memos = Array(repeating: nil, count: program.definition.memoCount)
    counters = Array(repeating: 0, count: program.definition.counters.count)
  }

  /// Writes everything to the output.
  mutating func render() throws(ChatTemplateError) {
    sortMessages()
    if program.definition.linksResults { linkResults() }
    move(to: 0)
    try findMarks()
    try checkSystemOrder()
    try checkAhead()
    try run(program.tables.prologue)
    let turn = program.tables.turn
    for place in turns.indices {
      move(to: place)
      try checkAlternation()
      output.role = message
      output.message = message
      try run(turn)
    }
    output.role = SegmentNote.none
    output.message = SegmentNote.none
    noteChangeable()
    try run(program.tables.ending)
    if hasOpening {
      output.role = SegmentNote.role(named: RenderCompiler.assistant)
      try run(program.tables.opening)
    }
  }

  /// The notes, when all is written.
  consuming func finish() -> NoteBuffer { output.finish() }

  /// Goes to a turn, or to a place where there is none.
  @inline(__always)
  mutating func move(to place: Int) {
    position = place
    guard turns.indices.contains(place) else {
      (message, role) = (SegmentNote.none, SegmentNote.none)
      return
    }
    message = turns[place]
    role = table.roles[Int(message)]
  }

  // MARK: Stability

  /// Notes that what is written from here on could be other text if more turns followed.
  mutating func noteChangeable() {
    stableCount = min(stableCount, output.count)
  }

  /// Notes the use of a value that later system messages can change.
  mutating func noteUse(of operand: RenderOperand) {
    if operand.changesWithSystems || operand.changesWithFirstSystem && systems.isEmpty {
      noteChangeable()
    }
  }

  // MARK: Turns

  private mutating func sortMessages() {
    let policy = program.definition.systemPolicy
    let systemRoles = program.tables.systemRoles
    let asksAnswered = program.tables.asksAnswered
    var lastAnswer: Int32 = -1
    for index in table.roles.indices {
      let role = table.roles[index]
      let isTaken =
        switch policy {
        case .turn: false
        case .first: index == 0 && listed(role, systemRoles)
        case .all: listed(role, systemRoles)
        }
      if isTaken {
        systems.append(Int32(index))
        continue
      }
      if asksAnswered {
        answered.append(lastAnswer)
        if role == RenderCompiler.assistant { lastAnswer = Int32(turns.count) }
      }
      turns.append(Int32(index))
    }
  }

  /// Finds for every tool's turn the nearest call before it that has its identifier, or none as it.
  private mutating func linkResults() {
    var calls: [ExactString?: CallPlace] = [:]
    var count = 0
    for place in turns.indices {
      let message = table.messages[Int(turns[place])].fields
      for (index, call) in (message["tool_calls"]?.array ?? []).enumerated() {
        calls[call["id"]?.string] = CallPlace(turn: place, index: index, number: count)
        count += 1
      }
      if message["role"]?.string == Role.tool.rawValue {
        called[place] = calls[message["tool_call_id"]?.string]
      }
    }
  }

  private mutating func findMarks() throws(ChatTemplateError) {
    for (number, mark) in program.definition.marks.enumerated() {
      var place = mark.isEndWhenAbsent ? turns.count - 1 + systems.count : -1
      for candidate in turns.indices.reversed() {
        move(to: candidate)
        if try holds(program.tables.marks[number]) {
          place = candidate
          break
        }
      }
      marks.append(place)
    }
    move(to: 0)
  }

  /// Refuses a system message that follows where none may.
  private mutating func checkSystemOrder() throws(ChatTemplateError) {
    guard let rule = program.definition.systemOrder else { return }
    var before: ExactString = ""
    for (index, message) in table.messages.enumerated() {
      let role = message.fields["role"]?.string ?? ""
      if rule.after.contains(before), program.definition.systemRoles.contains(role) {
        throw ChatTemplateError(.refused(rule.error), message: index, field: "role")
      }
      before = role
    }
  }

  // MARK: Alternation

  private mutating func checkAhead() throws(ChatTemplateError) {
    guard program.tables.alternatesAhead else { return }
    // A refusal is no text that could change.
    let stable = stableCount
    defer { stableCount = stable }
    var count = 0
    for place in turns.indices {
      move(to: place)
      if program.tables.ignored >= 0, try holds(program.tables.ignored) { continue }
      try checkRole(place, count)
      count += 1
    }
    move(to: 0)
  }

  private mutating func checkAlternation() throws(ChatTemplateError) {
    if program.tables.alternates { try checkRole(position, position) }
  }

  /// Refuses a turn of the wrong role, by how many turns count before it.
  private mutating func checkRole(_ place: Int, _ count: Int) throws(ChatTemplateError) {
    let message = turns[place]
    if (table.roles[Int(message)] == program.tables.alternating) == (count % 2 == 0) { return }
    let words = program.definition.alternation?.error ?? ""
    throw ChatTemplateError(.refused(words), message: Int(message), field: "role")
  }

  // MARK: Steps

  mutating func run(_ range: StepRange) throws(ChatTemplateError) {
    try run(Int(range.start), Int(range.end))
  }

  mutating func run(_ start: Int, _ end: Int) throws(ChatTemplateError) {
    var place = start
    while place < end {
      let here = place
      place &+= 1
      switch views.steps[here].action {
      case .literals: output.write(views.literals, views.steps[here])
      case .field:
        if !writeField(views.steps[here]) { try write(operand: views.steps[here]) }
      case .branchField:
        let step = views.steps[here]
        guard message >= 0 else { throw missing(about: step.source) }
        let isSome = table.kinds(message, step.first).isSome(of: step.kinds)
        if isSome != step.flag { place = Int(step.second) }
      case .branchRole:
        let step = views.steps[here]
        if (role == step.first) != step.flag { place = Int(step.second) }
      case .branchGlobal:
        let step = views.steps[here]
        let isSome = globals.kinds(step.first).isSome(of: step.kinds)
        if isSome != step.flag { place = Int(step.second) }
      case .branchFirstTurn:
        let step = views.steps[here]
        if (position == 0) != step.flag { place = Int(step.second) }
      case .branch:
        let step = views.steps[here]
        if try holds(step.first) != step.flag { place = Int(step.second) }
      case .jump: place = Int(views.steps[here].second)
      case .endGenerated: output.endGenerated()
      default: try runSpecial(views.steps[here], &place)
      }
    }
  }

  /// Runs a step that is not needed for every turn.
  @inline(never)
  private mutating func runSpecial(_ step: RenderStep, _ place: inout Int)
    throws(ChatTemplateError)
  {
    switch step.action {
    case .slot: try write(operand: step)
    case .beginningToken: try write(.bos, step)
    case .endToken: try write(.eos, step)
    case .split: output.split(behind: step.first)
    case .date, .number: writeMade(step)
    case .refuse: try refuse(step.first)
    default:
      try runNested(step, place, Int(step.second))
      place = Int(step.second)
    }
  }

  /// Runs a step that has others inside.
  private mutating func runNested(_ step: RenderStep, _ start: Int, _ end: Int)
    throws(ChatTemplateError)
  {
    switch step.action {
    case .each: try repeatSteps(program.tables.repetitions[Int(step.first)], start, end)
    case .trimmed:
      let (first, firstNote) = (output.count, output.notes.count)
      try run(start, end)
      output.trim(since: firstNote)
      if stableCount > first, stableCount != .max { stableCount = first }
    case .block, .systemBlock:
      let (role, message) = (output.role, output.message)
      output.role = SegmentNote.role(named: step.first)
      if step.action == .systemBlock { output.message = systems.first ?? SegmentNote.none }
      try run(start, end)
      (output.role, output.message) = (role, message)
    default: try runFollowing(step, start, end)
    }
  }

  /// Writes text of the template's own that is made for the render.
  private mutating func writeMade(_ step: RenderStep) {
    let text: String
    if step.action == .date {
      // All dates of a render are of one moment.
      let now = self.now ?? .now
      self.now = now
      text = now.formatted(program.tables.texts[step.first].string)
    } else {
      text = String(Int(step.second) + counters[Int(step.first)])
      counters[Int(step.first)] += 1
    }
    output.write(own: memory.hold(text), step.traits, source: step.source)
  }

  private mutating func write(_ name: SpecialToken, _ step: RenderStep) throws(ChatTemplateError) {
    let isBeginning = name == .bos
    let token: HeldToken
    if let known = isBeginning ? tokens.bos : tokens.eos {
      token = known
    } else {
      token = try hold(name)
      if isBeginning { tokens.bos = token } else { tokens.eos = token }
    }
    output.write(own: token.text, token.traits.union(step.traits), source: step.source)
  }

  private mutating func hold(_ name: SpecialToken) throws(ChatTemplateError) -> HeldToken {
    let own = name == .bos ? program.definition.bos : program.definition.eos
    guard let token = (name == .bos ? bos : eos) ?? own else {
      throw ChatTemplateError(.missingField("\(name.rawValue)_token"))
    }
    return HeldToken(
      text: memory.hold(token.string),
      traits: program.definition.stop.contains(token) ? [.control, .stop] : .control)
  }

  /// Writes the next turns inside this one, as long as they fulfil a condition.
  private mutating func runFollowing(_ step: RenderStep, _ start: Int, _ end: Int)
    throws(ChatTemplateError)
  {
    let (here, role, message) = (position, output.role, output.message)
    defer {
      move(to: here)
      (output.role, output.message) = (role, message)
    }
    while position + 1 < turns.count {
      move(to: position + 1)
      guard try holds(step.first) else { return }
      output.role = self.message
      output.message = self.message
      try run(start, end)
    }
    if step.action == .following { noteChangeable() }
  }
}
