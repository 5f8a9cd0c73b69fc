// SPDX-License-Identifier: Apache-2.0

package import TextPrimitives

/// The keys of fixture files; the JSON Schema has the same.
package enum FixtureKeys {
  /// Beside the cases.
  package static let head: [ExactString] = [
    "format", "about", "template", "tokenizer", "options", "recorded", "cases",
  ]
  /// In a case, or beside `format` in a file of one case.
  package static let ofCase: [ExactString] = [
    "name", "about", "template", "tokenizer", "conversation", "options", "response", "expect",
    "recorded",
  ]
  /// Under `options`.
  package static let options: [ExactString] = [
    "add_generation_prompt", "continue_final_message", "tools", "documents", "kwargs", "now",
    "bos_token", "eos_token", "chat_template", "keep_nulls", "input_format", "tool_arguments",
    "strict", "trust_text",
  ]
  /// Under `expect`.
  package static let expectation: [ExactString] = [
    "text", "ids", "layout", "mask", "stop", "message", "error",
  ]
}
