// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import Glibc
import Testing
import TextPrimitives

@testable import Tokenization
@testable import TokenizerFormats

/// A compiled file whose tables were changed and whose checksum is right all the same.
private struct Forgery {
  private(set) var bytes: [UInt8]
  /// Where each section lies, and how large its elements are.
  let sections: [(range: Range<Int>, elementSize: Int)]

  init(_ whole: [UInt8]) {
    bytes = whole
    let list = TableArchive.headerSize
    let count = Int(Self.number(whole, 12, 4))
    sections = (0..<count).map { index in
      let place = list + index * TableArchive.sectionSize
      let size = Int(Self.number(whole, place + 4, 4))
      let start = Int(Self.number(whole, place + 8, 8))
      return (start..<start + Int(Self.number(whole, place + 16, 8)) * size, size)
    }
  }

  static func number(_ bytes: [UInt8], _ place: Int, _ count: Int) -> UInt64 {
    (0..<count).reduce(0) { $0 | UInt64(bytes[place + $1]) << UInt64(8 * $1) }
  }

  mutating func set(_ value: UInt64, at place: Int, count: Int) {
    for index in 0..<count where place + index < bytes.count {
      bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
    }
  }

  /// Makes the checksums those of the content.
  mutating func seal() {
    let count = UInt32(Self.number(bytes, 12, 4))
    for (half, place) in [(TableArchive.Half.first, 24), (.second, 32)] {
      // SAFETY: the buffer does not leave the closure.
      let checksum = unsafe bytes.withUnsafeBytes { bytes in
        unsafe TableArchive.checksum(of: half, bytes, sectionCount: count)
      }
      set(checksum, at: place, count: 8)
    }
  }
}

/// Whoever can write the cache can make its checksum right; still nothing but the file's own tables
/// is ever read, and encoding ends.
@Suite("Forged compiled tokenizers") struct ForgedCacheTests {
  private static let texts = [
    "", "abc AB cab<s> x\u{301}", "Hello world, the    theory of 12345 <s>[INST] don't\n\n",
    "日本語 é \u{FFFD}🦄 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbbbbbb",
  ]

  /// Does with a tokenizer what its user may do.
  private func use(_ tokenizer: Tokenizer) {
    for text in Self.texts {
      for policy in [SpecialTokenPolicy.asText, .allowAll] {
        let encoding = try? tokenizer.encode(text, special: policy, addsSpecialTokens: true)
        let ids = encoding?.ids ?? []
        _ = try? tokenizer.decode(ids)
        var stream = tokenizer.makeStreamDecoder(skippingSpecialTokens: true)
        for id in ids { _ = try? stream.append(id) }
      }
    }
    for id in 0..<TokenID(min(tokenizer.identifierBound, 300)) {
      _ = tokenizer.bytes(of: id)
      _ = tokenizer.token(id).map { tokenizer.identifier(of: $0) }
    }
  }

  /// Puts a forged file in the place of the compiled one; where it is not refused, it is used.
  private func load(_ forgery: Forgery, _ entry: CacheEntry) throws {
    var forgery = forgery
    forgery.seal()
    try FileReplacement.write(forgery.bytes, to: entry.path)
    if let tokenizer = entry.load() { use(tokenizer) }
  }

  @Test func `words of every table may be any other`() throws {
    let workshop = try CacheWorkshop(TokenizerCacheTests.small)
    let (whole, entry) = try workshop.compiled()
    for section in Forgery(whole).sections where !section.range.isEmpty {
      // All of a small table, and of a large one some.
      let step = max(4, section.range.count / 12 / 4 * 4 + 4)
      for place in stride(from: section.range.lowerBound, to: section.range.upperBound, by: step) {
        let value = Forgery.number(whole, place, min(4, whole.count - place))
        for other in [0, value + 1, 0x7FFF_FFFF, 0xFFFF_FFFF] where other != value {
          var forgery = Forgery(whole)
          forgery.set(other, at: place, count: 4)
          try load(forgery, entry)
        }
      }
    }
  }

  @Test(arguments: BuiltInVocabulary.allCases)
  func `tables changed here and there are refused or read without harm`(
    _ vocabulary: BuiltInVocabulary
  ) throws {
    let workshop = try CacheWorkshop(vocabulary.tokenizerJSON)
    let (whole, entry) = try workshop.compiled()
    var random = SplitMix64(state: 20_261_121)
    for round in 0..<50 {
      var forgery = Forgery(whole)
      for _ in 0..<(1 + round % 3) {
        let section = forgery.sections[Int(random.next() % UInt64(forgery.sections.count))]
        guard !section.range.isEmpty else { continue }
        let count = section.range.count / section.elementSize
        func element() -> Int {
          section.range.lowerBound + Int(random.next() % UInt64(count)) * section.elementSize
        }
        let (target, size) = (element(), min(section.elementSize, 8))
        let value =
          switch random.next() % 5 {
          case 0: UInt64.max
          case 1: UInt64(0)
          case 2: Forgery.number(whole, element(), size)
          case 3: Forgery.number(whole, target, size) ^ 1 << (random.next() % UInt64(8 * size))
          default: random.next()
          }
        forgery.set(value, at: target, count: size)
      }
      try load(forgery, entry)
    }
  }

  @Test func `a file that others can change is not used, and made anew`() throws {
    let workshop = try CacheWorkshop(TokenizerCacheTests.small)
    let entry = try workshop.compiled().entry
    #expect(entry.load() != nil)
    unsafe chmod(entry.path, 0o622)
    #expect(entry.load() == nil)
    _ = try Tokenizer(contentsOf: workshop.source, cache: workshop.cache)
    #expect(entry.load() != nil)
  }

  @Test func `sections that lie elsewhere or are of other sizes are refused`() throws {
    let workshop = try CacheWorkshop(TokenizerCacheTests.small)
    let (whole, entry) = try workshop.compiled()
    let end = TableArchive.headerSize + Forgery(whole).sections.count * TableArchive.sectionSize
    for place in stride(from: 8, to: end, by: 4) where !(24..<40).contains(place) {
      let value = Forgery.number(whole, place, 4)
      for other in [0, value + 1, value + 64, 0xFFFF_FFFF] {
        var forgery = Forgery(whole)
        forgery.set(other, at: place, count: 4)
        try load(forgery, entry)
      }
    }
  }
}

/// A source file and a cache, there as long as this is.
private struct CacheWorkshop: ~Copyable {
  private let folder: TemporaryFolder
  let source: String
  let cache: TokenizerCache

  init(_ content: [UInt8]) throws {
    folder = TemporaryFolder(["tokenizer.json": content, "cache/keep": []])
    source = folder.path + "/tokenizer.json"
    cache = TokenizerCache(directory: folder.path + "/cache")
    // The source's time stamps must tell it from later ones.
    usleep(80_000)
  }

  deinit {
    for name in FileReader.names(inFolder: cache.directory) where name != "keep" {
      unsafe unlink("\(cache.directory)/\(name)")
    }
  }

  /// Compiles the source: the compiled file's bytes, and where it is.
  func compiled() throws -> (bytes: [UInt8], entry: CacheEntry) {
    _ = try Tokenizer(contentsOf: source, cache: cache)
    let entry = try #require(CacheEntry(cache, source: source, format: nil, encoding: nil))
    return (try FileReader.bytes(path: entry.path), entry)
  }
}

/// A small generator with a seed.
private struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
