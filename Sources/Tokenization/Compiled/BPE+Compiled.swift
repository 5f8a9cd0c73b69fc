// SPDX-License-Identifier: Apache-2.0

extension BPE {
  /// What a compiled model says beside its tables.
  private struct Facts {
    static let count = 5
    var isByteLevel = false
    var tokenCount = 0
    var cutsBeforeMetaspace = false
    var graphBaseCount: UInt32 = 0
    var trieBound: UInt32 = 0

    var numbers: [UInt64] {
      [
        isByteLevel ? 1 : 0, UInt64(tokenCount), cutsBeforeMetaspace ? 1 : 0,
        UInt64(graphBaseCount), UInt64(trieBound),
      ]
    }

    init() {}

    init?(_ table: ConstantTable<UInt64>?) {
      guard let table, table.count == Self.count, table[0] <= 1, table[2] <= 1,
        let tokenCount = Int(exactly: table[1]), let base = UInt32(exactly: table[3]),
        let trieBound = UInt32(exactly: table[4])
      else { return nil }
      isByteLevel = table[0] == 1
      self.tokenCount = tokenCount
      cutsBeforeMetaspace = table[2] == 1
      graphBaseCount = base
      self.trieBound = trieBound
    }
  }

  /// Adds the model's tables to a file; the options are not among them.
  package func write(to writer: inout TableArchiveWriter) {
    var facts = Facts()
    facts.isByteLevel = vocabulary.spelling == .byteLevel
    facts.tokenCount = vocabulary.count
    facts.cutsBeforeMetaspace = cutsBeforeMetaspace
    if let graph {
      facts.graphBaseCount = graph.baseCount
      facts.trieBound = graph.trie.tokenBound
    }
    writer.add(.facts, ConstantTable(facts.numbers))
    vocabulary.write(to: &writer)
    rules.write(to: &writer)
    if let graph { graph.write(to: &writer) }
    if let table { writer.add(.mergeSlots, table.slots) }
    if let seams { writer.add(.seams, seams.table) }
  }

  /// The model of a file's tables, which are used where they lie.
  ///
  /// - Returns: nil where a table is missing, or refers to what is not there.
  package convenience init?(_ tables: MappedTables, options: Options) {
    guard let facts = Facts(tables.table(.facts)),
      let vocabulary = Vocabulary(
        tables, spelling: facts.isByteLevel ? .byteLevel : .text, count: facts.tokenCount),
      let rules = RuleList(tables, identifierBound: vocabulary.identifierBound)
    else { return nil }
    let bound = TokenID(vocabulary.identifierBound)
    if let unknown = options.unknownToken, unknown >= bound { return nil }
    var graph: MergeGraph?
    var table: MergeTable?
    if let slots = tables.table(.mergeSlots, of: MergeTable.Slot.self) {
      guard let found = MergeTable(slots, identifierBound: bound) else { return nil }
      table = found
    }
    if table == nil {
      graph = MergeGraph(
        tables, baseCount: facts.graphBaseCount, trieBound: facts.trieBound, vocabulary)
      guard graph != nil else { return nil }
    }
    let seams = tables.table(.seams, of: UInt64.self)
    if let seams, !Seams.isSound(seams) { return nil }
    self.init(
      vocabulary: vocabulary, options: options, rules: rules, graph: graph, table: table,
      seams: seams.map { Seams(table: $0) }, cutsBeforeMetaspace: facts.cutsBeforeMetaspace)
  }
}

extension Vocabulary {
  fileprivate func write(to writer: inout TableArchiveWriter) {
    writer.add(.vocabularyBytes, arena)
    writer.add(.vocabularyPlaces, places)
    writer.add(.vocabularySlots, slots)
  }

  fileprivate init?(_ tables: MappedTables, spelling: Spelling, count: Int) {
    guard let arena = tables.table(.vocabularyBytes, of: UInt8.self),
      let places = tables.table(.vocabularyPlaces, of: Place.self),
      places.count <= VocabularyBuilder.identifierLimit,
      let slots = tables.table(.vocabularySlots, of: UInt32.self),
      slots.count.nonzeroBitCount == 1
    else { return nil }
    // A slot that is free must exist, or a search for what is not there has no end.
    guard Self.areSound(places, arenaSize: arena.count, count: count),
      slots.isCounted(upTo: places.count, in: Slot.identifierMask),
      slots.contains(where: { $0 == 0 })
    else { return nil }
    self.init(spelling: spelling, count: count, arena: arena, places: places, slots: slots)
  }

  /// Whether so many ids have a place, and all places lie in the arena.
  private static func areSound(_ places: ConstantTable<Place>, arenaSize: Int, count: Int) -> Bool {
    let (view, size) = (places.view, Int64(arenaSize))
    var found = 0
    var signs: Int64 = 0
    for index in 0..<places.count {
      let place = view[index]
      let isAbsent = place.length == Place.absent.length
      let end = Int64(place.start) &+ Int64(place.length & ~Place.literalFlag)
      signs |= isAbsent ? 0 : size &- end
      found &+= isAbsent ? 0 : 1
    }
    return signs >= 0 && found == count
  }
}

extension MergeTable {
  fileprivate init?(_ slots: ConstantTable<Slot>, identifierBound: TokenID) {
    let free = Slot.free.key
    guard slots.count.nonzeroBitCount == 1, slots.count > 1,
      slots.contains(where: { $0.key == free }),
      slots.allSatisfy({ $0.key == free || $0.merged < identifierBound })
    else { return nil }
    self.init(slots: slots)
  }
}
