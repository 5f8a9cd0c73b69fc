// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import Tokenization

/// The compiled file of one source.
struct CacheEntry {
  /// Changes of a file within this time may share their time stamps.
  private static let settlingTime = 50_000_000

  /// The compiled file.
  let path: String
  private let directory: String
  private let source: String
  /// What the compiled file must be for, byte for byte.
  private let key: [UInt8]

  /// The entry of a source file; nil where it is no file.
  init?(_ cache: TokenizerCache, source: String, format: TokenizerFormat?, encoding: String?) {
    guard let source = FileReader.fullPath(of: source),
      let key = Self.key(source, format, encoding), let program = Self.program
    else { return nil }
    self.source = source
    directory = cache.directory
    self.key = key + program.identity
    let name = [source, format?.rawValue ?? "", encoding ?? "", program.path]
      .joined(separator: "\0")
    path = "\(cache.directory)/\(Self.hexadecimal(Self.hash(name))).tokenizer"
  }

  /// The tokenizer of the compiled file; nil where there is none that is whole and up to date.
  func load() -> Tokenizer? {
    guard let tables = MappedTables(path: path, key: key) else { return nil }
    return CompiledSettings.tokenizer(tables)
  }

  /// Compiles a tokenizer, unless the source has changed since the entry was made.
  func store(_ tokenizer: Tokenizer) {
    guard let identity = FileIdentity(path: source), identity.isSettled(for: Self.settlingTime),
      key.starts(with: Self.text(identity).utf8),
      let settings = CompiledSettings.json(tokenizer), FileReplacement.makeFolder(path: directory)
    else { return }
    var writer = TableArchiveWriter()
    writer.add(.key, bytes: key)
    writer.add(.settings, bytes: settings)
    tokenizer.configuration.model.write(to: &writer)
    try? FileReplacement.write(writer.finish(), to: path)
  }

  // MARK: Keys

  /// The identities of the source and of the files that are read with it.
  private static func key(_ source: String, _ format: TokenizerFormat?, _ encoding: String?)
    -> [UInt8]?
  {
    guard let identity = FileIdentity(path: source) else { return nil }
    let folder = TokenizerFolder.parent(of: source)
    let others = ["vocab.json", "merges.txt"].map { name in
      FileIdentity(path: "\(folder)/\(name)").map(text) ?? "none;"
    }
    let words = [source, format?.rawValue ?? "", encoding ?? ""]
    return Array((text(identity) + others.joined() + words.joined(separator: "\0")).utf8)
  }

  private static func text(_ identity: FileIdentity) -> String {
    "\(identity.size) \(identity.modified) \(identity.changed) \(identity.inode) "
      + "\(identity.device);"
  }

  /// The running program: another build may read a source otherwise.
  private static let program: (path: String, identity: [UInt8])? = {
    guard let path = FileReader.fullPath(of: "/proc/self/exe"),
      let identity = FileIdentity(path: path)
    else { return nil }
    return (path, Array("\0\(identity.size) \(identity.modified)".utf8))
  }()

  /// FNV-1a; a name only spreads entries, the key decides.
  private static func hash(_ text: String) -> UInt64 {
    var state: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return state
  }

  private static func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}
