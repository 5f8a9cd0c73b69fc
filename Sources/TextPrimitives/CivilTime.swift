// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A date and a time of day, without a zone: what a template prints when it asks for the date.
public struct CivilTime: Hashable, Sendable {
  /// Such as 2026.
  public var year: Int
  /// 1 to 12.
  public var month: Int
  /// 1 to 31.
  public var day: Int
  /// 0 to 23.
  public var hour: Int
  /// 0 to 59.
  public var minute: Int
  /// 0 to 60.
  public var second: Int
  /// 0 to 999,999.
  public var microsecond: Int

  /// A time from its parts, which are not checked; midnight where only the day is given.
  public init(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0,
    microsecond: Int = 0
  ) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
    self.microsecond = microsecond
  }

  /// Reads `2026-01-15`, `2026-01-15T08:30`, `2026-01-15 08:30:00` or `2026-01-15T08:30:00.25`; nil
  /// for anything else.
  public init?(iso8601 text: String) {
    var numbers: [Int] = []
    var separators: [UInt8] = []
    var digits = 0
    for byte in text.utf8 {
      if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
        if digits == 0 { numbers.append(0) }
        digits += 1
        guard digits <= (separators.last == UInt8(ascii: ".") ? 6 : 4) else { return nil }
        numbers[numbers.count - 1] = numbers[numbers.count - 1] * 10 + Int(byte - 48)
      } else {
        guard digits > 0 else { return nil }
        digits = 0
        separators.append(byte)
      }
    }
    let allowed: [[UInt8]] = [Array("--".utf8), Array("--T::.".utf8), Array("-- ::.".utf8)]
    let isKnown = allowed.contains { $0.starts(with: separators) && separators.count >= 2 }
    guard digits > 0, isKnown, numbers.count == separators.count + 1, numbers.count != 4,
      (1...12).contains(numbers[1]), (1...31).contains(numbers[2])
    else { return nil }
    var time = Array(numbers.dropFirst(3)) + [0, 0, 0, 0]
    guard time[0] < 24, time[1] < 60, time[2] <= 60 else { return nil }
    if numbers.count == 7 { for _ in digits..<6 { time[3] *= 10 } }
    self.init(
      year: numbers[0], month: numbers[1], day: numbers[2], hour: time[0], minute: time[1],
      second: time[2], microsecond: time[3])
  }

  /// The machine's clock in its own zone.
  public static var now: CivilTime {
    var clock = timespec()
    var parts = unsafe tm()
    // SAFETY: the pointers are to local values that live through the calls.
    unsafe clock_gettime(CLOCK_REALTIME, &clock)
    unsafe localtime_r(&clock.tv_sec, &parts)
    return unsafe CivilTime(
      year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
      hour: Int(parts.tm_hour), minute: Int(parts.tm_min), second: Int(parts.tm_sec),
      microsecond: Int(clock.tv_nsec / 1000))
  }

  /// `2026-01-15T08:30:00`.
  public var iso8601: String { formatted("%Y-%m-%dT%H:%M:%S") }
}
