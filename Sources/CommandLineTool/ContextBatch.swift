// SPDX-License-Identifier: Apache-2.0

import JinjaEngine
import OrderedJSON
import TextPrimitives

/// Lines of a Jinja template's bare variables, with nothing added or dropped.
///
/// With a template, a line is its variables; without one, a line brings its own:
/// `{"template": "Hello {{ name }}", "context": {"name": "World"}}`, and if wanted its
/// `"budget": {"instructions": 1000, "output_bytes": 1000, "seconds": 1}`. `now` sets the clock.
struct ContextBatch {
  /// Makes reading what is not there an error.
  let isStrict: Bool
  /// The clock of lines that set none, such as `2026-01-15`; nil is the machine's.
  let now: String?

  /// Renders every line by the template of a file.
  func run(template path: String) throws {
    let source = try TextInput.text(path)
    let template: JinjaTemplate
    do throws(JinjaError) {
      template = try JinjaTemplate(source: source, name: path)
    } catch {
      // A template that does not compile fails every line, as it fails every render.
      let message = "\(error)"
      return BatchStream.run { _ in throw ToolError(.input, message) }
    }
    BatchStream.run { line in try render(template, line, now: line["now"]) }
  }

  /// Renders every line by its own template.
  func run() {
    BatchStream.run { line in
      guard let source = line["template"]?.string else {
        throw ToolError(.input, "a line needs its 'template' where --jinja names none")
      }
      let template = try JinjaTemplate(source: source.string, name: "template")
      return try render(
        template, line["context"]?.object ?? [:], now: line["now"], budget: line["budget"])
    }
  }

  private func render(
    _ template: JinjaTemplate, _ variables: JSONObject, now: JSONValue?, budget: JSONValue? = nil
  ) throws -> JSONObject {
    var context = JinjaContext()
    var options = JinjaOptions(strictness: isStrict ? .strict : .quiet)
    if let limit = budget?["instructions"]?.integer { options.budget.instructions = limit }
    if let limit = budget?["output_bytes"]?.integer { options.budget.outputBytes = limit }
    if let limit = budget?["seconds"]?.integer { options.budget.wallClockSeconds = Double(limit) }
    if let text = now?.string?.string ?? self.now { options.now = CivilTime(iso8601: text) }
    for (name, value) in variables where name != "now" || value.string == nil {
      context.set(name.string, to: value)
    }
    return ["rendered": .string(ExactString(try template.render(context, options: options).text))]
  }
}
