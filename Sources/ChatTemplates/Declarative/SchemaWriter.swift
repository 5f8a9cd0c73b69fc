// SPDX-License-Identifier: Apache-2.0

import OrderedJSON

extension SchemaWriter {
  /// The text of a list of tools.
  func write(_ tools: JSONValue) throws(ChatTemplateError) -> String {
    switch self {
    case .typescript: try TypeScriptSchema.namespace("functions", tools)
    }
  }
}
