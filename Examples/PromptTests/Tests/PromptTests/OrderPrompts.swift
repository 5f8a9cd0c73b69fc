// SPDX-License-Identifier: Apache-2.0

import Dialect
import DialectTesting
import XCTest

/// The same from XCTest.
final class OrderPrompts: XCTestCase {
  func testAnOrder() {
    expectPrompt(
      Conversation([Message(.user, "Two coffees, please."), Message(.assistant, "Coming.")]),
      template: .family("chatml"), matches: "Prompts/order.yaml")
  }
}
