// SPDX-License-Identifier: Apache-2.0

/// A message for the user, with the exit status that goes with it.
struct ToolError: Error {
  enum Status: Int32 {
    case input = 1
    case usage = 2
    case loading = 3
  }

  let status: Status
  let message: String

  init(_ status: Status, _ message: String) {
    self.status = status
    self.message = message
  }
}
