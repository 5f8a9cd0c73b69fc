// SPDX-License-Identifier: Apache-2.0

public import OrderedJSON
public import TextPrimitives

/// The corpus of whole conversations as the model makers' own code renders and encodes them.
public struct LayoutCorpus {
  /// One file of the corpus: the conversations of a family.
  public struct Layout {
    /// The family's name.
    public let family: String
    /// What the manifest says of it.
    public let settings: JSONValue
  }

  /// What the makers' request types refuse, or an older template than ours.
  fileprivate static let refusedElsewhere: Set<String> = ["tool-call-nested-args", "content-parts"]

  /// The layouts of some families, or of the one that `DIALECT_FAMILY` names.
  public let layouts: [Layout]

  /// Reads the manifest.
  public init(families: Set<String>) throws {
    let manifest = try Conformance.json("vocab/manifest.json")
    layouts = (manifest["layouts"]?.array ?? []).compactMap { settings in
      guard let family = settings["family"]?.string?.string, families.contains(family),
        Conformance.chosenFamily == nil || Conformance.chosenFamily == family
      else { return nil }
      return Layout(family: family, settings: settings)
    }
  }
}

extension LayoutCorpus.Layout {
  /// The conversations by name, without those that the makers' code refuses for reasons of its own.
  ///
  /// - Parameter answer: The member that holds what is compared, such as `ids`.
  /// - Returns: The names and the lines.
  /// - Throws: Where the file cannot be read.
  public func lines(answer: ExactString) throws -> [(name: String, line: JSONValue)] {
    try Conformance.lines("vocab/layout/\(family).jsonl").compactMap { line in
      let name = line["name"]?.string?.string ?? ""
      if line[answer] == nil, LayoutCorpus.refusedElsewhere.contains(name) { return nil }
      return (name, line)
    }
  }

  /// A conversation as a request.
  public func request(_ line: JSONValue) -> JSONObject {
    var request: JSONObject = [:]
    request["messages"] = line["messages"]
    if let gap = line["fim"] {
      var message: JSONObject = ["role": "user", "content": gap["prompt"] ?? ""]
      message["suffix"] = gap["suffix"]
      request["messages"] = .array([.object(message)])
    }
    request["tools"] = line["tools"]
    let options = line["options"]
    request["kwargs"] = options?["template_kwargs"] ?? .object([:])
    if let opening = options?["add_generation_prompt"] {
      request["add_generation_prompt"] = opening
      request["continue_final_message"] = options?["continue_final_message"]
    } else {
      request["add_generation_prompt"] = .bool(options?["mode"]?.string != "finetuning")
    }
    if let effort = options?["reasoning_effort"] {
      request["kwargs"] = ["reasoning_effort": effort]
    }
    if let format = options?["tool_prompt_format"] {
      request["kwargs"] = ["tool_prompt_format": format]
    }
    request["now"] = settings["strftime_now"] ?? "2026-01-15"
    return request
  }
}
