// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A render on a thread of its own with a large stack.
///
/// Python lets 197 macros call each other, loops and all. That fits the stack of a main thread
/// but not the 512 KB of a worker, so what runs out of stack there is run once more here, and the
/// result does not depend on the caller's thread.
final class DeepRender {
  private static let stackBytes = 16 << 20

  private let template: JinjaTemplate
  private let context: JinjaContext
  private let options: JinjaOptions
  private var result: Result<JinjaOutput, JinjaError>?

  private init(_ template: JinjaTemplate, _ context: JinjaContext, _ options: JinjaOptions) {
    self.template = template
    self.context = context
    self.options = options
  }

  /// Renders; nil where no thread could be started.
  static func render(
    _ template: JinjaTemplate, _ context: JinjaContext, _ options: JinjaOptions
  ) throws(JinjaError) -> JinjaOutput? {
    var options = options
    options.budget.stackBytes = stackBytes - (1 << 20)
    let render = DeepRender(template, context, options)
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    unsafe pthread_attr_setstacksize(&attributes, stackBytes)
    var thread = pthread_t()
    // SAFETY: the object outlives the thread, which is joined before this function returns.
    let status = unsafe pthread_create(
      &thread, &attributes,
      { pointer in
        guard let pointer = unsafe pointer else { return nil }
        unsafe Unmanaged<DeepRender>.fromOpaque(pointer).takeUnretainedValue().run()
        return nil
      }, Unmanaged.passUnretained(render).toOpaque())
    if status == 0 { pthread_join(thread, nil) }
    unsafe pthread_attr_destroy(&attributes)
    return try withExtendedLifetime(render) { () throws(JinjaError) in try render.result?.get() }
  }

  private func run() {
    do throws(JinjaError) {
      result = .success(try template.renderHere(context, options))
    } catch {
      result = .failure(error)
    }
  }
}
