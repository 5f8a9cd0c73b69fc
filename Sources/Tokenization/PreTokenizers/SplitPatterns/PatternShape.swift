// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// An alternative of a form that nearly all pre-tokenizers are made of, matched without the
/// interpreter: an optional scalar, one or two runs, and a rest that cannot fail.
///
/// Every form is exact: where the interpreter would take scalars back, the form says where it would
/// have ended up.
struct PatternShape: Sendable, BitwiseCopyable {
  enum Form: UInt8, Sendable, BitwiseCopyable {
    /// None of these: the interpreter matches the alternative.
    case other
    /// `a+b*`
    case runs
    /// `a{1,n}`, or `a` alone
    case counted
    /// `a*b+`, where what `a*` took may have to go to `b+`.
    case overlapping
    /// `a*b+` or `a*b` at the end, `b` within `a`: up to the last `b` of the run.
    case lastOf
    /// `a+(?!A)` at the end, `A` being all but `a`: the run, without its last scalar where a text
    /// follows.
    case allButLast
    /// `a+\z` at the end.
    case toTextEnd
  }

  var form = Form.other
  /// The optional scalar that may come first, or 0.
  var optional: UInt64 = 0
  /// Whether the optional scalar may have to go to the first run.
  var optionalOverlaps = false
  var a: UInt64 = 0
  var b: UInt64 = 0
  var maximum: Int32 = .max
  /// Where the rest starts, and the scalars that it does something with; 0 where there is no rest.
  var rest: Int32 = 0
  var restFirst: UInt64 = 0
}

/// What a shape is made of, before its sets have masks.
struct ShapeDescription {
  var form: PatternShape.Form
  var optional: ScalarSet?
  var a: ScalarSet
  var b: ScalarSet?
  var maximum: Int = .max
  /// How many of the alternative's items belong to it.
  var length: Int

  /// The shape at the head of a sequence, or nil.
  init?(_ items: [PatternNode]) {
    var items = items[...]
    optional = nil
    b = nil
    if case .repetition(.set(let set), 0, 1, let greed)? = items.first, greed != .lazy {
      // An optional scalar that may not be given back is another thing than one that may.
      guard greed == .greedy || items.dropFirst().first?.cannotStartWith(set) ?? false else {
        return nil
      }
      optional = set
      items = items.dropFirst()
    }
    if case .set(let single)? = items.first {
      (form, a, maximum, length) = (.counted, single, 1, items.startIndex + 1)
      return
    }
    guard case .repetition(.set(let first), let minimum, let maximum, let greed)? = items.first,
      greed != .lazy
    else { return nil }
    a = first
    length = items.startIndex + 1
    let next = items.dropFirst().first
    if maximum == nil, minimum == 1, items.count == 2, optional == nil {
      if next == .textEnd {
        form = .toTextEnd
        length += 1
        return
      }
      if case .look(.set(let other), isAhead: true, isNegative: true)? = next,
        other == first.inverted, greed == .greedy
      {
        form = .allButLast
        length += 1
        return
      }
    }
    if maximum == nil, minimum == 0, greed == .greedy {
      if optional == nil, items.count == 2, let last = next?.oneOrMore,
        last.subtracting(first).isEmpty
      {
        (form, b) = (.lastOf, last)
        length += 1
        return
      }
      guard case .repetition(.set(let second), 1, nil, let greed)? = next, greed != .lazy else {
        return nil
      }
      (form, b) = (.overlapping, second)
      length += 1
      return
    }
    guard minimum == 1 else { return nil }
    if let maximum {
      form = .counted
      self.maximum = maximum
      return
    }
    form = .runs
    if case .repetition(.set(let second), 0, nil, let greed)? = next, greed != .lazy {
      b = second
      length += 1
    }
  }
}

extension PatternNode {
  /// The set of a `b` or a greedy or possessive `b+`.
  fileprivate var oneOrMore: ScalarSet? {
    switch self {
    case .set(let set): set
    case .repetition(.set(let set), 1, nil, let greed) where greed != .lazy: set
    default: nil
    }
  }

  /// Whether a run needs a scalar that is outside of the set.
  fileprivate func cannotStartWith(_ set: ScalarSet) -> Bool {
    guard case .repetition(.set(let own), let minimum, _, _) = self, minimum > 0 else {
      return false
    }
    return own.intersection(set).isEmpty
  }
}
