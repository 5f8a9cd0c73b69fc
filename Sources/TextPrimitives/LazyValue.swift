// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A value that is made when it is first asked for, and at most once.
package final class LazyValue<Value: Sendable>: Sendable {
  private enum State {
    case made(Value)
    case pending(@Sendable () -> Value)
  }

  private let state: Mutex<State>

  /// A value that exists already.
  package init(_ value: Value) {
    state = Mutex(.made(value))
  }

  /// A value by a closure.
  package init(making make: @escaping @Sendable () -> Value) {
    state = Mutex(.pending(make))
  }

  /// The value.
  package var value: Value {
    state.withLock { state in
      switch state {
      case .made(let value): return value
      case .pending(let make):
        let value = make()
        state = .made(value)
        return value
      }
    }
  }
}
