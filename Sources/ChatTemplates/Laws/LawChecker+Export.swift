// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

extension LawChecker {
  func exportVerdict(_ subject: LawSubject) -> LawVerdict {
    let exported: ChatTemplate
    switch self.exported {
    case nil: return .silent
    case .failure(let error): return .broken("\(error)")
    case .success(let template): exported = template
    }
    switch (outcome(of: template, subject), outcome(of: exported, subject)) {
    case (.success(let mine), .success(let other)):
      let (left, right) = (Array(mine.text.utf8), Array(other.text.utf8))
      if left == right { return .holds }
      let same = zip(left, right).prefix { $0 == $1 }.count
      return .broken(
        "after \(same) bytes \(Self.excerpt(right, from: same)) "
          + "instead of \(Self.excerpt(left, from: same))")
    case (.failure(let mine), .failure(let other)):
      // Only a refusal has the template's own words; other failures are the engine's.
      guard case .refused(let text) = mine.kind, other.kind != .refused(text) else {
        return .holds
      }
      return .broken("refuses with '\(other.text)' instead of '\(text)'")
    case (.success, .failure(let error)): return .broken("the export fails: \(error)")
    case (.failure(let error), .success): return .broken("the export renders, but: \(error)")
    }
  }

  func maskVerdict(_ subject: LawSubject) -> LawVerdict {
    guard let exported = try? exported?.get(), let mine = prompt(subject),
      let other = try? exported.render(subject.conversation, options: subject.options)
    else { return .silent }
    let (found, expected) = (mine.modelRanges, other.modelRanges)
    if found == expected { return found.isEmpty ? .silent : .holds }
    return .broken("the model writes the bytes \(found), by the export \(expected)")
  }

  private func outcome(of template: ChatTemplate, _ subject: LawSubject)
    -> Result<Prompt, ChatTemplateError>
  {
    Result { () throws(ChatTemplateError) in
      try template.render(subject.conversation, options: subject.options)
    }
  }
}

extension Prompt {
  /// The bytes that the model writes, neighbours joined.
  fileprivate var modelRanges: [Range<Int>] {
    var ranges: [Range<Int>] = []
    for segment in segments where segment.author == .model {
      if let last = ranges.last, last.upperBound == segment.byteRange.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound..<segment.byteRange.upperBound
      } else {
        ranges.append(segment.byteRange)
      }
    }
    return ranges
  }
}
