// SPDX-License-Identifier: Apache-2.0

public import TextPrimitives

/// How a template is rendered.
public struct JinjaOptions: Sendable {
  /// What happens when a template reads something that is not there.
  public enum Strictness: Hashable, Sendable {
    /// As Jinja2: an undefined value, silently.
    case quiet
    /// As Jinja2, with a warning for unknown variables, and for attributes that look misspelt.
    case lenient
    /// An error, unless the template asks with `is defined` or `default`.
    case strict
  }

  /// What the render may use.
  public var budget = RenderBudget()
  /// What `strftime_now` reads; nil asks the system's clock for local time.
  public var now: CivilTime?
  /// What reading the unknown does.
  public var strictness = Strictness.quiet
  /// The list whose elements the output is divided by, as far as loops over it write it.
  package var tracedVariable: String?

  /// The default options.
  public init(
    budget: RenderBudget = RenderBudget(), now: CivilTime? = nil,
    strictness: Strictness = .quiet
  ) {
    self.budget = budget
    self.now = now
    self.strictness = strictness
  }
}
