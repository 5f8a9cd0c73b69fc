// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// Turns the tree of a fixture file into cases and refuses what the format does not know.
struct FixtureReader {
  let source: FixtureSource
  private let head: FixtureNode
  private let template: TemplateReference?
  private let tokenizer: TokenizerReference?
  private let options: JSONObject
  private let recorded: RecordedInputs

  init(_ source: FixtureSource, head: FixtureNode) throws(FixtureError) {
    self.source = source
    self.head = head
    let form = Form(source: source)
    // The version comes first: a newer file may have keys that are unknown here.
    try form.checkFormat(head)
    let isOnlyCase = head["cases"] == nil && source.syntax != .jsonLines
    try form.check(
      head, keys: isOnlyCase ? FixtureKeys.head + FixtureKeys.ofCase : FixtureKeys.head, "a fixture"
    )
    template = try head["template"].map { node throws(FixtureError) in try form.template(node) }
    tokenizer = try head["tokenizer"].map { node throws(FixtureError) in try form.tokenizer(node) }
    options = try form.options(head["options"], keys: FixtureKeys.options)
    recorded = try form.recorded(head["recorded"])
  }

  /// The maps of the cases.
  func caseNodes() throws(FixtureError) -> [FixtureNode] {
    guard let cases = head["cases"] else { return [head] }
    guard case .list(let nodes) = cases.value else {
      throw source.error("'cases' must be a list, but is \(cases.kindName)", at: cases.mark)
    }
    return nodes
  }

  /// One case.
  func read(_ node: FixtureNode) throws(FixtureError) -> FixtureCase {
    let form = Form(source: source)
    let isOnlyCase = node.mark == head.mark && source.syntax != .jsonLines
    if !isOnlyCase { try form.check(node, keys: FixtureKeys.ofCase, "a case") }
    var options = options
    if !isOnlyCase {
      for (key, value) in try form.options(node["options"], keys: FixtureKeys.options) {
        options[key] = value
      }
    }
    let own = try node["template"].map { node throws(FixtureError) in try form.template(node) }
    guard let template = own ?? template else {
      throw source.error(
        "neither the case nor the file names a template", at: node.mark,
        hint: "write template: {family: …}, {file: …} or {model: …}")
    }
    guard let conversation = node["conversation"] else {
      throw source.error(
        "the case has no 'conversation'", at: node.mark,
        hint: "write conversation: {messages: […]} or {file: …}")
    }
    let tokenizer =
      try node["tokenizer"].map { node throws(FixtureError) in try form.tokenizer(node) }
      ?? tokenizer
    var recorded = recorded
    if let node = node["recorded"], !isOnlyCase { recorded = try form.recorded(node) }
    return FixtureCase(
      name: try node["name"].map { node throws(FixtureError) in
        try form.text(node, "'name'").string
      } ?? "case at line \(source.line(of: node.mark))",
      line: source.line(of: node.mark), template: template, tokenizer: tokenizer,
      conversation: try form.conversation(conversation), options: options,
      response: try node["response"].map { node throws(FixtureError) in
        try form.text(node, "'response'")
      },
      expectation: try ExpectationForm(form: form).read(node["expect"]), recorded: recorded,
      node: node)
  }
}

/// Reads the parts of a fixture with messages that name them.
struct Form {
  let source: FixtureSource

  func checkFormat(_ head: FixtureNode) throws(FixtureError) {
    guard case .map = head.value else {
      throw source.error("a fixture must be a map, but is \(head.kindName)", at: head.mark)
    }
    let hint = "write format: \"\(FixtureFile.format)\""
    guard let format = head["format"] else {
      throw source.error("the key 'format' is missing", at: head.mark, hint: hint)
    }
    let name = try text(format, "'format'").string
    guard name != FixtureFile.format else { return }
    let prefix = "dialect-fixture/"
    if name.utf8.starts(with: prefix.utf8), let version = Int(name.dropFirst(prefix.utf8.count)),
      version > 1
    {
      throw source.error(
        "the fixture has format version \(version), newer than this program's 1",
        at: format.mark, hint: "update dialect", kind: .newerVersion)
    }
    throw source.error("unknown format '\(name)'", at: format.mark, hint: hint)
  }

  func check(_ node: FixtureNode, keys: [ExactString], _ thing: String) throws(FixtureError) {
    guard case .map(let entries) = node.value else {
      throw source.error("\(thing) must be a map, but is \(node.kindName)", at: node.mark)
    }
    for entry in entries where !keys.contains(entry.key) {
      let names = keys.map(\.string)
      throw source.error(
        "unknown key '\(entry.key)' in \(thing)", at: entry.keyMark,
        hint: EditDistance.nearest(to: entry.key.string, among: names)
          .map { "did you mean '\($0)'?" } ?? "it has \(names.joined(separator: ", "))",
        kind: .unknownKey)
    }
  }

  func text(_ node: FixtureNode, _ thing: String) throws(FixtureError) -> ExactString {
    guard case .scalar(.string(let text)) = node.value else {
      throw source.error("\(thing) must be a text, but is \(node.kindName)", at: node.mark)
    }
    return text
  }

  func count(_ node: FixtureNode, _ thing: String) throws(FixtureError) -> Int {
    guard case .scalar(.integer(let value)) = node.value, value >= 0 else {
      throw source.error(
        "\(thing) must be a whole number, but is \(node.kindName)", at: node.mark)
    }
    return value
  }

  func list(_ node: FixtureNode, _ thing: String) throws(FixtureError) -> [FixtureNode] {
    guard case .list(let elements) = node.value else {
      throw source.error("\(thing) must be a list, but is \(node.kindName)", at: node.mark)
    }
    return elements
  }

  /// The only entry of a map such as `{family: "llama-3"}`.
  private func choice(_ node: FixtureNode, _ keys: [ExactString], _ thing: String)
    throws(FixtureError) -> (ExactString, String)
  {
    try check(node, keys: keys, thing)
    let given = node.entries.filter { $0.key != "encoding" }
    guard given.count == 1, let entry = given.first else {
      throw source.error(
        "\(thing) must have one of \(keys.map(\.string).joined(separator: ", "))", at: node.mark)
    }
    return (entry.key, try text(entry.value, "'\(entry.key)'").string)
  }

  func template(_ node: FixtureNode) throws(FixtureError) -> TemplateReference {
    let (key, name) = try choice(node, ["family", "file", "model"], "'template'")
    return switch key {
    case "family": .family(name)
    case "file": .file(resolved(name))
    default: .model(resolved(name))
    }
  }

  func tokenizer(_ node: FixtureNode) throws(FixtureError) -> TokenizerReference {
    let (key, name) = try choice(node, ["built_in", "file", "encoding"], "'tokenizer'")
    if key == "built_in" { return .builtIn(name) }
    let encoding = try node["encoding"].map { node throws(FixtureError) in
      try text(node, "'encoding'").string
    }
    return .file(resolved(name), encoding: encoding)
  }

  func options(_ node: FixtureNode?, keys: [ExactString]) throws(FixtureError) -> JSONObject {
    guard let node else { return [:] }
    try check(node, keys: keys, "'options'")
    return node.json.object ?? [:]
  }

  func conversation(_ node: FixtureNode) throws(FixtureError) -> ConversationReference {
    switch node.value {
    case .list: return .inline(["messages": node.json])
    case .map(let entries):
      if entries.count == 1, let file = node["file"] {
        return .file(resolved(try text(file, "'file'").string))
      }
      return .inline(node.json.object ?? [:])
    case .scalar:
      throw source.error(
        "'conversation' must be a map or a list of messages, but is \(node.kindName)",
        at: node.mark)
    }
  }

  func recorded(_ node: FixtureNode?) throws(FixtureError) -> RecordedInputs {
    guard let node else { return RecordedInputs() }
    try check(node, keys: ["by", "template", "tokenizer"], "'recorded'")
    var recorded = RecordedInputs()
    recorded.program = try node["by"].map { n throws(FixtureError) in try text(n, "'by'").string }
    recorded.template = try node["template"].map { n throws(FixtureError) in
      try text(n, "'template'").string
    }
    recorded.tokenizer = try node["tokenizer"].map { n throws(FixtureError) in
      try text(n, "'tokenizer'").string
    }
    return recorded
  }

  private func resolved(_ path: String) -> String {
    path.utf8.first == UInt8(ascii: "/") ? path : "\(source.folder)/\(path)"
  }
}
