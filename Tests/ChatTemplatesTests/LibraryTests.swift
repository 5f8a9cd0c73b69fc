// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import Testing

@Suite("The built-in library") struct LibraryTests {
  @Test func `every family loads, by name and by alias`() throws {
    for name in ChatTemplate.familyNamesAndAliases {
      let template = try ChatTemplate(family: name)
      #expect(!template.name.isEmpty)
    }
    #expect(
      Set(ChatTemplate.familyNamesAndAliases).count == ChatTemplate.familyNamesAndAliases.count)
  }

  @Test func `a misspelt family is answered with a near name`() {
    #expect {
      _ = try ChatTemplate(family: "lama-3")
    } throws: { error in
      "\(error)" == "no built-in template family is called 'lama-3'; did you mean 'llama-3'?"
    }
  }
}
