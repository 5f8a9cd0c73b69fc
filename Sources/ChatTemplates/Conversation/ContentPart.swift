// SPDX-License-Identifier: Apache-2.0

public import OrderedJSON
public import TextPrimitives

/// One part of a message's content.
public enum ContentPart: Sendable, Equatable {
  /// Text.
  case text(ExactString)
  /// An image, a sound or a film: the type's name and the part as sent.
  case media(kind: ExactString, JSONObject)
  /// What has no type that is known here, as sent.
  case other(JSONValue)

  /// Reads a part as OpenAI and Hugging Face write it.
  public init(_ value: JSONValue) {
    if let text = value.string {
      self = .text(text)
    } else if let text = value["text"]?.string {
      self = .text(text)
    } else if let object = value.object, let kind = object["type"]?.string {
      self = .media(kind: kind == "image_url" ? "image" : kind, object)
    } else {
      self = .other(value)
    }
  }

  /// The text of a text part.
  public var text: ExactString? {
    if case .text(let text) = self { text } else { nil }
  }
}
