// SPDX-License-Identifier: Apache-2.0

import ReferenceTransformer
import Testing

@Suite("ForwardPass") struct ForwardPassTests {
  /// The bound on differences to torch, relative to the greatest logit.
  static let tolerance: Float = 1e-4

  @Test(arguments: TinyModel.all)
  func `logits are those of transformers`(_ model: TinyModel) throws {
    let transformer = try model.load()
    let expected = try model.expected()
    var logits: [Int: [[Float]]] = [:]
    #expect(Set(expected.rows.map(\.length)) == [1, 7, 64, 300])
    for row in expected.rows {
      if logits[row.length] == nil {
        logits[row.length] = try transformer.allLogits(TinyModel.prompt(row.length))
      }
      let found = try #require(logits[row.length]?[row.position])
      let error = difference(found, row.logits)
      #expect(error < Self.tolerance, "\(row.position) of \(row.length)")
    }
  }

  @Test(arguments: TinyModel.withGGUF)
  func `a GGUF file of the same weights gives the same`(_ model: TinyModel) throws {
    let transformer = try model.loadGGUF()
    for row in try model.expected().rows where row.length == 300 || row.length == 7 {
      let found = try transformer.allLogits(TinyModel.prompt(row.length))[row.position]
      #expect(difference(found, row.logits) < Self.tolerance, "\(row.position) of \(row.length)")
    }
    let greedy = try transformer.greedy(TinyModel.prompt(7), count: 200)
    #expect(greedy == (try model.expected().greedy))
  }

  @Test(arguments: TinyModel.all)
  func `greedy decoding writes the reference's 200 tokens`(_ model: TinyModel) throws {
    let greedy = try model.load().greedy(TinyModel.prompt(7), count: 200)
    #expect(greedy == (try model.expected().greedy))
  }

  @Test(arguments: TinyModel.all)
  func `a prompt at once is a prompt token by token`(_ model: TinyModel) throws {
    let transformer = try model.load()
    let ids = TinyModel.prompt(64)
    let atOnce = try transformer.allLogits(ids)
    var session = transformer.makeSession()
    for (place, id) in ids.enumerated() {
      try session.append([id])
      #expect(difference(session.logits, atOnce[place]) < Self.tolerance, "token \(place)")
    }
    // And in parts whose seams lie anywhere.
    var parts = transformer.makeSession()
    for range in [0..<1, 1..<30, 30..<33, 33..<64] { try parts.append(Array(ids[range])) }
    #expect(difference(parts.logits, atOnce[63]) < Self.tolerance)
  }

  @Test(arguments: TinyModel.all)
  func `the number of threads changes nothing`(_ model: TinyModel) throws {
    let transformer = try model.load()
    let one = try transformer.allLogits(TinyModel.prompt(300), threads: 1)
    let two = try transformer.allLogits(TinyModel.prompt(300), threads: 2)
    for place in [0, 150, 299] {
      #expect(difference(two[place], one[place]) < Self.tolerance, "token \(place)")
    }
    let greedy = try transformer.greedy(TinyModel.prompt(7), count: 50, threads: 2)
    #expect(greedy == Array(try model.expected().greedy.prefix(50)))
  }

  @Test(arguments: TinyModel.all)
  func `log-probabilities are those of torch`(_ model: TinyModel) throws {
    let ids = TinyModel.prompt(64)
    var session = try model.load().makeSession()
    var found: [Double] = []
    try session.append(ids) { place, logits in
      if place + 1 < ids.count { found.append(LogProbability.of(ids[place + 1], in: logits)) }
    }
    let expected = try model.expected().logProbabilities
    #expect(difference(found.map { Float($0) }, expected) < Self.tolerance)
  }

  @Test func `what was forgotten has no effect`() throws {
    let transformer = try TinyModel(name: "mistral").load()
    let ids = TinyModel.prompt(64)
    var session = transformer.makeSession()
    try session.append(Array(ids[..<40]))
    try session.append([1, 2, 3])
    session.truncate(to: 40)
    #expect(session.count == 40)
    try session.append(Array(ids[40...]))
    #expect(difference(session.logits, try transformer.allLogits(ids)[63]) < Self.tolerance)
  }
}
