// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The machine's clock.
enum SystemClock {
  static func localTime() -> CivilDateTime {
    var clock = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &clock)
    var parts = unsafe tm()
    unsafe localtime_r(&clock.tv_sec, &parts)
    return unsafe CivilDateTime(
      year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
      hour: Int(parts.tm_hour), minute: Int(parts.tm_min), second: Int(parts.tm_sec),
      microsecond: Int(clock.tv_nsec / 1000))
  }
}

/// `datetime.strftime` in the C locale, of a time without zone.
enum TimeFormat {
  static func format(_ format: Text, _ time: CivilDateTime) -> [UInt8] {
    var output: [UInt8] = []
    let bytes = format.array
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
      while index < bytes.count, bytes[index].isASCIIDigit {
        width = min(width * 10 + Int(bytes[index] - 0x30), 200)
        index += 1
      }
      guard index < bytes.count else {
        output += bytes[start...]
        break
      }
      if let text = directive(bytes[index], time, flag, width) {
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

  private static func directive(
    _ letter: UInt8, _ time: CivilDateTime, _ flag: UInt8, _ width: Int
  ) -> [UInt8]? {
    let day = dayNumber(time.year, time.month, time.day)
    let weekday = (day % 7 + 7) % 7
    let dayOfYear = day - dayNumber(time.year, 1, 1)
    func number(_ value: Int, _ digits: Int, _ padding: Character = "0") -> [UInt8] {
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
        ? text.utf8.map { PythonUnicode.upperASCII($0) } : Array(text.utf8)
      return Array(repeating: 0x20, count: max(0, width - bytes.count)) + bytes
    }
    func composed(_ format: String) -> [UInt8] { self.format(Text(format), time) }
    let hour12 = time.hour % 12 == 0 ? 12 : time.hour % 12
    switch Unicode.Scalar(letter) {
    case "a": return word(String(days[weekday].prefix(3)))
    case "A": return word(days[weekday])
    case "b", "h": return word(String(months[(time.month + 11) % 12].prefix(3)))
    case "B": return word(months[(time.month + 11) % 12])
    case "c": return composed("%a %b %e %H:%M:%S %Y")
    case "C": return number(time.year / 100, 2)
    case "d": return number(time.day, 2)
    case "D", "x": return composed("%m/%d/%y")
    case "e": return number(time.day, 2, " ")
    case "f": return number(time.microsecond, 6)
    case "F": return composed("%Y-%m-%d")
    case "g": return number(isoYear(time, dayOfYear, weekday).year % 100, 2)
    case "G": return number(isoYear(time, dayOfYear, weekday).year, 4)
    case "H": return number(time.hour, 2)
    case "I": return number(hour12, 2)
    case "j": return number(dayOfYear + 1, 3)
    case "k": return number(time.hour, 2, " ")
    case "l": return number(hour12, 2, " ")
    case "m": return number(time.month, 2)
    case "M": return number(time.minute, 2)
    case "n": return [0x0A]
    case "p":
      let text = time.hour < 12 ? "AM" : "PM"
      return flag == UInt8(ascii: "#") ? Array(text.lowercased().utf8) : word(text)
    case "P": return word(time.hour < 12 ? "am" : "pm")
    case "r": return composed("%I:%M:%S %p")
    case "R": return composed("%H:%M")
    case "s":
      return number(
        (day - dayNumber(1970, 1, 1)) * 86400 + time.hour * 3600 + time.minute * 60 + time.second,
        1)
    case "S": return number(time.second, 2)
    case "t": return [0x09]
    case "T", "X": return composed("%H:%M:%S")
    case "u": return number(weekday + 1, 1)
    case "U": return number((dayOfYear + 7 - (weekday + 1) % 7) / 7, 2)
    case "V": return number(isoYear(time, dayOfYear, weekday).week, 2)
    case "w": return number((weekday + 1) % 7, 1)
    case "W": return number((dayOfYear + 7 - weekday) / 7, 2)
    case "y": return number((time.year % 100 + 100) % 100, 2)
    case "Y": return number(time.year, 1)
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

  private static func isoYear(
    _ time: CivilDateTime, _ dayOfYear: Int, _ weekday: Int
  ) -> (year: Int, week: Int) {
    let week = (dayOfYear - weekday + 10) / 7
    func weeks(in year: Int) -> Int {
      let first = (dayNumber(year, 1, 1) % 7 + 7) % 7
      let last = (dayNumber(year, 12, 31) % 7 + 7) % 7
      return first == 3 || last == 3 ? 53 : 52
    }
    if week < 1 { return (time.year - 1, weeks(in: time.year - 1)) }
    if week > weeks(in: time.year) { return (time.year + 1, 1) }
    return (time.year, week)
  }
}
