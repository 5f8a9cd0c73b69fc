// SPDX-License-Identifier: Apache-2.0

/// Pieces by their ids.
struct PieceList: RandomAccessCollection {
  struct Element {
    var text: ArraySlice<UInt8>
    var score: Float
    var type: SentencePieceModel.PieceType
  }

  private var texts = TextList()
  private(set) var scores: [Float] = []
  private(set) var types: [SentencePieceModel.PieceType] = []

  var startIndex: Int { 0 }
  var endIndex: Int { texts.count }

  subscript(index: Int) -> Element {
    Element(text: texts[index], score: scores[index], type: types[index])
  }

  mutating func append(
    _ text: some Sequence<UInt8>, score: Float, type: SentencePieceModel.PieceType
  ) {
    texts.append(text)
    scores.append(score)
    types.append(type)
  }
}
