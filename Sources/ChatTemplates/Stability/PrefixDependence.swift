// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

/// A place of a template where what stands before a turn can change once more turns follow.
///
/// A server that keeps the model's state of a prompt can reuse it as far as the next prompt begins
/// the same. Every dependence is a place up to which it can, and no further.
public struct PrefixDependence: Sendable, Equatable, CustomStringConvertible {
  /// The construct, by the format's own word, such as `last_turn` or `after`.
  public let construct: String
  /// Where it stands, such as `turn 'assistant'`.
  public let section: String
  /// The line of the file; nil where the construct names no value.
  public let place: TemplatePlace?

  /// `turn 'assistant' asks for last_turn (qwen3.yaml:53)`.
  public var description: String {
    let line = place.map { " (\($0.name):\($0.line))" } ?? ""
    return "\(section) asks for \(construct)\(line)"
  }
}

extension ChatTemplate {
  /// The places at which later turns can change earlier text; none means that a prompt is a prefix
  /// of every longer one, up to its ending.
  ///
  /// It is read off the definition without rendering anything; nil for Jinja templates, of which it
  /// cannot be decided.
  ///
  /// ```swift
  /// try ChatTemplate(family: "qwen3").prefixDependences?.map(\.construct)  // ["after", "last_turn", …]
  /// ```
  public var prefixDependences: [PrefixDependence]? {
    definition?.prefixDependences
  }
}

extension TemplateDefinition {
  var prefixDependences: [PrefixDependence] {
    var result: [PrefixDependence] = []
    func add(_ constructs: [String], _ section: String, _ place: TemplatePlace?) {
      for construct in constructs {
        let found = PrefixDependence(construct: construct, section: section, place: place)
        if !result.contains(found) { result.append(found) }
      }
    }
    forEachCondition { condition, section, place, isInLoop in
      // What ends a prompt is written anew each time; a mark matters where `after` asks for it.
      if section == "ending" || section == "opening" || section.hasPrefix("mark ") { return }
      add(condition.lookAheads(systemPolicy, isInLoop: isInLoop), section, place)
    }
    guard case .all = systemPolicy else { return result }
    for (section, segments) in sections where section != "ending" && section != "opening" {
      segments.forEachOperand { operand in
        if case .systems = operand.path.root { add(["systems"], section, operand.place) }
      }
    }
    return result
  }
}

extension Condition {
  /// The parts whose answer can be another once more turns follow.
  func lookAheads(_ policy: TemplateDefinition.SystemPolicy, isInLoop: Bool) -> [String] {
    switch self {
    case .not(let inner): inner.lookAheads(policy, isInLoop: isInLoop)
    case .all(let parts), .any(let parts):
      parts.flatMap { $0.lookAheads(policy, isInLoop: isInLoop) }
    case .previous(let inner), .earlier(let inner, _), .starting(let inner):
      inner.lookAheads(policy, isInLoop: false)
    case .nearestBefore(let wanted, let inner):
      [wanted, inner].flatMap { $0.lookAheads(policy, isInLoop: false) }
    case .next: ["next"]
    case .nearestAfter: ["nearest_after"]
    case .later: ["later"]
    case .ending: ["ending"]
    case .lastOfRole: ["last_of_role"]
    case .after: ["after"]
    case .last: isInLoop ? [] : ["last"]
    case .lastTurn: ["last_turn"]
    case .anyTurn: ["any_turn"]
    case .hasSystem: policy == .all ? ["system"] : []
    default: dependsOnSystems(policy) ? ["systems"] : []
    }
  }

  private func dependsOnSystems(_ policy: TemplateDefinition.SystemPolicy) -> Bool {
    guard policy == .all, let operand else { return false }
    return switch operand.path.root {
    case .system, .systems: true
    default: false
    }
  }
}
