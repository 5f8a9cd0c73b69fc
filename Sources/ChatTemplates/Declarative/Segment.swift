// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// A piece of a template.
///
/// The set is closed: what a family needs beyond it is a new case for all.
indirect enum Segment: Sendable {
  /// Text of the template's own; a control token where it is one token of the vocabulary.
  case literal(Literal)
  /// The beginning-of-text or end-of-turn token, which a caller's options can replace.
  case token(SpecialToken, TemplatePlace)
  /// A field of the conversation.
  case slot(Operand)
  /// Today's date by a `strftime` format.
  case date(String, TemplatePlace)
  /// A repetition over a list or over an object's members.
  case each(Each)
  /// A choice.
  case choice(Condition, then: [Segment], otherwise: [Segment])
  /// Parts whose joined text loses white space at both ends, as Python's `strip` does.
  case trimmed([Segment])
  /// How often this place, or another with its name, was written before; the number starts the count.
  case number(counter: Int, start: Int, TemplatePlace)
  /// A list once for each of the next turns, as long as they fulfil a condition.
  case following(Condition, [Segment])
  /// A place where the text is cut before it is encoded, where the boundary is cut; what follows may
  /// be encoded as the middle of a text.
  case split(EncodingLead?)
  /// What the model writes.
  case generated([Segment])
  /// Parts that belong to a role although they stand outside the turns.
  case block(role: ExactString, [Segment])
  /// A refusal with the template's own words, which values can complete.
  case refusal(Refusal)

  struct Refusal: Sendable {
    enum Part: Sendable {
      case text(String)
      case value(Operand)
    }

    var words: [Part]
    /// The field that is at fault, where the file names it.
    var subject: Operand?
    var place: TemplatePlace
  }

  struct Literal: Sendable {
    var text: [UInt8]
    var isControl: Bool
    var place: TemplatePlace
  }

  struct Each: Sendable {
    var list: Operand
    /// Whether the members of an object are meant, not the elements of a list.
    var isOverMembers: Bool
    /// What the file calls the element, and where it is kept while the body runs.
    var name: String
    var variable: Int
    /// Elements (or keys) that are passed over.
    var without: [ExactString]
    /// The member that stands for the element where it is true, such as `function`.
    var unwrapped: ExactString?
    var separator: Literal?
    var body: [Segment]
  }
}

/// The two tokens that options can replace.
enum SpecialToken: String, Sendable, CaseIterable { case bos, eos }

/// A value of the conversation and how it is turned into text.
struct Operand: Sendable {
  var path: ValuePath
  var conversion = TextConversion.text
  var edits: [TextEdit] = []
  var place: TemplatePlace
  /// The plain texts of the template that can end it, where it could hold them itself.
  var ends: [ExactString] = []
  /// What happens where it does; nil leaves it to the file.
  var textMarks: TextMarks?
}

/// Where a value is found.
struct ValuePath: Sendable {
  enum Root: Sendable {
    /// The message of the turn.
    case message
    /// The first system message that was taken out of the turns, and all of them.
    case system, systems
    /// The nearest assistant's message before this turn.
    case answered
    /// The call that the turn's message answers, by its `tool_call_id`.
    case called
    /// The place of that call among all calls of the conversation, from 0.
    case calledIndex
    /// The message of the turn before.
    case previous
    /// The element of an enclosing `each`.
    case variable(Int)
    /// The name under which an `each` over an object finds its member.
    case key(Int)
    case parameter(Int)
    case tools
    case documents
    /// The reasoning of the turn's message, and its content without it.
    case thought, answer
    /// The index of the innermost `each`, from 0 and from 1.
    case index, number
  }

  enum Step: Sendable {
    case member(ExactString)
    case element(Int)
  }

  var root: Root
  var steps: [Step]
  /// As the file writes it.
  var text: ExactString
}

/// How a value becomes text.
enum TextConversion: Sendable {
  /// It must be a string.
  case text
  /// As Python prints it; nothing where there is no value.
  case printed
  /// A string as it is, anything else is nothing.
  case stringOrNothing
  /// The text parts of a list, joined; other values as Python prints them.
  case visible
  /// JSON as Python's `json.dumps` writes it.
  case json(JSONSerializer)
  /// A string as it is, anything else as JSON.
  case stringOrJSON
  /// JSON, also that which a string holds; a string that holds none is a JSON string.
  case parsedJSON
  /// The text parts of a list, joined by blank lines; a string as it is.
  case paragraphs
  /// The text parts of a list, joined by line breaks; a string as it is, anything else is nothing.
  case lines
  /// What stands after the first, or the last, occurrence of a mark; all where there is none.
  case after(String, last: Bool)
  /// A string without what stands between two marks, the marks included.
  case withoutBlocks(open: String, close: String)
  /// Values as `{key:value}` with sorted keys, strings between a control token.
  case braces(BraceWriter)
  /// A string without every occurrence of some texts, which are taken away one after the other.
  case removing([String])
  /// With `&`, `<`, `>` and both quotes as HTML writes them.
  case html
  /// JSON; a string that is exactly how a number is printed is that number.
  case exactNumber
  /// With the first letter large and the others small, as Python's `capitalize`.
  case capitalized
  /// With `\r\n` as `\n`, and then of two line feeds one.
  case squeezedNewlines
  /// JSON without the last character: an object that is left open.
  case openJSON
  /// An algorithm with a name of its own.
  case schema(SchemaWriter)
}

/// An edit of text that only takes away.
enum TextEdit: String, Sendable, CaseIterable {
  case trim
  case trimStart = "trim_start"
  case trimEnd = "trim_end"
  case trimSpacesEnd = "trim_spaces_end"
  case trimNewlines = "trim_newlines"
  case trimNewlinesStart = "trim_newlines_start"
  case trimNewlinesEnd = "trim_newlines_end"
}

/// The ways to write schemas that are truly algorithms.
enum SchemaWriter: String, Sendable, CaseIterable {
  /// A list of tools as a TypeScript namespace, objects within objects on lines of their own.
  case typescript = "typescript_namespace"
  /// A list of tools as a TypeScript namespace, indented, with titles and examples as comments.
  case indentedTypescript = "typescript_indented_namespace"
  /// A list of tools as TypeScript declarations without a namespace.
  case typescriptDeclarations = "typescript_declarations"
  /// One JSON schema as a Python type.
  case pythonType = "python_type"
}
