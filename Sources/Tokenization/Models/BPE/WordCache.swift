// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Remembers the tokens of words, in memory that grows up to a limit.
///
/// A word of up to 15 bytes of which there are up to four tokens has an entry of 32 bytes in one of
/// the two places of its bucket, a cache line, or of the bucket beside it. Others of up to 255 bytes
/// have their bytes and tokens in an arena, found through a table with four places for each word;
/// when the arena is full, both start anew. Neither is ever searched further, so a text that is made
/// to collide costs no more than one whose words are all new; a seed keeps such texts from being made
/// ahead.
///
/// The tables start small, since memory that is near is read faster, and double when an eighth of what
/// they have is taken: a word is then mostly where it is looked for first.
final class WordCache: Sendable {
  /// The longest word with an entry of its own.
  static let shortLimit = 15
  /// The longest word that is remembered.
  static let longLimit = 255
  /// How many bytes a table has at first.
  private static let firstSize = 1 << 17

  private struct Tables {
    var buckets: WorkBuffer<UInt64>
    var places: WorkBuffer<UInt64>
  }

  private let tables: Mutex<Tables>
  private let arena: WorkBuffer<UInt8>
  private let used = WorkBuffer<Int>(count: View.Used.count)
  private let byteLimit: Int
  private let seed: UInt64

  /// A cache of about so many bytes at most.
  init(byteLimit: Int, seed: UInt64) {
    let size = max(min(byteLimit / 8, Self.firstSize), 1024)
    let count = 1 << (Int.bitWidth - 1 - size.leadingZeroBitCount) / 8
    tables = Mutex(Tables(buckets: WorkBuffer(count: count), places: WorkBuffer(count: count)))
    arena = WorkBuffer(count: max(byteLimit / 2, 4096))
    self.byteLimit = byteLimit
    self.seed = seed
  }

  var view: View {
    let tables = tables.withLock { $0 }
    return View(
      buckets: tables.buckets.view, places: tables.places.view, arena: arena.view,
      used: used.view, seed: seed, bucketMask: tables.buckets.count / 8 - 1,
      placeMask: tables.places.count / 2 - 1,
      bucketsGrow: 16 * tables.buckets.count <= byteLimit / 3,
      placesGrow: 16 * tables.places.count <= byteLimit / 6)
  }

  /// Doubles the tables that are crowded; views of before must not be used any more.
  func grow() {
    let (old, oldTables) = (view, tables.withLock { $0 })
    tables.withLock { tables in
      if old.hasCrowdedBuckets {
        tables.buckets = WorkBuffer(filling: 2 * tables.buckets.count)
      }
      if old.hasCrowdedPlaces {
        tables.places = WorkBuffer(filling: 2 * tables.places.count)
      }
    }
    let new = view
    if old.hasCrowdedBuckets { new.takeEntries(of: old) }
    if old.hasCrowdedPlaces { new.takePlaces(of: old) }
    // The buffers must outlive their view.
    withExtendedLifetime(oldTables) {}
  }

  /// The cache for the length of a call, or until it grows.
  struct View {
    /// What is counted.
    enum Used {
      /// Bytes of the arena.
      static let bytes = 0
      static let entries = 1
      static let places = 2
      static let count = 3
    }

    let buckets: WorkBuffer<UInt64>.View
    let places: WorkBuffer<UInt64>.View
    let arena: WorkBuffer<UInt8>.View
    let used: WorkBuffer<Int>.View
    let seed: UInt64
    let bucketMask: Int
    let placeMask: Int
    fileprivate let bucketsGrow: Bool
    fileprivate let placesGrow: Bool

    /// Whether ``WordCache/grow()`` is due.
    @inline(__always)
    var isCrowded: Bool { hasCrowdedBuckets || hasCrowdedPlaces }

    fileprivate var hasCrowdedBuckets: Bool {
      bucketsGrow && 4 &* used[Used.entries] > bucketMask
    }

    fileprivate var hasCrowdedPlaces: Bool {
      placesGrow && 8 &* used[Used.places] > placeMask
    }
  }
}
