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

  private let rawPieces: [RawPiece]
  private let paths: OriginPaths
  private let literals: [SourceSpan]

  init(
    bytes: [UInt8], pieces: [RawPiece], generationSpans: [Range<Int>], warnings: [Warning],
    paths: OriginPaths, literals: [SourceSpan]
  ) {
    self.bytes = bytes
    rawPieces = pieces
    self.generationSpans = generationSpans
    self.warnings = warnings
    self.paths = paths
    self.literals = literals
  }

  /// The output as a string.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Who wrote which part, in order and without gaps.
  public var pieces: [Piece] {
    var output: [Piece] = []
    var start = 0
    for (place, piece) in rawPieces.enumerated() {
      // Runs of one author are one piece; the engine keeps those of generation blocks apart.
      let next = place + 1 < rawPieces.count ? rawPieces[place + 1].origin : nil
      if next == piece.origin { continue }
      output.append(Piece(range: start..<Int(piece.end), author: author(piece.origin)))
      start = Int(piece.end)
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
}
