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

  /// A time; midnight where only the day is given.
  public init(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0
  ) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
  }

  /// Reads `2026-01-15`, `2026-01-15T08:30` or `2026-01-15 08:30:00`; nil for anything else.
  public init?(iso8601 text: String) {
    var numbers: [Int] = []
    var separators: [UInt8] = []
    var digits = 0
    for byte in text.utf8 {
      if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
        if digits == 0 { numbers.append(0) }
        digits += 1
        guard digits <= 4 else { return nil }
        numbers[numbers.count - 1] = numbers[numbers.count - 1] * 10 + Int(byte - 48)
      } else {
        guard digits > 0 else { return nil }
        digits = 0
        separators.append(byte)
      }
    }
    let allowed: [[UInt8]] = [Array("--".utf8), Array("--T::".utf8), Array("-- ::".utf8)]
    let isKnown = allowed.contains { $0.starts(with: separators) && separators.count >= 2 }
    guard digits > 0, isKnown, numbers.count == separators.count + 1, numbers.count != 4,
      (1...12).contains(numbers[1]), (1...31).contains(numbers[2])
    else { return nil }
    let time = Array(numbers.dropFirst(3)) + [0, 0, 0]
    guard time[0] < 24, time[1] < 60, time[2] <= 60 else { return nil }
    self.init(
      year: numbers[0], month: numbers[1], day: numbers[2], hour: time[0], minute: time[1],
      second: time[2])
  }

  /// The machine's clock in its own zone.
  public static var now: CivilTime {
    var seconds = time(nil)
    var parts = unsafe tm()
    // SAFETY: both pointers are to local values that live through the call.
    unsafe localtime_r(&seconds, &parts)
    return CivilTime(
      year: Int(unsafe parts.tm_year) + 1900, month: Int(unsafe parts.tm_mon) + 1,
      day: Int(unsafe parts.tm_mday),
      hour: Int(unsafe parts.tm_hour), minute: Int(unsafe parts.tm_min),
      second: Int(unsafe parts.tm_sec))
  }

  /// `2026-01-15T08:30:00`.
  public var iso8601: String {
    "\(year)-\(Self.padded(month))-\(Self.padded(day))"
      + "T\(Self.padded(hour)):\(Self.padded(minute)):\(Self.padded(second))"
  }

  /// Writes the time by a `strftime` format, in English; an unknown directive stays as it is.
  public func formatted(_ format: String) -> String {
    var output = ""
    var scalars = format.unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      guard scalar == "%" else {
        output.unicodeScalars.append(scalar)
        continue
      }
      guard let directive = scalars.next() else { return output + "%" }
      if directive == "-", let next = scalars.next() {
        let text = value(of: next) ?? "%-\(next)"
        let trimmed = text.drop { $0 == "0" || $0 == " " }
        output += trimmed.isEmpty ? "0" : String(trimmed)
      } else {
        output += value(of: directive) ?? "%\(directive)"
      }
    }
    return output
  }

  private func value(of directive: Unicode.Scalar) -> String? {
    switch directive {
    case "Y": String(year)
    case "y": Self.padded(year % 100)
    case "m": Self.padded(month)
    case "d": Self.padded(day)
    case "e": day < 10 ? " \(day)" : String(day)
    case "B": Self.months[month - 1]
    case "b", "h": String(Self.months[month - 1].prefix(3))
    case "A": Self.weekdays[weekday]
    case "a": String(Self.weekdays[weekday].prefix(3))
    case "H": Self.padded(hour)
    case "I": Self.padded(hour % 12 == 0 ? 12 : hour % 12)
    case "M": Self.padded(minute)
    case "S": Self.padded(second)
    case "p": hour < 12 ? "AM" : "PM"
    case "F": "\(year)-\(Self.padded(month))-\(Self.padded(day))"
    case "T": "\(Self.padded(hour)):\(Self.padded(minute)):\(Self.padded(second))"
    case "w": String(weekday)
    case "%": "%"
    default: nil
    }
  }

  /// 0 is Sunday, by Sakamoto's method.
  private var weekday: Int {
    let offsets = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4]
    let shifted = month < 3 ? year - 1 : year
    return (shifted + shifted / 4 - shifted / 100 + shifted / 400 + offsets[month - 1] + day) % 7
  }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]
  private static let weekdays = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]

  private static func padded(_ number: Int) -> String {
    number < 10 ? "0\(number)" : String(number)
  }
}
