// SPDX-License-Identifier: Apache-2.0

public import TextPrimitives

/// What went wrong while a template was compiled or rendered, and where.
///
/// ```text
/// chatml.jinja:3:14: no filter named 'tojsn'; did you mean 'tojson'?
///   3 | {{ messages | tojsn }}
///     |               ^^^^^
/// ```
public struct JinjaError: Error, Sendable {
  /// The kind of failure, after the exceptions of Python and Jinja2.
  public enum Kind: Hashable, Sendable {
    /// The template called `raise_exception`.
    case raised
    /// The source is no valid template.
    case syntax
    /// A filter or test that does not exist, found before rendering.
    case assertion
    /// An operation on an undefined value.
    case undefined
    /// The sandbox does not allow it.
    case security
    /// Jinja's own runtime errors.
    case runtime
    /// A filter was called with arguments that it cannot use.
    case filterArgument
    /// `include`, `import` and `extends` have no loader.
    case loader
    case type
    case value
    case key
    case index
    case attribute
    case zeroDivision
    case overflow
    /// Too deep: a template that calls itself for ever, or data that contains too many levels.
    case recursion
    /// A limit of the render's budget was reached.
    case budget(RenderBudget.Limit)
    /// Strict mode only: the template reads something that is not there.
    case strict
  }

  /// A loop or macro that was running when the error happened.
  public struct Frame: Sendable, Hashable {
    /// Such as `macro 'render'` or `iteration 3 of for message`.
    public let name: String
    /// The place of the loop's or macro's head in the source, in bytes.
    public let range: Range<Int>
    /// For loops: the zero-based iteration.
    public let iteration: Int?
    /// For loops over one of the caller's arrays: the path of the element that was being visited.
    public let element: InputPath?
  }

  private final class Storage: Sendable {
    let kind: Kind
    let message: String
    let hint: String?
    let templateName: String
    let range: Range<Int>?
    let excerpt: SourceExcerpt?
    let frames: [Frame]

    init(
      kind: Kind, message: String, hint: String?, templateName: String, range: Range<Int>?,
      excerpt: SourceExcerpt?, frames: [Frame]
    ) {
      self.kind = kind
      self.message = message
      self.hint = hint
      self.templateName = templateName
      self.range = range
      self.excerpt = excerpt
      self.frames = frames
    }
  }

  // One pointer: a typed error is returned by every function of the evaluator.
  private let storage: Storage

  init(_ kind: Kind, _ message: String, hint: String? = nil) {
    storage = Storage(
      kind: kind, message: message, hint: hint, templateName: "", range: nil, excerpt: nil,
      frames: [])
  }

  private init(_ storage: Storage) {
    self.storage = storage
  }

  /// The kind of failure.
  public var kind: Kind { storage.kind }

  /// What is wrong, without the place.
  ///
  /// For ``Kind/raised`` the template's own words.
  public var message: String { storage.message }

  /// What to do, where there is an idea.
  public var hint: String? { storage.hint }

  /// The template's name as its creator gave it.
  public var templateName: String { storage.templateName }

  /// The bytes of the source that the error speaks of.
  ///
  /// Lines end with `\n` there: a template with other line ends is rewritten before it is read.
  public var range: Range<Int>? { storage.range }

  /// Line and column, where the place is known.
  public var position: SourcePosition? { storage.excerpt?.position }

  /// Loops and macros that were running, innermost first.
  public var frames: [Frame] { storage.frames }

  /// The innermost running loop's element among the caller's values, such as `messages[3]`.
  public var element: InputPath? {
    for frame in storage.frames { if let element = frame.element { return element } }
    return nil
  }
}

extension JinjaError {
  var isPlaced: Bool { storage.range != nil }

  /// Adds the place, once.
  func placed(at span: SourceSpan, in source: [UInt8], name: String) -> JinjaError {
    guard storage.range == nil else { return self }
    let range = span.range
    let text = storage.hint.map { "\(storage.message); \($0)" } ?? storage.message
    let excerpt = SourceExcerpt(name: name, source: source, range: range, message: text)
    return JinjaError(
      Storage(
        kind: storage.kind, message: storage.message, hint: storage.hint, templateName: name,
        range: range, excerpt: excerpt, frames: storage.frames))
  }

  func adding(_ frame: Frame) -> JinjaError {
    // A recursion that went wrong would otherwise list hundreds of equal frames.
    guard storage.frames.count < 32 else { return self }
    return JinjaError(
      Storage(
        kind: storage.kind, message: storage.message, hint: storage.hint,
        templateName: storage.templateName, range: storage.range, excerpt: storage.excerpt,
        frames: storage.frames + [frame]))
  }
}

extension JinjaError: CustomStringConvertible {
  /// The message with its place, the line with a caret, and the running loops and macros.
  public var description: String {
    var text =
      storage.excerpt?.description
      ?? (storage.hint.map { "\(storage.message); \($0)" } ?? storage.message)
    for frame in storage.frames.prefix(8) {
      text += "\n  in \(frame.name)"
      if let element = frame.element { text += " (\(element))" }
    }
    if storage.frames.count > 8 { text += "\n  in …" }
    return text
  }
}
