// Checks the packages as they would be published: what is in their tarballs, and whether every way to import them
// finds its types. Build first: npm run build:packages.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { findProblems, pack, readPackages, root } from './packages.mjs'

/** Whether a command succeeds. What it prints counts when it does not. */
const run = (command, ...args) => {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8' })
  if (error) throw error
  if (status !== 0) console.error(`${command} ${args.join(' ')}\n${stdout}${stderr}`)
  return status === 0
}

const folder = mkdtempSync(path.join(tmpdir(), 'packages-'))
try {
  for (const each of readPackages()) {
    const report = pack(each, folder)
    const problems = findProblems(each, report)
    for (const problem of problems) console.error(problem)
    const tarball = path.join(folder, report.filename)
    // ESM only: for `require` there is nothing to find
    const passed = [
      problems.length === 0,
      run('npx', 'publint', '--strict', each.folder),
      run('npx', 'attw', tarball, '--profile', 'esm-only', '--format', 'table-flipped', '--no-emoji'),
    ]
    if (passed.includes(false)) process.exitCode = 1
    else console.log(`${each.name}: ${report.files.length} files, ${report.size} bytes packed`)
  }
} finally {
  rmSync(folder, { recursive: true })
}
