// SPDX-License-Identifier: Apache-2.0

import GGUFFormat
import TextPrimitives

extension GGUFTokenizerFormat {
  /// The chat templates of a GGUF file: `tokenizer.chat_template`, and those with a name behind it.
  ///
  /// - Returns: None where the file has none.
  /// - Throws: ``TokenizerLoadingError`` where the file is no GGUF file.
  public static func chatTemplates(path: String) throws(TokenizerLoadingError)
    -> [ModelDirectory.NamedTemplate]
  {
    chatTemplates(try open(path).header.metadata, file: path)
  }

  static func chatTemplates(_ metadata: GGUFMetadata, file path: String)
    -> [ModelDirectory.NamedTemplate]
  {
    let key = "tokenizer.chat_template"
    var templates: [ModelDirectory.NamedTemplate] = []
    for (name, value) in metadata.entries {
      guard let source = value.string, name.utf8.starts(with: key.utf8) else { continue }
      let rest = name.utf8.dropFirst(key.utf8.count)
      if rest.isEmpty {
        templates.insert(.init(name: "default", source: source, file: path), at: 0)
      } else if let name = ExactString(validating: rest.dropFirst()) {
        templates.append(.init(name: name, source: source, file: path))
      }
    }
    return templates
  }
}
