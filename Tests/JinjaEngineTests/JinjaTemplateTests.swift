// SPDX-License-Identifier: Apache-2.0

import JinjaEngine
import OrderedJSON
import Testing
import TextPrimitives

/// Renders with `messages` from the caller and `bos_token` trusted.
private func render(
  _ source: String, _ messages: JSONValue = .null, _ options: JinjaOptions = JinjaOptions()
) throws -> JinjaOutput {
  var context = JinjaContext()
  context.set("messages", to: messages, origin: .caller)
  context.set("bos_token", to: "<s>", origin: .trusted)
  return try JinjaTemplate(source: source, name: "t.jinja").render(context, options: options)
}

private func failure(
  _ source: String, _ messages: JSONValue = .null, _ options: JinjaOptions = JinjaOptions()
) throws -> JinjaError {
  do {
    _ = try render(source, messages, options)
  } catch let error as JinjaError {
    return error
  }
  Issue.record("\(source) did not fail")
  return try #require(nil)
}

/// The pieces as `text<author`, in words.
private func authors(_ output: JinjaOutput) -> [String] {
  output.pieces.map { piece in
    let text = String(decoding: output.bytes[piece.range], as: UTF8.self)
    return switch piece.author {
    case .template: "\(text)|template"
    case .trusted(let path): "\(text)|trusted \(path)"
    case .input(let path): "\(text)|\(path)"
    }
  }
}

private let conversation: JSONValue = [
  ["role": "user", "content": " Hi \u{E9} "],
  ["role": "assistant", "content": [["type": "text", "text": "a,b"]]],
]

@Suite("Provenance") struct ProvenanceTests {
  @Test func `each piece knows its author`() throws {
    let cases: [(String, [String])] = [
      (
        "{{ bos_token }}<{{ messages[0].role }}>",
        ["<s>|trusted bos_token", "<|template", "user|messages[0].role", ">|template"]
      ),
      (
        "{{ '<|' + messages[0]['role'] + '|>' }}",
        ["<||template", "user|messages[0].role", "|>|template"]
      ),
      ("{{ messages[0].content | trim }}", ["Hi \u{E9}|messages[0].content"]),
      ("{{ messages[0].content[1:3] | upper }}", ["HI|messages[0].content"]),
      (
        "{{ messages[1].content[0].text.split(',') | join('-') }}",
        [
          "a|messages[1].content[0].text", "-|template", "b|messages[1].content[0].text",
        ]
      ),
      (
        "{{ messages[1].content[0].text | replace(',', ';') }}",
        [
          "a|messages[1].content[0].text", ";|template", "b|messages[1].content[0].text",
        ]
      ),
      (
        "{{ messages[1].content | tojson }}",
        ["[{\"type\": \"text\", \"text\": \"a,b\"}]|messages[1].content"]
      ),
      ("{% for k in messages[0] %}{{ k }}{% break %}{% endfor %}", ["role|messages[0].role (key)"]),
      (
        "{% macro m(x) %}[{{ x }}]{% endmacro %}{{ m(messages[0].role) }}",
        ["[|template", "user|messages[0].role", "]|template"]
      ),
      ("{{ messages | length }}", ["2|template"]),
    ]
    for (source, expected) in cases {
      #expect(authors(try render(source, conversation)) == expected, "template \(source)")
    }
  }

  @Test func `a number of the caller stays the caller's in arithmetic`() throws {
    #expect(authors(try render("{{ messages[0] + 1 }}", [41])) == ["42|messages[0]"])
  }

  @Test func `a literal's range is its place in the source`() throws {
    let output = try render("ab{{ 'cd' }}")
    #expect(output.pieces.map(\.author) == [.template(0..<2), .template(5..<9)])
  }
}

@Suite("Generation spans") struct GenerationTests {
  @Test func `spans are right inside of macros, set blocks and at the start`() throws {
    let cases: [(String, [Range<Int>])] = [
      ("{% generation %}ab{% endgeneration %}c", [0..<2]),
      ("a{% generation %}b{% endgeneration %}c", [1..<2]),
      ("{% macro m() %}x{% generation %}b{% endgeneration %}{% endmacro %}a{{ m() }}c", [2..<3]),
      ("{% set s %}{% generation %}z{% endgeneration %}{% endset %}ab{{ s }}", [2..<3]),
      ("{% generation %}{% endgeneration %}a", [0..<0]),
      ("{% generation %}a{% endgeneration %}{% generation %}b{% endgeneration %}", [0..<1, 1..<2]),
    ]
    for (source, expected) in cases {
      #expect(try render(source).generationSpans == expected, "template \(source)")
    }
  }
}

@Suite("Diagnostics") struct DiagnosticsTests {
  @Test func `an unknown filter is pointed at, with a suggestion`() throws {
    let error = try failure("a\n{{ messages | tojsn }}")
    #expect(error.kind == .assertion)
    #expect(
      error.description == """
        t.jinja:2:15: no filter named 'tojsn'; did you mean 'tojson'?
          2 | {{ messages | tojsn }}
            |               ^^^^^
        """)
  }

  @Test func `a runtime error tells the loop, the macro and the message`() throws {
    let source = """
      {% macro show(m) %}{{ m.nothing.here }}{% endmacro %}
      {% for message in messages %}{{ show(message) }}{% endfor %}
      """
    let error = try failure(source, conversation)
    #expect(error.kind == .undefined)
    #expect(error.message == "'dict object' has no attribute 'nothing'")
    #expect(error.frames.map(\.name) == ["macro 'show'", "iteration 1 of 'for message'"])
    #expect(error.element?.description == "messages[0]")
    #expect(error.position?.line == 1)
  }

  @Test func `raise_exception keeps its words and tells the message`() throws {
    let source =
      "{% for m in messages %}{% if loop.index0 == 1 %}{{ raise_exception('No!') }}{% endif %}{% endfor %}"
    let error = try failure(source, conversation)
    #expect(error.kind == .raised)
    #expect(error.message == "No!")
    #expect(error.element?.description == "messages[1]")
  }

  @Test func `a tag that is not closed is shown where it starts`() throws {
    let error = try failure("x\n{% if true %}\n{% for a in b %}{% endfor %}")
    #expect(error.kind == .syntax)
    #expect(error.position?.line == 2)
    #expect(error.hint == "add 'elif' or 'else' or 'endif'")
  }

  @Test func `strictness reports what is not there`() throws {
    let lenient = try render("{{ mesages }}", conversation, JinjaOptions(strictness: .lenient))
    #expect(lenient.warnings.map(\.hint) == ["did you mean 'messages'?"])
    let error = try failure("{{ mesages }}", conversation, JinjaOptions(strictness: .strict))
    #expect(error.kind == .strict)
    let asked = "{{ other is defined }}{{ other | default('d') }}"
    #expect(try render(asked, .null, JinjaOptions(strictness: .strict)).text == "Falsed")
  }
}

@Suite("Budgets") struct BudgetTests {
  @Test func `what does not end or fit ends with a typed error`() throws {
    var small = JinjaOptions()
    small.budget.instructions = 200_000
    small.budget.outputBytes = 1 << 20
    small.budget.collectionSize = 100_000
    let nested = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
    let cases: [(String, JinjaError.Kind)] = [
      ("{{ range(10**12) }}", .overflow),
      ("{{ 'x' * 10**9 }}", .budget(.outputBytes)),
      ("{{ [0] * 10**9 }}", .budget(.collectionSize)),
      ("{{ 10 ** (10 ** 9) }}", .budget(.collectionSize)),
      ("{{ 10 ** 4300 }}", .value),
      ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", .budget(.recursionDepth)),
      (
        "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
        .budget(.instructions)
      ),
      ("{{ \(nested) }}", .recursion),
      (String(repeating: "{% if 1 %}", count: 5_000), .recursion),
      ("{{ 1" + String(repeating: "+1", count: 50_000) + " }}", .recursion),
      ("{{ 'a'" + String(repeating: "|trim", count: 50_000) + " }}", .recursion),
      ("{{ " + String(repeating: "not ", count: 50_000) + "1 }}", .recursion),
    ]
    for (source, kind) in cases {
      #expect(try failure(source, .null, small).kind == kind, "template \(source.prefix(60))")
    }
  }

  @Test func `all values of a render together are bounded`() throws {
    let source = "{% for i in range(9000) %}{% set x = 'ab' * 1000 %}{% endfor %}"
    #expect(try render(source.replacing("9000", with: "90")).text == "")
    var small = JinjaOptions()
    small.budget.memoryBytes = 1 << 20
    #expect(try failure(source, .null, small).kind == .budget(.memory))
    #expect(try failure("{{ [0] * 10**6 }}", .null, small).kind == .budget(.memory))
    #expect(try failure("{{ 'x' * 10**7 }}", .null, small).kind == .budget(.memory))
  }

  @Test func `macros may call each other as often as in Python`() throws {
    let source = """
      {% macro m(n) %}{% if n %}{% for i in [1] %}{{ 'x' ~ m(n - 1) | trim }}{% endfor %}{% endif %}\
      {% endmacro %}{{ m(190) | length }}
      """
    #expect(try render(source).text == "190")
  }

  @Test func `deep data is refused or freed without overflowing the stack`() throws {
    var deep = JSONValue.array([])
    for _ in 0..<200 { deep = .array([deep]) }
    #expect(try render("{{ messages | tojson | length }}", deep).text == "402")
    for _ in 0..<200 { deep = .array([deep]) }
    #expect(try failure("{{ messages | tojson }}", deep).kind == .recursion)
    let build =
      "{% set ns = namespace(x=[]) %}{% for i in range(20000) %}{% set ns.x = [ns.x] %}{% endfor %}done"
    #expect(try render(build).text == "done")
    #expect(try failure(build + "{{ ns.x }}").kind == .recursion)
  }
}

@Suite("Introspection") struct IntrospectionTests {
  @Test func `variables and attributes are found in the syntax`() throws {
    let source = """
      {% for m in messages %}{% if m.role == 'user' and 'tool_calls' in m %}{{ m['content'] | trim }}\
      {% endif %}{% endfor %}{% if tools is defined %}{{ raise_exception('no tools') }}{% endif %}
      """
    let template = try JinjaTemplate(source: source, name: "t")
    #expect(template.referencedVariables == ["messages", "tools"])
    let features = template.features
    #expect(features.messageAttributes == ["role", "content", "tool_calls"])
    #expect(features.filters == ["trim"])
    #expect(features.tests == ["defined"])
    #expect(features.raisedMessages == ["no tools"])
  }
}
