// SPDX-License-Identifier: Apache-2.0

import Testing
import TextPrimitives

@Suite("CivilTime") struct CivilTimeTests {
  @Test func `a time is written as Python's strftime writes it`() {
    let time = CivilTime(
      year: 2026, month: 1, day: 5, hour: 8, minute: 3, second: 9, microsecond: 250_000)
    let expected = [
      "%Y-%m-%d": "2026-01-05", "%-d %B %Y": "5 January 2026",
      "%e|%H:%M:%S.%f": " 5|08:03:09.250000", "%A, %b %d %y": "Monday, Jan 05 26",
      "%I %p %j %U %W %V %G": "08 AM 005 01 01 02 2026", "%%|%C|%u %w": "%|20|1 1",
      "100%": "100%",
    ]
    for (format, text) in expected { #expect(time.formatted(format) == text, "\(format)") }
    #expect(time.iso8601 == "2026-01-05T08:03:09")
  }

  @Test func `days, minutes, seconds and fractions are read`() {
    let day = CivilTime(year: 2026, month: 1, day: 15)
    #expect(CivilTime(iso8601: "2026-01-15") == day)
    var time = day
    (time.hour, time.minute) = (8, 30)
    #expect(CivilTime(iso8601: "2026-01-15T08:30") == time)
    #expect(CivilTime(iso8601: "2026-01-15 08:30:00") == time)
    time.microsecond = 250_000
    #expect(CivilTime(iso8601: "2026-01-15T08:30:00.25") == time)
  }

  @Test(arguments: [
    "", "2026", "2026-01", "2026-13-01", "2026-01-32", "2026-01-15T08", "2026-01-15T24:00",
    "2026-01-15T08:30Z", "2026/01/15", "2026-01-15T08:30:00.1234567", "-2026-01-15",
  ])
  func `anything else is none`(_ text: String) {
    #expect(CivilTime(iso8601: text) == nil)
  }
}
