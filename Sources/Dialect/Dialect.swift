// SPDX-License-Identifier: Apache-2.0

@_exported public import ChatTemplates
@_exported public import OrderedJSON
@_exported public import PromptEncoding
@_exported public import TextPrimitives
@_exported public import Tokenization
@_exported public import TokenizerFormats
