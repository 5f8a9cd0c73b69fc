// SPDX-License-Identifier: Apache-2.0

import BinaryInput

/// Writes files whole, with the tool's messages.
enum OutputFile {
  static func write(_ bytes: [UInt8], to path: String) throws {
    do {
      try FileWriter.replace(path: path, with: bytes)
    } catch {
      throw ToolError(.loading, "\(error)")
    }
  }
}
