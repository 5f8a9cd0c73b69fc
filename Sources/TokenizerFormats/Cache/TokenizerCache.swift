// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import Glibc

/// A folder of compiled tokenizers: files that are mapped and used as they lie, so that a vocabulary
/// of 128,000 tokens loads in a few milliseconds.
///
/// A compiled file is only ever used for the source that it was made from, as path, size, times and
/// inode tell it, and by the program that made it. One that is stale, cut short or damaged is made
/// anew, silently; what cannot be written is done without.
///
/// ```swift
/// let tokenizer = try Tokenizer(contentsOf: "llama-3/tokenizer.json", cache: .standard)
/// ```
public struct TokenizerCache: Hashable, Sendable {
  /// The folder.
  public let directory: String

  /// A cache in a folder, which is made when it is first needed.
  public init(directory: String) {
    self.directory = directory
  }

  /// The folder that `DIALECT_CACHE` names, else `dialect` in `XDG_CACHE_HOME`, else
  /// `~/.cache/dialect`; nil where `DIALECT_CACHE` is `off` or there is no home.
  public static var standard: TokenizerCache? {
    if let choice = variable("DIALECT_CACHE") { return TokenizerCache(named: choice) }
    if let folder = variable("XDG_CACHE_HOME"), folder.utf8.first == UInt8(ascii: "/") {
      return TokenizerCache(directory: folder + "/dialect")
    }
    return variable("HOME").map { TokenizerCache(directory: $0 + "/.cache/dialect") }
  }

  /// The cache that a user names: a folder, or `off` for none.
  public init?(named name: String) {
    guard name != "off" else { return nil }
    self.init(directory: name)
  }

  private static func variable(_ name: String) -> String? {
    // SAFETY: the value is copied before anything else may change the environment.
    guard let value = unsafe getenv(name) else { return nil }
    let text = unsafe String(cString: value)
    return text.isEmpty ? nil : text
  }
}
