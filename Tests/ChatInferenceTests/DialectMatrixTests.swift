// SPDX-License-Identifier: Apache-2.0

import ChatInference
import ChatTemplates
import Testing

@Suite("Right dialect or wrong") struct DialectMatrixTests {
  private let conversations = BuiltInModel.heldOutConversations

  @Test func `two hundred conversations are held out, and end with an answer`() {
    #expect(conversations.count == 200)
    #expect(conversations.allSatisfy { $0.messages.last?.role == .assistant })
  }

  // A part of them, since a debug build is slow; `dialect demo` asks all.
  @Test(arguments: [BuiltInModel.inst, .headerID, .role])
  func `a tuned model is right nine times of ten in its own dialect, and not in others`(
    _ name: BuiltInModel
  ) throws {
    let model = try name.load()
    let own = try model.ask(Array(conversations.prefix(40)))
    #expect(own.accuracy >= 0.9)
    #expect(own.loss < 0.2)
    for other in BuiltInModel.allCases where other != name && other != .base {
      let wrong = try model.with(ChatTemplate(family: other.family))
        .ask(Array(conversations.prefix(8)))
      #expect(wrong.accuracy < 0.5, "\(name.rawValue) in \(other.family)")
      #expect(wrong.loss > own.loss + 1)
    }
  }

  @Test func `the base model knows no dialect`() throws {
    let base = try BuiltInModel.base.load()
    for other in BuiltInModel.allCases where other != .base {
      let result = try base.with(ChatTemplate(family: other.family))
        .ask(Array(conversations.prefix(8)))
      #expect(result.accuracy < 0.5, "\(other.family)")
    }
  }
}
