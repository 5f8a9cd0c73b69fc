// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// A template file, read and checked: all that rendering, masks, stops and parsing follow from.
struct TemplateDefinition: Sendable {
  /// What a family's messages outside the turns are for.
  enum SystemPolicy: String, Sendable, CaseIterable {
    /// System messages are turns as any other.
    case turn
    /// The first message, where it has one of the roles, is taken out of the turns.
    case first
    /// All messages with one of the roles are taken out of the turns.
    case all
  }

  /// How reasoning is found in an assistant's message.
  struct Reasoning: Sendable {
    /// The field that holds it where it is a string.
    var field: ExactString
    /// The marks around it inside `content`, where the field holds none.
    var open: String
    var close: String
    /// Whether content that is a list of parts is read as its text, or as nothing.
    var readsParts: Bool
  }

  /// The rule that users and assistants take turns.
  struct Alternation: Sendable {
    var role: ExactString
    var ignoring: Condition?
    var error: String
    var isCheckedAhead: Bool
    var place: TemplatePlace
  }

  /// A template variable that callers may set.
  struct Parameter: Sendable {
    enum Fallback: Sendable { case value(JSONValue), date(String) }
    var name: ExactString
    var fallback: Fallback?
  }

  /// A kind of turn: the first that fits a message renders it.
  struct Turn: Sendable {
    var name: String
    var roles: [ExactString]?
    var condition: Condition?
    var body: [Segment]
  }

  /// A position in the conversation by name: the last turn that fulfils a condition.
  struct Mark: Sendable {
    var name: String
    var condition: Condition
    /// The position where no turn does: past the end, or before the start.
    var isEndWhenAbsent: Bool
  }

  var name: ExactString
  var aliases: [ExactString] = []
  var about = ""
  var sourceModel = ""
  var sourceReference = ""
  var sourceDate = ""
  var variant = TemplateInformation.Variant.instruct
  var bos: ExactString?
  var eos: ExactString?
  var stop: [ExactString] = []
  /// The plain texts at which generation should stop, where no token ends what the model writes.
  var stopStrings: [ExactString] = []
  var boundary = TokenBoundary.fuse
  var parameters: [Parameter] = []
  /// Parameters that stand for the tools where they are given, and those that do where not empty.
  var toolsParameter: (name: ExactString, mustBeTrue: Bool)?
  var systemPolicy = SystemPolicy.turn
  var systemRoles: [ExactString] = ["system"]
  /// The roles after which no system message may stand, and the words that refuse it.
  var systemOrder: (after: [ExactString], error: String)?
  var reasoning: Reasoning?
  var alternation: Alternation?
  var marks: [Mark] = []
  var prologue: [Segment] = []
  var turns: [Turn] = []
  var ending: [Segment] = []
  var opening: [Segment] = []
  /// What happens to text that holds what ends it; nil where the file does not say.
  var textMarks: TextMarks?
  /// The laws that the family does not keep, and why.
  var exceptions: [TemplateLaw: String] = [:]
  /// How answers are read.
  let responses = ResponseProgramStore()
  /// Forms of an answer that the model writes and the turns do not.
  var answers: [[Segment]] = []
  /// The fields of messages that the template reads.
  var readFields: Set<ExactString> = []
  /// The control tokens that it writes.
  var controlTokens: [ExactString] = []
  /// The files that it was read from, its own first.
  var sources: [TemplateSource] = []
  /// Its literals, one after the other.
  var literalText = ""
  /// Whether it asks which call a result answers.
  var linksResults = false
  /// The names under which places are numbered.
  var counters: [String] = []
  /// How many loop variables are open at once, at most.
  var variableCount = 0
  /// How many conditions keep what they found in the conversation.
  var memoCount = 0
}
