// SPDX-License-Identifier: Apache-2.0

/// How long a template takes, measured inside the process.
public struct RenderMeasurement: Sendable {
  /// Microseconds of the fastest compilation.
  public let compileMicroseconds: Double
  /// Microseconds of the fastest render, provenance included.
  public let bestMicroseconds: Double
  /// Microseconds of the median render.
  public let medianMicroseconds: Double
  /// Bytes of the output.
  public let outputBytes: Int

  /// Compiles and renders again and again.
  ///
  /// - Parameters:
  ///   - source: The template.
  ///   - context: Its variables.
  ///   - options: Options of each render.
  ///   - passes: How often to render; compilation is measured a tenth as often.
  /// - Returns: The fastest and the median times.
  /// - Throws: What compiling or rendering throws.
  public static func measure(
    source: String, context: JinjaContext, options: JinjaOptions = JinjaOptions(), passes: Int
  ) throws(JinjaError) -> RenderMeasurement {
    let passes = max(1, passes)
    var compile = Double.infinity
    var template = try JinjaTemplate(source: source, name: "template")
    for _ in 0..<max(1, passes / 10) {
      let start = Machine.nanoseconds()
      template = try JinjaTemplate(source: source, name: "template")
      compile = min(compile, Double(Machine.nanoseconds() - start) / 1000)
    }
    var times: [Double] = []
    times.reserveCapacity(passes)
    var count = 0
    for _ in 0..<passes {
      let start = Machine.nanoseconds()
      count = try template.render(context, options: options).bytes.count
      times.append(Double(Machine.nanoseconds() - start) / 1000)
    }
    times.sort()
    return RenderMeasurement(
      compileMicroseconds: compile, bestMicroseconds: times[0],
      medianMicroseconds: times[times.count / 2], outputBytes: count)
  }
}
