import type { AuditCheck } from './types.ts'

export const passed: AuditCheck = { result: 'passed' }
export const failed = (reason: string): AuditCheck => ({ result: 'failed', reason })
export const unchecked = (reason: string): AuditCheck => ({ result: 'unchecked', reason })
