// SPDX-License-Identifier: Apache-2.0

import BinaryInput

extension ChatTemplate {
  /// A declarative template from a YAML file.
  ///
  /// - Throws: `ChatTemplateError` with the kind `unreadableFile`, or with line and column.
  public init(contentsOf path: String) throws(ChatTemplateError) {
    if let size = FileReader.size(path: path), size > TemplateSource.sizeLimit {
      throw TemplateSource.tooLarge(path, size)
    }
    let bytes: [UInt8]
    do {
      bytes = try FileReader.bytes(path: path)
    } catch {
      throw ChatTemplateError(.unreadableFile("\(error)"))
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ChatTemplateError(.unreadableFile("\(path): the file is not UTF-8"))
    }
    try self.init(yaml: text, fileName: path)
  }
}
