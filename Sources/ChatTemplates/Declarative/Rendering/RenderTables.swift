// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// A template as flat tables: what rendering reads instead of the tree of segments.
///
/// Entries name each other by number and hold no references, so that going through them counts none.
struct RenderTables: Sendable {
  /// All lists of segments, one after the other.
  var steps: [RenderStep] = []
  /// All conditions; a part stands before what it is a part of.
  var tests: [RenderTest] = []
  /// Values that are written, asked about or gone through.
  var operands: [RenderOperand] = []
  /// The steps of paths that lead on from what a root finds.
  var pathSteps: [PathStep] = []
  var edits: [TextEdit] = []
  var repetitions: [RenderRepetition] = []
  /// Numbers of tests, roles and texts that others refer to by range.
  var lists: [Int32] = []
  /// The bytes of all literals.
  var literals: [UInt8] = []
  /// What those are one by one.
  var literalPieces: [LiteralPiece] = []
  /// Where what is written stands in the template, and the field that it comes from.
  var sources: [Source] = []
  var texts = NumberedTexts()
  /// The roles that the template names.
  var roles = NumberedTexts()
  /// The fields of messages that it reads: the columns of a ``MessageTable``.
  var fields = NumberedTexts()
  var conversions: [TextConversion] = []
  var constants: [JSONValue] = []
  var refusals: [Refusal] = []
  /// What pieces are encoded behind.
  var leads: [EncodingLead] = []
  /// The tests that find the marks.
  var marks: [Int32] = []
  /// The role that takes every other turn, whether that is checked, and before anything is written.
  var alternating: Int32 = -1
  var alternates = false
  var alternatesAhead = false
  /// The test for turns that alternation passes over; negative for none.
  var ignored: Int32 = -1
  /// The roles of system messages: a range of the lists.
  var systemRoles = StepRange()
  var prologue = StepRange()
  /// What is done for each turn: its kind is found and its body run.
  var turn = StepRange()
  var ending = StepRange()
  var opening = StepRange()
  /// Whether anything asks for the assistant's message before a turn.
  var asksAnswered = false

  /// A step on the way to a value: a member by its number among the texts, or an element.
  enum PathStep: Sendable {
    case member(Int32)
    case element(Int32)
  }

  struct Source: Sendable {
    let place: TemplatePlace
    let field: ExactString
    let isRole: Bool

    init(place: TemplatePlace, field: ExactString) {
      self.place = place
      self.field = field
      isRole = field == "role"
    }
  }

  /// One literal of those that a step writes.
  struct LiteralPiece: Sendable {
    /// In bytes.
    var count: Int32
    var source: Int32
    var traits: SegmentNote.Traits
  }

  /// The words of a refusal and the operand that is at fault; negative for none.
  struct Refusal: Sendable {
    enum Part: Sendable {
      case text(String)
      case value(Int32)
    }

    var words: [Part]
    var subject: Int32
  }

  /// Whether a text is among those of a range of the lists.
  func texts(_ range: StepRange, contain text: ExactString) -> Bool {
    for index in range.indices where texts[lists[index]] == text { return true }
    return false
  }
}

/// A range of entries.
struct StepRange: Sendable {
  var start: Int32 = 0
  var end: Int32 = 0

  var indices: Range<Int> { Int(start)..<Int(end) }
  var isEmpty: Bool { start == end }
}

/// Texts by number, each once.
struct NumberedTexts: Sendable {
  private(set) var texts: [ExactString] = []

  subscript(number: Int32) -> ExactString { texts[Int(number)] }

  var count: Int { texts.count }

  /// The bytes of all texts, one after the other, and where each lies among them.
  var joined: (bytes: [UInt8], places: [StepRange]) {
    var bytes: [UInt8] = []
    let places = texts.map { text in
      let start = Int32(bytes.count)
      bytes += text.utf8
      return StepRange(start: start, end: Int32(bytes.count))
    }
    return (bytes, places)
  }

  /// The texts where they lie, for someone who holds them.
  var bytes: [StringBytes] {
    unsafe texts.withUnsafeBufferPointer { texts in
      texts.indices.compactMap { index in
        unsafe texts.baseAddress.flatMap { unsafe StringBytes(of: $0 + index) }
      }
    }
  }

  /// The number of a text, which it gets here where it has none.
  mutating func number(of text: ExactString) -> Int32 {
    if let found = self.find(text) { return found }
    texts.append(text)
    return Int32(texts.count - 1)
  }

  /// The number of a text; nil where it has none.
  ///
  /// - Complexity: O(`count`), which is small.
  func find(_ text: ExactString) -> Int32? {
    for index in texts.indices where texts[index] == text { return Int32(index) }
    return nil
  }
}

/// One step of a render.
struct RenderStep: Sendable {
  enum Action: UInt8, Sendable {
    /// Writes `second` bytes of literals from `first` on, which are `detail` pieces from `source` on.
    case literals
    /// Writes the token for the beginning of the text, or that for the end of a turn.
    case beginningToken, endToken
    /// Writes the operand `first`.
    case slot
    /// The same for a field of the turn's message that is written as it stands, in column `second`.
    case field
    /// Writes the date by the format `first` among the texts.
    case date
    /// Writes what the counter `first` counts, from `second` on.
    case number
    /// Goes through the repetition `first`, whose body ends at `second`.
    case each
    /// Goes on at `second` unless the answer to the test `first` is the expected one.
    case branch
    /// The same for a question about the field in column `first`, the global value `first`, or the
    /// role `first`, and for the first turn; `source` is the test.
    case branchField, branchGlobal, branchRole, branchFirstTurn
    /// Goes on at `second`.
    case jump
    /// Takes white space away around what the steps up to `second` write.
    case trimmed
    /// Writes the steps up to `second` for the role `first`, which a system message may have.
    case block, systemBlock
    /// Writes the steps up to `second` for each next turn that fulfils the test `first`.
    case following
    /// The same, where the steps only refuse.
    case followingSilently
    /// Has what follows encoded apart, behind the lead `first`; negative for none.
    case split
    /// Ends what the model writes.
    case endGenerated
    /// The refusal `first`.
    case refuse
  }

  var action: Action
  /// Of what is written: how it is noted.
  var traits: SegmentNote.Traits = []
  /// Of literals how many they are, of a question about a value the kinds.
  var detail: UInt8 = 0
  /// Of a question the expected answer; of a field whether white space around it may be taken away.
  var flag = false
  var first: Int32 = 0
  var second: Int32 = 0
  /// The number of the source.
  var source: Int32 = -1

  var kinds: ValueKinds { ValueKinds(rawValue: detail) }
  /// Whether the model writes it.
  var isGenerated: Bool { traits.contains(.model) }
}

/// A repetition: what it goes through and how.
struct RenderRepetition: Sendable {
  var list: Int32
  var variable: Int32
  var isOverMembers: Bool
  /// The texts that are passed over: a range of the lists.
  var without: StepRange
  /// The member that stands for the element, by its number among the texts; negative for none.
  var unwrapped: Int32
  /// The step that writes the separator; negative for none.
  var separator: Int32
}

/// A value of the conversation and how it becomes text.
struct RenderOperand: Sendable {
  enum Root: UInt8, Sendable {
    /// A field of a message, or the whole where `slot` is negative.
    case message, system, answered, previous
    case systems, called, calledIndex
    case variable, key
    /// Tools, documents and parameters, by their number in ``GlobalValues``.
    case global
    case thought, answer
    case index, number
  }

  var root: Root
  /// The column, the variable or the number of a global value.
  var slot: Int32 = -1
  /// The steps that lead on.
  var steps = StepRange()
  var edits = StepRange()
  /// The number of the conversion.
  var conversion: Int32
  /// Whether the conversion leaves a string as it is.
  var keepsStrings: Bool
  /// The source; of a thought the next one is its field's, where that holds it.
  var source: Int32
  /// The first element on the path, where the root tells none; negative for none.
  var part: Int32 = -1
  /// The path as the file writes it, among the texts.
  var path: Int32
  /// The texts that end it where it must not hold them, as a range of the lists.
  var ends = StepRange()
  /// Whether it is a field of a message, its reasoning, or a value for the whole conversation, and
  /// written as it stands, save for edits.
  var isPlain = false
  /// Whether later system messages change it: always, or where there is none yet.
  var changesWithSystems = false
  var changesWithFirstSystem = false
}

/// A condition.
struct RenderTest: Sendable {
  enum Question: UInt8, Sendable {
    // The parts are a range of the lists, or `first` and `second`.
    case not, all, any
    case first, last, firstTurn, lastTurn
    case opening, anyTurn, hasSystem, hasAnswered
    /// The turn's role is one of a range of the lists.
    case role
    case previous, next, starting, ending
    case nearestBefore, nearestAfter
    /// `second` is the number of the memo.
    case earlier, later, lastOfRole
    case afterMark
    /// A field of the turn's message, in the column `second`, is of one of the kinds.
    case fieldKind
    /// A global value is of one of the kinds.
    case globalKind
    /// The value of the operand `first` is of one of the kinds.
    case kind
    /// The text that is made of the operand is not empty.
    case hasText
    case isIdentifier
    /// The value is the constant `second`.
    case equals
    /// The text has the text `second` in it, at its start, at its end.
    case contains, starts, ends
    /// The text `second`, or the operand `second`, is in the value.
    case holdsText, holdsValue
    case length
  }

  var question: Question
  var kinds: ValueKinds = []
  var first: Int32 = 0
  var second: Int32 = 0
}

/// What a value is, several kinds for a question about it.
struct ValueKinds: OptionSet, Sendable {
  let rawValue: UInt8

  static let absent = ValueKinds(rawValue: 1)
  static let null = ValueKinds(rawValue: 2)
  /// A boolean or a number.
  static let scalar = ValueKinds(rawValue: 4)
  static let string = ValueKinds(rawValue: 8)
  static let array = ValueKinds(rawValue: 16)
  static let object = ValueKinds(rawValue: 32)
  /// True in Python's sense, beside what else it is.
  static let truthy = ValueKinds(rawValue: 64)

  static let present: ValueKinds = [.null, .scalar, .string, .array, .object]
  static let defined: ValueKinds = [.scalar, .string, .array, .object]
  static let iterable: ValueKinds = [.absent, .string, .array, .object]

  init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// What a value is.
  init(of value: JSONValue?) {
    switch value {
    case nil: self = .absent
    case .null: self = .null
    case .bool, .integer, .bigInteger, .double: self = .scalar
    case .string: self = .string
    case .array: self = .array
    case .object: self = .object
    }
    if PythonText.isTrue(value) { insert(.truthy) }
  }
}
