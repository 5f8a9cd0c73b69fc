// SPDX-License-Identifier: Apache-2.0

import ChatTemplates

extension ConvertCommand {
  /// A family, or a declarative template of the user's own, as a Jinja template.
  func convertToJinja() throws -> [UInt8] {
    do throws(ChatTemplateError) {
      let isFile = source.hasSuffix(".yaml") || source.hasSuffix(".yml") || source.contains("/")
      let template =
        isFile ? try ChatTemplate(contentsOf: source) : try ChatTemplate(family: source)
      return Array(try template.jinjaSource().utf8)
    } catch {
      throw ToolError(.loading, "\(error)")
    }
  }
}
