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

  @Test func `a base model completes text and refuses turns, with a sentence that says why`() throws
  {
    let base = try ChatTemplate(family: "llama-3-base")
    let text = Conversation([Message(.user, "Once upon a time")])
    #expect(try base.render(text).text == "<|begin_of_text|>Once upon a time")
    #expect {
      _ = try base.render(Conversation([Message(.system, "Be nice."), Message(.user, "Hi")]))
    } throws: { error in
      "\(error)".contains("this is a base model")
    }
    #expect(!ChatTemplate.familyNames.contains("base"))
  }

  @Test func `every base model's family writes one text and refuses turns`() throws {
    let bases = ChatTemplate.familyNames.filter { $0.hasSuffix("-base") }
    #expect(bases.count >= 25)
    for name in bases {
      let base = try ChatTemplate(family: name)
      let text = try base.render(Conversation([Message(.user, "Once upon a time")])).text
      #expect(text.hasSuffix("Once upon a time"), "\(name)")
      for turns in [[Message(.system, "x"), Message(.user, "y")], [Message(.assistant, "x")]] {
        #expect {
          _ = try base.render(Conversation(turns))
        } throws: { error in
          "\(error)".contains("this is a base model")
        }
      }
    }
  }
}
