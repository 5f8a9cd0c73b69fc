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

  /// Turns heads: `vectors` has the shape `(count, heads, headSize)`, a row for each position.
  func turn(_ vectors: inout [Float], heads: Int, _ team: ThreadTeam) {
    let (headSize, half) = (headSize, headSize / 2)
    let (first, second) = pairing == .halves ? (1, half) : (2, 1)
    let (cosines, sines) = (cosines, sines)
    team.divide(&vectors, rows: cosines.count / half, rowSize: heads * headSize) { rows, numbers in
      for (place, row) in rows.enumerated() {
        let cosine = cosines.span.extracting(row * half..<(row + 1) * half)
        let sine = sines.span.extracting(row * half..<(row + 1) * half)
        for head in place * heads..<(place + 1) * heads {
          numbers.withPart(head * headSize..<(head + 1) * headSize) { vector in
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
}
