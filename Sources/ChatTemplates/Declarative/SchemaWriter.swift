// SPDX-License-Identifier: Apache-2.0

import OrderedJSON

extension SchemaWriter {
  /// The text of a list of tools, or of one schema.
  func write(_ value: JSONValue?) throws(ChatTemplateError) -> String {
    switch self {
    case .typescript: try TypeScriptSchema.namespace("functions", value ?? .null)
    case .indentedTypescript: IndentedTypeScript.namespace("functions", value ?? .null)
    case .typescriptDeclarations: try TypeScriptSchema.declarations(value ?? .null)
    case .pythonType: try PythonType.text(of: value)
    }
  }
}
