// SPDX-License-Identifier: Apache-2.0

import CICU

/// Unicode's four normalization forms (UAX #15).
public enum NormalizationForm: Int32, Sendable, Hashable, CaseIterable {
  case nfc, nfd, nfkc, nfkd

  /// Whether characters are composed again after they were decomposed.
  var isComposed: Bool { self == .nfc || self == .nfkc }
  /// Whether compatibility decompositions count.
  var isCompatibility: Bool { self == .nfkc || self == .nfkd }
}

/// A version of Unicode; a normalizer leaves alone what is younger.
public struct UnicodeVersion: Sendable, Hashable {
  /// The first number.
  public let major: UInt8
  /// The second number.
  public let minor: UInt8

  /// A version by number.
  public init(major: UInt8, minor: UInt8) {
    self.major = major
    self.minor = minor
  }

  /// The version of the ICU in use.
  public static let newest: UnicodeVersion = {
    var (major, minor) = (UInt8(0), UInt8(0))
    // SAFETY: both numbers are written within the call.
    unsafe dialect_unicode_version(&major, &minor)
    return UnicodeVersion(major: major, minor: minor)
  }()

  /// What Hugging Face's tokenizers normalizes with: 9.0.
  public static let huggingFace = UnicodeVersion(major: 9, minor: 0)
}
