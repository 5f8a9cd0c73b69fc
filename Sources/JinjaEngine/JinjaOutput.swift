// SPDX-License-Identifier: Apache-2.0

/// A rendered template: the text, and who wrote which part of it.
public struct JinjaOutput: Sendable {
  /// Who wrote a piece of the output.
  public enum Author: Hashable, Sendable {
    /// The template, at these bytes of its source (line ends normalized to `\n`).
    case template(Range<Int>)
    /// A trusted variable.
    case trusted(InputPath)
    /// The caller.
    case input(InputPath)
  }

  /// A part of the output that one author wrote.
  public struct Piece: Sendable {
    /// Bytes of the output.
    public let range: Range<Int>
    /// Who wrote them.
    public let author: Author
  }

  /// Something that the template read and did not find.
  public struct Warning: Sendable, CustomStringConvertible {
    /// What is missing.
    public let message: String
    /// Such as `did you mean 'messages'?`.
    public let hint: String?
    /// Where it was read, in bytes of the source.
    public let range: Range<Int>
    /// The message with place and line.
    public let description: String
  }

  /// The output, UTF-8.
  public let bytes: [UInt8]
  /// What was not there; empty unless asked for (``JinjaOptions/strictness``).
  public let warnings: [Warning]
  /// The bytes written inside of `{% generation %}`, one range for each run of a block, in the
  /// order in which the blocks ended.
  public let generationSpans: [Range<Int>]
  /// Where the elements of the traced variable begin; -1 where none is being written.
  package let elementStarts: [(offset: Int, element: Int)]

  private let rawPieces: [RawPiece]
  private let paths: OriginPaths
  private let literals: [SourceSpan]

  init(
    bytes: [UInt8], pieces: [RawPiece], generationSpans: [Range<Int>],
    elementStarts: [(offset: Int, element: Int)], warnings: [Warning],
    paths: OriginPaths, literals: [SourceSpan]
  ) {
    self.bytes = bytes
    rawPieces = pieces
    self.generationSpans = generationSpans
    self.elementStarts = elementStarts
    self.warnings = warnings
    self.paths = paths
    self.literals = literals
  }

  /// The output as a string.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Who wrote which part, in order and without gaps.
  public var pieces: [Piece] {
    var output: [Piece] = []
    forEachPiece { range, origin in
      output.append(Piece(range: range, author: author(origin)))
    }
    return output
  }

  private func author(_ origin: Origin) -> Author {
    if origin.isInput {
      let (path, isTrusted) = paths.path(of: origin)
      return isTrusted ? .trusted(path) : .input(path)
    }
    return .template(origin.literal.map { literals[$0].range } ?? 0..<0)
  }

  /// Runs of one origin are one piece; the engine keeps those of generation blocks apart.
  @inline(__always)
  private func forEachPiece(_ body: (Range<Int>, Origin) -> Void) {
    var start = 0
    var place = 0
    while place < rawPieces.count {
      let origin = rawPieces[place].origin
      while place + 1 < rawPieces.count, rawPieces[place + 1].origin == origin { place += 1 }
      let end = Int(rawPieces[place].end)
      if end > start { body(start..<end, origin) }
      start = end
      place += 1
    }
  }
}

extension JinjaOutput {
  /// Where a piece comes from, told without building its path.
  package enum Source {
    /// A literal of the template, by its number (``JinjaTemplate/literalRanges``).
    case literal(Int)
    /// The engine, such as a loop's index.
    case engine
    /// A trusted variable.
    case trusted
    /// The caller.
    case input(InputPlace)
  }

  /// The name of a variable of the context; empty for a negative number.
  package func variable(_ index: Int) -> String { paths.variable(index) }

  /// Calls for every piece, in order and without gaps.
  package func forEachSource(_ body: (Range<Int>, Source) -> Void) {
    var recent = 0
    forEachPiece { range, origin in
      if origin.isInput {
        let place = paths.place(of: origin, &recent)
        body(range, place.isTrusted ? .trusted : .input(place))
      } else {
        body(range, origin.literal.map { .literal($0) } ?? .engine)
      }
    }
  }
}
