// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A prompt's segments, made when they are first asked for.
///
/// A render keeps who wrote what in a compact form; many callers want the text alone.
final class LazySegments: Sendable {
  private enum State {
    case made([PromptSegment])
    case pending(@Sendable () -> [PromptSegment])
  }

  private let state: Mutex<State>

  /// Segments that exist already.
  init(_ segments: [PromptSegment]) {
    state = Mutex(.made(segments))
  }

  /// Segments by a closure, which is called at most once.
  init(_ make: @escaping @Sendable () -> [PromptSegment]) {
    state = Mutex(.pending(make))
  }

  var value: [PromptSegment] {
    state.withLock { state in
      switch state {
      case .made(let segments): return segments
      case .pending(let make):
        let segments = make()
        state = .made(segments)
        return segments
      }
    }
  }
}
