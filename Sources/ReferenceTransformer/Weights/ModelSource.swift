// SPDX-License-Identifier: Apache-2.0

/// Where a model was loaded from, so that errors speak of the file as its reader knows it.
enum ModelSource: Sendable {
  /// A folder with `config.json`.
  case folder(String)
  /// A GGUF file, whose tensors have names of their own.
  case gguf(String)
  /// Constants of the program.
  case memory

  /// An error with the path, and the names that tensors have in the file.
  func locate(_ kind: TransformerError.Kind) -> TransformerError {
    switch self {
    case .folder(let path): TransformerError(kind, path: path)
    case .gguf(let path): TransformerError(Self.renamed(kind), path: path)
    case .memory: TransformerError(kind)
    }
  }

  private static func renamed(_ kind: TransformerError.Kind) -> TransformerError.Kind {
    switch kind {
    case .missingTensor(let name, let shape):
      .missingTensor(GGUFWeights.fileName(name), shape: shape)
    case .unexpectedTensor(let name, let shape):
      .unexpectedTensor(GGUFWeights.fileName(name), shape: shape)
    case .wrongShape(let name, let expected, let found):
      .wrongShape(GGUFWeights.fileName(name), expected: expected, found: found)
    case .notFinite(let name?): .notFinite(tensor: GGUFWeights.fileName(name))
    default: kind
    }
  }
}
