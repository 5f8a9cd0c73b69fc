// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// Makes tables of a definition.
struct RenderCompiler {
  /// The number of the assistant's role.
  static let assistant: Int32 = 0
  /// The columns of the role, of the content, and of the field that holds reasoning.
  static let roleColumn: Int32 = 0
  static let contentColumn: Int32 = 1
  static let reasoningColumn: Int32 = 2

  let definition: TemplateDefinition
  var tables = RenderTables()
  /// The field that an enclosing repetition's elements come from, by variable.
  private(set) var variableFields: [ExactString]
  /// The conditions around the step that is being added, outer ones first.
  private var questions: [Condition] = []
  /// Whether the model writes what is being added.
  private var isGenerated = false
  /// How many enclosing parts lose white space at their ends, where each piece stands alone.
  private var trimDepth = 0
  /// The last place that steps elsewhere lead to.
  private var label = 0

  init(_ definition: TemplateDefinition) {
    self.definition = definition
    variableFields = Array(repeating: "", count: definition.variableCount)
  }

  mutating func compile() {
    // Roles and fields of every conversation come first, so that all their numbers are known.
    for role in [Role.assistant, .user] { _ = tables.roles.number(of: role.rawValue) }
    for field in ["role", "content"] as [ExactString] { _ = tables.fields.number(of: field) }
    if let rule = definition.reasoning { _ = tables.fields.number(of: rule.field) }
    tables.systemRoles = list(definition.systemRoles) { $0.tables.roles.number(of: $1) }
    tables.marks = definition.marks.map { test($0.condition) }
    if let rule = definition.alternation {
      tables.alternating = tables.roles.number(of: rule.role)
      tables.alternates = !rule.isCheckedAhead
      tables.alternatesAhead = rule.isCheckedAhead
      if let ignoring = rule.ignoring { tables.ignored = test(ignoring) }
    }
    tables.prologue = steps(definition.prologue)
    tables.turn = turnSteps()
    tables.ending = steps(definition.ending)
    tables.opening = steps(definition.opening)
  }

  /// Keeps numbers of things as a range of the lists.
  mutating func list<Element>(
    _ elements: [Element], _ number: (inout RenderCompiler, Element) -> Int32
  ) -> StepRange {
    // A part may have lists of its own, which come first.
    let numbers = elements.map { number(&self, $0) }
    let start = Int32(tables.lists.count)
    tables.lists += numbers
    return StepRange(start: start, end: Int32(tables.lists.count))
  }

  mutating func source(_ place: TemplatePlace, field: ExactString = "") -> Int32 {
    tables.sources.append(.init(place: place, field: field))
    return Int32(tables.sources.count - 1)
  }

  // MARK: Segments

  private mutating func steps(_ segments: [Segment]) -> StepRange {
    let start = here()
    for segment in segments { add(segment) }
    return StepRange(start: start, end: here())
  }

  /// Finds the kind of a turn and runs its body; the first that fits is taken.
  private mutating func turnSteps() -> StepRange {
    let start = here()
    var ends: [Int] = []
    for turn in definition.turns {
      var others: [Int] = []
      if let roles = turn.roles { others += branch(.role(roles), expecting: true) }
      if let condition = turn.condition { others += branch(condition, expecting: true) }
      questions = turn.condition.map { [$0] } ?? []
      for segment in turn.body { add(segment) }
      ends.append(emit(.jump))
      land(others)
    }
    questions = []
    land(ends)
    return StepRange(start: start, end: here())
  }

  @discardableResult
  mutating func emit(
    _ action: RenderStep.Action, _ first: Int32 = 0, _ second: Int32 = 0, source: Int32 = -1
  ) -> Int {
    let traits: SegmentNote.Traits = isGenerated ? .model : []
    tables.steps.append(
      RenderStep(action: action, traits: traits, first: first, second: second, source: source))
    return tables.steps.count - 1
  }

  /// The place of the next step, to which others will lead.
  mutating func here() -> Int32 {
    label = tables.steps.count
    return Int32(label)
  }

  /// Has some steps lead to the next one.
  mutating func land(_ jumps: [Int]) {
    if jumps.isEmpty { return }
    let target = here()
    for jump in jumps { tables.steps[jump].second = target }
  }

  /// The step that was added last, unless others lead to what follows it.
  private var preceding: Int? {
    label < tables.steps.count ? tables.steps.count - 1 : nil
  }

  /// Adds a step and the parts that it governs, whose end it then knows.
  private mutating func emit(_ action: RenderStep.Action, _ first: Int32 = 0, parts: [Segment]) {
    let head = emit(action, first)
    for part in parts { add(part) }
    land([head])
  }

  private mutating func add(_ segment: Segment) {
    switch segment {
    case .literal(let literal): add(literal)
    case .token(let token, let place):
      emit(token == .bos ? .beginningToken : .endToken, source: source(place))
    case .slot(let operand): add(slot: operand)
    case .date(let format, let place):
      emit(.date, tables.texts.number(of: ExactString(format)), source: source(place))
    case .number(let counter, let start, let place):
      emit(.number, Int32(counter), Int32(clamping: start), source: source(place))
    case .split(let lead): add(split: lead)
    case .each(let each): add(each)
    case .choice(let condition, let then, let otherwise):
      add(choice: condition, then, otherwise)
    case .trimmed(let parts):
      trimDepth += 1
      emit(.trimmed, parts: parts)
      trimDepth -= 1
    case .generated(let parts):
      isGenerated = true
      for part in parts { add(part) }
      endGenerated()
    case .block(let role, let parts):
      let isSystem = definition.systemRoles.contains(role)
      emit(isSystem ? .systemBlock : .block, tables.roles.number(of: role), parts: parts)
    case .following(let condition, let parts):
      let canWrite = parts.contains(where: \.canWrite)
      emit(canWrite ? .following : .followingSilently, test(condition), parts: parts)
    case .refusal(let refusal): add(refusal)
    }
  }

  private mutating func add(slot operand: Operand) {
    let number = self.operand(operand)
    let entry = tables.operands[Int(number)]
    guard entry.isPlain, entry.root == .message else {
      emit(.slot, number)
      return
    }
    let step = emit(.field, number, entry.slot, source: entry.source)
    tables.steps[step].traits.formUnion(isGenerated ? .field : [.field, .caller])
    tables.steps[step].flag = !entry.edits.isEmpty
  }

  private mutating func add(split lead: EncodingLead?) {
    if let lead { tables.leads.append(lead) }
    emit(.split, lead == nil ? -1 : Int32(tables.leads.count - 1))
  }

  private mutating func add(_ refusal: Segment.Refusal) {
    let words = refusal.words.map { part -> RenderTables.Refusal.Part in
      switch part {
      case .text(let text): .text(text)
      case .value(let operand): .value(self.operand(operand))
      }
    }
    let subject = refusal.subject ?? refusal.named ?? asked
    tables.refusals.append(.init(words: words, subject: subject.map { operand($0) } ?? -1))
    emit(.refuse, Int32(tables.refusals.count - 1))
  }

  /// The value that the nearest question around a step asks about.
  private var asked: Operand? {
    questions.reversed().lazy.compactMap(\.subject).first
  }

  private mutating func add(choice condition: Condition, _ then: [Segment], _ otherwise: [Segment])
  {
    let others = branch(condition, expecting: true)
    questions.append(condition)
    for part in then { add(part) }
    if otherwise.isEmpty {
      land(others)
    } else {
      let over = emit(.jump)
      land(others)
      for part in otherwise { add(part) }
      land([over])
    }
    questions.removeLast()
  }

  private mutating func add(_ each: Segment.Each) {
    let list = operand(each.list)
    variableFields[each.variable] = tables.sources[Int(tables.operands[Int(list)].source)].field
    var repetition = RenderRepetition(
      list: list, variable: Int32(each.variable), isOverMembers: each.isOverMembers,
      without: self.list(each.without) { $0.tables.texts.number(of: $1) },
      unwrapped: each.unwrapped.map { tables.texts.number(of: $0) } ?? -1, separator: -1)
    let head = emit(.each, Int32(tables.repetitions.count))
    if let separator = each.separator {
      repetition.separator = here()
      add(separator)
      if here() == repetition.separator { repetition.separator = -1 }
    }
    tables.repetitions.append(repetition)
    for part in each.body { add(part) }
    land([head])
  }
}

// MARK: Literals

extension RenderCompiler {
  /// Adds a literal to those that stand right before it, else as a step of its own.
  private mutating func add(_ literal: Segment.Literal) {
    if literal.text.isEmpty { return }
    var traits: SegmentNote.Traits = isGenerated ? .model : []
    if literal.isControl { traits.insert(.control) }
    if literal.isControl, definition.stop.contains(where: { $0.utf8.elementsEqual(literal.text) }) {
      traits.insert(.stop)
    }
    let piece = RenderTables.LiteralPiece(
      count: Int32(literal.text.count), source: source(literal.place), traits: traits)
    let step =
      joinable
      ?? emit(.literals, Int32(tables.literals.count), source: Int32(tables.literalPieces.count))
    tables.literalPieces.append(piece)
    tables.literals += literal.text
    tables.steps[step].second += piece.count
    tables.steps[step].detail += 1
    noteEnds(of: step)
  }

  /// The literals that stand right before the next step, where one more may join them.
  private var joinable: Int? {
    guard let step = preceding, tables.steps[step].action == .literals, trimDepth == 0,
      tables.steps[step].detail < .max
    else { return nil }
    return step
  }

  /// Notes what the first and the last literal of a step are.
  private mutating func noteEnds(of step: Int) {
    let first = Int(tables.steps[step].source)
    let last = first + Int(tables.steps[step].detail) - 1
    tables.steps[step].traits = tables.literalPieces[first].traits.intersection(.control)
    tables.steps[step].traits.formUnion(
      tables.literalPieces[last].traits.intersection([.stop, .terminator]))
    tables.steps[step].traits.insert(.literals)
  }

  /// Ends what the model writes: a control token that stands there, and is a stop, is its end.
  private mutating func endGenerated() {
    isGenerated = false
    guard let step = preceding, tables.steps[step].action == .literals else {
      emit(.endGenerated)
      return
    }
    let last = tables.literalPieces.count - 1
    if tables.literalPieces[last].traits.contains(.stop) {
      tables.literalPieces[last].traits.insert(.terminator)
      noteEnds(of: step)
    }
  }
}

extension Segment.Refusal {
  /// The first value of a message that its words name.
  fileprivate var named: Operand? {
    for case .value(let operand) in words where operand.isOfMessage { return operand }
    return nil
  }
}

extension Condition {
  /// The value of a message that decides it, at the turn where it is asked.
  fileprivate var subject: Operand? {
    switch self {
    case .not(let inner): inner.subject
    case .all(let parts), .any(let parts): parts.lazy.compactMap(\.subject).first
    default: operand.flatMap { $0.isOfMessage ? $0 : nil }
    }
  }
}

extension Operand {
  /// Whether it is a part of a message, or of what an `each` goes through.
  fileprivate var isOfMessage: Bool {
    switch path.root {
    case .message, .system, .systems, .variable, .key, .thought, .answer: true
    default: false
    }
  }
}
