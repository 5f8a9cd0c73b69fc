// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

/// Hints for misspelt names.
enum Suggestion {
  /// `did you mean 'x'?`, where a candidate is near enough.
  static func nearest(to name: String, among candidates: some Sequence<String>) -> String? {
    EditDistance.nearest(to: name, among: candidates).map { "did you mean '\($0)'?" }
  }
}
