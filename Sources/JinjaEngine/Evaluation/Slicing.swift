// SPDX-License-Identifier: Apache-2.0

/// Python's `x[start:stop:step]`.
enum Slicing {
  static func slice(
    _ subject: Value, _ start: Int?, _ stop: Int?, _ step: Int?
  ) throws(JinjaError) -> Value {
    if case .undefined(let undefined) = subject { throw undefined.error }
    let step = step ?? 1
    guard step != 0 else { throw JinjaError(.value, "slice step cannot be zero") }
    switch subject {
    case .list(let box):
      guard step == 1 else { return .list(items(box.array, start, stop, step)) }
      let (first, _, count) = bounds(start, stop, 1, count: box.count)
      return .list(ListBox(box.items.part(from: first, count: count)))
    case .tuple(let box): return .tuple(items(box.array, start, stop, step))
    case .string(let text): return .string(part(of: text, start, stop, step))
    case .markup(let text): return .markup(part(of: text, start, stop, step))
    case .object(let object):
      if let range = object.target as? RangeObject {
        let (first, last, _) = bounds(start, stop, step, count: range.count)
        return .object(
          RangeObject(range.value(at: first), range.value(at: last), range.step &* step))
      }
    case .dict: throw JinjaError(.type, "unhashable type: 'slice'")
    default: break
    }
    throw JinjaError(.type, "'\(subject.typeName)' object is not subscriptable")
  }

  /// Clamped bounds and the number of items between them.
  static func bounds(
    _ start: Int?, _ stop: Int?, _ step: Int, count: Int
  ) -> (first: Int, last: Int, length: Int) {
    func clamp(_ value: Int, _ low: Int, _ high: Int) -> Int {
      let value = value < 0 ? value + count : value
      return min(max(value, low), high)
    }
    if step > 0 {
      let first = start.map { clamp($0, 0, count) } ?? 0
      let last = stop.map { clamp($0, 0, count) } ?? count
      return (first, last, first < last ? (last - first - 1) / step + 1 : 0)
    }
    let first = start.map { clamp($0, -1, count - 1) } ?? count - 1
    let last = stop.map { clamp($0, -1, count - 1) } ?? -1
    let length = last < first ? Int((first - last - 1).magnitude / step.magnitude) + 1 : 0
    return (first, last, length)
  }

  private static func items(_ items: [Value], _ start: Int?, _ stop: Int?, _ step: Int) -> [Value] {
    let (first, last, length) = bounds(start, stop, step, count: items.count)
    if length == 0 { return [] }
    if step == 1 { return Array(items[first..<last]) }
    return (0..<length).map { items[first + $0 * step] }
  }

  static func part(of text: Text, _ start: Int?, _ stop: Int?, _ step: Int) -> Text {
    let isASCII = text.isASCII
    let count = isASCII ? text.byteCount : text.scalarCount
    let (first, last, length) = bounds(start, stop, step, count: count)
    if length == 0 { return text.slice(0, 0) }
    if step == 1 {
      if isASCII { return text.slice(first, last) }
      let from = text.byteOffset(ofScalar: first)
      let rest = text.slice(from, text.byteCount)
      return text.slice(from, from + rest.byteOffset(ofScalar: last - first))
    }
    var offsets = [0]
    offsets.reserveCapacity(count + 1)
    for _ in 0..<count {
      let lead = text.storage.bytes[Int(text.start) + (offsets.last ?? 0)]
      offsets.append((offsets.last ?? 0) + UTF8Scalars.length(lead))
    }
    var builder = TextBuilder()
    for place in 0..<length {
      let index = first + place * step
      builder.append(text.slice(offsets[index], min(offsets[index + 1], text.byteCount)))
    }
    return builder.text
  }

  static func scalar(of text: Text, at index: Int) -> Text? {
    let isASCII = text.isASCII
    let count = isASCII ? text.byteCount : text.scalarCount
    let place = index < 0 ? index + count : index
    guard place >= 0, place < count else { return nil }
    if isASCII { return text.slice(place, place + 1) }
    let from = text.byteOffset(ofScalar: place)
    return text.slice(from, from + text.slice(from, text.byteCount).byteOffset(ofScalar: 1))
  }
}
