// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A folder of files for the length of a test.
struct TemporaryFolder: ~Copyable {
  let path: String
  private var files: [String] = []
  private var folders: [String] = []

  /// Makes a folder that holds these files and links; a name may have one folder before it.
  init(_ contents: [String: [UInt8]], links: [String: String] = [:]) {
    path = "/tmp/dialect-model-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    unsafe mkdir(path, 0o700)
    for (name, bytes) in contents {
      let parts = name.split(separator: "/")
      if parts.count == 2, !folders.contains("\(path)/\(parts[0])") {
        folders.append("\(path)/\(parts[0])")
        unsafe mkdir("\(path)/\(parts[0])", 0o700)
      }
      files.append("\(path)/\(name)")
      let file = unsafe fopen("\(path)/\(name)", "w")
      unsafe fwrite(bytes, 1, bytes.count, file)
      unsafe fclose(file)
    }
    for (name, target) in links {
      files.append("\(path)/\(name)")
      unsafe symlink(target, "\(path)/\(name)")
    }
  }

  deinit {
    for file in files { unsafe unlink(file) }
    for folder in folders { unsafe rmdir(folder) }
    unsafe rmdir(path)
  }
}
