// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import Dispatch
import Glibc
import Synchronization

/// Counts the words of files on all cores.
///
/// Files are cut into chunks at newlines; each worker has a table of its own, and the tables are
/// joined at the end, so that the memory depends on the distinct words alone.
struct CorpusReader {
  private struct Chunk {
    var file: String
    var range: Range<Int>
  }

  /// What the workers share.
  private struct Shared {
    var tables: [WordTable] = []
    var failure: (chunk: Int, error: TrainingError)?
    var bytesRead = 0
  }

  private static let chunkSize = 4 << 20
  let format: TrainingOptions.Format
  let progress: TrainingProgress.Handler?

  /// The words of all files, each line a sequence.
  func words(inFiles files: [String]) throws(TrainingError) -> WordTable {
    let chunks = try chunks(of: files)
    let total = chunks.reduce(0) { $0 + $1.range.count }
    let workers = min(chunks.count, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    let next = Atomic<Int>(0)
    let shared = Mutex(Shared())
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      var splitter = WordSplitter(format)
      var words = WordTable()
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < chunks.count, shared.withLock({ $0.failure == nil }) else { break }
        do throws(TrainingError) {
          try Self.count(chunks[index], with: &splitter, into: &words)
        } catch {
          shared.withLock { shared in
            // Chunks are taken in order: of several failures the first place is told.
            if index < shared.failure?.chunk ?? .max { shared.failure = (index, error) }
          }
        }
        let done = shared.withLock { shared in
          shared.bytesRead += chunks[index].range.count
          return shared.bytesRead
        }
        progress?(TrainingProgress(stage: .reading, completed: done, total: total))
      }
      let finished = words
      shared.withLock { $0.tables.append(finished) }
    }
    if let failure = shared.withLock({ $0.failure }) { throw failure.error }
    return Self.joined(shared.withLock { $0.tables })
  }

  private static func joined(_ tables: [WordTable]) -> WordTable {
    var sorted = tables.sorted { $0.count > $1.count }
    guard var words = sorted.first else { return WordTable() }
    sorted.removeFirst()
    for table in sorted { words.add(table) }
    return words
  }

  private func chunks(of files: [String]) throws(TrainingError) -> [Chunk] {
    var chunks: [Chunk] = []
    for file in files {
      let size: Int
      do { size = try MappedFile(path: file).count } catch {
        throw TrainingError(.unreadable(error))
      }
      for start in stride(from: 0, to: size, by: Self.chunkSize) {
        chunks.append(Chunk(file: file, range: start..<min(start + Self.chunkSize, size)))
      }
    }
    return chunks
  }

  /// Counts the lines that begin within the chunk.
  private static func count(
    _ chunk: Chunk, with splitter: inout WordSplitter, into words: inout WordTable
  ) throws(TrainingError) {
    let file: MappedFile
    do { file = try MappedFile(path: chunk.file) } catch { throw TrainingError(.unreadable(error)) }
    try unsafe file.withBytes { (buffer) throws(TrainingError) in
      // SAFETY: the span lives within the call, for which the mapping is borrowed.
      let text = unsafe buffer.bindMemory(to: UInt8.self).span
      let start = startOfLine(text, chunk.range.lowerBound)
      let lines = text.extracting(start..<max(start, startOfLine(text, chunk.range.upperBound)))
      do throws(UTF8.ValidationError) {
        _ = try UTF8Span(validating: lines)
      } catch {
        let offset = start + error.byteOffsets.lowerBound
        throw TrainingError(.invalidUTF8(file: chunk.file, byteOffset: offset))
      }
      splitter.countLines(lines, into: &words)
    }
  }

  /// The first place at or after `place` where a line begins, or the end.
  private static func startOfLine(_ text: Span<UInt8>, _ place: Int) -> Int {
    guard place > 0 else { return 0 }
    var place = min(place, text.count)
    while place < text.count, text[place - 1] != UInt8(ascii: "\n") { place += 1 }
    return place
  }
}
