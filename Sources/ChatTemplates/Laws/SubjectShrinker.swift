// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// Makes a conversation smaller as long as it keeps a property.
enum SubjectShrinker {
  /// How many smaller conversations are tried at most.
  private static let budget = 2000

  /// The smallest subject found from which nothing more can be taken away.
  static func smallest(_ subject: LawSubject, where isWanted: (LawSubject) -> Bool) -> LawSubject {
    var best = subject
    var tries = 0
    var hasChanged = true
    while hasChanged, tries < budget {
      hasChanged = false
      for candidate in candidates(of: best) {
        tries += 1
        guard tries < budget else { break }
        if isWanted(candidate) {
          best = candidate
          hasChanged = true
          break
        }
      }
    }
    return best
  }

  /// What is a step smaller, the largest steps first.
  private static func candidates(of subject: LawSubject) -> [LawSubject] {
    var result: [LawSubject] = []
    func add(_ change: (inout LawSubject) -> Void) {
      var candidate = subject
      change(&candidate)
      result.append(candidate)
    }
    let messages = subject.conversation.messages
    for count in [messages.count / 2, 2, 1] where count >= 1 && count < messages.count {
      for start in stride(from: 0, through: messages.count - count, by: max(1, count / 2)) {
        add { $0.conversation.messages.removeSubrange(start..<start + count) }
      }
    }
    if subject.conversation.tools != nil { add { $0.conversation.tools = nil } }
    if subject.conversation.documents != nil { add { $0.conversation.documents = nil } }
    for name in subject.options.arguments.keys { add { $0.options.arguments[name] = nil } }
    if subject.options.addGenerationPrompt { add { $0.options.addGenerationPrompt = false } }
    for (index, message) in messages.enumerated() {
      for (key, value) in message.fields where key != "role" {
        add { $0.conversation.messages[index].fields[key] = nil }
        for smaller in smaller(value) {
          add { $0.conversation.messages[index].fields[key] = smaller }
        }
      }
    }
    return result
  }

  /// Values that are a step smaller.
  private static func smaller(_ value: JSONValue) -> [JSONValue] {
    switch value {
    case .string(let text):
      let scalars = Array(text.string.unicodeScalars)
      var result: [JSONValue] = scalars.isEmpty ? [] : [""]
      for size in [scalars.count / 2, scalars.count / 4, 1] where size > 0 && size < scalars.count {
        for start in stride(from: 0, through: scalars.count - size, by: size)
        where start < 64 * size {
          result.append(.string(Self.text(scalars[..<start] + scalars[(start + size)...])))
        }
      }
      return result
    case .array(let elements):
      var result: [JSONValue] = []
      for index in elements.indices {
        var less = elements
        less.remove(at: index)
        result.append(.array(less))
        for smaller in smaller(elements[index]) {
          var changed = elements
          changed[index] = smaller
          result.append(.array(changed))
        }
      }
      return result
    case .object(let object):
      var result: [JSONValue] = []
      for (key, value) in object {
        for smaller in [nil] + smaller(value).map(Optional.some) {
          var changed = object
          changed[key] = smaller
          result.append(.object(changed))
        }
      }
      return result
    default: return []
    }
  }

  private static func text(_ scalars: some Sequence<Unicode.Scalar>) -> ExactString {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return ExactString(String(view))
  }
}
