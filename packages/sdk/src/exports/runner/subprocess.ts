/**
 * Models in a program of any language.
 *
 * @module @proof-of-inference/sdk/runner/subprocess
 */

export { type SubprocessOptions, subprocess } from '../../runner/subprocess.ts'
