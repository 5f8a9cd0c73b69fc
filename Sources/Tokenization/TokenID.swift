// SPDX-License-Identifier: Apache-2.0

/// The number by which a model knows a token.
public typealias TokenID = UInt32
