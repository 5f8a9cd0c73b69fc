// SPDX-License-Identifier: Apache-2.0

/// A model that cannot be loaded, or ids that it cannot take.
public struct TransformerError: Error, Sendable {
  /// What is wrong.
  public enum Kind: Hashable, Sendable {
    /// The system's or the container's reason.
    case unreadable(reason: String)
    /// A field of the configuration is missing or is no such value.
    case invalidField(String, reason: String)
    /// A kind of model, or a part of one, that this transformer does not have.
    case unsupported(modelType: String, field: String, value: String, supported: String)
    /// What stands before the weights is damaged.
    case malformedHeader(reason: String)
    case headerTooLarge(size: UInt64, limit: Int)
    case missingTensor(String, shape: [Int])
    case unexpectedTensor(String, shape: [Int])
    case wrongShape(String, expected: [Int], found: [Int])
    case wrongSize(String, shape: [Int], needed: Int, found: Int)
    case tensorOutsideFile(String, shape: [Int], end: Int, size: Int)
    case unsupportedTensorType(String, type: String)
    case misalignedTensor(String, offset: Int, alignment: Int)
    /// NaN or infinity among the weights; where no weight is to blame, the sums overflowed.
    case notFinite(tensor: String?)
    case emptyPrompt
    case unknownToken(UInt32, place: Int, vocabularySize: Int)
    case contextTooLong(needed: Int, limit: Int)
    /// OpenBLAS is not installed.
    case missingLibrary
  }

  /// What is wrong.
  public let kind: Kind
  /// The file, as the caller named it.
  public var path: String?

  /// An error of a kind.
  public init(_ kind: Kind, path: String? = nil) {
    self.kind = kind
    self.path = path
  }
}

extension TransformerError: CustomStringConvertible {
  /// What is wrong and what to do, without the file.
  public var message: String {
    switch kind {
    case .unreadable(let reason): reason
    case .invalidField(let field, let reason): "'\(field)' \(reason)"
    case .unsupported(let type, let field, let value, let supported):
      "model type '\(type)': \(field) '\(value)' is not supported; \(supported)"
    case .malformedHeader(let reason): reason
    case .headerTooLarge(let size, let limit):
      "the header claims \(size) bytes where at most \(limit) can be; is this a safetensors file?"
    case .missingTensor(let name, let shape):
      "tensor '\(name)' of shape \(shape) is missing; do the weights belong to this configuration?"
    case .unexpectedTensor(let name, let shape):
      "tensor '\(name)' of shape \(shape) has no place in this model"
    case .wrongShape(let name, let expected, let found):
      "tensor '\(name)' has shape \(found) where the configuration makes it \(expected)"
    case .wrongSize(let name, let shape, let needed, let found):
      "tensor '\(name)' of shape \(shape) needs \(needed) bytes and has \(found)"
    case .tensorOutsideFile(let name, let shape, let end, let size):
      "tensor '\(name)' of shape \(shape) ends at byte \(end) of a file of \(size); is it whole?"
    case .unsupportedTensorType(let name, let type):
      "tensor '\(name)' has type \(type); F32, F16 and BF16 are read, and Q8_0 from GGUF"
    case .misalignedTensor(let name, let offset, let alignment):
      "tensor '\(name)' begins at byte \(offset), no multiple of \(alignment); save the file anew"
    case .notFinite(let tensor?):
      "tensor '\(tensor)' holds NaN or infinity; the weights are damaged"
    case .notFinite(nil):
      "the activations overflowed, though all weights are finite; are they of this model?"
    case .emptyPrompt: "there is no token to go on from; give at least one"
    case .unknownToken(let id, let place, let size):
      "token \(place) has the id \(id), and the model's vocabulary ends at \(size - 1); "
        + "is it the tokenizer of this model?"
    case .contextTooLong(let needed, let limit):
      "\(needed) tokens, and the model was made for at most \(limit)"
    case .missingLibrary:
      "OpenBLAS, which multiplies matrices, is not installed; install libopenblas0"
    }
  }

  /// `path: what is wrong`.
  public var description: String {
    path.map { "\($0): \(message)" } ?? message
  }
}
