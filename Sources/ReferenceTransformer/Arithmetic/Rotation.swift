// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Turns the pairs of numbers of queries and keys by angles that grow with the position.
struct Rotation: Sendable {
  private let headSize: Int
  private let pairing: RotarySettings.Pairing
  /// Radians per position; shape `(headSize / 2)`.
  private let frequencies: [Float]
  /// Shape `(count, headSize / 2)`.
  private var cosines: [Float] = []
  /// Shape `(count, headSize / 2)`.
  private var sines: [Float] = []

  init(_ settings: RotarySettings, headSize: Int) {
    self.headSize = headSize
    pairing = settings.pairing
    frequencies = settings.frequencies(headSize: headSize)
  }

  /// Sets the positions of the rows that are turned next.
  mutating func prepare(_ positions: Range<Int>) {
    cosines.removeAll(keepingCapacity: true)
    sines.removeAll(keepingCapacity: true)
    for position in positions {
      for frequency in frequencies {
        cosines.append(cosf(Float(position) * frequency))
        sines.append(sinf(Float(position) * frequency))
      }
    }
  }

  /// Turns heads.
  ///
  /// - Parameters:
  ///   - vectors: Shape `(count, heads, headSize)`, a row for each position.
  ///   - heads: Heads of a row.
  func turn(_ vectors: inout [Float], heads: Int) {
    let half = headSize / 2
    let (first, second) = pairing == .halves ? (1, half) : (2, 1)
    for row in 0..<cosines.count / half {
      let cosine = cosines.span.extracting(row * half..<(row + 1) * half)
      let sine = sines.span.extracting(row * half..<(row + 1) * half)
      for head in 0..<heads {
        let start = (row * heads + head) * headSize
        vectors.withPart(start..<start + headSize) { vector in
          for pair in 0..<half {
            let (x, y) = (vector[pair * first], vector[pair * first + second])
            vector[pair * first] = x * cosine[pair] - y * sine[pair]
            vector[pair * first + second] = y * cosine[pair] + x * sine[pair]
          }
        }
      }
    }
  }
}
