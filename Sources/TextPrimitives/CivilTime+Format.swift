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
    output.reserveCapacity(2 * bytes.count)
    append(bytes, to: &output)
    return output
  }

  private func append(_ bytes: [UInt8], to output: inout [UInt8]) {
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
      while index < bytes.count, Self.isFlag(bytes[index]) {
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
      let isKnown = append(directive: bytes[index], flag, width, to: &output)
      index += 1
      if !isKnown { output += bytes[start..<index] }
    }
  }

  private static func isFlag(_ byte: UInt8) -> Bool {
    switch Unicode.Scalar(byte) {
    case "-", "_", "0", "^", "#": true
    default: false
    }
  }

  private static let days = [
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
  ]
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]

  /// Appends what a directive stands for; false where there is none of that letter.
  private func append(
    directive letter: UInt8, _ flag: UInt8, _ width: Int, to output: inout [UInt8]
  ) -> Bool {
    var number: Int { Self.dayNumber(year, month, day) }
    var weekday: Int { (number % 7 + 7) % 7 }
    var dayOfYear: Int { number - Self.dayNumber(year, 1, 1) }
    func padded(_ value: Int, _ digits: Int, _ padding: Unicode.Scalar = "0") {
      let fill =
        flag == UInt8(ascii: "_")
        ? UInt8(ascii: " ") : flag == UInt8(ascii: "0") ? flag : UInt8(ascii: padding)
      var divisor: UInt = 1
      var count = value < 0 ? 2 : 1
      while value.magnitude / divisor > 9 { (divisor, count) = (divisor * 10, count + 1) }
      let missing = flag == UInt8(ascii: "-") ? 0 : max(digits, width) - count
      for _ in 0..<max(0, missing) { output.append(fill) }
      if value < 0 { output.append(UInt8(ascii: "-")) }
      while divisor > 0 {
        output.append(UInt8(ascii: "0") + UInt8(value.magnitude / divisor % 10))
        divisor /= 10
      }
    }
    func word(_ text: some StringProtocol) {
      let text = flag == UInt8(ascii: "^") ? text.uppercased() : String(text)
      for _ in 0..<max(0, width - text.utf8.count) { output.append(0x20) }
      output += text.utf8
    }
    func composed(_ format: String) { append(Array(format.utf8), to: &output) }
    let hour12 = hour % 12 == 0 ? 12 : hour % 12
    switch Unicode.Scalar(letter) {
    case "a": word(Self.days[weekday].prefix(3))
    case "A": word(Self.days[weekday])
    case "b", "h": word(Self.months[(month + 11) % 12].prefix(3))
    case "B": word(Self.months[(month + 11) % 12])
    case "c": composed("%a %b %e %H:%M:%S %Y")
    case "C": padded(year / 100, 2)
    case "d": padded(day, 2)
    case "D", "x": composed("%m/%d/%y")
    case "e": padded(day, 2, " ")
    case "f": padded(microsecond, 6)
    case "F": composed("%Y-%m-%d")
    case "g": padded(isoYear(dayOfYear, weekday).year % 100, 2)
    case "G": padded(isoYear(dayOfYear, weekday).year, 4)
    case "H": padded(hour, 2)
    case "I": padded(hour12, 2)
    case "j": padded(dayOfYear + 1, 3)
    case "k": padded(hour, 2, " ")
    case "l": padded(hour12, 2, " ")
    case "m": padded(month, 2)
    case "M": padded(minute, 2)
    case "n": output.append(0x0A)
    case "p":
      let text = hour < 12 ? "AM" : "PM"
      if flag == UInt8(ascii: "#") { output += text.lowercased().utf8 } else { word(text) }
    case "P": word(hour < 12 ? "am" : "pm")
    case "r": composed("%I:%M:%S %p")
    case "R": composed("%H:%M")
    case "s":
      padded(
        (number - Self.dayNumber(1970, 1, 1)) * 86400 + hour * 3600 + minute * 60 + second,
        1)
    case "S": padded(second, 2)
    case "t": output.append(0x09)
    case "T", "X": composed("%H:%M:%S")
    case "u": padded(weekday + 1, 1)
    case "U": padded((dayOfYear + 7 - (weekday + 1) % 7) / 7, 2)
    case "V": padded(isoYear(dayOfYear, weekday).week, 2)
    case "w": padded((weekday + 1) % 7, 1)
    case "W": padded((dayOfYear + 7 - weekday) / 7, 2)
    case "y": padded((year % 100 + 100) % 100, 2)
    case "Y": padded(year, 1)
    case "z", "Z": break
    case "%": output.append(UInt8(ascii: "%"))
    default: return false
    }
    return true
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
