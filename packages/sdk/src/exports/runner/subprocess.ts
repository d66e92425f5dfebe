export { type SubprocessOptions, subprocess } from '../../runner/subprocess.ts'
