// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// Renders one conversation by a program, in one pass over its steps.
struct DeclarativeRenderer: ~Copyable {
  let program: RenderProgram
  // Views of the program's tables, which it holds.
  let steps: FlatView<RenderStep>
  let tests: FlatView<RenderTest>
  let operands: FlatView<RenderOperand>
  let edits: FlatView<TextEdit>
  private let kinds: FlatView<RenderTables.Turn>
  let lists: FlatView<Int32>
  let literals: FlatView<UInt8>
  var table: MessageTable
  private(set) var globals: GlobalValues
  let bos: ExactString?
  let eos: ExactString?
  let now: CivilTime
  let hasOpening: Bool

  /// The messages that are turns, and those that were taken out of them.
  private(set) var turns: [Int32] = []
  private(set) var systems: [Int32] = []
  /// The place of every mark among the turns.
  private(set) var marks: [Int] = []

  var output: PromptOutput
  /// The place of the current turn among the turns.
  var position = 0
  /// The innermost repetition inside the turn: its place, negative for none, and its count.
  var loop = (index: -1, count: 0)
  var variables: [LoopVariable?] = []
  /// What conditions found in the conversation, as a place among the turns.
  var memos: [Int?]
  /// The nearest assistant's turn before each turn; negative for none.
  private(set) var answered: [Int] = []
  /// The call that a tool's turn answers, where the template asks for it: a turn and a place in it.
  private(set) var called: [Int: CallPlace] = [:]
  /// The reasoning of the message that was asked for last.
  var reasoning: TurnReasoning?
  /// How often each numbered place was written.
  private var counters: [Int]
  /// How many bytes at the front no later turn can change, as far as is known.
  private(set) var stableCount = Int.max

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

  init(_ program: RenderProgram, _ input: PreparedConversation) {
    self.program = program
    steps = program.steps.view
    tests = program.tests.view
    operands = program.operands.view
    edits = program.edits.view
    kinds = program.turnKinds.view
    lists = program.lists.view
    literals = program.literals.view
    table = MessageTable(input.messages, for: program)
    globals = program.defaults
    globals.take(input, for: program)
    bos = input.arguments["bos_token"]?.string ?? input.bos ?? program.definition.bos
    eos = input.arguments["eos_token"]?.string ?? input.eos ?? program.definition.eos
    now = input.now
    hasOpening = input.addGenerationPrompt
    let count = input.messages.count
    output = PromptOutput(
      capacity: 512 + table.texts.count + 96 * count, pieceCount: 16 + 6 * count)
    memos = Array(repeating: nil, count: program.definition.memoCount)
    counters = Array(repeating: 0, count: program.definition.counters.count)
  }

  /// Writes everything to the output.
  mutating func render() throws(ChatTemplateError) {
    sortMessages()
    if program.definition.linksResults { linkResults() }
    try findMarks()
    try checkSystemOrder()
    try checkAhead()
    try run(program.tables.prologue)
    for place in turns.indices {
      position = place
      try checkAlternation()
      try renderTurn()
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

  // MARK: Stability

  /// Notes that what is written from here on could be other text if more turns followed.
  mutating func noteChangeable() {
    stableCount = min(stableCount, output.bytes.count)
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
    turns.reserveCapacity(table.messages.count)
    var lastAnswer = -1
    for index in table.messages.indices {
      let role = table.roles[index]
      let isTaken =
        switch policy {
        case .turn: false
        case .first: index == 0 && program.tables.systemRoles.contains(role)
        case .all: program.tables.systemRoles.contains(role)
        }
      if isTaken {
        systems.append(Int32(index))
        continue
      }
      if program.tables.asksAnswered {
        answered.append(lastAnswer)
        if role == RenderCompiler.assistant { lastAnswer = turns.count }
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
        position = candidate
        if try holds(program.tables.marks[number]) {
          place = candidate
          break
        }
      }
      marks.append(place)
    }
    position = 0
  }

  private mutating func renderTurn() throws(ChatTemplateError) {
    let message = turns[position]
    let role = table.roles[Int(message)]
    output.role = message
    output.message = message
    for number in 0..<kinds.count {
      let kind = kinds[number]
      if !kind.takesAnyRole, !listed(role, kind.roles) { continue }
      if kind.test >= 0, !(try holds(kind.test)) { continue }
      return try run(kind.body)
    }
  }

  /// Refuses a system message that follows where none may.
  private func checkSystemOrder() throws(ChatTemplateError) {
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
      position = place
      if program.tables.ignored >= 0, try holds(program.tables.ignored) { continue }
      try checkRole(place, count)
      count += 1
    }
    position = 0
  }

  private func checkAlternation() throws(ChatTemplateError) {
    if program.tables.alternates { try checkRole(position, position) }
  }

  /// Refuses a turn of the wrong role, by how many turns count before it.
  private func checkRole(_ place: Int, _ count: Int) throws(ChatTemplateError) {
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
      let step = steps[place]
      place += 1
      switch step.action {
      case .literal: output.write(literals, step)
      case .field: if !writeField(step) { try write(operand: step.first) }
      case .slot: try write(operand: step.first)
      case .unless: if !(try holds(step.first)) { place = Int(step.second) }
      case .jump: place = Int(step.second)
      case .beginningToken: try write(token: bos, .bos, step)
      case .endToken: try write(token: eos, .eos, step)
      case .date:
        write(now.formatted(program.tables.texts[step.first].string), step)
      case .number:
        write(String(Int(step.second) + counters[Int(step.first)]), step)
        counters[Int(step.first)] += 1
      case .split: output.split(behind: step.first)
      case .beginGenerated: output.isGenerated = true
      case .endGenerated: output.endGenerated()
      case .refuse: try refuse(step.first)
      default:
        try runNested(step, place, Int(step.second))
        place = Int(step.second)
      }
    }
  }

  /// Runs a step that has others inside.
  private mutating func runNested(_ step: RenderStep, _ start: Int, _ end: Int)
    throws(ChatTemplateError)
  {
    switch step.action {
    case .each: try repeatSteps(program.tables.repetitions[Int(step.first)], start, end)
    case .trimmed:
      let first = output.bytes.count
      try run(start, end)
      output.trim(since: first)
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

  private mutating func write(_ text: String, _ step: RenderStep) {
    output.write(text.utf8Span.span, isControl: false, source: step.source)
  }

  private mutating func write(token: ExactString?, _ name: SpecialToken, _ step: RenderStep)
    throws(ChatTemplateError)
  {
    guard let token else { throw ChatTemplateError(.missingField("\(name.rawValue)_token")) }
    output.write(
      token.string.utf8Span.span, isControl: true,
      isStop: program.definition.stop.contains(token), source: step.source)
  }

  /// Writes the next turns inside this one, as long as they fulfil a condition.
  private mutating func runFollowing(_ step: RenderStep, _ start: Int, _ end: Int)
    throws(ChatTemplateError)
  {
    let (here, role, message) = (position, output.role, output.message)
    defer {
      position = here
      (output.role, output.message) = (role, message)
    }
    while position + 1 < turns.count {
      position += 1
      guard try holds(step.first) else { return }
      output.role = turns[position]
      output.message = turns[position]
      try run(start, end)
    }
    if step.action == .following { noteChangeable() }
  }
}
