// SPDX-License-Identifier: Apache-2.0

import Glibc

extension FileReader {
  /// The names of what a folder holds, in the order of their bytes; none where it cannot be read.
  ///
  /// Names that are not UTF-8, and those that begin with a dot, are left out.
  public static func names(inFolder path: String) -> [String] {
    // SAFETY: the stream is closed once, and each entry is copied before the next is read.
    guard let folder = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if let name, name.utf8.first != UInt8(ascii: ".") { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
