// SPDX-License-Identifier: Apache-2.0

/// How a template is rendered.
public struct JinjaOptions: Sendable {
  /// What happens when a template reads something that is not there.
  public enum Strictness: Hashable, Sendable {
    /// As Jinja2: an undefined value, silently.
    case quiet
    /// As Jinja2, with a warning for unknown variables, and for attributes that look misspelt.
    case lenient
    /// An error, unless the template asks with `is defined` or `default`.
    case strict
  }

  /// What the render may use.
  public var budget = RenderBudget()
  /// What `strftime_now` reads; nil asks the system's clock for local time.
  public var now: CivilDateTime?
  /// What reading the unknown does.
  public var strictness = Strictness.quiet
  /// The list whose elements the output is divided by, as far as loops over it write it.
  package var tracedVariable: String?

  /// The default options.
  public init(
    budget: RenderBudget = RenderBudget(), now: CivilDateTime? = nil,
    strictness: Strictness = .quiet
  ) {
    self.budget = budget
    self.now = now
    self.strictness = strictness
  }
}

/// A date and time as a calendar on the wall shows them, without a zone.
public struct CivilDateTime: Hashable, Sendable {
  /// The year of the Gregorian calendar.
  public var year: Int
  /// 1…12.
  public var month: Int
  /// 1…31.
  public var day: Int
  /// 0…23.
  public var hour: Int
  /// 0…59.
  public var minute: Int
  /// 0…60.
  public var second: Int
  /// 0…999,999.
  public var microsecond: Int

  /// A date and time from its parts, which are not checked.
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

  /// Reads `2026-01-15`, `2026-01-15T09:30:00` or `2026-01-15 09:30`; nil for anything else.
  public init?(iso text: String) {
    var fields: [Int] = []
    var field: Int?
    for byte in text.utf8 {
      if byte.isASCIIDigit {
        field = min((field ?? 0) * 10 + Int(byte - 0x30), 1_000_000)
      } else if let value = field {
        fields.append(value)
        field = nil
        guard "-:T .".utf8.contains(byte) else { return nil }
      } else {
        return nil
      }
    }
    if let field { fields.append(field) }
    guard (3...7).contains(fields.count), (1...12).contains(fields[1]),
      (1...31).contains(fields[2])
    else { return nil }
    fields += Array(repeating: 0, count: 7 - fields.count)
    self.init(
      year: fields[0], month: fields[1], day: fields[2], hour: fields[3], minute: fields[4],
      second: fields[5], microsecond: fields[6])
  }
}
