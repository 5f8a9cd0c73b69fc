// SPDX-License-Identifier: Apache-2.0

import Glibc

extension LawChecker {
  /// Times the conversation many times over, and eight times as often.
  ///
  /// A render that is quadratic takes 64 times as long; up to 24 times is put down to noise.
  func linearVerdict(_ subject: LawSubject) -> LawVerdict {
    guard let once = prompt(subject), !once.text.isEmpty else { return .silent }
    let count = max(4, 8192 / once.text.utf8.count)
    guard let short = fastest(repeated(subject, count)),
      let long = fastest(repeated(subject, 8 * count))
    else { return .silent }
    let ratio = long / max(short, 1e-6)
    return ratio <= 24
      ? .holds : .broken("eight times the conversation takes \(Int(ratio)) times as long")
  }

  /// The conversation with its messages several times over; the first system message stays one.
  private func repeated(_ subject: LawSubject, _ count: Int) -> LawSubject {
    var result = subject
    let messages = subject.conversation.messages
    let start = messages.first?.role == .system ? 1 : 0
    for _ in 1..<count { result.conversation.messages += messages[start...] }
    return result
  }

  /// The seconds of the fastest of three renders; nil where the template refuses.
  private func fastest(_ subject: LawSubject) -> Double? {
    var best: Double?
    for _ in 0..<3 {
      let start = Self.processorTime()
      guard prompt(subject) != nil else { return nil }
      let time = Self.processorTime() - start
      best = min(best ?? time, time)
    }
    return best
  }

  /// What this thread has used of the processor, in seconds: other programs do not count.
  private static func processorTime() -> Double {
    var time = timespec()
    // SAFETY: the pointer is to a local value that lives through the call.
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
