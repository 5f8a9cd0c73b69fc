// SPDX-License-Identifier: Apache-2.0

public import OrderedJSON
public import TextPrimitives

/// How a conversation is rendered; the names are those of transformers' `apply_chat_template`.
public struct RenderOptions: Sendable {
  /// Ends the prompt with the opening of an assistant's turn.
  public var addGenerationPrompt: Bool
  /// Leaves the last message open so that the model continues it.
  public var continueFinalMessage: ContinueFinalMessage
  /// Tool definitions, instead of the conversation's own.
  public var tools: [Tool]?
  /// Documents, instead of the conversation's own.
  public var documents: [JSONValue]?
  /// Template variables such as `enable_thinking`, in order.
  public var arguments: JSONObject
  /// The clock of templates that print the date; nil is the machine's.
  public var now: CivilTime?
  /// Replaces the template's token for the beginning of the text.
  public var bosToken: ExactString?
  /// Replaces the template's token for the end of a turn.
  public var eosToken: ExactString?
  /// Further special tokens that a Jinja template can read, by name, such as `pad_token`.
  public var specialTokens: [ExactString: ExactString] = [:]
  /// Which of a model's named templates is taken, such as `rag`.
  ///
  /// Nil takes `tool_use` where there are tools and the model has it, else `default`. transformers'
  /// argument of that name takes the text of a template, too; here that is a template of its own.
  public var chatTemplate: ExactString?
  /// In which form the template gets the arguments of tool calls.
  public var toolArguments = ToolArguments.asSent
  /// Keeps null members of messages, as transformers before version 5 and most servers do.
  public var keepsNulls: Bool
  /// Makes an argument that the template never reads an error, and so a variable or attribute that
  /// a Jinja template reads and that is not there.
  public var isStrict: Bool
  /// Puts what ``isStrict`` would refuse into ``Prompt/warnings``.
  public var reportsUnknown = false

  /// Options; the defaults are transformers'.
  public init(
    addGenerationPrompt: Bool = false, continueFinalMessage: ContinueFinalMessage = false,
    tools: [Tool]? = nil, documents: [JSONValue]? = nil, arguments: JSONObject = [:],
    now: CivilTime? = nil, bosToken: ExactString? = nil, eosToken: ExactString? = nil,
    keepsNulls: Bool = false, isStrict: Bool = false
  ) {
    self.addGenerationPrompt = addGenerationPrompt
    self.continueFinalMessage = continueFinalMessage
    self.tools = tools
    self.documents = documents
    self.arguments = arguments
    self.now = now
    self.bosToken = bosToken
    self.eosToken = eosToken
    self.keepsNulls = keepsNulls
    self.isStrict = isStrict
  }

  /// Whether and where the last message is left open.
  public struct ContinueFinalMessage: Sendable, ExpressibleByBooleanLiteral,
    ExpressibleByStringLiteral
  {
    /// The field that is cut; nil where the message is closed as usual.
    public let field: ExactString?

    /// True means the field `content`.
    public init(booleanLiteral value: Bool) {
      field = value ? "content" : nil
    }

    /// A field by name, such as `reasoning_content`.
    public init(stringLiteral value: String) {
      field = ExactString(value)
    }

    /// A field by name, or none.
    public init(field: ExactString?) {
      self.field = field
    }
  }
}
