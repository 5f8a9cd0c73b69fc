// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// The hash of the matrix: FNV-1a over 32-bit words.
struct MatrixHash {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ word: UInt32) {
    value = (value ^ UInt64(word)) &* 0x100_0000_01B3
  }

  mutating func add(_ text: some Collection<UInt8>) {
    add(UInt32(text.count))
    for byte in text { add(UInt32(byte)) }
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct MatrixRandom {
  private var state: UInt64

  /// The numbers of one text of one tokenizer.
  init(_ name: String, _ index: Int) {
    var hash = MatrixHash()
    for byte in name.utf8 { hash.add(UInt32(byte)) }
    state = hash.value &+ UInt64(index) &* 0xD1B5_4A32_D192_ED03
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }

  mutating func below(_ bound: Int) -> Int {
    Int((next() >> 33) % UInt64(bound))
  }
}

/// Random texts that Python and Swift make alike: Scripts/tokenizer_matrix/texts.py has the rules.
struct MatrixTexts {
  private static let counts = [0, 1, 2, 3, 4, 6, 8, 12]
  private let pools: [[[UInt8]]]

  init(_ pools: JSONValue?) {
    self.pools = (pools?.array ?? []).map { pool in
      (pool.array ?? []).map { Array(($0.string?.string ?? "").utf8) }
    }
  }

  /// A text of up to twelve pieces: fragments, scalars, runs and added tokens.
  func text(_ random: inout MatrixRandom, added: [[UInt8]]) -> [UInt8] {
    var text: [UInt8] = []
    for _ in 0..<Self.counts[random.below(8)] {
      let kind = random.below(16)
      if kind >= 13, !added.isEmpty {
        text += added[random.below(added.count)]
      } else if kind == 9 || kind == 10 {
        let value = UInt32(random.below(0x110000 - 0x800))
        let scalar = Unicode.Scalar(value >= 0xD800 ? value + 0x800 : value) ?? "?"
        text += UTF8.encode(scalar).map { Array($0) } ?? []
      } else {
        let pool = pools[random.below(pools.count)]
        let fragment = pool[random.below(pool.count)]
        var times = 1
        if kind == 11 || kind == 12 {
          times = 2 + random.below(random.below(20) == 0 ? 100 : 8)
        }
        for _ in 0..<times { text += fragment }
      }
    }
    return text
  }
}
