// SPDX-License-Identifier: Apache-2.0

/// `lipsum(…)`: filler text, random as Jinja's is.
enum Lipsum {
  private static let words = [
    "ad", "aliquam", "amet", "ante", "arcu", "augue", "bibendum", "commodo", "congue", "cras",
    "cursus", "dapibus", "diam", "dolor", "donec", "egestas", "elit", "enim", "erat", "est",
    "facilisi", "felis", "fermentum", "fusce", "gravida", "iaculis", "in", "integer", "ipsum",
    "justo", "lacus", "lectus", "leo", "libero", "ligula", "lorem", "luctus", "magna", "massa",
    "mattis", "mauris", "metus", "mollis", "morbi", "nam", "nec", "neque", "nibh", "nisi", "nulla",
    "nunc", "odio", "orci", "pede", "porta", "purus", "quam", "quis", "risus", "rutrum", "sapien",
    "sed", "sem", "semper", "sit", "sodales", "tellus", "tempor", "tortor", "turpis", "urna",
    "velit", "vitae", "vivamus", "volutpat",
  ]

  static func generate(
    _ arguments: CallValues, _ machine: inout Machine
  ) throws(JinjaError) -> Value {
    let binder = try ArgumentBinder(
      arguments, "generate_lorem_ipsum", ["n", "html", "min", "max"])
    let count = try binder.integer(0, default: 5)
    let isHTML = binder.isTrue(1, default: true)
    let low = try binder.integer(2, default: 20)
    let high = try binder.integer(3, default: 100)
    guard low < high || count <= 0 else {
      throw JinjaError(.value, "empty range for randrange() (\(low), \(high), \(high - low))")
    }
    guard count <= 10_000, high <= 10_000 else {
      throw JinjaError(.budget(.collectionSize), "too much filler text")
    }
    var paragraphs: [String] = []
    for _ in 0..<max(0, count) {
      var paragraph: [String] = []
      let length = Int.random(in: low..<high)
      try machine.spend(max(1, length))
      for index in 0..<max(0, length) {
        let word = words.randomElement() ?? ""
        paragraph.append(index == 0 ? word.prefix(1).uppercased() + word.dropFirst() : word)
      }
      paragraphs.append(paragraph.joined(separator: " ") + ".")
    }
    if isHTML {
      return .markup(Text(paragraphs.map { "<p>\($0)</p>" }.joined(separator: "\n")))
    }
    return .string(paragraphs.joined(separator: "\n\n"))
  }
}
