// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import PromptChecks
import PromptFixtures
import TestSupport
import Testing

/// What the references make of our conversations, as Scripts/generate_family_fixtures.py recorded.
@Suite("Families against recorded references") struct FamilyFixtureTests {
  private static let folder = Fixtures.packageRoot + "/Tests/Fixtures/Families"

  @Test func `every family renders and refuses as its reference does`() throws {
    var failures: [String] = []
    let summary = CheckRunner().run([Self.folder]) { verdict in
      guard verdict.outcome != .passed else { return }
      failures.append("\(verdict.file): \(verdict.name)\n\(verdict.report(isColored: false))")
    }
    #expect(summary.errors.isEmpty)
    #expect(failures.isEmpty, "\(failures.count)\n\(failures.prefix(5).joined())")
    #expect(summary.passed > 2500)
  }

  @Test func `every record covers at least thirty conversations`() throws {
    for path in try FixtureFile.find([Self.folder]) {
      let file = try FixtureFile(path: path)
      #expect(file.cases.count >= 30, "\(path) has \(file.cases.count)")
    }
  }

  @Test func `every family has a record`() throws {
    let recorded = Set(
      try FixtureFile.find([Self.folder]).map { path in
        path.split(separator: "/").last.map { String($0.dropLast(".yaml".count)) } ?? path
      })
    let missing = ChatTemplate.familyNames.filter { !recorded.contains($0) }
    #expect(missing.isEmpty, "run Scripts/generate_family_fixtures.py")
  }
}
