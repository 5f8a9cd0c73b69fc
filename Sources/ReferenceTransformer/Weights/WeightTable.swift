// SPDX-License-Identifier: Apache-2.0

/// The tensors of a model by name, each of which must be asked for once, by its right shape.
struct WeightTable {
  private var tensors: [String: WeightTensor] = [:]

  init(_ tensors: [WeightTensor]) {
    for tensor in tensors { self.tensors[tensor.name] = tensor }
  }

  /// Takes a tensor out.
  ///
  /// - Throws: ``TransformerError`` of kind `missingTensor` or `wrongShape`.
  mutating func take(_ name: String, shape: [Int]) throws(TransformerError) -> WeightTensor {
    guard let tensor = tensors.removeValue(forKey: name) else {
      throw TransformerError(.missingTensor(name, shape: shape))
    }
    guard tensor.shape == shape else {
      throw TransformerError(.wrongShape(name, expected: shape, found: tensor.shape))
    }
    return tensor
  }

  /// Drops what transformers drops unread, too.
  mutating func discard(where isUnused: (String) -> Bool) {
    tensors = tensors.filter { !isUnused($0.key) }
  }

  /// Refuses tensors that nobody asked for; the first in the order of names is told.
  ///
  /// - Throws: ``TransformerError`` of kind `unexpectedTensor`.
  func finish() throws(TransformerError) {
    guard let first = tensors.values.min(by: { $0.name < $1.name }) else { return }
    throw TransformerError(.unexpectedTensor(first.name, shape: first.shape))
  }
}
