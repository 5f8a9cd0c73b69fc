// SPDX-License-Identifier: Apache-2.0

extension CivilTime {
  /// Writes the time as Python's `datetime.strftime` does in the C locale.
  ///
  /// ```swift
  /// CivilTime(year: 2026, month: 1, day: 5).formatted("%-d %B %Y")  // 5 January 2026
  /// ```
  public func formatted(_ format: String) -> String {
    String(decoding: formatted(Array(format.utf8)), as: UTF8.self)
  }

  /// The same in UTF-8; what is no directive stays as it is.
  package func formatted(_ bytes: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    var index = 0
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "%"), index + 1 < bytes.count else {
        output.append(bytes[index])
        index += 1
        continue
      }
      let start = index
      index += 1
      var flag: UInt8 = 0
      while index < bytes.count, "-_0^#".utf8.contains(bytes[index]) {
        flag = bytes[index]
        index += 1
      }
      var width = 0
      while index < bytes.count, (0x30...0x39).contains(bytes[index]) {
        width = min(width * 10 + Int(bytes[index] - 0x30), 200)
        index += 1
      }
      guard index < bytes.count else {
        output += bytes[start...]
        break
      }
      if let text = directive(bytes[index], flag, width) {
        output += text
        index += 1
      } else {
        index += 1
        output += bytes[start..<index]
      }
    }
    return output
  }

  private static let days = [
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
  ]
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]

  private func directive(_ letter: UInt8, _ flag: UInt8, _ width: Int) -> [UInt8]? {
    let number = Self.dayNumber(year, month, day)
    let weekday = (number % 7 + 7) % 7
    let dayOfYear = number - Self.dayNumber(year, 1, 1)
    func padded(_ value: Int, _ digits: Int, _ padding: Character = "0") -> [UInt8] {
      let text = String(value)
      if flag == UInt8(ascii: "-") { return Array(text.utf8) }
      let fill: Character =
        flag == UInt8(ascii: "_") ? " " : flag == UInt8(ascii: "0") ? "0" : padding
      let missing = max(0, max(digits, width) - text.utf8.count)
      return Array((String(repeating: fill, count: missing) + text).utf8)
    }
    func word(_ text: String) -> [UInt8] {
      let bytes =
        flag == UInt8(ascii: "^")
        ? Array(text.uppercased().utf8) : Array(text.utf8)
      return Array(repeating: 0x20, count: max(0, width - bytes.count)) + bytes
    }
    func composed(_ format: String) -> [UInt8] { formatted(Array(format.utf8)) }
    let hour12 = hour % 12 == 0 ? 12 : hour % 12
    switch Unicode.Scalar(letter) {
    case "a": return word(String(Self.days[weekday].prefix(3)))
    case "A": return word(Self.days[weekday])
    case "b", "h": return word(String(Self.months[(month + 11) % 12].prefix(3)))
    case "B": return word(Self.months[(month + 11) % 12])
    case "c": return composed("%a %b %e %H:%M:%S %Y")
    case "C": return padded(year / 100, 2)
    case "d": return padded(day, 2)
    case "D", "x": return composed("%m/%d/%y")
    case "e": return padded(day, 2, " ")
    case "f": return padded(microsecond, 6)
    case "F": return composed("%Y-%m-%d")
    case "g": return padded(isoYear(dayOfYear, weekday).year % 100, 2)
    case "G": return padded(isoYear(dayOfYear, weekday).year, 4)
    case "H": return padded(hour, 2)
    case "I": return padded(hour12, 2)
    case "j": return padded(dayOfYear + 1, 3)
    case "k": return padded(hour, 2, " ")
    case "l": return padded(hour12, 2, " ")
    case "m": return padded(month, 2)
    case "M": return padded(minute, 2)
    case "n": return [0x0A]
    case "p":
      let text = hour < 12 ? "AM" : "PM"
      return flag == UInt8(ascii: "#") ? Array(text.lowercased().utf8) : word(text)
    case "P": return word(hour < 12 ? "am" : "pm")
    case "r": return composed("%I:%M:%S %p")
    case "R": return composed("%H:%M")
    case "s":
      return padded(
        (number - Self.dayNumber(1970, 1, 1)) * 86400 + hour * 3600 + minute * 60 + second,
        1)
    case "S": return padded(second, 2)
    case "t": return [0x09]
    case "T", "X": return composed("%H:%M:%S")
    case "u": return padded(weekday + 1, 1)
    case "U": return padded((dayOfYear + 7 - (weekday + 1) % 7) / 7, 2)
    case "V": return padded(isoYear(dayOfYear, weekday).week, 2)
    case "w": return padded((weekday + 1) % 7, 1)
    case "W": return padded((dayOfYear + 7 - weekday) / 7, 2)
    case "y": return padded((year % 100 + 100) % 100, 2)
    case "Y": return padded(year, 1)
    case "z", "Z": return []
    case "%": return [UInt8(ascii: "%")]
    default: return nil
    }
  }

  /// Days since a Monday long ago.
  private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let year = month > 2 ? year : year - 1
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra + 2
  }

  private func isoYear(_ dayOfYear: Int, _ weekday: Int) -> (year: Int, week: Int) {
    let week = (dayOfYear - weekday + 10) / 7
    func weeks(in year: Int) -> Int {
      let first = (Self.dayNumber(year, 1, 1) % 7 + 7) % 7
      let last = (Self.dayNumber(year, 12, 31) % 7 + 7) % 7
      return first == 3 || last == 3 ? 53 : 52
    }
    if week < 1 { return (year - 1, weeks(in: year - 1)) }
    if week > weeks(in: year) { return (year + 1, 1) }
    return (year, week)
  }
}
