// SPDX-License-Identifier: Apache-2.0

import BinaryInput

/// A decoder-only language model of the Llama family: ids in, logits out.
///
/// Exact and readable rather than the fastest there is: `ForwardPass.swift` shows what a model
/// does with ids. The weights stay in their file, which is mapped; many sessions may share them.
///
/// ```swift
/// let model = try Transformer(contentsOf: "models/qwen3-0.6b")
/// var session = model.makeSession()
/// try session.append(ids)
/// ```
public final class Transformer: Sendable {
  /// The model's measures.
  public let configuration: TransformerConfiguration
  let weights: ModelWeights
  let source: ModelSource

  /// Loads a model.
  ///
  /// - Parameter path: A folder with `config.json` and `model.safetensors` or its shards, or a GGUF
  ///   file.
  /// - Throws: ``TransformerError`` that names the file, and the tensor or the field.
  public convenience init(contentsOf path: String) throws(TransformerError) {
    let configuration: TransformerConfiguration
    let tensors: [WeightTensor]
    let source: ModelSource
    if FileReader.isDirectory(path: path) {
      configuration = try Self.configuration(path + "/config.json")
      tensors = try SafetensorsIndex.tensors(inFolder: path)
      source = .folder(path)
    } else {
      (configuration, tensors) = try GGUFWeights.load(path: path)
      source = .gguf(path)
    }
    try self.init(configuration, tensors, source)
  }

  /// A model whose weights are constants of the program.
  ///
  /// - Parameters:
  ///   - configJSON: What would stand in `config.json`.
  ///   - constant: What would stand in `model.safetensors`; it must live as long as the program.
  /// - Throws: ``TransformerError`` that names the tensor or the field.
  public convenience init(configJSON: [UInt8], constant: UnsafeRawBufferPointer)
    throws(TransformerError)
  {
    try self.init(
      TransformerConfiguration(configJSON: configJSON),
      SafetensorsFile.tensors(in: unsafe WeightBytes(constant: constant)), .memory)
  }

  private init(
    _ configuration: TransformerConfiguration, _ tensors: [WeightTensor], _ source: ModelSource
  ) throws(TransformerError) {
    guard BLAS.isAvailable else { throw TransformerError(.missingLibrary) }
    self.configuration = configuration
    self.source = source
    do throws(TransformerError) {
      weights = try ModelWeights(tensors, configuration)
    } catch {
      throw source.locate(error.kind)
    }
  }

  private static func configuration(_ path: String) throws(TransformerError)
    -> TransformerConfiguration
  {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try FileReader.bytes(path: path)
    } catch {
      throw TransformerError(.unreadable(reason: error.message), path: path)
    }
    do throws(TransformerError) {
      return try TransformerConfiguration(configJSON: bytes)
    } catch {
      throw TransformerError(error.kind, path: path)
    }
  }

  /// Bytes of all weights, as they are stored.
  public var weightByteCount: Int { weights.byteCount }

  /// Begins a text.
  ///
  /// - Parameters:
  ///   - capacity: Tokens that memory is set aside for; more fit, at the price of a copy. Without
  ///     it, the model's context, at most 4096.
  ///   - threads: How many threads the session uses: the caller's, and its own beside it. OpenBLAS,
  ///     whose setting is the process's, is told to use none of its own.
  /// - Returns: A session that has read nothing yet.
  public func makeSession(capacity: Int? = nil, threads: Int = 1) -> TransformerSession {
    let wanted = capacity ?? min(configuration.contextLength, 4096)
    return TransformerSession(
      self, capacity: max(1, min(wanted, configuration.contextLength)), threads: threads)
  }
}
